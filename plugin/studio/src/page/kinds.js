// What is typed or stored, read as the server reads it: one reader for each kind of answer (`page_kind` in
// zuozhen.formjs). No answer is null, but for lists and boxes; what cannot be read here is UNREADABLE.
import { UNREADABLE } from './feel.js';
import { Moment } from './moments.js';
import { Decimal } from './numbers.js';

const LONGEST_LINE = 2001;
const LONGEST_TEXT = 20001;
const LONGEST_OPTION = 200;
// eslint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;
const NUMBER = /^[+-]?(?:\d{1,15}(?:\.\d{0,10})?|\.\d{1,10})$/;

const line = (text) => text.slice(0, LONGEST_LINE).replace(/[\s\u001c-\u001f\u0085]+/g, ' ').replace(UNSAFE, '').trim();
const lines = (text) => text.slice(0, LONGEST_TEXT).replace(/\r\n?/g, '\n').replace(UNSAFE, '').trim();
const option = (text) => text.slice(0, LONGEST_OPTION) || null;

function number(text) {
  const plain = numeral(text);
  return plain ? Decimal.of(String(Number(plain))) : null; // as a double, as JSON keeps it
}

function numeral(text) {
  const plain = line(text).normalize('NFKC').trim().replace(/[, ]/g, '');
  return NUMBER.test(plain) ? plain : '';
}

function numberText(text) {
  const plain = numeral(text);
  if (!plain) return null;
  const [, sign, whole, part] = /^([+-]?)0*(\d*)\.?(\d*)$/.exec(plain);
  return `${sign === '-' ? '-' : ''}${whole || '0'}${part && `.${part}`}`;
}

/** Return the reader of a moment's text; a field for dates sends nothing else, but for old browsers. */
function moment(kind) {
  return (typed) => {
    const text = typed.trim();
    if (!text) return null;
    const clock = kind === 'date' ? text : text.replace(/(T?\d\d:\d\d)(:[\d.]+)?$/, '$1'); // the server keeps minutes
    const found = Moment.of(kind, clock);
    if (!found || found.kind !== kind) return UNREADABLE;
    const year = Number(text.slice(0, 4));
    return kind !== 'time' && (year < 1900 || year >= 2200) ? null : found;
  };
}

/** Return a date where a text is one, else the text: keys of sessions name more than their day. */
const dateOrText = (text) => (text === null ? null : (Moment.of('date', text) ?? text));

/** By kind, the reader of what stands in an input. */
export const TYPED = {
  line: (text) => line(text) || null,
  lines: (text) => lines(text) || null,
  code: (text) => (line(text) ? UNREADABLE : null),
  number,
  'number text': numberText,
  date: moment('date'),
  time: moment('time'),
  'date and time': moment('date and time'),
  'string option': option,
  'date option': (text) => dateOrText(option(text)),
  'any option': () => UNREADABLE,
};

/** By kind, the reader of one of several chosen values. */
export const CHOSEN = { 'string options': option, 'date options': TYPED['date option'], 'any options': () => UNREADABLE };

/** Return an answer in JSON as a value; `kind` says which texts are moments. */
export function stored(kind, value) {
  if (typeof value === 'number') return Decimal.of(String(value));
  if (Array.isArray(value)) return value.map((item) => stored(kind.replace(/s$/, ''), item));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, stored(kind[name] ?? 'json', item)]));
  }
  if (typeof value !== 'string') return value;
  if (kind === 'date option') return dateOrText(value);
  return ['date', 'time', 'date and time'].includes(kind) ? (Moment.of(kind, value) ?? value) : value;
}

/** Return the JSON of a value that a computed answer has, as the server keeps it; UNREADABLE for what is not plain. */
export function kept(kind, value) {
  if (Array.isArray(value) || (value !== null && typeof value === 'object' && !(value instanceof Decimal || value instanceof Moment))) {
    return UNREADABLE;
  }
  if (!(value instanceof Moment) || value.kind === kind) return value;
  if (value.kind === 'date') return kind === 'json' ? value.text : value;
  return UNREADABLE;
}
