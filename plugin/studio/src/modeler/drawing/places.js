// A new element that is appended goes where nothing else stands: the library looks at connected elements only.
import { is } from 'bpmn-js/lib/util/ModelUtil';
import { getNewShapePosition } from 'bpmn-js/lib/features/auto-place/BpmnAutoPlaceUtil';

const BEFORE_STOCK = 3000;
const AIR = 20;
const STEP = 40;
const MOST_STEPS = 30;

export class Places {
  static $inject = ['eventBus', 'elementRegistry'];

  constructor(eventBus, elementRegistry) {
    eventBus.on('autoPlace', BEFORE_STOCK, ({ source, shape }) => {
      if (!is(shape, 'bpmn:FlowNode') || !is(source, 'bpmn:FlowNode')) return undefined;
      const position = getNewShapePosition(source, shape, elementRegistry);
      const taken = elementRegistry.filter((each) => is(each, 'bpmn:FlowNode') && each !== source && each.parent === source.parent);
      for (let step = 0; step < MOST_STEPS; step += 1) {
        const y = position.y + step * STEP;
        if (!taken.some((each) => meets(each, { x: position.x, y }, shape))) return { x: position.x, y };
      }
      return position;
    });
  }
}

function meets(other, middle, { width, height }) {
  return (
    Math.abs(other.x + other.width / 2 - middle.x) < (other.width + width) / 2 + AIR &&
    Math.abs(other.y + other.height / 2 - middle.y) < (other.height + height) / 2 + AIR
  );
}
