// One version of the diagram, read-only, with its differences marked by colour, line and a letter.
import { badge, mark, openDiagram } from '../diagram/viewer.js';
import { showWhole } from '../diagram/views.js';

const LETTERS = { added: '增', removed: '删', changed: '改', moved: '移' };

/** Show the diagram of one side and return its viewer; a message stands in its place if it cannot be shown. */
export function openSide(place) {
  const dress = (viewer) => {
    for (const [id, kind] of Object.entries(JSON.parse(place.dataset.zzMarks))) show(viewer, id, kind);
    showWhole(viewer);
  };
  return openDiagram(place, place.dataset.zzSide, { frame: 'compare-canvas', dress, advice: '差异见文字' });
}

function show(viewer, id, kind) {
  if (!mark(viewer, id, `is-${kind}`)) return;
  const element = viewer.get('elementRegistry').get(id);
  if (element.waypoints && kind === 'moved') return; // a colour is enough: lines follow what they join
  badge(viewer, id, LETTERS[kind], { state: `is-${kind}`, position: badgePlace(element) });
}

/** Return where the letter stands: on the corner of a shape, on the middle of a line. */
function badgePlace(element) {
  if (!element.waypoints) return { top: -11, left: -11 };
  const points = element.waypoints;
  const [from, to] = points.slice(Math.floor((points.length - 1) / 2));
  const least = (axis) => Math.min(...points.map((point) => point[axis]));
  return { left: (from.x + to.x) / 2 - least('x') - 10, top: (from.y + to.y) / 2 - least('y') - 10 };
}
