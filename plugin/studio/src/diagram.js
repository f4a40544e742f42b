// The procedure as a picture, read-only:
//   <div data-zz-diagram="/address.bpmn" data-zz-active="Task_a Task_b" data-zz-overdue="Task_b" data-zz-done="Task_c"
//        data-zz-counts='{"Task_a": 3}' data-zz-focus="Task_a">text for people without JavaScript</div>
// All but the address may be left out. Without a focus the first active task is shown at a readable size, without
// active elements the whole picture. The bpmn.io mark stays fully visible, as its licence asks.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';

import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import './diagram.css';

import { toolbar } from './diagram/toolbar.js';
import { showWhole, showElement } from './diagram/views.js';

const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Micro Hei", sans-serif';
const MARKERS = { zzActive: 'is-active', zzOverdue: 'is-overdue', zzDone: 'is-done' };

async function show(place) {
  const fallback = [...place.childNodes];
  place.replaceChildren();
  const canvas = document.createElement('div');
  canvas.className = 'diagram-canvas';
  place.append(canvas);
  try {
    const answer = await fetch(place.dataset.zzDiagram, { credentials: 'same-origin' });
    if (!answer.ok) throw new Error(String(answer.status));
    const viewer = new NavigatedViewer({
      container: canvas,
      textRenderer: { defaultStyle: { fontFamily: FONT } },
      });
    await viewer.importXML(await answer.text());
    decorate(viewer, place.dataset);
    place.prepend(toolbar(viewer));
    const focus = place.dataset.zzFocus || firstTask(viewer, ids(place.dataset.zzActive));
    if (!(focus && showElement(viewer, focus))) showWhole(viewer);
  } catch (error) {
    place.replaceChildren(...fallback, message(`流程图未能显示（${error.message}），请刷新页面或稍后再试。`));
  }
}

function decorate(viewer, data) {
  const canvas = viewer.get('canvas');
  const registry = viewer.get('elementRegistry');
  const overlays = viewer.get('overlays');
  for (const [list, marker] of Object.entries(MARKERS)) {
    for (const id of ids(data[list])) {
      if (registry.get(id)) canvas.addMarker(id, marker);
    }
  }
  for (const [id, count] of Object.entries(JSON.parse(data.zzCounts || '{}'))) {
    if (!registry.get(id)) continue;
    const badge = document.createElement('span');
    badge.className = ids(data.zzOverdue).includes(id) ? 'diagram-count is-overdue' : 'diagram-count';
    badge.textContent = String(count);
    overlays.add(id, 'count', { position: { top: -12, right: 14 }, html: badge });
  }
}

/** Return the first of the elements that is a task: people look for work, not for waiting events. */
function firstTask(viewer, elements) {
  const registry = viewer.get('elementRegistry');
  return elements.find((id) => registry.get(id)?.type.endsWith('Task')) ?? elements[0];
}

function ids(text) {
  return (text || '').split(/[\s,]+/).filter(Boolean);
}

function message(text) {
  const line = document.createElement('p');
  line.setAttribute('role', 'alert');
  line.textContent = text;
  return line;
}

for (const place of document.querySelectorAll('[data-zz-diagram]')) show(place);
