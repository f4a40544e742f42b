// One version of the diagram, read-only, with its differences marked by colour, line and a letter.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';

import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';

import { toolbar } from '../diagram/toolbar.js';
import { showWhole } from '../diagram/views.js';

const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Micro Hei", sans-serif';
const LETTERS = { added: '增', removed: '删', changed: '改', moved: '移' };

/** Show the diagram of one side; a message stands in its place if it cannot be shown. */
export async function openSide(place) {
  const canvas = document.createElement('div');
  canvas.className = 'compare-canvas';
  try {
    const answer = await fetch(place.dataset.zzSide, { credentials: 'same-origin' });
    if (!answer.ok) throw new Error(String(answer.status));
    const xml = await answer.text();
    place.replaceChildren(canvas);
    const viewer = new NavigatedViewer({ container: canvas, textRenderer: { defaultStyle: { fontFamily: FONT } } });
    await viewer.importXML(xml);
    mark(viewer, JSON.parse(place.dataset.zzMarks));
    showWhole(viewer);
    place.prepend(toolbar(viewer));
    return { viewer };
  } catch (error) {
    const line = document.createElement('p');
    line.className = 'zz-empty';
    line.setAttribute('role', 'alert');
    line.textContent = `流程图未能显示（${error.message}），差异见文字。`;
    place.replaceChildren(line);
    return null;
  }
}

function mark(viewer, marks) {
  const canvas = viewer.get('canvas');
  const registry = viewer.get('elementRegistry');
  const overlays = viewer.get('overlays');
  for (const [id, kind] of Object.entries(marks)) {
    const element = registry.get(id);
    if (!element) continue;
    canvas.addMarker(id, `is-${kind}`);
    if (holdsOthers(element)) canvas.addMarker(id, 'is-around');
    if (element.waypoints && kind === 'moved') continue; // a colour is enough: lines follow what they join
    const badge = document.createElement('span');
    badge.className = `compare-badge is-${kind}`;
    badge.textContent = LETTERS[kind];
    overlays.add(id, 'difference', { position: badgePlace(element), html: badge });
  }
}

/** Tell whether other elements are drawn inside this one: it must not be filled with a colour. */
function holdsOthers(element) {
  return ['bpmn:Participant', 'bpmn:Lane', 'bpmn:SubProcess', 'bpmn:Group'].includes(element.type);
}

/** Return where the letter stands: on the corner of a shape, on the middle of a line. */
function badgePlace(element) {
  if (!element.waypoints) return { top: -11, left: -11 };
  const points = element.waypoints;
  const [from, to] = points.slice(Math.floor((points.length - 1) / 2));
  const least = (axis) => Math.min(...points.map((point) => point[axis]));
  return { left: (from.x + to.x) / 2 - least('x') - 10, top: (from.y + to.y) / 2 - least('y') - 10 };
}
