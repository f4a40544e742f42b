// A read-only diagram in its frame, and marks on it.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';

import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import './marks.css';

import { toolbar } from './toolbar.js';

const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Micro Hei", sans-serif';
const CONTAINERS = ['bpmn:Participant', 'bpmn:Lane', 'bpmn:SubProcess', 'bpmn:Group'];

/**
 * Show the diagram at `address` in place of what `place` holds; `frame` is the class of its frame. `dress` is called
 * with the viewer once the picture is there. If anything fails, what `place` held returns, with `advice` below it.
 */
export async function openDiagram(place, address, { frame, dress, advice }) {
  const fallback = [...place.childNodes];
  const canvas = document.createElement('div');
  canvas.className = frame;
  try {
    const answer = await fetch(address, { credentials: 'same-origin' });
    if (!answer.ok) throw new Error(String(answer.status));
    const xml = await answer.text();
    place.replaceChildren(canvas);
    const viewer = new NavigatedViewer({ container: canvas, textRenderer: { defaultStyle: { fontFamily: FONT } } });
    await viewer.importXML(xml);
    place.prepend(toolbar(viewer));
    dress(viewer, canvas);
    return viewer;
  } catch (error) {
    const line = document.createElement('p');
    line.setAttribute('role', 'alert');
    line.textContent = `流程图未能显示（${error.message}），${advice}。`;
    place.replaceChildren(...fallback, line);
    return undefined;
  }
}

/** Give an element the look of a state (is-…); what holds other elements is not filled. Tells whether it is drawn. */
export function mark(viewer, id, state) {
  const element = viewer.get('elementRegistry').get(id);
  if (!element) return false;
  const markers = ['is-marked', state, ...(CONTAINERS.includes(element.type) ? ['is-around'] : [])];
  for (const marker of markers) viewer.get('canvas').addMarker(id, marker);
  return true;
}

/** Put a few letters on an element, in the colour of a state. */
export function badge(viewer, id, text, { state, position }) {
  const sign = document.createElement('span');
  sign.className = `diagram-badge ${state}`;
  sign.textContent = text;
  viewer.get('overlays').add(id, 'mark', { position, html: sign });
}

/** Return the first of the elements that is a task: people look for work, not for waiting events. */
export function firstTask(viewer, elements) {
  const registry = viewer.get('elementRegistry');
  return elements.find((id) => registry.get(id)?.type.endsWith('Task')) ?? elements[0];
}
