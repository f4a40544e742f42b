// Dates, dates with a time, times of day, all local to the administration: text that compares as they follow in time.
const DATE = /^\d{4}-\d\d-\d\d$/;
const DATE_TIME = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(\+08:00)?$/;
const TIME = /^\d\d:\d\d(?::\d\d(?:\.\d+)?)?$/;

export class Moment {
  constructor(kind, text) {
    this.kind = kind;
    this.text = text;
  }

  /** Return the moment of an ISO text, undefined if it is none. */
  static of(kind, text) {
    if (kind === 'time') return TIME.test(text) ? new Moment(kind, seconds(text)) : undefined;
    if (DATE.test(text)) return isDay(text) ? new Moment('date', text) : undefined;
    const found = DATE_TIME.exec(text);
    return found && isDay(found[1]) ? new Moment('date and time', `${found[1]}T${seconds(found[2])}`) : undefined;
  }

  get isDay() {
    return this.kind !== 'time';
  }

  /** The text by which moments that can be compared are ordered. */
  get instant() {
    return this.kind === 'date' ? `${this.text}T00:00:00` : this.text;
  }

  get date() {
    return new Moment('date', this.text.slice(0, 10));
  }

  get time() {
    return new Moment('time', this.instant.slice(11));
  }

  /** Return a part such as year or hour, null where it has none. */
  part(name) {
    if (this.isDay) {
      const [year, month, day] = this.text.slice(0, 10).split('-').map(Number);
      if (name === 'weekday') return new Date(Date.UTC(year, month - 1, day)).getUTCDay() || 7;
      if (name in { year, month, day }) return { year, month, day }[name];
      if (this.kind === 'date') return null;
    }
    const [hour, minute, second] = this.time.text.split(':').map(parseFloat);
    return { hour, minute, second: Math.floor(second) }[name] ?? null;
  }
}

function seconds(clock) {
  return clock.length === 5 ? `${clock}:00` : clock;
}

function isDay(text) {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
