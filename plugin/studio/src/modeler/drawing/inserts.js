// A template fills fields but cannot draw. When one is inserted, what belongs to it is drawn in the same step:
// the boundary timer of a task with a deadline, the parallel mark of a joint task, the clock of a session.
import CommandInterceptor from 'diagram-js/lib/command/CommandInterceptor';
import { is } from 'bpmn-js/lib/util/ModelUtil';

import * as facts from './facts.js';

const LIMITED = new Set(['timed-task', 'acceptance', 'joint-task']);
const PREFIX = 'cn.zuozhen.';
const EARLY = 2000;

export class Inserts extends CommandInterceptor {
  static $inject = ['eventBus', 'elementFactory', 'elementTemplates', 'edits', 'lists'];

  constructor(eventBus, elementFactory, elementTemplates, edits, lists) {
    super(eventBus);
    Object.assign(this, { edits, lists });
    // The menus ask for this; the library has it for templates of Camunda 8 only.
    elementTemplates.createElement = (template) => {
      const shape = elementFactory.createShape({ type: template.elementType.value });
      shape.inserted = template;
      return shape;
    };
    this.postExecuted('shape.create', EARLY, ({ context }) => {
      const { shape } = context;
      const template = shape.inserted;
      if (!template) return;
      delete shape.inserted; // a redo repeats the commands that are made here, it must not come here again
      elementTemplates.applyTemplate(shape, template);
    });
    // The library asks shapes for $type, which only moddle elements have, and would replace every element.
    this.preExecute('propertiesPanel.camunda.changeTemplate', ({ context }) => {
      context.element.$type = context.element.type;
    });
    this.postExecuted('propertiesPanel.camunda.changeTemplate', ({ context }) => {
      if (context.newTemplate && !context.oldTemplate) this.#complete(context.element, context.newTemplate.id);
    });
  }

  #complete(shape, id) {
    const kind = id.replace(PREFIX, '');
    for (const each of facts.propertiesOf(facts.holder(shape))) {
      if (!each.get('value')) this.edits.property(shape, each.get('name'), ''); // left open by the template
    }
    if (kind === 'joint-task' && !shape.businessObject.get('loopCharacteristics')) {
      this.edits.multiply(shape, this.#collection(), 'unit');
    }
    if (LIMITED.has(kind) && !facts.deadlines(shape).length) this.edits.addDeadline(shape);
    if (kind === 'session' && is(shape, 'bpmn:StartEvent')) this.edits.startByTimer(shape);
  }

  /** Return the list of units that forms of this draft ask for, if they ask for one list only. */
  #collection() {
    const lists = this.lists.fields.filter(
      (field) => field.values_key === 'units' && ['taglist', 'checklist'].includes(field.kind),
    );
    return lists.length === 1 ? `=${lists[0].key}` : '';
  }
}
