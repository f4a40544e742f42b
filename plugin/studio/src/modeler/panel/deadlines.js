// Group 时限: the timers on a task, or the timer that is selected, in plain fields.
import { is } from 'bpmn-js/lib/util/ModelUtil';

import * as facts from '../drawing/facts.js';
import { KINDS, readRule, takes, writeRule } from '../drawing/rules.js';
import { action, amount, choice, heading, suggested, text } from './fields.js';

const UNITS = KINDS.map(({ kind, label }) => ({ value: kind, label }));
const LIMITED = ['bpmn:UserTask', 'bpmn:SubProcess', 'bpmn:CallActivity', 'bpmn:ReceiveTask'];
const MARK = 'zz:deadline';
const OWN_CHOICES = [
  ['count_from', '从哪天起算', { next_day: '次日为第一日', same_day: '当日为第一日', day_after_next: '次日起（第三日为第一日）' }],
  ['calendar_days', '“日”怎样数', { roll: '自然日，末日休息则顺延', plain: '自然日，不顺延', workdays: '按工作日' }],
  ['month_as', '“月”怎样数', { month: '到下月对应日', '30_days': '按30日' }],
  ['before_rest_day', '遇休息日', { backward: '提前到上一工作日', none: '不移动' }],
];
const LIKE_THE_REST = '（按本地区的时限口径）';
const CLOCK = /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/;
const REMINDS = 'remind';
const LEAVES = 'leave';

export function deadlineGroup(element, services) {
  const item = facts.subject(element);
  if (is(item, 'bpmn:Activity') && LIMITED.some((type) => is(item, type))) return ofActivity(item, services);
  if (!facts.timer(item)) return null;
  return { id: 'zz-deadline', label: '时限', entries: [...ruleFields(item, services), ...overdueFields(item, services)] };
}

function ofActivity(item, services) {
  const { edits, pending } = services;
  const events = facts.deadlines(item);
  const entries = events.length > 1 ? [markField(item, events, edits)] : [];
  entries.push(...events.flatMap((event, index) => [
    ...(events.length > 1 ? [heading({ id: `${event.id}-head`, label: headline(event, index) })] : []),
    ...ruleFields(event, services),
    ...overdueFields(event, services),
    clauseField(event, edits),
    action({ id: `${event.id}-remove`, label: '删除这个时限', act: () => edits.remove(event), quiet: true }),
  ]));
  entries.push(
    action({
      id: 'zz-deadline-add',
      label: events.length ? '再加一个时限' : '增加时限',
      act: () => pending.focus(`${edits.addDeadline(item).id}-count`),
    }),
  );
  return { id: 'zz-deadline', label: '时限', entries };
}

/** Of several timers one is the deadline that people see; the others remind of it or follow it. */
function markField(item, events, edits) {
  return choice({
    id: `${item.id}-mark`,
    label: '哪个是办理期限',
    description: '任务列表、颜色和超期都按它计算；其余的是提醒和督办，延期时随它一起移动',
    get: () => events.find((event) => facts.property(event, MARK) === 'true')?.id ?? '',
    set: (id) => events.forEach((event) => {
      const value = event.id === id ? 'true' : '';
      if (facts.property(event, MARK) !== value) edits.property(event, MARK, value);
    }),
    options: () => events.map((event, index) => ({ value: event.id, label: headline(event, index) })),
    none: '（结束任务的那个，否则第一个）',
  });
}

function headline(event, index) {
  return `时限 ${index + 1}：${event.businessObject.get('name') || '（未填）'}`;
}

function ruleFields(event, services) {
  const rule = readRule(facts.rule(event));
  // A chosen kind without its number is no rule yet; it is remembered until the number is typed.
  const kind = services.pending.kind(event, rule);
  const put = (change) => {
    const next = { ...rule, kind, ...change };
    services.pending.remember(event, next.kind);
    services.edits.rule(event, writeRule(next));
  };
  if (kind === 'recurrence') return [unitField(event, kind, put), recurrenceField(event, rule, services.lists, put)];
  if (kind === 'other') return [unitField(event, kind, put), otherField(event, rule, put)];
  const count = amount({
    id: `${event.id}-count`,
    label: '多少天',
    get: () => [rule.count, kind],
    set: (number, unit) => put({ count: number, kind: unit }),
    units: UNITS,
    missing: rule.count ? '' : '请填写数字。',
  });
  return [count, fromField(event, kind, rule, services.lists, put), ...ownFields(event, kind, rule, put)];
}

/** What this one clock counts otherwise than the jurisdiction. */
function ownFields(event, kind, rule, put) {
  const say = (key) => (value) => put({ own: { ...rule.own, [key]: value } });
  const fields = OWN_CHOICES.filter(([key]) => takes(kind, key)).map(([key, label, words]) =>
    choice({
      id: `${event.id}-${key}`,
      label,
      get: () => rule.own[key] ?? '',
      set: say(key),
      options: () => Object.entries(words).map(([value, text]) => ({ value, label: text })),
      none: LIKE_THE_REST,
    }),
  );
  if (!takes(kind, 'due_time')) return fields;
  const check = (value) => (value && !CLOCK.test(value) ? '写成 16:00 的样子；整天写 24:00。' : null);
  return [
    ...fields,
    text({
      id: `${event.id}-due_time`,
      label: '几点截止',
      description: '不填按本地区的时限口径；当天16:00前写 0 个工作日、16:00',
      get: () => rule.own.due_time ?? '',
      set: (value) => check(value) || say('due_time')(value ?? ''),
      check,
    }),
  ];
}

function unitField(event, kind, put) {
  return choice({
    id: `${event.id}-kind`,
    label: '怎样计算',
    get: () => kind,
    set: (value) => put({ kind: value || 'workdays' }),
    options: () => UNITS,
  });
}

function recurrenceField(event, rule, lists, put) {
  return choice({
    id: `${event.id}-recurrence`,
    label: '周期',
    get: () => rule.name,
    set: (name) => put({ name }),
    options: () => lists.values.recurrences.map((name) => ({ value: name, label: name })),
  });
}

function otherField(event, rule, put) {
  return text({
    id: `${event.id}-text`,
    label: '表达式（FEEL）',
    description: '结果应是日期、时刻或时长，例如 workdays(10)、2026-01-01、PT1H',
    get: () => rule.text,
    set: (typed) => put({ text: typed ?? '' }),
  });
}

function fromField(event, kind, rule, lists, put) {
  const before = kind.startsWith('before-');
  return suggested({
    id: `${event.id}-from`,
    label: before ? '在哪一天之前' : '从何时起算',
    description: before ? '日期所在的字段' : '不填即从进入这一步起算；也可选前面表单填的日期',
    placeholder: before ? '' : '进入这一步',
    get: () => rule.from,
    set: (from) => put({ from }),
    suggestions: () => lists.dates,
  });
}

function overdueFields(event, { edits }) {
  if (!is(event, 'bpmn:BoundaryEvent')) return [];
  const target = facts.following(event);
  return [
    choice({
      id: `${event.id}-overdue`,
      label: '到期时',
      get: () => (facts.interrupts(event) ? LEAVES : REMINDS),
      set: (value) => edits.interrupting(event, value === LEAVES),
      options: () => [
        { value: REMINDS, label: '提醒督办，任务继续办' },
        { value: LEAVES, label: '结束这项任务，转到别处' },
      ],
    }),
    choice({
      id: `${event.id}-target`,
      label: '到期后转到',
      get: () => target?.id ?? '',
      set: (id) => edits.lead(event, id),
      options: () => targets(event, edits.elementRegistry),
      none: event.outgoing.length > 1 ? '（几条线，见图）' : '（只标记超期）',
    }),
  ];
}

function targets(event, registry) {
  const around = facts.scope(event);
  const nodes = registry.filter(
    (each) =>
      is(each, 'bpmn:FlowNode') && !each.labelTarget && facts.scope(each) === around && each !== event.host &&
      !is(each, 'bpmn:StartEvent') && !is(each, 'bpmn:BoundaryEvent'),
  );
  return nodes
    .map((each) => ({ value: each.id, label: targetLabel(each) }))
    .sort((a, b) => a.label.localeCompare(b.label, 'zh'));
}

/** A gateway without a name is known by what follows it. */
function targetLabel(node) {
  if (node.businessObject.get('name') || !is(node, 'bpmn:Gateway')) return facts.title(node);
  const next = facts.following(node);
  return next ? `${facts.title(next)}（经汇合点）` : facts.title(node);
}

function clauseField(event, edits) {
  return text({
    id: `${event.id}-clause`,
    label: '时限的依据条款',
    get: () => facts.property(event, 'zz:clause'),
    set: (value) => edits.property(event, 'zz:clause', value),
  });
}
