// Fields that depend on other fields: data-zz-hide="decision != &quot;refuse&quot;" (true: hide) and data-zz-required-if.
// Only a comfort: without it every field is visible and the server decides alone. A condition that this file cannot
// read, or that asks for a field the page does not have, leaves the field visible.

import { readCondition } from './condition_text.js';

const REQUIRED = '<span class="zz-required text-danger small">（必填）</span>';

export function watchConditions(root) {
  for (const form of root.querySelectorAll('form')) {
    const places = [...form.querySelectorAll('[data-zz-hide], [data-zz-required-if]')];
    if (!places.length) continue;
    const rules = places.map((place) => ({
      place,
      hide: readCondition(place.dataset.zzHide),
      required: readCondition(place.dataset.zzRequiredIf),
    }));
    const settle = () => apply(form, rules);
    form.addEventListener('input', settle);
    form.addEventListener('change', settle);
    settle();
  }
}

function apply(form, rules) {
  for (const { place, hide, required } of rules) {
    if (hide) place.hidden = answer(hide, form) === true;
    if (required) markRequired(place, answer(required, form) === true);
  }
}

function answer(condition, form) {
  try {
    return condition((name) => valueOf(form, name));
  } catch {
    return undefined;
  }
}

/** Return what a field holds now: text, truth of a single check box, a list of several; throws if there is none. */
function valueOf(form, name) {
  const field = form.elements.namedItem(name);
  if (field === null) throw new Error(name);
  if (field.type === 'checkbox') return field.checked;
  if (field.type === 'select-multiple') return [...field.selectedOptions].map((option) => option.value);
  if (field instanceof RadioNodeList && field[0].type === 'checkbox') {
    return [...field].filter((box) => box.checked).map((box) => box.value);
  }
  return field.value === '' ? null : field.value;
}

function markRequired(place, needed) {
  const label = place.querySelector('label.form-label, legend');
  const mark = label?.querySelector('.zz-required');
  if (needed && label && !mark) label.insertAdjacentHTML('beforeend', ` ${REQUIRED}`);
  if (!needed && mark) mark.remove();
}
