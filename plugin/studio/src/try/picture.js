// A read-only diagram with buttons; it stays where it was looked at when the next page shows it again.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';

import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';

import { toolbar } from '../diagram/toolbar.js';
import { showElement, showWhole } from '../diagram/views.js';

const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Micro Hei", sans-serif';

/** Show the diagram at `address`; `decorate` marks it and returns the elements that people want to see. */
export async function openPicture(place, address, decorate) {
  const fallback = [...place.childNodes];
  const canvas = document.createElement('div');
  canvas.className = 'try-canvas';
  try {
    const answer = await fetch(address, { credentials: 'same-origin' });
    if (!answer.ok) throw new Error(String(answer.status));
    const xml = await answer.text();
    place.replaceChildren(canvas);
    const viewer = new NavigatedViewer({
      container: canvas,
      textRenderer: { defaultStyle: { fontFamily: FONT } },
    });
    await viewer.importXML(xml);
    const wanted = decorate(viewer, JSON.parse(place.dataset.zzMarks || '{}'));
    keepOpen(viewer);
    place.prepend(toolbar(viewer));
    settle(viewer, wanted, place.dataset.zzKeep);
    document.addEventListener('zz:show', ({ detail }) => {
      showElement(viewer, detail);
      canvas.scrollIntoView({ block: 'nearest' });
    });
  } catch (error) {
    const line = document.createElement('p');
    line.setAttribute('role', 'alert');
    line.textContent = `流程图未能显示（${error.message}），请刷新页面或稍后再试。`;
    place.replaceChildren(...fallback, line);
  }
}

/** Mark what holds others: it must not be filled with a colour. */
function keepOpen(viewer) {
  const canvas = viewer.get('canvas');
  for (const { id } of viewer.get('elementRegistry').filter(({ type }) => type === 'bpmn:SubProcess')) {
    canvas.addMarker(id, 'is-around');
  }
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

function firstTask(viewer, elements) {
  const registry = viewer.get('elementRegistry');
  return elements.find((id) => registry.get(id)?.type.endsWith('Task')) ?? elements[0];
}
