// The diagram of a run on trial (where its tokens stand) and of the coverage by scenarios, read-only:
//   <div data-zz-trial="/address.bpmn" data-zz-marks='{"active": {"Task_a": 1}, "late": [], "done": [], "fired": [],
//        "flows": [["Start", "Task_a"]], "places": {"Task_a": "?do=…"}}' data-zz-keep="name">text without scripts</div>
//   <div data-zz-coverage="/address.bpmn" data-zz-marks='{"counts": {"Task_a": 3}, "missing": ["Task_b"]}'>…</div>
// data-zz-keep names the part of the picture that stays in view from one page to the next.
import { markCoverage } from './try/coverage.js';
import { openPicture } from './try/picture.js';
import { linkPlaces, markTokens, startsOf } from './try/tokens.js';

import './try/try.css';

for (const place of document.querySelectorAll('[data-zz-trial]')) {
  openPicture(place, place.dataset.zzTrial, (viewer, marks) => {
    markTokens(viewer, marks);
    linkPlaces(viewer, marks.places);
    const active = Object.keys(marks.active);
    return active.length ? active : startsOf(viewer);
  });
}
for (const place of document.querySelectorAll('[data-zz-coverage]')) {
  openPicture(place, place.dataset.zzCoverage, (viewer, marks) => {
    markCoverage(viewer, marks);
    return [];
  });
}
for (const button of document.querySelectorAll('[data-zz-show]')) {
  button.addEventListener('click', () => {
    document.dispatchEvent(new CustomEvent('zz:show', { detail: button.dataset.zzShow }));
  });
}
