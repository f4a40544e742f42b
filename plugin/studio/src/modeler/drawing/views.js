// Which part of the picture is shown. The palette covers the left edge, so a fitted picture leaves it room.

const PALETTE = 70;
const MARGIN = 24;
const READABLE = 0.8;
const LEAST = 0.05;
const STEP = 1.2;

export class Views {
  static $inject = ['canvas', 'elementRegistry', 'selection'];

  constructor(canvas, elementRegistry, selection) {
    Object.assign(this, { canvas, elementRegistry, selection });
  }

  whole() {
    const { inner, outer } = this.canvas.viewbox();
    if (!outer.width || !outer.height) return; // a window without room
    const room = { width: outer.width - PALETTE - 2 * MARGIN, height: outer.height - 2 * MARGIN };
    const scale = Math.max(Math.min(room.width / (inner.width || 1), room.height / (inner.height || 1), 1), LEAST);
    this.canvas.viewbox({
      x: inner.x - (PALETTE + MARGIN) / scale - Math.max(0, (room.width / scale - inner.width) / 2),
      y: inner.y - MARGIN / scale - Math.max(0, (room.height / scale - inner.height) / 2),
      width: outer.width / scale,
      height: outer.height / scale,
    });
  }

  /** Show the first pool at a size that can be read, from its left edge. */
  readable() {
    this.whole();
    if (this.canvas.zoom() >= READABLE * 0.6) return;
    const { inner, outer } = this.canvas.viewbox();
    const scale = READABLE * 0.75;
    this.canvas.viewbox({
      x: inner.x - (PALETTE + MARGIN) / scale,
      y: inner.y - MARGIN / scale,
      width: outer.width / scale,
      height: outer.height / scale,
    });
  }

  zoom(steps) {
    this.canvas.zoom(this.canvas.zoom() * STEP ** steps, 'auto');
  }

  /** Select an element and bring it into the middle; tells whether the diagram has it. */
  go(id) {
    const element = this.elementRegistry.get(id);
    if (!element || element === this.canvas.getRootElement()) return false;
    const root = this.canvas.findRoot(element);
    if (root && root !== this.canvas.getRootElement()) this.canvas.setRootElement(root);
    if (this.canvas.zoom() < READABLE) this.canvas.zoom(READABLE);
    const middle = middleOf(element);
    const { width, height } = this.canvas.viewbox();
    this.canvas.viewbox({ x: middle.x - width / 2, y: middle.y - height / 2, width, height });
    this.selection.select(element);
    return true;
  }
}

function middleOf(element) {
  if (element.waypoints) {
    const at = element.waypoints.length / 2;
    const [a, b] = [element.waypoints[Math.ceil(at) - 1], element.waypoints[Math.floor(at)]];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  }
  return { x: element.x + element.width / 2, y: element.y + element.height / 2 };
}
