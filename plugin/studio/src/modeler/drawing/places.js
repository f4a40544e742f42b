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
    this.elementRegistry = elementRegistry;
    this.chosen = new WeakSet();
    eventBus.on('autoPlace', BEFORE_STOCK, ({ source, shape }) => {
      if (!is(shape, 'bpmn:FlowNode') || !is(source, 'bpmn:FlowNode')) return undefined;
      const position = this.#below(getNewShapePosition(source, shape, elementRegistry), shape, source);
      this.chosen.add(position);
      return position;
    });
  }

  /** Tell whether a position was found here, not pointed at by a person. */
  chose(position) {
    return this.chosen.has(position);
  }

  /** Return what stands in the same pool or sub-process. */
  neighbours(source) {
    return this.elementRegistry.filter(
      (each) => is(each, 'bpmn:FlowNode') && !each.labelTarget && each !== source && each.parent === source.parent,
    );
  }

  /** Tell whether a shape can stand with its middle at a point beside `source`. */
  isFree(middle, shape, source) {
    return !this.neighbours(source).some((each) => meets(each, middle, shape));
  }

  #below({ x, y }, shape, source) {
    for (let step = 0; step < MOST_STEPS; step += 1) {
      const middle = { x, y: y + step * STEP };
      if (this.isFree(middle, shape, source)) return middle;
    }
    return { x, y };
  }
}

function meets(other, middle, { width, height }) {
  return (
    Math.abs(other.x + other.width / 2 - middle.x) < (other.width + width) / 2 + AIR &&
    Math.abs(other.y + other.height / 2 - middle.y) < (other.height + height) / 2 + AIR
  );
}
