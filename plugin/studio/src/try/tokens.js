// Where a run stands: what was gone through, where tokens wait, which deadlines have fired.

export function markTokens(viewer, { active, late, done, fired, flows }) {
  const canvas = viewer.get('canvas');
  const registry = viewer.get('elementRegistry');
  const mark = (ids, marker) => ids.forEach((id) => registry.get(id) && canvas.addMarker(id, marker));
  mark(done, 'is-passed');
  mark(fired, 'is-fired');
  mark(Object.keys(active), 'is-open');
  mark(late, 'is-late');
  const taken = new Set(flows.map((ends) => ends.join(' ')));
  for (const line of registry.filter(isFlow)) {
    if (taken.has(`${line.source.id} ${line.target.id}`)) canvas.addMarker(line.id, 'is-passed');
  }
  for (const [id, count] of Object.entries(active)) {
    if (registry.get(id)) badge(viewer, id, String(count), late.includes(id) ? 'is-late' : 'is-open');
  }
  for (const id of fired) {
    if (registry.get(id)) badge(viewer, id, '到期', 'is-fired');
  }
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

export function badge(viewer, id, text, kind) {
  const mark = document.createElement('span');
  mark.className = `try-badge ${kind}`;
  mark.textContent = text;
  viewer.get('overlays').add(id, 'trial', { position: { top: -13, right: 15 }, html: mark });
}

export function isFlow(element) {
  return element.type === 'bpmn:SequenceFlow';
}
