// Both versions of the diagram side by side, with what differs marked; sentences show their element on both:
//   <div data-zz-compare>
//     <div data-zz-side="/old.bpmn" data-zz-marks='{"Task_a": "removed"}'>…</div>
//     <div data-zz-side="/new.bpmn" data-zz-marks='{"Task_b": "added"}'>…</div>
//   </div>
//   <li data-zz-old-element="Task_a" data-zz-new-element="Task_b"><span>sentence</span></li>
import { sentences } from './compare/sentences.js';
import { openSide } from './compare/side.js';
import { moveTogether } from './compare/together.js';

import './compare/compare.css';

async function start(place) {
  const viewers = await Promise.all([...place.querySelectorAll('[data-zz-side]')].map(openSide));
  if (!viewers.every(Boolean)) return;
  const pair = moveTogether(viewers, place.querySelector('[data-zz-together]'));
  sentences(document.querySelectorAll('[data-zz-new-element]'), pair, place);
}

// A link to a folded list also opens it.
document.querySelector('a[href="#area-drawing"]')?.addEventListener('click', () => {
  document.getElementById('area-drawing').open = true;
});

const place = document.querySelector('[data-zz-compare]');
if (place) start(place);
