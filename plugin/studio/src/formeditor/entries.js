// Entries of the properties panel for our own `properties`: the panel's look, our words. form-js-editor does not
// export its entries; these few are written with the same preact and the same class names.
import { h } from 'preact';

const EDITED = (node) => Boolean(node && (node.type === 'checkbox' ? node.checked : node.value));

/** Return the panel entry of one hint; `on` reads and writes a text: get(), set(text or undefined). */
export function hintEntry(hint, on) {
  const id = `hint-${hint.name}`;
  return { id, hint, on, component: COMPONENTS[hint.kind] ?? TextEntry, isEdited: EDITED };
}

const COMPONENTS = { yes: SwitchEntry, no: SwitchEntry, choice: ChoiceEntry, feel: FeelEntry, lines: LinesEntry };

function Entry({ id, hint, kind, children }) {
  return h(
    'div',
    { class: 'bio-properties-panel-entry', 'data-entry-id': id },
    h('div', { class: `bio-properties-panel-${kind}` }, children),
    hint.help ? h('div', { class: 'bio-properties-panel-description', id: `${id}-help` }, hint.help) : null,
  );
}

function labelled(id, hint) {
  return h('label', { for: `panel-${id}`, class: 'bio-properties-panel-label' }, hint.label);
}

function input(id, hint, on, attributes) {
  return {
    id: `panel-${id}`,
    name: id,
    class: 'bio-properties-panel-input',
    'aria-describedby': hint.help ? `${id}-help` : undefined,
    onChange: (event) => on.set(event.target.value.trim() || undefined),
    ...attributes,
  };
}

function TextEntry({ id, hint, on }) {
  const more = { type: 'text', value: on.get() ?? '', spellcheck: false, autocomplete: 'off' };
  if (hint.kind === 'number') more.inputMode = 'numeric';
  return h(Entry, { id, hint, kind: 'textfield' }, labelled(id, hint), h('input', input(id, hint, on, more)));
}

function FeelEntry({ id, hint, on }) {
  // Shown and typed without the leading "=": form-js writes it in front of every expression.
  const value = (on.get() ?? '').replace(/^=\s*/, '');
  const keep = (text) => (text === '' || text === 'true' || text === 'false' ? text || undefined : `=${text}`);
  const onChange = (event) => on.set(keep(event.target.value.trim().replace(/^=\s*/, '')));
  const more = { value, rows: 2, spellcheck: false, onChange, class: 'bio-properties-panel-input zz-feel' };
  return h(Entry, { id, hint, kind: 'textarea' }, labelled(id, hint), h('textarea', input(id, hint, on, more)));
}

function LinesEntry({ id, hint, on }) {
  const more = { value: on.get() ?? '', rows: 3 };
  return h(Entry, { id, hint, kind: 'textarea' }, labelled(id, hint), h('textarea', input(id, hint, on, more)));
}

function ChoiceEntry({ id, hint, on }) {
  const value = on.get() ?? '';
  const choices = [['', '（无）'], ...hint.choices].map(([key, label]) =>
    h('option', { value: key, selected: key === value }, label),
  );
  return h(Entry, { id, hint, kind: 'select' }, labelled(id, hint), h('select', input(id, hint, on, { value }), choices));
}

function SwitchEntry({ id, hint, on }) {
  const negative = hint.kind === 'no'; // on unless written "false"
  const onChange = (event) => on.set(event.target.checked === negative ? undefined : String(!negative));
  const checked = negative ? on.get() !== 'false' : on.get() === 'true';
  const more = { type: 'checkbox', checked, onChange };
  return h(Entry, { id, hint, kind: 'checkbox' }, h('input', input(id, hint, on, more)), labelled(id, hint));
}
