// Group 会签: how several people who do one task decide together. The engine computes the outcome from all votes;
// the completion condition of BPMN says whether the task is over as soon as the outcome cannot change any more.
import { is } from 'bpmn-js/lib/util/ModelUtil';

import * as facts from '../drawing/facts.js';
import { check, choice, heading, note, suggested, text } from './fields.js';
import { ownText } from './work.js';

const RULES = [
  { value: 'veto', label: '一票否决（全部同意才通过）' },
  { value: 'any', label: '或签（一人同意即通过）' },
  { value: 'completed', label: '百分之几已办' },
  { value: 'approved', label: '百分之几同意' },
];
const BY_SHARE = ['completed', 'approved'];
const DECIDED = 'outcomeDecided';
const NAMES = ['vote', 'ballot', 'yes', 'share', 'outcome'];
const YES_NO = [{ value: 'true', label: '是' }, { value: 'false', label: '否' }];
const NAME = /^[\p{L}_][\p{L}\p{N}_]*$/u;

export function voteGroup(element, { edits, lists }) {
  const item = facts.subject(element);
  if (!is(item, 'bpmn:UserTask') || !facts.loop(item)) return null;
  const rule = facts.property(item, 'zz:vote');
  const entries = [ruleField(item, rule, edits)];
  if (rule) {
    const fields = ballots(item, lists);
    entries.push(ballotField(item, rule, fields, edits));
    const ballot = fields.find((each) => each.key === facts.property(item, 'zz:ballot'));
    if (facts.property(item, 'zz:ballot')) entries.push(...yesFields(item, ballot, edits));
    if (BY_SHARE.includes(rule)) entries.push(shareField(item, edits));
    entries.push(outcomeField(item, edits), earlyField(item, edits));
  }
  entries.push(listField(item, edits, lists));
  return { id: 'zz-vote', label: '会签', entries };
}

function ruleField(item, rule, edits) {
  return choice({
    id: 'zz-vote-rule',
    label: '怎样决定',
    description: rule ? '' : '各办各的；要由几份意见得出一个结果，请选规则',
    get: () => rule,
    set: (value) => edits.together(() => {
      edits.property(item, 'zz:vote', value);
      if (!value) NAMES.forEach((name) => edits.property(item, `zz:${name}`, ''));
      if (value && !facts.property(item, 'zz:outcome')) edits.property(item, 'zz:outcome', freeName(edits));
      if (!BY_SHARE.includes(value)) edits.property(item, 'zz:share', '');
      if (value && !rule && !facts.completion(item)) edits.completion(item, DECIDED);
      if (!value && facts.completion(item) === DECIDED) edits.completion(item, '');
    }),
    options: () => RULES,
    none: '（不表决）',
  });
}

/** Return a name for the outcome that no other task uses. */
function freeName(edits) {
  const taken = new Set(edits.elementRegistry.getAll().map((each) => facts.property(each, 'zz:outcome')));
  let name = 'joint_outcome';
  for (let number = 2; taken.has(name); number += 1) name = `joint_outcome_${number}`;
  return name;
}

/** Return the fields of the task's form that can be a vote: one choice, or yes and no. */
function ballots(item, lists) {
  const form = lists.form(item.businessObject.get('camunda:formRef') ?? '');
  return (form?.fields ?? []).filter(({ kind }) => ['select', 'radio', 'checkbox'].includes(kind));
}

function ballotField(item, rule, fields, edits) {
  return choice({
    id: 'zz-ballot',
    label: '表决字段',
    description: fields.length ? '' : '这个任务的表单里还没有单选或是否字段',
    get: () => facts.property(item, 'zz:ballot'),
    set: (value) => edits.together(() => {
      edits.property(item, 'zz:ballot', value);
      edits.property(item, 'zz:yes', '');
      if (facts.collected(item).list) edits.collect(item, facts.collected(item).list, value);
    }),
    options: () => fields.map(({ key, label }) => ({ value: key, label: `${label}（${key}）` })),
    none: rule === 'completed' ? '（只看办没办）' : '（请选择）',
  });
}

function yesFields(item, ballot, edits) {
  const options = ballot?.kind === 'checkbox' ? YES_NO : ballot?.options ?? [];
  if (!options.length) return [ownText(item, edits, 'yes', '哪些选项算同意', '选项的值，用英文逗号分隔')];
  const chosen = facts.property(item, 'zz:yes').split(',').map((each) => each.trim()).filter(Boolean);
  return [
    heading({ id: 'zz-yes-head', label: '哪些选项算同意' }),
    ...options.map(({ value, label }, index) => check({
      id: `zz-yes-${index}`,
      label,
      get: () => chosen.includes(value),
      set: (on) => {
        const kept = options.map((each) => each.value).filter((each) => (each === value ? on : chosen.includes(each)));
        edits.property(item, 'zz:yes', kept.join(', '));
      },
    })),
  ];
}

function shareField(item, edits) {
  return text({
    id: 'zz-share',
    label: '百分之几',
    description: '0 到 100，达到即算；过半数写 50.01，三分之二写 200/3，也可写参数或字段（FEEL）',
    get: () => facts.property(item, 'zz:share'),
    set: (value) => wrongShare(value) || edits.property(item, 'zz:share', value ?? ''),
    check: wrongShare,
  });
}

function wrongShare(value) {
  if (!value) return '请填写比例。';
  const number = Number(value);
  return Number.isNaN(number) || (number >= 0 && number <= 100) ? null : '比例应在 0 到 100 之间。';
}

function outcomeField(item, edits) {
  const name = facts.property(item, 'zz:outcome');
  const wrong = (value) => (value && NAME.test(value) ? null : '以字母或汉字开头，只用字母、汉字、数字、下划线。');
  return text({
    id: 'zz-outcome',
    label: '结果变量',
    description: `后面的网关写 ${name || '结果变量'} = "yes"（通过）、"no"（不通过）；没给意见的不算同意`,
    get: () => name,
    set: (value) => wrong(value) || edits.property(item, 'zz:outcome', value),
    check: wrong,
  });
}

function earlyField(item, edits) {
  const drawn = facts.completion(item);
  if (drawn && drawn !== DECIDED) {
    return note({ id: 'zz-early', label: '何时提前结束，按下面“多实例”中的结束条件。' });
  }
  return check({
    id: 'zz-early',
    label: '意见已定就结束，其余的不再办',
    get: () => drawn === DECIDED,
    set: (on) => edits.completion(item, on ? DECIDED : ''),
  });
}

/** The values of all instances as one list; the list is declared with the task, as BPMN asks. */
function listField(item, edits, lists) {
  const { list, field } = facts.collected(item);
  const ballot = facts.property(item, 'zz:ballot') || field || ballots(item, lists)[0]?.key || '';
  const wrong = (value) => {
    if (!value) return null;
    if (!NAME.test(value)) return '以字母或汉字开头，只用字母、汉字、数字、下划线。';
    return value !== list && edits.elementRegistry.get(value) ? '图里已有这个编号，请另取一个名称。' : null;
  };
  return suggested({
    id: 'zz-collected',
    label: '逐份意见的列表',
    description: list
      ? `收集各份的 ${field}，之后可写 count(${list}[item = …])`
      : '需要逐份意见时，给列表取一个变量名；不填则不收集',
    get: () => list,
    set: (value) => wrong(value) || edits.collect(item, value, field || ballot),
    suggestions: () => [],
  });
}
