// Phones and small windows: the picture can be looked at, not changed.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';

import { load } from './server.js';

export async function showNarrow(place, page) {
  place.classList.add('is-narrow');
  const viewer = new NavigatedViewer({ container: place.querySelector('[data-zz-canvas]') });
  try {
    const { text } = await load(page.file);
    await viewer.importXML(text);
    viewer.get('canvas').zoom('fit-viewport', 'auto');
  } catch (error) {
    place.querySelector('[data-zz-state]').textContent = `流程图未能显示：${error.message}`;
  }
}
