// How often the scenarios go through each element, and which they never reach.
import { mark } from '../diagram/viewer.js';
import { isFlow, label } from './tokens.js';

export function markCoverage(viewer, { counts, missing }) {
  const registry = viewer.get('elementRegistry');
  const show = (id, text, state) => {
    const element = registry.get(id);
    if (element && isFlow(element)) mark(viewer, id, state);
    else if (element) label(viewer, id, text, state);
  };
  for (const [id, count] of Object.entries(counts)) if (count) show(id, String(count), 'is-past');
  for (const id of missing) show(id, '未走到', 'is-missing');
}
