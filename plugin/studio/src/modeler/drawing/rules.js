// Timer rules as people say them: "12 个工作日，从 clock_from 起" ⇄ workdays(12, clock_from).
// A rule that is none of these shapes stays as it is typed (kind "other").

const NUMBER = '(\\d{1,4})';
const REST = '(?:,(?!\\s*\\w+\\s*:)\\s*([^,()]+?)\\s*)?';
const OWN = '((?:,\\s*\\w+\\s*:\\s*(?:"[^"\\\\]*"|\\d+)\\s*)*)'; // what this one clock says otherwise

/** What can be chosen. `unit` follows the number in the panel, `word` in names on the diagram. */
export const KINDS = [
  { kind: 'workdays', label: '个工作日', word: (n) => `${n}个工作日` },
  { kind: 'days', label: '日（自然日）', word: (n) => `${n}日` },
  { kind: 'months', label: '个月', word: (n) => `${n}个月` },
  { kind: 'hours', label: '小时', word: (n) => `${n}小时` },
  { kind: 'workhours', label: '小时（办公时间内）', word: (n) => `${n}个工作小时` },
  { kind: 'minutes', label: '分钟', word: (n) => `${n}分钟` },
  { kind: 'before-workdays', label: '个工作日之前', word: (n) => `前${n}个工作日` },
  { kind: 'before-days', label: '日之前', word: (n) => `前${n}日` },
  { kind: 'recurrence', label: '按周期', word: () => '' },
  { kind: 'other', label: '其他（表达式）', word: () => '' },
];

/** What one clock may say for itself, by kind; in all else it counts as the jurisdiction does. */
const SWITCHES = {
  workdays: ['count_from', 'due_time', 'received_after_hours', 'closes_at', 'hours', 'minutes'],
  days: ['calendar_days', 'count_from', 'due_time', 'received_after_hours', 'closes_at', 'hours', 'minutes'],
  months: ['month_as', 'calendar_days', 'count_from', 'due_time', 'received_after_hours', 'closes_at'],
  workhours: ['office_hours'],
  'before-workdays': ['due_time'],
  'before-days': ['before_rest_day', 'due_time'],
};

export const takes = (kind, key) => (SWITCHES[kind] ?? []).includes(key);

const SHAPES = [
  [new RegExp(`^(workdays|days|months|hours|workhours|minutes)\\(\\s*${NUMBER}\\s*${REST}${OWN}\\)$`), ([, kind, count, from, own]) => ({ kind, count, from, own: readOwn(own) })],
  [
    new RegExp(`^before\\(\\s*([^,()]+?)\\s*,\\s*(workdays|days)\\s*:\\s*${NUMBER}\\s*${OWN}\\)$`),
    ([, from, unit, count, own]) => ({ kind: `before-${unit}`, count, from, own: readOwn(own) }),
  ],
  [/^recurrence\(\s*"([^"\\]*)"\s*\)$/, ([, name]) => ({ kind: 'recurrence', name })],
];

/** Take the wrapping off an expression that a stock modeler may have put around it. */
export function bare(text) {
  const trimmed = (text ?? '').trim();
  const wrapped = /^[$#]\{([\s\S]*)\}$/.exec(trimmed);
  if (wrapped) return wrapped[1].trim();
  return trimmed.startsWith('=') ? trimmed.slice(1).trim() : trimmed;
}

/** Return {kind, count, from, own, name, text}; texts are empty where they do not apply. `own` is by argument. */
export function readRule(text) {
  const plain = bare(text);
  const rule = { kind: plain ? 'other' : 'workdays', count: '', from: '', own: {}, name: '', text: plain };
  for (const [shape, parts] of SHAPES) {
    const match = shape.exec(plain);
    const found = match && { ...rule, ...withoutEmpty(parts(match)) };
    if (found && Object.keys(found.own).every((key) => takes(found.kind, key))) return found;
  }
  return rule;
}

/** Return the FEEL text of a rule, empty while its number, date or name is missing. */
export function writeRule({ kind, count = '', from = '', own = {}, name = '', text = '' }) {
  if (kind === 'other') return bare(text);
  if (kind === 'recurrence') return name ? `recurrence("${name}")` : '';
  if (!count) return '';
  const said = Object.entries(own).filter(([key, value]) => value && takes(kind, key));
  const named = said.map(([key, value]) => `${key}: ${['hours', 'minutes'].includes(key) ? value : `"${value}"`}`);
  if (kind.startsWith('before-')) return from ? `before(${[from, `${kind.slice(7)}: ${count}`, ...named].join(', ')})` : '';
  return `${kind}(${[count, ...(from ? [from] : []), ...named].join(', ')})`;
}

function readOwn(text) {
  return Object.fromEntries([...text.matchAll(/(\w+)\s*:\s*(?:"([^"]*)"|(\d+))/g)].map(([, key, quoted, number]) => [key, quoted ?? number]));
}

/** Return how the diagram says a rule (10个工作日), empty if it has no such words. */
export function wordsOf(text) {
  const rule = readRule(text);
  return rule.count ? KINDS.find(({ kind }) => kind === rule.kind).word(rule.count) : '';
}

/** Return the name of a timer after its rule changed; a name of its own is left alone. */
export function renamed(name, before, after) {
  const [old, now] = [wordsOf(before), wordsOf(after)];
  if (!now) return name;
  if (!name) return now;
  return old && name.split(old).length === 2 && !/\d/.test(name.split(old)[0].slice(-1)) ? name.replace(old, now) : name;
}

function withoutEmpty(parts) {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
}
