// Group 办理: who does a task, with which form, under which clause, and what the enterprise sees of it.
import { is } from 'bpmn-js/lib/util/ModelUtil';

import * as facts from '../drawing/facts.js';
import { wordsOf } from '../drawing/rules.js';
import { area, choice, note, suggested, text } from './fields.js';

const WITH_FORM = ['bpmn:UserTask', 'bpmn:StartEvent'];
const WITH_CLAUSE = ['bpmn:Activity', 'bpmn:Event', 'bpmn:Gateway', 'bpmn:Participant', 'bpmn:Process'];
const SEEN = ['bpmn:Activity', 'bpmn:StartEvent', 'bpmn:EndEvent', 'bpmn:IntermediateCatchEvent'];

export function workGroup(element, { edits, lists, page }) {
  const item = facts.subject(element);
  const entries = [];
  const of = (types) => types.some((type) => is(item, type));
  if (is(item, 'bpmn:UserTask')) entries.push(roleField(item, edits, lists));
  if (of(WITH_FORM) || facts.property(item, 'zz:trigger')) entries.push(...formFields(item, edits, lists, page));
  if (of(WITH_CLAUSE) && facts.holder(item)) entries.push(clauseField(item, edits));
  if (of(SEEN)) entries.push(stageField(item, edits), publicField(item, edits));
  return entries.length ? { id: 'zz-work', label: '办理', entries } : null;
}

export function ownText(item, edits, name, label, description) {
  return text({
    id: `zz-${name}`,
    label,
    description,
    get: () => facts.property(item, `zz:${name}`),
    set: (value) => edits.property(item, `zz:${name}`, value),
  });
}

/** Return the groups that a task or a letter may go to, in sections. */
export function groupOptions({ roles, units, chosen_units: chosen }) {
  return [
    { label: '岗位', children: roles },
    { label: '单位', children: units },
    { label: '前面表单里选的单位', children: chosen },
  ].filter((section) => section.children.length);
}

function roleField(item, edits, lists) {
  const loop = item.businessObject.get('loopCharacteristics')?.get('camunda:elementVariable');
  return choice({
    id: 'zz-role',
    label: '岗位（谁办）',
    description: lists.values.problem,
    get: () => item.businessObject.get('camunda:candidateGroups') ?? '',
    set: (value) => edits.attribute(item, 'camunda:candidateGroups', value),
    options: () => [
      ...groupOptions(lists.values),
      ...(loop ? [{ value: `=${loop}`, label: '轮到的会办单位' }] : []),
      { value: 'enterprise', label: '企业（在门户上办理）' },
    ],
  });
}

function formFields(item, edits, lists, page) {
  const key = item.businessObject.get('camunda:formRef') ?? '';
  const field = choice({
    id: 'zz-form',
    label: '表单',
    get: () => key,
    set: (value) => edits.form(item, value),
    options: () => lists.values.forms.map((form) => ({ value: form.key, label: `${form.title}（${form.key}）` })),
    none: '（无表单）',
  });
  if (!lists.form(key)) return [field];
  return [field, note({ id: 'zz-form-link', label: '', link: { href: page.formAddress(key), label: '打开这张表单' } })];
}

function clauseField(item, edits) {
  return ownText(item, edits, 'clause', '依据条款', '例如：第三条第一款');
}

function stageField(item, edits) {
  return suggested({
    id: 'zz-stage',
    label: '阶段',
    description: '企业查询进度时看到的阶段；不填即与前一步相同',
    get: () => facts.property(item, 'zz:stage'),
    set: (value) => edits.property(item, 'zz:stage', value),
    suggestions: () => [...new Set(edits.elementRegistry.getAll().map((each) => facts.property(each, 'zz:stage')))]
      .filter(Boolean)
      .map((value) => ({ value })),
  });
}

function publicField(item, edits) {
  return area({
    id: 'zz-public',
    label: '对外公开',
    description: stale(item) || '办理到这一步时企业看到的话',
    get: () => facts.property(item, 'zz:public'),
    set: (value) => edits.property(item, 'zz:public', value),
  });
}

/** Warn if the words for the enterprise tell another number of days than the deadline. */
function stale(item) {
  const said = facts.property(item, 'zz:public').match(/\d+个工作日/g) ?? [];
  const drawn = facts.deadlines(item).map((event) => wordsOf(facts.rule(event)).replace('前', ''));
  const wrong = drawn.length ? said.filter((words) => !drawn.includes(words)) : [];
  return wrong.length ? `请核对：这里写“${wrong[0]}”，时限是“${drawn.filter(Boolean).join('、')}”。` : '';
}
