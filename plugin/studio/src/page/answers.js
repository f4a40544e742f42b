// A form's current answers as rules see them. `data-zz-kinds` says how each is read; where a page has none (tables of
// the studio) every answer is a text.
//
// Names say where a field lives: "title" at the top, "attendees-0-name" in the first row of the list attendees,
// "address-street" in the group address. Keys never contain a hyphen.
import { evaluate, UNREADABLE, Unknown } from './feel.js';
import { CHOSEN, kept, stored, TYPED } from './kinds.js';
import { Decimal } from './numbers.js';

const IGNORED_TYPES = new Set(['hidden', 'submit', 'button', 'password']);

export class Answers {
  /** Read a form; whatever lies in a place of `hidden` has no answer, and in one of `open` nobody here knows. */
  constructor(form, hidden, open = new Set()) {
    this.form = form;
    this.hidden = new Set([...hidden].filter((place) => !open.has(place)));
    this.open = open;
    this.inputs = new Map();
    for (const input of form.elements) {
      if (!input.name || input.name.startsWith('_') || IGNORED_TYPES.has(input.type) || input.nodeName === 'FIELDSET') continue;
      this.inputs.set(input.name, [...(this.inputs.get(input.name) ?? []), input]);
    }
    this.outputs = new Map([...form.querySelectorAll('[data-zz-name]')].map((shown) => [shown.dataset.zzName, shown]));
    this.kinds = kindsOf(form) ?? Object.fromEntries([...this.inputs.keys()].map((name) => [name, 'line']));
    this.top = new Scope(this, this.kinds, '', null);
  }

  /** Return the lookup of names for a rule inside `place`: those of its row or group, then those around. */
  around(place) {
    let found = this.top;
    for (const name of scopesOf(place)) {
      const [key, row] = name.split('-');
      const kinds = this.kinds[key];
      found = new Scope(this, kinds?.rows ?? kinds?.group ?? {}, `${name}-`, found, row);
    }
    return found.lookup;
  }

  isHidden(element) {
    return lies(element, this.hidden);
  }

  /** Return the answer of one field, or UNREADABLE. */
  read(name, kind) {
    const output = this.outputs.get(name);
    const inputs = this.inputs.get(name) ?? [];
    const element = output ?? inputs[0];
    if (!element || this.isHidden(element)) return null;
    const value = this.readShown(output, inputs, kind);
    return value !== null && lies(element, this.open) ? UNREADABLE : value;
  }

  readShown(output, inputs, kind) {
    if (kind === '?') return UNREADABLE;
    if (output) return stored(kind, JSON.parse(output.dataset.zzValue || 'null'));
    if (kind === 'boolean') return inputs[0].checked;
    if (kind === 'files') return filesOf(inputs[0]);
    if (kind in CHOSEN) return inputs.filter((input) => input.checked).map((input) => CHOSEN[kind](input.value));
    if (inputs[0].type !== 'radio') return (TYPED[kind] ?? (() => UNREADABLE))(inputs[0].value);
    const chosen = inputs.find((input) => input.checked);
    return chosen ? (TYPED[kind] ?? (() => UNREADABLE))(chosen.value) : null;
  }

  /** Return the filled rows of a list. */
  rows(key, kinds, outer) {
    const list = this.form.querySelector(`[data-zz-list="${CSS.escape(key)}"]`);
    if (!list || this.isHidden(list)) return null;
    if (lies(list, this.open)) return UNREADABLE;
    const rows = [...list.querySelectorAll('[data-zz-row]')].map((row) => row.dataset.zzRow);
    return rows.filter((row) => this.isFilled(`${key}-${row}-`)).map((row) => new Scope(this, kinds, `${key}-${row}-`, outer, row).all());
  }

  isFilled(prefix) {
    const typed = [...this.inputs].some(([name, inputs]) => name.startsWith(prefix) && inputs.some(hasAnswer));
    return typed || [...this.outputs].some(([name, shown]) => name.startsWith(prefix) && isShown(shown));
  }
}

/** The answers that lie side by side: of the form, of a group, of a row. */
class Scope {
  constructor(answers, kinds, prefix, outer, row) {
    Object.assign(this, { answers, kinds, prefix, outer, row, known: new Map() });
    this.lookup = (name) => this.valueOf(name);
  }

  valueOf(name) {
    if (!Object.hasOwn(this.kinds, name)) {
      if (name === 'i' && this.row !== undefined) return Decimal.of(String(Number(this.row) + 1));
      return this.outer ? this.outer.valueOf(name) : UNREADABLE;
    }
    if (!this.known.has(name)) this.known.set(name, this.read(name, this.kinds[name]));
    return this.known.get(name);
  }

  read(name, kind) {
    if (kind.rows) return this.answers.rows(name, kind.rows, this);
    if (kind.group) return this.group(name, kind.group);
    return kind.tree ? this.computed(name, kind) : this.answers.read(this.prefix + name, kind);
  }

  group(name, kinds) {
    const place = this.answers.form.querySelector(`[data-zz-scope="${CSS.escape(name)}"]`);
    if (place && lies(place, this.answers.open)) return UNREADABLE;
    return !place || this.answers.isHidden(place) ? null : new Scope(this.answers, kinds, `${name}-`, this).all();
  }

  computed(name, { tree, kind }) {
    const shown = this.answers.outputs.get(this.prefix + name);
    if (!shown || this.answers.isHidden(shown)) return null;
    if (lies(shown, this.answers.open)) return UNREADABLE;
    try {
      return kept(kind, evaluate(tree, this.lookup));
    } catch (error) {
      if (error instanceof Unknown) return UNREADABLE;
      throw error;
    }
  }

  /** Return all answers as one value. */
  all() {
    return Object.fromEntries(Object.keys(this.kinds).map((name) => [name, this.valueOf(name)]));
  }
}

function lies(element, places) {
  return [...places].some((place) => place.contains(element));
}

function kindsOf(form) {
  const told = form.querySelector('[data-zz-kinds]');
  return told && JSON.parse(told.dataset.zzKinds);
}

function scopesOf(place) {
  const scopes = [];
  for (let at = place.parentElement?.closest('[data-zz-scope]'); at; at = at.parentElement?.closest('[data-zz-scope]')) {
    scopes.unshift(at.dataset.zzScope);
  }
  return scopes;
}

function hasAnswer(input) {
  return ['checkbox', 'radio'].includes(input.type) ? input.checked : Boolean(input.value.trim());
}

function isShown(output) {
  const value = JSON.parse(output.dataset.zzValue || 'null');
  return !('zzComputed' in output.dataset) && value !== null && value !== false && value !== '' && !(Array.isArray(value) && !value.length);
}

function filesOf(input) {
  const count = Number(input.dataset.zzKept ?? 0) + input.files.length;
  return Array.from({ length: count }, () => ({ name: UNREADABLE, size: UNREADABLE }));
}
