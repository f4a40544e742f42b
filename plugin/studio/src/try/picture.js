// A read-only diagram that stays where it was looked at when the next page shows it again.
import { firstTask, openDiagram } from '../diagram/viewer.js';
import { showElement, showWhole } from '../diagram/views.js';

/** Show the diagram at `address`; `decorate` marks it and returns the elements that people want to see. */
export async function openPicture(place, address, decorate) {
  const dress = (viewer, canvas) => {
    const wanted = decorate(viewer, JSON.parse(place.dataset.zzMarks || '{}'));
    settle(viewer, wanted, place.dataset.zzKeep);
    document.addEventListener('zz:show', ({ detail }) => {
      showElement(viewer, detail);
      canvas.scrollIntoView({ block: 'nearest' });
    });
  };
  await openDiagram(place, address, { frame: 'try-canvas', dress, advice: '请刷新页面或稍后再试' });
}

/** Show what was in view on the last page if that holds a wanted element, else the first wanted one. */
function settle(viewer, wanted, name) {
  const kept = name ? read(name) : null;
  if (kept) viewer.get('canvas').viewbox(kept);
  if (!kept || (wanted.length && !wanted.some((id) => isInView(viewer, id)))) {
    if (!(wanted.length && showElement(viewer, firstTask(viewer, wanted)))) showWhole(viewer);
  }
  if (!name) return;
  viewer.on('canvas.viewbox.changed', ({ viewbox: { x, y, width, height } }) => {
    sessionStorage.setItem(key(name), JSON.stringify({ x, y, width, height }));
  });
}

function read(name) {
  try {
    return JSON.parse(sessionStorage.getItem(key(name)));
  } catch {
    return null;
  }
}

function key(name) {
  return `zz-view-${name}`;
}

function isInView(viewer, id) {
  const shape = viewer.get('elementRegistry').get(id);
  if (!shape) return false;
  const { x, y, width, height } = viewer.get('canvas').viewbox();
  return shape.x >= x && shape.y >= y && shape.x + shape.width <= x + width && shape.y + shape.height <= y + height;
}
