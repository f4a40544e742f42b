// Where a run stands: what was gone through, where tokens wait, which deadlines have fired.
import { badge, mark } from '../diagram/viewer.js';

const CORNER = { top: -13, right: 15 };

export function markTokens(viewer, { active, late, done, fired, flows }) {
  const registry = viewer.get('elementRegistry');
  const present = new Set([...Object.keys(active), ...fired]);
  for (const id of done) if (!present.has(id)) mark(viewer, id, 'is-past');
  const taken = new Set(flows.map((ends) => ends.join(' ')));
  for (const line of registry.filter(isFlow)) {
    if (taken.has(`${line.source.id} ${line.target.id}`)) mark(viewer, line.id, 'is-past');
  }
  for (const id of fired) label(viewer, id, '到期', 'is-fired');
  for (const [id, count] of Object.entries(active)) {
    label(viewer, id, String(count), late.includes(id) ? 'is-late' : 'is-open');
  }
}

/** Mark an element and say in a few letters why. */
export function label(viewer, id, text, state) {
  if (mark(viewer, id, state)) badge(viewer, id, text, { state: `is-round ${state}`, position: CORNER });
}

/** Let a click on a place that waits for somebody open its form; the list beside it has the same links. */
export function linkPlaces(viewer, places) {
  const canvas = viewer.get('canvas');
  for (const id of Object.keys(places)) {
    if (viewer.get('elementRegistry').get(id)) canvas.addMarker(id, 'is-link');
  }
  viewer.on('element.click', ({ element }) => {
    if (places[element.id]) location.assign(places[element.id]);
  });
}

/** Return where cases begin: what people look for while nothing waits yet. */
export function startsOf(viewer) {
  return viewer.get('elementRegistry').filter(({ type }) => type === 'bpmn:StartEvent').map(({ id }) => id);
}

export function isFlow(element) {
  return element.type === 'bpmn:SequenceFlow';
}
