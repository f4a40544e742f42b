// Decimal numbers as the server has them: 0.1 + 0.2 is 0.3. {digits: BigInt, places: digits behind the point}.
const MOST_DIGITS = 34; // what the server calculates with
const WRITTEN = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i;

export class Decimal {
  constructor(digits, places) {
    this.digits = digits;
    this.places = places;
  }

  /** Return the number of a text such as "-12.50" or "1e-7", null if it is none. */
  static of(text) {
    const found = WRITTEN.exec(text);
    if (!found || !(found[2] || found[3])) return null;
    const [, sign, whole, part = '', exponent = '0'] = found;
    const places = part.length - Number(exponent);
    const digits = BigInt(sign + whole + part) * 10n ** BigInt(Math.max(0, -places));
    return new Decimal(digits, Math.max(0, places));
  }

  /** Return -1, 0 or 1. */
  compare(other) {
    const [left, right] = aligned(this, other);
    return left < right ? -1 : Number(left > right);
  }

  /** Return the result of + - * / as the server has it; undefined where it rounds, null for a division by zero. */
  calculate(operator, other) {
    if (operator === '*') return exact(this.digits * other.digits, this.places + other.places);
    const [left, right, places] = aligned(this, other);
    if (operator === '+') return exact(left + right, places);
    if (operator === '-') return exact(left - right, places);
    if (!right) return null;
    const scaled = left * 10n ** BigInt(MOST_DIGITS);
    return scaled % right ? undefined : exact(scaled / right, MOST_DIGITS);
  }

  get negated() {
    return new Decimal(-this.digits, this.places);
  }

  /** The whole number it is, undefined if it is none. */
  get whole() {
    const shortest = exact(this.digits, this.places);
    return shortest?.places === 0 ? Number(shortest.digits) : undefined;
  }

  toString() {
    const { digits, places } = exact(this.digits, this.places) ?? this;
    const text = String(digits < 0n ? -digits : digits).padStart(places + 1, '0');
    const whole = text.slice(0, text.length - places);
    return `${digits < 0n ? '-' : ''}${whole}${places ? `.${text.slice(-places)}` : ''}`;
  }
}

function aligned(left, right) {
  const places = Math.max(left.places, right.places);
  return [...[left, right].map((each) => each.digits * 10n ** BigInt(places - each.places)), places];
}

function exact(digits, places) {
  while (places && digits % 10n === 0n) [digits, places] = [digits / 10n, places - 1];
  return String(digits).length > MOST_DIGITS ? undefined : new Decimal(digits, places);
}
