// What is appended to a task or an event that already leads on goes between the two: a second line out of a task
// would be a split that nobody drew as one, and the check refuses it. Gateways split; what they get is appended.
import CommandInterceptor from 'diagram-js/lib/command/CommandInterceptor';
import { getMid } from 'diagram-js/lib/layout/LayoutUtil';
import { selfAndAllChildren } from 'diagram-js/lib/util/Elements';
import { is } from 'bpmn-js/lib/util/ModelUtil';

import * as facts from './facts.js';

const GAP = 50; // on both sides of what is put between
const RIGHTWARDS = { axis: 'x', across: 'y', size: 'width', breadth: 'height', direction: 'e' };
const DOWNWARDS = { axis: 'y', across: 'x', size: 'height', breadth: 'width', direction: 's' };

export class Between extends CommandInterceptor {
  static $inject = ['eventBus', 'bpmnRules', 'canvas', 'modeling', 'places', 'spaceTool'];

  constructor(eventBus, bpmnRules, canvas, modeling, places, spaceTool) {
    super(eventBus);
    Object.assign(this, { canvas, places, spaceTool });
    this.preExecute('shape.append', ({ context }) => {
      const { shape, source, hints } = context;
      if (is(shape, 'bpmn:EndEvent') || !is(shape, 'bpmn:FlowNode') || hints?.connectionTarget) return;
      context.between = onlyFlow(source);
      if (!context.between || !places.chose(context.position)) return;
      context.position = this.#room(source, shape, context.between.target) ?? context.position;
    });
    this.postExecuted('shape.append', ({ context: { shape, between } }) => {
      if (!between || bpmnRules.canConnect(shape, between.target)?.type !== 'bpmn:SequenceFlow') return;
      modeling.reconnectStart(between, shape, [getMid(shape), getMid(between.target)]);
    });
  }

  /** Return what an element would be put in front of, if one is appended to `source`. */
  next(source) {
    return onlyFlow(source)?.target;
  }

  /** Return a place behind `source`, towards what follows if that is straight ahead; what is too near moves away. */
  #room(source, shape, target) {
    if (is(source, 'bpmn:BoundaryEvent')) return undefined;
    const way = [RIGHTWARDS, DOWNWARDS].find((each) => leads(each, source, target)) ?? RIGHTWARDS;
    const { axis, across, size, direction } = way;
    const edge = source[axis] + source[size];
    const ahead = this.places.neighbours(source).filter((each) => leads(way, source, each));
    const missing = edge + shape[size] + 2 * GAP - Math.min(...ahead.map((each) => each[axis]));
    if (missing > 0) {
      const all = selfAndAllChildren(this.canvas.getRootElement(), true).slice(1);
      const { movingShapes, resizingShapes } = this.spaceTool.calculateAdjustments(all, axis, missing, edge);
      this.spaceTool.makeSpace(movingShapes, resizingShapes, { x: 0, y: 0, [axis]: missing }, direction, edge);
    }
    const middle = { [axis]: edge + GAP + shape[size] / 2, [across]: getMid(source)[across] };
    return this.places.isFree(middle, shape, source) ? middle : undefined;
  }
}

function onlyFlow(source) {
  return is(source, 'bpmn:Activity') || is(source, 'bpmn:Event') ? facts.onlyFlow(source) : undefined;
}

/** Tell whether one element stands straight behind the other in one direction. */
function leads({ axis, across, size, breadth }, source, target) {
  const ahead = target[axis] >= source[axis] + source[size];
  return ahead && Math.abs(getMid(target)[across] - getMid(source)[across]) < (source[breadth] + target[breadth]) / 2;
}
