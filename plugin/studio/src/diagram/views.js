// Which part of the picture is shown.

const READABLE = 0.85;
const STEP = 1.25;
const MARGIN = 20;

export function showWhole(viewer) {
  viewer.get('canvas').zoom('fit-viewport', 'auto');
}

/** Show one element in the middle at a readable size; tells whether the diagram has it. */
export function showElement(viewer, id) {
  const shape = viewer.get('elementRegistry').get(id);
  if (!shape) return false;
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

function within(value, least, most) {
  return Math.max(Math.min(value, most), least);
}

export function zoomBy(viewer, steps) {
  const canvas = viewer.get('canvas');
  canvas.zoom(canvas.zoom() * STEP ** steps, 'auto');
}
