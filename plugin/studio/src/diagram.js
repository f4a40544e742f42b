// The procedure as a picture, read-only:
//   <div data-zz-diagram="/address.bpmn" data-zz-active="Task_a Task_b" data-zz-overdue="Task_b" data-zz-done="Task_c"
//        data-zz-counts='{"Task_a": 3}' data-zz-focus="Task_a">text for people without JavaScript</div>
// All but the address may be left out. Without a focus the first active task is shown at a readable size, without
// active elements the whole picture. The bpmn.io mark stays fully visible, as its licence asks.
import { badge, firstTask, mark, openDiagram } from './diagram/viewer.js';
import { showElement, showWhole } from './diagram/views.js';

import './diagram.css';

const CORNER = { top: -12, right: 14 };

async function show(place) {
  const { zzActive, zzDone, zzOverdue, zzCounts, zzDiagram, zzFocus } = place.dataset;
  const [active, done, overdue] = [zzActive, zzDone, zzOverdue].map(ids);
  const dress = (viewer) => {
    for (const id of done) if (![...active, ...overdue].includes(id)) mark(viewer, id, 'is-past');
    for (const id of active) mark(viewer, id, 'is-active');
    for (const id of overdue) mark(viewer, id, 'is-overdue');
    for (const [id, count] of Object.entries(JSON.parse(zzCounts || '{}'))) {
      if (!viewer.get('elementRegistry').get(id)) continue;
      const state = overdue.includes(id) ? 'is-round is-overdue' : 'is-round is-count';
      badge(viewer, id, String(count), { state, position: CORNER });
    }
    const focus = zzFocus || firstTask(viewer, active);
    if (!(focus && showElement(viewer, focus))) showWhole(viewer);
  };
  await openDiagram(place, zzDiagram, { frame: 'diagram-canvas', dress, advice: '请刷新页面或稍后再试' });
}

function ids(text) {
  return (text || '').split(/[\s,]+/).filter(Boolean);
}

for (const place of document.querySelectorAll('[data-zz-diagram]')) show(place);
