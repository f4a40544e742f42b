// Which part of the picture is shown.

const READABLE = 0.85;
const STEP = 1.25;

export function showWhole(viewer) {
  viewer.get('canvas').zoom('fit-viewport', 'auto');
}

/** Show one element in the middle at a readable size; tells whether the diagram has it. */
export function showElement(viewer, id) {
  const shape = viewer.get('elementRegistry').get(id);
  if (!shape) return false;
  const canvas = viewer.get('canvas');
  canvas.zoom(READABLE);
  const { outer } = canvas.viewbox();
  canvas.viewbox({
    x: shape.x + shape.width / 2 - outer.width / READABLE / 2,
    y: shape.y + shape.height / 2 - outer.height / READABLE / 2,
    width: outer.width / READABLE,
    height: outer.height / READABLE,
  });
  return true;
}

export function zoomBy(viewer, steps) {
  const canvas = viewer.get('canvas');
  canvas.zoom(canvas.zoom() * STEP ** steps, 'auto');
}
