// Changes of the diagram that the panel asks for; each call is one step of undo.
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';

import * as facts from './facts.js';
import { bare, readRule, renamed } from './rules.js';

const TOGETHER = 'zuozhen.together';
const EVENT_SIZE = 36;
const GAP = 12;

function Together() {}
Together.prototype.preExecute = (context) => context.work();

export class Edits {
  static $inject = ['commandStack', 'modeling', 'moddle', 'elementFactory', 'elementRegistry'];

  constructor(commandStack, modeling, moddle, elementFactory, elementRegistry) {
    Object.assign(this, { commandStack, modeling, moddle, elementFactory, elementRegistry });
    commandStack.registerHandler(TOGETHER, Together);
  }

  /** Run several changes as one step of undo. */
  together(work) {
    this.commandStack.execute(TOGETHER, { work });
  }

  attribute(element, name, value) {
    this.modeling.updateProperties(facts.subject(element), { [name]: value || undefined });
  }

  form(element, key) {
    this.modeling.updateProperties(facts.subject(element), {
      'camunda:formRef': key || undefined,
      'camunda:formRefBinding': key ? 'deployment' : undefined,
    });
  }

  /** Set or (with no value) remove a camunda:property; empty containers go too. */
  property(element, name, value) {
    const object = facts.holder(element);
    this.together(() => {
      const list = this.#extension(element, object, 'camunda:Properties', Boolean(value));
      if (!list) return;
      const known = list.get('values').find((each) => each.get('name') === name);
      if (known && value) {
        this.modeling.updateModdleProperties(element, known, { value });
      } else if (known) {
        const values = list.get('values').filter((each) => each !== known);
        this.modeling.updateModdleProperties(element, list, { values });
        if (!values.length) this.#dropExtension(element, object, list);
      } else if (value) {
        const added = this.#made('camunda:Property', list, { name, value });
        this.modeling.updateModdleProperties(element, list, { values: [...list.get('values'), added] });
      }
    });
  }

  /** Set a timer's rule (FEEL text); the event's name follows if it said the old rule. */
  rule(element, text) {
    const drawn = facts.timer(element);
    const before = facts.rule(element);
    const plain = bare(text);
    this.together(() => {
      const slot = readRule(plain).kind === 'other' ? facts.timerSlot(drawn) : 'timeDate';
      const body = plain ? this.#made('bpmn:FormalExpression', drawn, { body: plain }) : undefined;
      const cleared = { timeDate: undefined, timeDuration: undefined, timeCycle: undefined };
      this.modeling.updateModdleProperties(element, drawn, { ...cleared, [slot]: body });
      const name = getBusinessObject(element).get('name') ?? '';
      const now = renamed(name, before, plain);
      if (now !== name) this.modeling.updateProperties(element, { name: now });
    });
  }

  /** Put a new deadline on an activity; it reminds, and leads to where the others here lead. */
  addDeadline(activity) {
    let event;
    this.together(() => {
      const sibling = this.#model(activity);
      event = this.elementFactory.createShape({
        type: 'bpmn:BoundaryEvent',
        eventDefinitionType: 'bpmn:TimerEventDefinition',
      });
      getBusinessObject(event).set('cancelActivity', false);
      event = this.modeling.createShape(event, this.#place(activity), activity, { attach: true });
      const target = sibling && facts.following(sibling);
      if (target) {
        this.modeling.connect(event, target);
        this.#copyOutputs(sibling, event, activity);
      }
      const clause = facts.property(activity, 'zz:clause');
      if (clause) this.property(event, 'zz:clause', clause);
    });
    return event;
  }

  interrupting(element, value) {
    this.modeling.updateProperties(element, { cancelActivity: value });
  }

  remove(element) {
    this.modeling.removeElements([element]);
  }

  /** Let a boundary event lead to another element; the old lines go. */
  lead(element, targetId) {
    this.together(() => {
      const flows = element.outgoing.filter((each) => is(each, 'bpmn:SequenceFlow'));
      if (flows.length) this.modeling.removeElements(flows);
      const target = this.elementRegistry.get(targetId);
      if (target) this.modeling.connect(element, target);
    });
  }

  condition(flow, text) {
    const object = getBusinessObject(flow);
    const plain = bare(text);
    const conditionExpression = plain ? this.#made('bpmn:FormalExpression', object, { body: plain }) : undefined;
    this.modeling.updateProperties(flow, { conditionExpression });
  }

  /** Make a line the default of its gateway (then it has no condition), or an ordinary line again. */
  asDefault(flow, value) {
    this.together(() => {
      if (value && getBusinessObject(flow).get('conditionExpression')) this.condition(flow, '');
      this.modeling.updateProperties(flow.source, { default: value ? getBusinessObject(flow) : undefined });
    });
  }

  /** Make a task be done once for each entry of a list, at the same time. */
  multiply(activity, collection, variable) {
    const loop = this.moddle.create('bpmn:MultiInstanceLoopCharacteristics', {
      'camunda:collection': collection,
      'camunda:elementVariable': variable,
    });
    loop.$parent = getBusinessObject(activity);
    this.modeling.updateProperties(activity, { loopCharacteristics: loop });
  }

  /** Set or (with no text) remove the condition on which an activity of several ends early. */
  completion(activity, text) {
    const loop = facts.loop(activity);
    const completionCondition = text ? this.#made('bpmn:FormalExpression', loop, { body: text }) : undefined;
    this.modeling.updateModdleProperties(activity, loop, { completionCondition });
  }

  /** Collect a field of every instance in a list, which is declared with the activity; no name: collect nothing. */
  collect(activity, name, field) {
    const object = getBusinessObject(activity);
    const loop = facts.loop(activity);
    const before = loop.get('loopDataOutputRef');
    this.together(() => {
      const others = object.get('properties').filter((each) => each !== before);
      const declared = name ? this.#made('bpmn:Property', object, { id: name, name }) : undefined;
      this.modeling.updateModdleProperties(activity, object, { properties: declared ? [...others, declared] : others });
      const outputDataItem = name ? this.#made('bpmn:DataOutput', loop, { name: field || undefined }) : undefined;
      this.modeling.updateModdleProperties(activity, loop, { loopDataOutputRef: declared, outputDataItem });
    });
  }

  /** Make a plain start event one that a timer starts. */
  startByTimer(event) {
    const object = getBusinessObject(event);
    if (object.get('eventDefinitions').length) return;
    const drawn = this.moddle.create('bpmn:TimerEventDefinition', {});
    drawn.$parent = object;
    this.modeling.updateProperties(event, { eventDefinitions: [drawn] });
  }

  /** Return a reminder of the same process to take the manners from: one that leads on. */
  #model(activity) {
    const around = facts.scope(activity);
    const reminders = this.elementRegistry.filter(
      (each) =>
        is(each, 'bpmn:BoundaryEvent') &&
        !each.labelTarget &&
        facts.timer(each) &&
        !facts.interrupts(each) &&
        facts.scope(each) === around &&
        facts.following(each),
    );
    const counts = new Map();
    for (const each of reminders) {
      const target = facts.following(each);
      counts.set(target, (counts.get(target) ?? 0) + 1);
    }
    const [favourite] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [];
    return reminders.find((each) => facts.following(each) === favourite);
  }

  /** What a reminder tells on (the name of its task, as text) is told by the new one of its own task. */
  #copyOutputs(sibling, event, activity) {
    const [from, to] = [facts.title(sibling.host), facts.title(activity)].map((name) => JSON.stringify(name));
    const told = facts.outputsOf(getBusinessObject(sibling));
    if (!told.length) return;
    const object = getBusinessObject(event);
    const holder = this.#extension(event, object, 'camunda:InputOutput', true);
    const outputParameters = told.map((each) => {
      const value = each.get('value') === from ? to : each.get('value');
      return this.#made('camunda:OutputParameter', holder, { name: each.get('name'), value });
    });
    this.modeling.updateModdleProperties(event, holder, { outputParameters });
  }

  /** Return the centre of a free place on the lower edge of an activity. */
  #place(activity) {
    const taken = (activity.attachers ?? []).map((each) => each.x + each.width / 2);
    const step = EVENT_SIZE + GAP;
    let x = activity.x + EVENT_SIZE / 2 + GAP;
    while (taken.some((other) => Math.abs(other - x) < step) && x + step < activity.x + activity.width) x += step;
    return { x, y: activity.y + activity.height };
  }

  #extension(element, object, type, create) {
    let all = object.get('extensionElements');
    const found = all?.get('values').find((each) => is(each, type));
    if (found || !create) return found;
    if (!all) {
      all = this.#made('bpmn:ExtensionElements', object, { values: [] });
      this.modeling.updateModdleProperties(element, object, { extensionElements: all });
    }
    const list = this.#made(type, all, {});
    this.modeling.updateModdleProperties(element, all, { values: [...all.get('values'), list] });
    return list;
  }

  #dropExtension(element, object, list) {
    const all = object.get('extensionElements');
    const values = all.get('values').filter((each) => each !== list);
    if (values.length) this.modeling.updateModdleProperties(element, all, { values });
    else this.modeling.updateModdleProperties(element, object, { extensionElements: undefined });
  }

  #made(type, parent, attributes) {
    const object = this.moddle.create(type, attributes);
    object.$parent = parent;
    return object;
  }
}

