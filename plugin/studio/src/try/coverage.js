// How often the scenarios go through each element, and which they never reach.
import { badge, isFlow } from './tokens.js';

export function markCoverage(viewer, { counts, missing }) {
  const canvas = viewer.get('canvas');
  const registry = viewer.get('elementRegistry');
  for (const [id, count] of Object.entries(counts)) {
    const element = registry.get(id);
    if (!element || !count) continue;
    canvas.addMarker(id, 'is-passed');
    if (!isFlow(element)) badge(viewer, id, String(count), 'is-passed');
  }
  for (const id of missing) {
    const element = registry.get(id);
    if (!element) continue;
    canvas.addMarker(id, 'is-missing');
    if (!isFlow(element)) badge(viewer, id, '未走到', 'is-missing');
  }
}
