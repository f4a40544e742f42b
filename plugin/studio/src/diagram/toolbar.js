// Buttons above the picture: keyboard and touch users need no wheel.
import { showWhole, zoomBy } from './views.js';

export function toolbar(viewer) {
  const bar = document.createElement('div');
  bar.className = 'diagram-toolbar';
  bar.setAttribute('role', 'group');
  bar.setAttribute('aria-label', '流程图显示');
  bar.append(
    button('放大', () => zoomBy(viewer, 1)),
    button('缩小', () => zoomBy(viewer, -1)),
    button('全图', () => showWhole(viewer)),
  );
  return bar;
}

function button(label, act) {
  const made = document.createElement('button');
  made.type = 'button';
  made.className = 'btn btn-sm btn-outline-secondary';
  made.textContent = label;
  made.addEventListener('click', act);
  return made;
}
