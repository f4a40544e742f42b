// FEEL conditions of a generated form, evaluated while somebody fills it in. The server decides again on
// submission; what cannot be decided here (a variable that is not on the page) stays as the server drew it.
//
//   data-zz-hide         FEEL, true = hide           data-zz-hidden   hidden at this moment
//   data-zz-required-if  FEEL, true = required       .zz-required     the mark 必填 beside the label
import { evaluate, unaryTest } from '@bpmn-io/feelin';

import { flatAnswers, variablesAt } from './answers.js';

const CONDITIONAL = '[data-zz-hide], [data-zz-required-if]';
const CLOCK = /\b(today|now)\s*\(\s*\)/; // the day is the server's: its answer stands
const PASSES = 8; // a field that hides another one that hides a third: settled long before

export function watchConditions(root) {
  const settleForm = (event) => {
    const form = event.target.form ?? event.target.closest?.('form');
    if (form?.querySelector(CONDITIONAL)) settle(form);
  };
  root.addEventListener('input', settleForm);
  root.addEventListener('change', settleForm);
  root.addEventListener('htmx:load', () => settleAll(root));
  settleAll(root);
}

function settleAll(root) {
  for (const form of root.querySelectorAll('form')) {
    if (form.querySelector(CONDITIONAL)) settle(form);
  }
}

function settle(form) {
  const places = [...form.querySelectorAll(CONDITIONAL)];
  const hidden = new Set(places.filter((place) => place.hasAttribute('data-zz-hidden')));
  let before = -1;
  for (let pass = 0; pass < PASSES && before !== signature(places, hidden); pass += 1) {
    before = signature(places, hidden);
    const answers = flatAnswers(form, hidden);
    for (const place of places) decideHidden(place, answers, hidden);
  }
  const answers = flatAnswers(form, hidden);
  for (const place of places) {
    place.toggleAttribute('data-zz-hidden', hidden.has(place));
    place.hidden = hidden.has(place);
    decideRequired(place, answers);
  }
}

function signature(places, hidden) {
  return places.map((place) => Number(hidden.has(place))).join('');
}

function decideHidden(place, answers, hidden) {
  if (!place.dataset.zzHide) return;
  const value = decided(unaryTest, place.dataset.zzHide, variablesAt(place, answers));
  if (value === undefined) return;
  if (value === true) hidden.add(place);
  else hidden.delete(place);
}

function decideRequired(place, answers) {
  if (!place.dataset.zzRequiredIf) return;
  const value = decided(evaluate, place.dataset.zzRequiredIf, variablesAt(place, answers));
  if (value === undefined) return;
  const mark = place.querySelector('.zz-required');
  if (mark) mark.hidden = value !== true;
  for (const field of place.querySelectorAll('input:not([type="hidden"], [type="checkbox"]), select, textarea')) {
    if (value === true) field.setAttribute('aria-required', 'true');
    else field.removeAttribute('aria-required');
  }
}

/** Return the value of an expression, undefined where something it reads is unknown here. */
function decided(judge, text, variables) {
  if (CLOCK.test(text)) return undefined;
  try {
    const { value, warnings } = judge(text, variables);
    const unknown = warnings.some(({ type }) => type === 'NO_VARIABLE_FOUND' || type === 'NO_FUNCTION_FOUND');
    return unknown ? undefined : value;
  } catch {
    return undefined;
  }
}
