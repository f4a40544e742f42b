// The rules of a generated form, decided while somebody fills it in, as the server decides them (docs/decisions/0019).
// What cannot be decided here is asked of the server; it decides again on submission anyway, and is told what was hidden.
//
//   data-zz-hide         true = hide       data-zz-hidden   hidden at this moment
//   data-zz-required-if  true = required   .zz-required     the mark 必填 beside the label
//   data-zz-computed     an answer that follows from others
//   data-zz-open         only the server can decide about it
import { Answers } from './answers.js';
import { askServer } from './asking.js';
import { evaluate, UNREADABLE, Unknown } from './feel.js';
import { markRequired } from './required.js';

const CONDITIONAL = '[data-zz-hide], [data-zz-required-if]';
const CONCERNED = `${CONDITIONAL}, [data-zz-computed], [data-zz-follows]`;
const trees = new Map();

export function watchConditions(root) {
  const settleForm = (event) => {
    const form = event.target.closest?.('form') ?? event.target.form;
    if (!form?.querySelector(CONCERNED)) return;
    if (settle(form) && event.type === 'change') askServer(form, settle);
  };
  root.addEventListener('input', settleForm);
  root.addEventListener('change', settleForm);
  root.addEventListener('htmx:load', () => settleAll(root));
  root.addEventListener('submit', settleForm, true);
  window.addEventListener('pageshow', () => settleAll(root)); // what was typed before may be back
  settleAll(root);
}

function settleAll(root) {
  for (const form of root.querySelectorAll('form')) {
    if (form.querySelector(CONCERNED)) settle(form);
  }
}

/** Decide everything about a form; tell whether there is anything that only the server can decide. */
function settle(form) {
  const places = [...form.querySelectorAll(CONDITIONAL)];
  const hidden = new Set(places.filter((place) => place.hasAttribute('data-zz-hidden')));
  const open = new Set();
  // A field that hides another one that hides a third: no chain is longer than there are places.
  for (let pass = 0, before = ''; pass <= places.length && before !== signature(places, hidden, open); pass += 1) {
    before = signature(places, hidden, open);
    const answers = new Answers(form, hidden, open);
    for (const place of places) decideHidden(place, answers, hidden, open);
  }
  const answers = new Answers(form, hidden, open);
  const required = places.map((place) => decideRequired(place, answers));
  places.forEach((place, n) => {
    place.toggleAttribute('data-zz-hidden', hidden.has(place));
    place.toggleAttribute('data-zz-open', open.has(place) || !required[n]);
    place.hidden = hidden.has(place);
  });
  const computed = [...form.querySelectorAll('[data-zz-computed]')].map((shown) => showComputed(shown, answers));
  tellHidden(form, hidden);
  const follows = form.querySelector('[data-zz-follows]') !== null;
  return follows || open.size > 0 || required.includes(false) || computed.includes(false);
}

function signature(places, hidden, open) {
  return places.map((place) => Number(hidden.has(place)) + 2 * Number(open.has(place))).join('');
}

function decideHidden(place, answers, hidden, open) {
  const value = decided(place.dataset.zzHide, place, answers);
  if (value === undefined) open.add(place);
  else open.delete(place);
  if (value === true) hidden.add(place);
  else if (value !== undefined) hidden.delete(place);
}

/** Mark whether a place must be filled in; tell whether that is known. */
function decideRequired(place, answers) {
  const value = decided(place.dataset.zzRequiredIf, place, answers);
  if (value !== undefined && place.dataset.zzRequiredIf) markRequired(place, value === true);
  return value !== undefined;
}

/** Return the value of a rule, false where there is none, undefined where only the server knows. */
function decided(text, place, answers) {
  if (!text) return false;
  try {
    if (!trees.has(text)) trees.set(text, text === '?' ? ['?'] : JSON.parse(text));
    return evaluate(trees.get(text), answers.around(place));
  } catch (error) {
    if (error instanceof Unknown) return undefined;
    throw error;
  }
}

/** Show a computed answer as it is now; tell whether that is known. */
function showComputed(shown, answers) {
  const name = shown.dataset.zzName.split('-').at(-1);
  const value = answers.isHidden(shown) ? null : answers.around(shown.parentElement)(name);
  if (value === UNREADABLE) return false;
  const text = value === null ? '' : typeof value === 'boolean' ? (value ? '是' : '否') : (value.text ?? String(value));
  const place = shown.querySelector('.zz-pre');
  if (place && (text || place.textContent.trim() !== '未填写')) place.textContent = text;
  return true;
}

/** Tell the server which inputs are out of sight: what was typed into any other must not be lost in silence. */
function tellHidden(form, hidden) {
  let told = form.querySelector(':scope > input[name="_hidden"]');
  if (!told) {
    told = Object.assign(document.createElement('input'), { type: 'hidden', name: '_hidden' });
    form.append(told);
  }
  const inputs = [...hidden].flatMap((place) => [...place.querySelectorAll('[name]')]);
  told.value = [...new Set(inputs.map((input) => input.name).filter((name) => !name.startsWith('_')))].join(' ');
}
