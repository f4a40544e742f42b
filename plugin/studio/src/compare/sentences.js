// Sentences become buttons that bring their element into the middle of both pictures.
import { showElement } from '../diagram/views.js';

const CHOSEN = 'is-chosen';

export function sentences(items, pair, place) {
  const shown = [...items].filter((item) => drawn(item, pair.viewers).some(Boolean));
  for (const item of shown) {
    const text = item.querySelector(':scope > span:last-child');
    const button = document.createElement('button');
    button.type = 'button';
    button.setAttribute('aria-pressed', 'false');
    button.append(...text.childNodes);
    text.replaceWith(button);
    button.addEventListener('click', () => {
      choose(item, shown, pair);
      if (!within(place)) place.scrollIntoView({ block: 'start' });
    });
  }
  const first = shown.find((item) => !item.closest('details'));
  if (first) focusOn(first, pair);
}

function choose(item, items, pair) {
  for (const each of items) {
    each.querySelector('button').setAttribute('aria-pressed', String(each === item));
  }
  focusOn(item, pair);
}

function focusOn(item, pair) {
  const ids = drawn(item, pair.viewers);
  pair.apart(() => {
    pair.viewers.forEach((viewer, index) => {
      const canvas = viewer.get('canvas');
      for (const element of viewer.get('elementRegistry').filter((each) => canvas.hasMarker(each, CHOSEN))) {
        canvas.removeMarker(element, CHOSEN);
      }
      // Where one version lacks the element, it shows the place where the other has it.
      const there = ids[index] ? viewer : pair.viewers[1 - index];
      const id = ids[index] ?? ids[1 - index];
      if (ids[index]) canvas.addMarker(id, CHOSEN);
      showElement(viewer, id, there);
    });
  });
}

/** Return the ids under which the old and the new picture have the element, undefined where one has it not. */
function drawn(item, viewers) {
  return [item.dataset.zzOldElement, item.dataset.zzNewElement].map((id, index) =>
    viewers[index].get('elementRegistry').get(id) ? id : undefined,
  );
}

function within(place) {
  const { top, bottom } = place.getBoundingClientRect();
  return top < window.innerHeight / 2 && bottom > window.innerHeight / 2;
}
