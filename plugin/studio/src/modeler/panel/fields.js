// The kinds of fields that our groups are made of. A field is an entry of the properties panel:
// {id, label, get(), set(value), …}; values are texts, empty for none.
import { h } from '@bpmn-io/properties-panel/preact';
import { useEffect, useState } from '@bpmn-io/properties-panel/preact/hooks';
import { CheckboxEntry, SelectEntry, TextAreaEntry, TextFieldEntry, useShowEntryEvent } from '@bpmn-io/properties-panel';
import { useService } from 'bpmn-js-properties-panel';

const filled = (field) => () => Boolean(field.get());

export function text(field) {
  return { ...field, component: Text, isEdited: filled(field) };
}

export function area(field) {
  return { ...field, component: Area, isEdited: filled(field) };
}

/** `options()` gives [{value, label}] or [{label, children}]; a present value that is none of them is shown too. */
export function choice(field) {
  return { ...field, component: Choice, isEdited: filled(field) };
}

/** A box to tick: get() → yes or no. */
export function check(field) {
  return { ...field, component: Check, isEdited: filled(field) };
}

/** A text with suggestions [{value, label}] that the browser offers while typing. */
export function suggested(field) {
  return { ...field, component: Suggested, isEdited: filled(field) };
}

/** A whole number and what it counts, side by side: get() → [number, unit]. */
export function amount(field) {
  return { ...field, component: Amount, isEdited: () => Boolean(field.get()[0]) };
}

export function action(field) {
  return { ...field, component: Action };
}

export function heading(field) {
  return { ...field, component: Heading };
}

export function note(field) {
  return { ...field, component: Note };
}

function Text({ element, id, label, description, get, set, check }) {
  const debounce = useService('debounceInput');
  return TextFieldEntry({ element, id, label, description, debounce, getValue: get, setValue: set, validate: check });
}

function Check({ element, id, label, description, get, set }) {
  return CheckboxEntry({ element, id, label, description, getValue: get, setValue: set });
}

function Area({ element, id, label, description, get, set }) {
  const debounce = useService('debounceInput');
  return TextAreaEntry({
    element, id, label, description, debounce, getValue: get, setValue: set, autoResize: true, rows: 2,
  });
}

function Choice({ element, id, label, description, get, set, options, none = '（请选择）' }) {
  const value = get();
  const offered = [{ value: '', label: none }, ...options()];
  const values = offered.flatMap((each) => each.children ?? [each]).map((each) => each.value);
  if (value && !values.includes(value)) offered.push({ value, label: `${value}（不在列表中）` });
  return SelectEntry({
    element, id, label, description, getValue: get, setValue: set, getOptions: () => offered,
  });
}

function Suggested({ id, label, description, get, set, suggestions, placeholder }) {
  const [typed, setTyped] = useLocal(get());
  const ref = useShowEntryEvent(id);
  const commit = () => typed.trim() !== get() && set(typed.trim());
  return h('div', { class: 'bio-properties-panel-entry', 'data-entry-id': id }, [
    h('div', { class: 'bio-properties-panel-textfield' }, [
      h('label', { class: 'bio-properties-panel-label', for: `zz-${id}` }, label),
      h('input', {
        ref, id: `zz-${id}`, name: id, type: 'text', class: 'bio-properties-panel-input', value: typed, placeholder,
        autocomplete: 'off', spellcheck: false, list: `zz-${id}-list`,
        onInput: (event) => setTyped(event.target.value), onChange: commit, onBlur: commit,
      }),
      h('datalist', { id: `zz-${id}-list` }, suggestions().map((each) => h('option', { value: each.value }, each.label))),
    ]),
    description && h('div', { class: 'bio-properties-panel-description' }, description),
  ]);
}

function Amount({ id, label, get, set, units, missing }) {
  const [number, unit] = get();
  const [typed, setTyped] = useLocal(number);
  const ref = useShowEntryEvent(id);
  const wrong = typed ? !/^\d{1,4}$/.test(typed) && '请填写 0–9999 的整数。' : missing;
  const commit = (value) => /^\d{0,4}$/.test(value) && value !== number && set(value, unit);
  return h('div', { class: `bio-properties-panel-entry zz-amount${wrong ? ' has-error' : ''}`, 'data-entry-id': id }, [
    h('label', { class: 'bio-properties-panel-label', for: `zz-${id}` }, label),
    h('div', { class: 'zz-amount-row' }, [
      h('input', {
        ref, id: `zz-${id}`, name: id, type: 'text', inputmode: 'numeric', class: 'bio-properties-panel-input', value: typed,
        autocomplete: 'off', onInput: (event) => { setTyped(event.target.value.trim()); commit(event.target.value.trim()); },
      }),
      h('select', {
        class: 'bio-properties-panel-input', name: `${id}-unit`, 'aria-label': `${label}的单位`, value: unit,
        onChange: (event) => set(typed, event.target.value),
      }, units.map((each) => h('option', { value: each.value }, each.label))),
    ]),
    wrong && h('div', { class: 'bio-properties-panel-error' }, wrong),
  ]);
}

function Action({ id, label, act, quiet }) {
  return h('div', { class: 'bio-properties-panel-entry', 'data-entry-id': id },
    h('button', { type: 'button', class: `zz-panel-button${quiet ? ' is-quiet' : ''}`, onClick: act }, label));
}

function Heading({ id, label }) {
  return h('h3', { class: 'bio-properties-panel-entry zz-panel-heading', 'data-entry-id': id }, label);
}

function Note({ id, label, link }) {
  return h('div', { class: 'bio-properties-panel-entry zz-panel-note', 'data-entry-id': id }, [
    label, link && h('a', { href: link.href, target: '_blank', rel: 'noopener' }, link.label),
  ]);
}

/** Keep what is being typed until the diagram's value changes. */
function useLocal(value) {
  const state = useState(value);
  useEffect(() => state[1](value), [value]);
  return state;
}
