// A form as text, and components found in it.

// The order of keys where a file does not give one: what names a component first, what it holds last.
const FIRST = ['type', 'id', 'key', 'path', 'subtype', 'label', 'dateLabel', 'timeLabel', 'description', 'text', 'layout'];
const LAST = ['properties', 'components'];

/**
 * Return the JSON that goes into the pack: readable, and with its keys as `original` (the parsed file) has
 * them. form-js writes them in an order of its own, and a difference in order would hide what has changed.
 */
export function formText(editor, original) {
  const known = new Map();
  walk(original.components ?? [], '', (component) => known.set(component.id, component));
  return `${JSON.stringify(ordered(editor.saveSchema(), original, known), null, 2)}\n`;
}

function ordered(value, original, known) {
  if (Array.isArray(value)) return value.map((item, index) => ordered(item, match(item, original?.[index], known), known));
  if (value === null || typeof value !== 'object') return value;
  const before = isObject(original) ? Object.keys(original).filter((key) => Object.hasOwn(value, key)) : [];
  const added = Object.keys(value).filter((key) => !before.includes(key));
  const keys = before.length ? [...before, ...added] : added.sort(byRank);
  return Object.fromEntries(keys.map((key) => [key, ordered(value[key], original?.[key], known)]));
}

/** A component is compared with the one of its id, wherever that stands; anything else with its neighbour. */
function match(item, neighbour, known) {
  return isObject(item) && item.type && item.id ? known.get(item.id) : neighbour;
}

function byRank(one, other) {
  return rank(one) - rank(other);
}

function rank(key) {
  if (FIRST.includes(key)) return FIRST.indexOf(key);
  return LAST.includes(key) ? 100 + LAST.indexOf(key) : 50;
}

function isObject(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** Find a component by the place a finding names: field path (`attendees.name`), key, path or id. */
export function findComponent(schema, place) {
  if (!place) return null;
  let found = null;
  walk(schema.components ?? [], '', (component, path) => {
    found ??= path === place || component.id === place ? component : null;
  });
  return found;
}

function walk(components, prefix, visit) {
  for (const component of components) {
    const name = component.key ?? component.path;
    visit(component, name ? prefix + name : '');
    walk(component.components ?? [], component.path ? `${prefix}${component.path}.` : prefix, visit);
  }
}
