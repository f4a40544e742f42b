// Reads what we need of BPMN elements. Elements are diagram-js shapes and connections.
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';

/** Return the element that carries the meaning: a label stands for its event, a pool for its process. */
export function subject(element) {
  return element.labelTarget ?? element;
}

/** Return the object that holds the properties of an element: of a pool it is the process inside. */
export function holder(element) {
  const object = getBusinessObject(subject(element));
  return is(object, 'bpmn:Participant') ? object.get('processRef') : object;
}

function extension(object, type) {
  const values = object?.get('extensionElements')?.get('values') ?? [];
  return values.find((value) => is(value, type));
}

export function propertiesOf(object) {
  return extension(object, 'camunda:Properties')?.get('values') ?? [];
}

/** Return the value of a camunda:property such as zz:clause, empty if there is none. */
export function property(element, name) {
  return propertiesOf(holder(element)).find((each) => each.get('name') === name)?.get('value') ?? '';
}

export function outputsOf(object) {
  return extension(object, 'camunda:InputOutput')?.get('outputParameters') ?? [];
}

/** Return the marker of an activity that is done by several, if it has one. */
export function loop(element) {
  const drawn = getBusinessObject(subject(element)).get('loopCharacteristics');
  return drawn && is(drawn, 'bpmn:MultiInstanceLoopCharacteristics') ? drawn : undefined;
}

/** Return the condition on which an activity of several ends early. */
export function completion(element) {
  return loop(element)?.get('completionCondition')?.get('body')?.trim().replace(/^=\s*/, '') ?? '';
}

/** Return what an activity of several collects: the name of the list, and the field that goes into it. */
export function collected(element) {
  const drawn = loop(element);
  const item = drawn?.get('outputDataItem');
  return { list: drawn?.get('loopDataOutputRef')?.get('id') ?? '', field: item?.get('id') || item?.get('name') || '' };
}

export function definition(element, type) {
  const definitions = getBusinessObject(subject(element)).get('eventDefinitions') ?? [];
  return definitions.find((each) => is(each, type));
}

export function timer(element) {
  return is(element, 'bpmn:Event') ? definition(element, 'bpmn:TimerEventDefinition') : undefined;
}

export function message(element) {
  return is(element, 'bpmn:Event') ? definition(element, 'bpmn:MessageEventDefinition') : undefined;
}

/** Return the attribute of a timer definition that holds its rule. */
export function timerSlot(drawn) {
  return ['timeDate', 'timeDuration', 'timeCycle'].find((name) => drawn.get(name)?.get('body')?.trim()) ?? 'timeDate';
}

export function rule(element) {
  const drawn = timer(element);
  return drawn?.get(timerSlot(drawn))?.get('body')?.trim() ?? '';
}

/** Return the boundary timers of an activity from left to right. */
export function deadlines(element) {
  const timers = (element.attachers ?? []).filter((each) => is(each, 'bpmn:BoundaryEvent') && timer(each));
  return timers.sort((a, b) => a.x - b.x || a.y - b.y);
}

export function interrupts(element) {
  return getBusinessObject(element).get('cancelActivity') !== false;
}

/** Return the line that leads on from an element, if exactly one does. */
export function onlyFlow(element) {
  const flows = element.outgoing.filter((each) => is(each, 'bpmn:SequenceFlow'));
  return flows.length === 1 ? flows[0] : undefined;
}

/** Return the element that follows another, if exactly one does. */
export function following(element) {
  return onlyFlow(element)?.target;
}

export function title(element) {
  const object = getBusinessObject(element);
  return object.get('name')?.trim() || object.get('id');
}

/** Return the process or sub-process shape around an element, or the root of the diagram. */
export function scope(element) {
  let around = subject(element).parent;
  while (around?.parent && !is(around, 'bpmn:SubProcess') && !is(around, 'bpmn:Participant')) around = around.parent;
  return around;
}
