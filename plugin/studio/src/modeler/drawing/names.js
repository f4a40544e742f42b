// What a reminder tells on (the name of its task, as text) follows when the task is renamed.
import CommandInterceptor from 'diagram-js/lib/command/CommandInterceptor';
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';

import * as facts from './facts.js';

const RENAMING = ['element.updateLabel', 'element.updateProperties'];

export class Names extends CommandInterceptor {
  static $inject = ['eventBus', 'modeling'];

  constructor(eventBus, modeling) {
    super(eventBus);
    this.preExecute(RENAMING, ({ context }) => {
      if (is(context.element, 'bpmn:Activity')) context.titleBefore = facts.title(context.element);
    });
    this.postExecuted(RENAMING, ({ context: { element, titleBefore } }) => {
      if (!titleBefore || titleBefore === facts.title(element)) return;
      const [from, to] = [titleBefore, facts.title(element)].map((name) => JSON.stringify(name));
      for (const event of facts.deadlines(element)) {
        for (const output of facts.outputsOf(getBusinessObject(event))) {
          if (output.get('value') === from) modeling.updateModdleProperties(event, output, { value: to });
        }
      }
    });
  }
}
