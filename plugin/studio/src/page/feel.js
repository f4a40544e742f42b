// Walks the trees of zuozhen.formjs.portable by the rules of zuozhen.feel: three-valued, nothing is converted, null is
// not true. What is not certain to be as on the server is `Unknown`: then the page asks it.
import { Decimal } from './numbers.js';
import { Moment } from './moments.js';

export class Unknown extends Error {}

/** Stands for an answer that the page cannot read as the server does. */
export const UNREADABLE = Symbol('unreadable');

/** Return the value of a tree; `lookup(name)` gives the answers. Throws Unknown. */
export function evaluate(tree, lookup) {
  const [word, ...rest] = tree;
  const node = NODES[word];
  if (!node) throw new Unknown(word);
  return node(rest, lookup);
}

/** Return a constant of a tree as a value. */
function constant(wired) {
  if (wired === null || typeof wired !== 'object') return wired;
  if (Array.isArray(wired)) return wired.map(constant);
  const [[kind, text]] = Object.entries(wired);
  return kind === 'number' ? Decimal.of(text) : known(Moment.of(kind, text));
}

function known(value) {
  if (value === undefined || value === UNREADABLE) throw new Unknown();
  return value;
}

// ---------------------------------------------------------------- comparing

export function kindOf(value) {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  if (value instanceof Decimal) return 'number';
  if (value instanceof Moment) return value.kind;
  if (value instanceof Range) return 'range';
  return typeof value === 'object' ? 'context' : typeof value;
}

class Range {
  constructor(low, high, lowIncluded, highIncluded) {
    Object.assign(this, { low, high, lowIncluded, highIncluded });
  }
}

const single = (value) => (Array.isArray(value) && value.length === 1 ? value[0] : value);
const isDay = (value) => value instanceof Moment && value.isDay;

function equals(left, right) {
  if (typeof left === typeof right && ['string', 'boolean'].includes(typeof left)) return left === right;
  if (left === null || right === null) return left === right;
  [left, right] = [single(left), single(right)];
  if (isDay(left) && isDay(right)) return left.instant === right.instant;
  if (kindOf(left) !== kindOf(right)) return null;
  if (Array.isArray(left)) return left.length === right.length && left.every((item, n) => equals(item, right[n]) === true);
  if (left instanceof Decimal) return left.compare(right) === 0;
  if (left instanceof Moment) return left.text === right.text;
  if (left !== null && typeof left === 'object') throw new Unknown();
  return left === right;
}

function order(left, right) {
  const [kind, other] = [kindOf(left), kindOf(right)];
  if (isDay(left) && isDay(right)) return byText(left.instant, right.instant);
  if (kind !== other) {
    const [item, second] = [single(left), single(right)];
    return item === left && second === right ? null : order(item, second);
  }
  if (kind === 'number') return left.compare(right);
  if (kind === 'string') return byText(left, right);
  return kind === 'time' ? byText(left.text, right.text) : null;
}

/** Compare character by character, as Python does: surrogates come behind all others. */
function byText(left, right) {
  const [a, b] = [Array.from(left), Array.from(right)];
  for (let n = 0; n < Math.min(a.length, b.length); n += 1) {
    if (a[n] !== b[n]) return a[n].codePointAt(0) < b[n].codePointAt(0) ? -1 : 1;
  }
  return Math.sign(a.length - b.length);
}

const ORDERINGS = { '<': (s) => s < 0, '<=': (s) => s <= 0, '>': (s) => s > 0, '>=': (s) => s >= 0 };

function holds(operator, left, right) {
  if (operator === '=' || operator === '!=') {
    const equal = equals(left, right);
    return equal === null || operator === '=' ? equal : !equal;
  }
  const sign = order(left, right);
  return sign === null ? null : ORDERINGS[operator](sign);
}

function includes(range, value) {
  if (value === null) return null;
  if (range.operator) return range.bound === null ? null : holds(range.operator, value, range.bound);
  if (range.low === null || range.high === null) return null;
  let { low, high, lowIncluded, highIncluded } = range;
  const ends = order(low, high);
  if (ends === null) return null;
  if (ends > 0) [low, high, lowIncluded, highIncluded] = [high, low, highIncluded, lowIncluded];
  const above = beyond(order(value, low), lowIncluded);
  const below = beyond(order(high, value), highIncluded);
  return above === null || below === null ? null : above && below;
}

const beyond = (sign, included) => (sign === null ? null : sign > 0 || (included && sign === 0));

function matches(test, value) {
  if (value instanceof Range) throw new Unknown();
  if (test instanceof Range) return includes(test, value);
  if (!Array.isArray(test)) return equals(test, value);
  return equals(test, value) === true || test.some((item) => itemFits(item, value) === true);
}

const itemFits = (item, value) => (item instanceof Range ? includes(item, value) : equals(item, value));

function tested([operator, operand], value, lookup) {
  const right = evaluate(operand, lookup);
  if (operator) return holds(operator, value, right);
  return right === null ? null : matches(right, value);
}

// ---------------------------------------------------------------- nodes

const isTrue = (value) => value !== null && value !== false;

function logic(decisive) {
  return (operands, lookup) => {
    let undecided = false;
    let unknown = false;
    for (const operand of operands) {
      try {
        const value = evaluate(operand, lookup);
        if (value === decisive) return decisive;
        undecided ||= typeof value !== 'boolean';
      } catch (error) {
        if (!(error instanceof Unknown)) throw error;
        unknown = true; // another operand may decide without it
      }
    }
    if (unknown) throw new Unknown();
    return undecided ? null : !decisive;
  };
}

function quantified(decisive) {
  return ([name, domain, body], lookup) => {
    const items = evaluate(domain, lookup);
    if (items instanceof Range) throw new Unknown();
    if (!Array.isArray(items)) return null;
    const found = items.some((item) => isTrue(evaluate(body, (wanted) => (wanted === name ? item : lookup(wanted)))) === decisive);
    return found ? decisive : !decisive;
  };
}

function calculated(operator) {
  return ([left, right], lookup) => {
    const [a, b] = [evaluate(left, lookup), evaluate(right, lookup)];
    if (a instanceof Decimal && b instanceof Decimal) return known(a.calculate(operator, b));
    if (operator === '+' && typeof a === 'string' && typeof b === 'string') return a + b;
    if (a instanceof Moment && b instanceof Moment && operator === '-') throw new Unknown();
    return null;
  };
}

function entry(value, name) {
  if (value instanceof Moment) {
    const part = value.part(name);
    return part === null ? null : Decimal.of(String(part));
  }
  if (value instanceof Range) throw new Unknown();
  return kindOf(value) === 'context' && Object.hasOwn(value, name) ? known(value[name]) : null;
}

const listed = (value) => (Array.isArray(value) ? value : [value]);

const NODES = {
  is: ([value]) => constant(value),
  name: ([name], lookup) => known(lookup(name)),
  path: ([target, name], lookup) => {
    const value = evaluate(target, lookup);
    return Array.isArray(value) ? value.map((item) => entry(item, name)) : entry(value, name);
  },
  if: ([condition, yes, no], lookup) => evaluate(isTrue(evaluate(condition, lookup)) ? yes : no, lookup),
  and: logic(false),
  or: logic(true),
  compare: ([operator, left, right], lookup) => holds(operator, evaluate(left, lookup), evaluate(right, lookup)),
  between: ([value, low, high], lookup) =>
    includes(new Range(evaluate(low, lookup), evaluate(high, lookup), true, true), evaluate(value, lookup)),
  in: ([left, ...tests], lookup) => {
    const value = evaluate(left, lookup);
    const answers = tests.map((test) => tested(test, value, lookup));
    return answers.length === 1 ? answers[0] : answers.includes(true);
  },
  holds: ([negated, ...tests], lookup) => {
    let undecided = false;
    for (const test of tests) {
      const value = test[0] ? tested(test, null, lookup) : evaluate(test[1], lookup);
      const answer = typeof value === 'boolean' ? value : null;
      if (answer) return !negated;
      undecided ||= answer === null;
    }
    return tests.length ? negated && !undecided : true;
  },
  range: ([low, high, lowIncluded, highIncluded], lookup) =>
    new Range(evaluate(low, lookup), evaluate(high, lookup), lowIncluded, highIncluded),
  limit: ([operator, operand], lookup) =>
    Object.assign(new Range(null, null, false, false), { operator, bound: evaluate(operand, lookup) }),
  '+': calculated('+'),
  '-': calculated('-'),
  '*': calculated('*'),
  '/': calculated('/'),
  negate: ([operand], lookup) => {
    const value = evaluate(operand, lookup);
    return value instanceof Decimal ? value.negated : null;
  },
  list: (items, lookup) => items.map((item) => evaluate(item, lookup)),
  some: quantified(true),
  every: quantified(false),
  filter: ([target, condition], lookup) => {
    const value = evaluate(target, lookup);
    return value === null ? null : listed(value).filter((item) => evaluate(condition, namesOf(item, lookup)) === true);
  },
  pick: ([target, position], lookup) => {
    const value = evaluate(target, lookup);
    if (value === null) return null;
    const place = evaluate(position, lookup);
    if (!(place instanceof Decimal)) throw new Unknown();
    return place.whole ? (listed(value).at(place.whole > 0 ? place.whole - 1 : place.whole) ?? null) : null;
  },
  call: ([name, ...given], lookup) => CALLS[name](...given.map((each) => evaluate(each, lookup))),
};

/** Return the names that a filter's condition sees: the item's entries, the item, then those around. */
function namesOf(item, lookup) {
  return (name) => {
    if (kindOf(item) === 'context' && Object.hasOwn(item, name)) return item[name];
    return name === 'item' ? item : lookup(name);
  };
}

// ---------------------------------------------------------------- functions

/** Make a function of texts: anything else gives null. */
function ofTexts(judge) {
  return (...values) => {
    const texts = values.map(single);
    return texts.every((text) => typeof text === 'string') ? judge(...texts) : null;
  };
}

const ofList = (judge) => (list, ...more) => (list === null ? null : judge(listed(list), ...more));
const several = (judge) => (...values) => judge(values.length === 1 && Array.isArray(values[0]) ? values[0] : values);
const decimal = (value) => Decimal.of(String(value));

function extreme(sign) {
  return several((items) => {
    let best = items.length ? items[0] : null;
    for (const item of items.slice(1)) {
      const ordering = order(item, best);
      if (ordering === null) return null;
      if (ordering === sign) best = item;
    }
    return best === null || order(best, best) === null ? null : best;
  });
}

function decide(decisive) {
  return several((items) => {
    if (items.includes(decisive)) return decisive;
    return items.every((item) => typeof item === 'boolean') ? !decisive : null;
  });
}

/** Make a conversion to a date or time: of one it is a part of it, of a text only the server knows. */
function moment(convert) {
  return (given) => {
    const value = single(given);
    if (typeof value === 'string') throw new Unknown();
    return value instanceof Moment ? convert(value) : null;
  };
}

function total(items) {
  const numbers = items.map(single);
  if (!numbers.length || !numbers.every((item) => item instanceof Decimal)) return null;
  return numbers.reduce((sum, item) => known(sum.calculate('+', item)));
}

function text(value) {
  if (value === null) return null;
  if (value instanceof Decimal) return String(value);
  if (value instanceof Moment && value.kind === 'date') return value.text;
  if (['string', 'boolean'].includes(typeof value)) return String(value);
  throw new Unknown();
}

function substring(source, from, length) {
  const [whole, place, most] = [single(source), single(from), single(length)];
  if (typeof whole !== 'string' || !(place instanceof Decimal) || !(length === undefined || most === null || most instanceof Decimal)) return null;
  const characters = Array.from(whole);
  const [start, count] = [place.whole, most ? most.whole : characters.length];
  if (start === undefined || count === undefined) throw new Unknown();
  if (start === 0) return null;
  if (Math.abs(start) > characters.length) return '';
  const first = start > 0 ? start - 1 : characters.length + start;
  return characters.slice(first, first + Math.max(count, 0)).join('');
}

const CALLS = {
  abs: (given) => {
    const value = single(given);
    if (!(value instanceof Decimal)) return null;
    return value.digits < 0n ? value.negated : value;
  },
  all: decide(false),
  any: decide(true),
  contains: ofTexts((whole, part) => whole.includes(part)),
  count: ofList((items) => decimal(items.length)),
  date: moment((value) => (value.isDay ? value.date : null)),
  'date and time': moment((value) => (value.isDay ? new Moment('date and time', value.instant) : null)),
  'ends with': ofTexts((whole, part) => whole.endsWith(part)),
  'is blank': ofTexts((whole) => !whole.trim()),
  'list contains': ofList((items, wanted) => items.some((item) => equals(item, wanted) === true)),
  max: extreme(1),
  min: extreme(-1),
  not: (value) => (typeof value === 'boolean' ? !value : null),
  number: (given) => {
    const value = single(given);
    if (value instanceof Decimal) return value;
    if (typeof value !== 'string') return null;
    if (/e/i.test(value)) throw new Unknown(); // there are numbers too large for the server
    return Decimal.of(value.trim());
  },
  'starts with': ofTexts((whole, part) => whole.startsWith(part)),
  string: text,
  'string length': ofTexts((whole) => decimal(Array.from(whole).length)),
  substring,
  sum: several(total),
  time: moment((value) => (value.isDay ? value.time : value)),
  trim: ofTexts((whole) => whole.trim()),
};
