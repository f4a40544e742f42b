// Evaluates a corpus with feelin, the interpreter inside form-js, and prints its answers as JSON.
//
//   npm install @bpmn-io/feelin --prefix <folder>
//   TZ=Asia/Shanghai ZUOZHEN_FEELIN_DIR=<folder> node oracle.mjs corpus.json
//
// An answer is a JSON value, or {"error": true} where feelin throws. Dates, times and durations are ISO text.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const folder = join(process.env.ZUOZHEN_FEELIN_DIR, 'node_modules', '@bpmn-io', 'feelin');
const { evaluate, unaryTest } = await import(pathToFileURL(join(folder, 'dist', 'index.js')));
const version = JSON.parse(readFileSync(join(folder, 'package.json'))).version;
const corpus = JSON.parse(readFileSync(process.argv[2]));

function temporal(value) {
  if (value.year === 1900 && value.month === 1 && value.day === 1) {
    return value.toFormat('HH:mm:ss');
  }
  const atMidnight = value.hour + value.minute + value.second + value.millisecond === 0;
  return atMidnight && value.zone.isUniversal && value.offset === 0
    ? value.toISODate()
    : value.toISO({ suppressMilliseconds: true });
}

function span(value) {
  return value.years || value.months
    ? value.toISO()
    : value.shiftTo('days', 'hours', 'minutes', 'seconds').normalize().toISO();
}

function json(value) {
  if (value === undefined || value === null || Number.isNaN(value)) return null;
  if (Array.isArray(value)) return value.map(json);
  if (typeof value !== 'object') return typeof value === 'function' ? { error: true } : value;
  if (value.isLuxonDateTime) return temporal(value);
  if (value.isLuxonDuration) return span(value);
  const entries = Object.entries(value).filter(([, item]) => typeof item !== 'function');
  return Object.fromEntries(entries.map(([key, item]) => [key, json(item)]));
}

function answer({ expression, context = {}, unary = false }) {
  const variables = unary ? context : { ...corpus.context, ...context };
  try {
    return json((unary ? unaryTest : evaluate)(expression, variables).value);
  } catch {
    return { error: true };
  }
}

console.log(JSON.stringify({ version, answers: corpus.cases.map(answer) }));
