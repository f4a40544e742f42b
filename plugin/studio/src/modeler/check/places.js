// Finds what a finding speaks of: the element on the canvas, and the group and field of the panel.
import { is } from 'bpmn-js/lib/util/ModelUtil';

// By the beginning of a rule's code: entry of the panel that mends it.
const FIELDS = [
  ['clause', 'zz-clause'],
  ['form-link', 'zz-form-link'],
  ['form', 'zz-form'],
  ['group', 'zz-role'],
  ['topic', 'zz-topic'],
  ['template', 'zz-template'],
  ['recipient', 'zz-to'],
  ['retime-target', 'zz-activity'],
  ['retime-until', 'zz-until'],
  ['call', 'zz-called'],
  ['collection', 'collection'],
  ['condition', 'zz-condition'],
  ['branch', 'zz-condition'],
  ['default', 'zz-branch'],
  ['key', 'zz-key'],
  ['trigger', 'zz-trigger'],
  ['payload', 'zz-payload'],
  ['delivery', 'zz-delivery'],
  ['ttl', 'zz-ttl'],
  ['message', 'messageRef'],
  ['id-', 'id'],
];
const TIMER = /^(timer|recurrence)/;

/** Return the shape or connection of a finding, or `undefined` if it is not on the canvas. */
export function elementOf(finding, registry) {
  if (!finding.element || (finding.file && !finding.file.endsWith('.bpmn'))) return undefined;
  const own = registry.get(finding.element);
  if (own) return own;
  return registry.find((each) => {
    const object = each.businessObject;
    if (each.labelTarget || !object) return false;
    const inside = [...(object.get('eventDefinitions') ?? []), is(each, 'bpmn:Participant') && object.get('processRef')];
    return inside.some((part) => part && part.get('id') === finding.element);
  });
}

/** Return the id of the panel's entry that mends a finding, empty if there is none. */
export function entryOf(finding, element) {
  if (TIMER.test(finding.code)) return `${element.id}-count`;
  return FIELDS.find(([start]) => finding.code.startsWith(start))?.[1] ?? '';
}
