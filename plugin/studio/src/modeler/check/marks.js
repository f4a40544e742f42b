// Shows findings on the diagram: a coloured outline and a badge with their number.
import { make } from '../page/dom.js';
import { elementOf } from './places.js';

const TYPE = 'zz-findings';

export class Marks {
  static $inject = ['canvas', 'overlays', 'elementRegistry', 'eventBus'];

  constructor(canvas, overlays, elementRegistry, eventBus) {
    Object.assign(this, { canvas, overlays, elementRegistry, eventBus });
    this.marked = [];
  }

  show(findings) {
    this.overlays.remove({ type: TYPE });
    for (const [element, marker] of this.marked) {
      if (this.elementRegistry.get(element)) this.canvas.removeMarker(element, marker);
    }
    this.marked = [];
    for (const [element, found] of this.#byElement(findings)) this.#mark(element, found);
  }

  #byElement(findings) {
    const found = new Map();
    for (const finding of findings) {
      const element = elementOf(finding, this.elementRegistry);
      if (element && element !== this.canvas.getRootElement()) found.set(element, [...(found.get(element) ?? []), finding]);
    }
    return found;
  }

  #mark(element, found) {
    const severity = found.some((each) => each.severity === 'error') ? 'error' : 'warning';
    const marker = `zz-has-${severity}`;
    this.canvas.addMarker(element, marker);
    this.marked.push([element.id, marker]);
    const text = found.map((each) => each.message).join('\n');
    const badge = make('button', { type: 'button', class: `zz-badge is-${severity}`, title: text, tabindex: '-1' }, String(found.length));
    badge.setAttribute('aria-label', `${found.length} 处问题：${text}`);
    badge.addEventListener('click', () => this.eventBus.fire('studio.showFinding', { finding: found[0] }));
    this.overlays.add(element, TYPE, { position: element.waypoints ? middle(element) : { top: -10, left: -10 }, html: badge });
  }
}

/** Overlays of connections are placed from the upper left corner of their box. */
function middle({ waypoints }) {
  const [left, top] = [Math.min(...waypoints.map(({ x }) => x)), Math.min(...waypoints.map(({ y }) => y))];
  const at = waypoints.length / 2;
  const [a, b] = [waypoints[Math.ceil(at) - 1], waypoints[Math.floor(at)]];
  return { left: (a.x + b.x) / 2 - left - 10, top: (a.y + b.y) / 2 - top - 10 };
}
