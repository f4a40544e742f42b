// Which part of the picture is shown.

const READABLE = 0.85;
const STEP = 1.25;
const MARGIN = 20;

export function showWhole(viewer) {
  viewer.get('canvas').zoom('fit-viewport', 'auto');
}

/**
 * Show one element in the middle at a readable size; tells whether the diagram has it.
 * `there` is another viewer that has the element where this one shows only its place.
 */
export function showElement(viewer, id, there = viewer) {
  const element = there.get('elementRegistry').get(id);
  if (!element) return false;
  const shape = boxOf(element);
  const canvas = viewer.get('canvas');
  canvas.zoom(READABLE);
  const { inner, outer } = canvas.viewbox();
  const [width, height] = [outer.width / READABLE, outer.height / READABLE];
  canvas.viewbox({
    x: within(shape.x + shape.width / 2 - width / 2, inner.x - MARGIN, inner.x + inner.width + MARGIN - width),
    y: within(shape.y + shape.height / 2 - height / 2, inner.y - MARGIN, inner.y + inner.height + MARGIN - height),
    width,
    height,
  });
  return true;
}

/** Return the box around a shape or a line. */
function boxOf(element) {
  if (!element.waypoints) return element;
  const [xs, ys] = ['x', 'y'].map((axis) => element.waypoints.map((point) => point[axis]));
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

function within(value, least, most) {
  return Math.max(Math.min(value, most), least);
}

export function zoomBy(viewer, steps) {
  const canvas = viewer.get('canvas');
  canvas.zoom(canvas.zoom() * STEP ** steps, 'auto');
}
