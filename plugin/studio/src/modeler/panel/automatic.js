// Groups of what the system does by itself: letters, announcements, extensions, archive, called processes.
import { is } from 'bpmn-js/lib/util/ModelUtil';

import * as facts from '../drawing/facts.js';
import { choice, suggested, text } from './fields.js';
import { groupOptions } from './work.js';

const TOPICS = [
  { value: 'notify', label: '发通知' },
  { value: 'publish', label: '发公告' },
  { value: 'retime', label: '改期限（延期）' },
  { value: 'archive', label: '归档' },
];

export function automaticGroup(element, services) {
  const item = facts.subject(element);
  if (is(item, 'bpmn:CallActivity')) {
    return { id: 'zz-automatic', label: '调用流程', entries: [calledField(item, services.edits)] };
  }
  if (!is(item, 'bpmn:ServiceTask') && !is(item, 'bpmn:SendTask')) return null;
  const topic = item.businessObject.get('camunda:topic') ?? '';
  const entries = [topicField(item, topic, services.edits)];
  if (topic === 'notify' || topic === 'publish') entries.push(templateField(item, services));
  if (topic === 'notify') entries.push(recipientField(item, services));
  if (topic === 'retime') {
    entries.push(activityField(item, services.edits), untilField(item, services), scopeField(item, services.edits));
  }
  return { id: 'zz-automatic', label: '自动处理', entries };
}

function topicField(item, topic, edits) {
  return choice({
    id: 'zz-topic',
    label: '做什么',
    get: () => topic,
    set: (value) =>
      edits.modeling.updateProperties(item, {
        'camunda:type': value ? 'external' : undefined,
        'camunda:topic': value || undefined,
      }),
    options: () => TOPICS,
  });
}

function templateField(item, { edits, lists }) {
  return choice({
    id: 'zz-template',
    label: '消息模板',
    get: () => facts.property(item, 'zz:template'),
    set: (value) => edits.property(item, 'zz:template', value),
    options: () => lists.values.messages.map(({ value, label }) => ({ value, label: `${label}（${value}）` })),
  });
}

function recipientField(item, { edits, lists }) {
  return choice({
    id: 'zz-to',
    label: '发给谁',
    get: () => facts.property(item, 'zz:to'),
    set: (value) => edits.property(item, 'zz:to', value),
    options: () => [{ value: 'enterprise', label: '企业' }, ...groupOptions(lists.values)],
  });
}

function activityField(item, edits) {
  const around = facts.scope(item);
  const limited = edits.elementRegistry.filter(
    (each) => is(each, 'bpmn:Activity') && facts.scope(each) === around && facts.deadlines(each).length,
  );
  return choice({
    id: 'zz-activity',
    label: '改哪个环节的期限',
    get: () => facts.property(item, 'zz:activity'),
    set: (value) => edits.property(item, 'zz:activity', value),
    options: () => limited.map((each) => ({ value: each.id, label: facts.title(each) })),
  });
}

function untilField(item, { edits, lists }) {
  return suggested({
    id: 'zz-until',
    label: '改到哪一天',
    description: '日期所在的字段，或 FEEL 表达式',
    get: () => facts.property(item, 'zz:until'),
    set: (value) => edits.property(item, 'zz:until', value),
    suggestions: () => lists.dates,
  });
}

function scopeField(item, edits) {
  return choice({
    id: 'zz-scope',
    label: '改哪些',
    description: '几家同时办理时',
    get: () => facts.property(item, 'zz:scope'),
    set: (value) => edits.property(item, 'zz:scope', value),
    options: () => [{ value: 'all', label: '各家的期限一起改' }],
    none: '提出的那一家',
  });
}

function calledField(item, edits) {
  const processes = edits.elementRegistry
    .filter((each) => is(each, 'bpmn:Participant') && each.businessObject.get('processRef'))
    .map((each) => each.businessObject.get('processRef'));
  return choice({
    id: 'zz-called',
    label: '调用哪个流程',
    get: () => item.businessObject.get('calledElement') ?? '',
    set: (value) => edits.attribute(item, 'calledElement', value),
    options: () => processes.map((each) => ({ value: each.get('id'), label: each.get('name') || each.get('id') })),
  });
}

/** Group 消息往来 of events that throw or catch messages. */
export function messageGroup(element, { edits }) {
  const item = facts.subject(element);
  const receives = is(item, 'bpmn:CatchEvent') || is(item, 'bpmn:ReceiveTask');
  if (!facts.message(item) && !is(item, 'bpmn:ReceiveTask')) return null;
  const own = (name, label, description) =>
    text({
      id: `zz-${name}`,
      label,
      description,
      get: () => facts.property(item, `zz:${name}`),
      set: (value) => edits.property(item, `zz:${name}`, value),
    });
  const entries = [];
  const byHand = is(item, 'bpmn:IntermediateCatchEvent') || is(item, 'bpmn:BoundaryEvent');
  if (byHand) entries.push(triggerField(item, edits));
  if (facts.property(item, 'zz:trigger') === 'staff') {
    entries.push(own('by', '由哪些岗位提出', '岗位、单位的编号，用英文逗号分隔，或 =FEEL；不填则为正在办理的人'));
  }
  if (facts.property(item, 'zz:trigger')) {
    entries.push(own('before', '最迟何时提出', '例如 before(deadline, workdays: 1)，deadline 是任务的期限；不填则一直可以'));
  }
  if (!facts.property(item, 'zz:trigger')) {
    entries.push(own('key', '对应关键字', '同一件事两边算出的值要相同，例如 clinic_date、case_key'));
  }
  if (!receives) {
    entries.push(
      own('payload', '带走的变量', '几个变量之间用英文逗号分隔'),
      choice({
        id: 'zz-delivery',
        label: '送给',
        get: () => facts.property(item, 'zz:delivery'),
        set: (value) => edits.property(item, 'zz:delivery', value),
        options: () => [
          { value: 'one', label: '一个等待的流程' },
          { value: 'all', label: '所有等待的流程' },
        ],
      }),
      own('ttl', '保留多久', '没有人接收时保留的时长，例如 P90D（九十天）'),
    );
  }
  return { id: 'zz-message', label: '消息往来', entries };
}

function triggerField(item, edits) {
  return choice({
    id: 'zz-trigger',
    label: '由谁触发',
    get: () => facts.property(item, 'zz:trigger'),
    set: (value) => edits.property(item, 'zz:trigger', value),
    options: () => [
      { value: 'staff', label: '工作人员（例如申请延期）' },
      { value: 'enterprise', label: '企业（例如撤回）' },
    ],
    none: '收到消息时',
  });
}
