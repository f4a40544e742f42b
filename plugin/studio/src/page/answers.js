// A form's current answers as FEEL sees them: null for "no answer", booleans, numbers, lists, else text.
//
// Names say where a field lives: "title" at the top, "attendees-0-name" in the first row of the list attendees,
// "address-street" in the group address. Keys never contain a hyphen.

const IGNORED_TYPES = new Set(['hidden', 'submit', 'button', 'file', 'password']);

/** Return {name: value} of every field of a form; those below an element of `hidden` are null. */
export function flatAnswers(form, hidden) {
  const answers = new Map();
  for (const shown of form.querySelectorAll('[data-zz-name]')) answers.set(shown.dataset.zzName, shown.dataset.zzValue || null);
  for (const field of form.elements) {
    if (!field.name || field.name.startsWith('_') || IGNORED_TYPES.has(field.type) || field.nodeName === 'FIELDSET') continue;
    const gone = [...hidden].some((place) => place.contains(field));
    answers.set(field.name, gone ? null : answerOf(field, answers.get(field.name)));
  }
  return answers;
}

function answerOf(field, before) {
  switch (field.type) {
    case 'checkbox':
      if (field.form.querySelectorAll(`[name="${CSS.escape(field.name)}"]`).length === 1 && field.value === 'true') {
        return field.checked;
      }
      return field.checked ? [...(before ?? []), field.value] : (before ?? null);
    case 'radio':
      return field.checked ? field.value : (before ?? null);
    case 'number':
      return field.value === '' ? null : Number(field.value);
    default:
      return field.value.trim() || null;
  }
}

/** Return the variables that a condition inside `place` may read: outer answers, overlaid by those of its row or group. */
export function variablesAt(place, answers) {
  const scopes = [];
  for (let at = place.parentElement?.closest('[data-zz-scope]'); at; at = at.parentElement?.closest('[data-zz-scope]')) {
    scopes.unshift(at.dataset.zzScope);
  }
  return Object.assign({}, ...['', ...scopes].map((scope) => variablesOf(scope, answers)));
}

function variablesOf(scope, answers) {
  const start = scope && `${scope}-`;
  const found = {};
  for (const [name, value] of answers) {
    if (name.startsWith(start)) put(found, name.slice(start.length).split('-'), value);
  }
  const row = /-(\d+)$/.exec(scope);
  return row ? { ...found, i: Number(row[1]) + 1 } : found;
}

function put(target, path, value) {
  const [first, ...rest] = path;
  if (!rest.length) {
    target[first] = value;
    return;
  }
  target[first] ??= /^\d+$/.test(rest[0]) ? [] : {};
  put(target[first], rest, value);
}
