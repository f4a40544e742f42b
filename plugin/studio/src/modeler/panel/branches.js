// Group 走哪条路: the condition of a line after a gateway.
import { is } from 'bpmn-js/lib/util/ModelUtil';

import * as facts from '../drawing/facts.js';
import { bare } from '../drawing/rules.js';
import { choice, note, suggested, text } from './fields.js';

const CHOOSING = ['bpmn:ExclusiveGateway', 'bpmn:InclusiveGateway'];

export function branchGroup(element, { edits, lists }) {
  const flow = facts.subject(element);
  if (!is(flow, 'bpmn:SequenceFlow') || !CHOOSING.some((type) => is(flow.source, type))) return null;
  if (flow.source.outgoing.length < 2 && !condition(flow)) return null;
  const isDefault = flow.source.businessObject.get('default') === flow.businessObject;
  const entries = [
    choice({
      id: 'zz-branch',
      label: '何时走这条线',
      get: () => (isDefault ? 'default' : 'condition'),
      set: (value) => edits.asDefault(flow, value === 'default'),
      options: () => [
        { value: 'condition', label: '符合条件时' },
        { value: 'default', label: '其他线都不符合时（缺省）' },
      ],
    }),
  ];
  if (!isDefault) {
    entries.push(
      suggested({
        id: 'zz-condition',
        label: '条件（FEEL）',
        description: '可从列表中选“字段：选项”，也可用 and、or 组合',
        placeholder: '例如 decision = "refuse"',
        get: () => condition(flow),
        set: (value) => edits.condition(flow, value),
        suggestions: () => lists.conditions,
      }),
    );
    const said = inWords(condition(flow), lists);
    if (said) entries.push(note({ id: 'zz-condition-words', label: said }));
  }
  return { id: 'zz-branch', label: '走哪条路', entries };
}

/** Group 其余情况 of a gateway with a default flow: the options that go there on purpose. */
export function otherwiseGroup(element, { edits }) {
  const gateway = facts.subject(element);
  if (!CHOOSING.some((type) => is(gateway, type)) || !gateway.businessObject.get('default')) return null;
  const field = text({
    id: 'zz-otherwise',
    label: '走缺省线的选项',
    description: '几个选项都走缺省线时逐个写上，用英文逗号分隔；以后新增的选项没有连线时会得到提醒',
    get: () => facts.property(gateway, 'zz:otherwise'),
    set: (value) => edits.property(gateway, 'zz:otherwise', value),
  });
  return { id: 'zz-otherwise', label: '其余情况', entries: [field] };
}

function condition(flow) {
  return bare(flow.businessObject.get('conditionExpression')?.get('body'));
}

/** Say which fields a condition reads, so that a clerk recognises them. */
function inWords(text, lists) {
  const names = new Set(text.replace(/"[^"]*"/g, '').match(/[\p{L}_][\p{L}\p{N}_]*/gu) ?? []);
  const fields = lists.fields.filter((field) => names.has(field.key));
  return fields.map((field) => `${field.key} 即《${field.form.title}》的“${field.label}”`).join('；');
}
