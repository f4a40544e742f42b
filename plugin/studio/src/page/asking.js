// What only the server can decide (working days, other cases …) and draw (options, labels and read-only fields that
// follow from answers): it is sent the form as when a row is added, and from the page that it answers with we take
// what is hidden, required and computed, and the fields marked [data-zz-follows]. Files are not sent.
import { markRequired } from './required.js';

const QUIET_MILLISECONDS = 300;
const timers = new WeakMap();
const rounds = new WeakMap();
const drawn = new WeakMap();

const MARKED = '[data-zz-hide], [data-zz-required-if], [data-zz-follows]';

/** Ask soon about a form; `settle(form)` is called when the answer is in the page. */
export function askServer(form, settle) {
  if (form.method !== 'post' || !form.querySelector('[data-zz-kinds]')) return;
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => ask(form, settle), QUIET_MILLISECONDS));
}

async function ask(form, settle) {
  const round = (rounds.get(form) ?? 0) + 1;
  rounds.set(form, round);
  try {
    const answer = await fetch(form.getAttribute('action') || window.location.href, {
      method: 'POST',
      body: typed(form),
      credentials: 'same-origin',
    });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    if (rounds.get(form) !== round || !form.isConnected) return; // something was changed meanwhile
    take(form, [...page.forms].find((other) => other.querySelector('[data-zz-kinds]')));
    settle(form);
  } catch {
    // no network: everything stays as it is, and is decided on submission
  }
}

function typed(form) {
  const values = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === 'string') values.append(name, value);
  }
  values.set('_refresh', '1');
  return values;
}

function take(form, other) {
  const [ours, theirs] = [form, other].map((each) => [...(each?.querySelectorAll(MARKED) ?? [])]);
  if (ours.length !== theirs.length) return; // the page has other rows by now
  ours.forEach((place, n) => {
    place.toggleAttribute('data-zz-hidden', theirs[n].hasAttribute('data-zz-hidden'));
    takeRequired(place, theirs[n]);
    redraw(place, theirs[n]);
  });
  for (const shown of form.querySelectorAll('[data-zz-computed]')) {
    const found = other.querySelector(`[data-zz-computed][data-zz-name="${CSS.escape(shown.dataset.zzName)}"]`);
    if (!found) continue;
    shown.dataset.zzValue = found.dataset.zzValue;
    shown.querySelector('.zz-pre').textContent = found.querySelector('.zz-pre').textContent.trim();
  }
}

/** Take a field as the server draws it; where somebody is just typing it comes next time. */
function redraw(place, theirs) {
  const both = [place, theirs].every((each) => 'zzFollows' in each.dataset);
  if (!both || place.contains(document.activeElement)) return;
  if ((drawn.get(place) ?? place.innerHTML) === theirs.innerHTML) return;
  drawn.set(place, theirs.innerHTML); // scripts may add to it
  place.innerHTML = theirs.innerHTML;
  place.dispatchEvent(new Event('zz:redrawn', { bubbles: true }));
}

function takeRequired(place, theirs) {
  if (place.dataset.zzRequiredIf) markRequired(place, theirs.querySelector('.zz-required')?.hidden === false);
}
