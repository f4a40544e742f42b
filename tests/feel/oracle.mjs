// Evaluates a corpus with feelin, the interpreter inside form-js, and prints its answers as JSON.
//
//   TZ=Asia/Shanghai ZUOZHEN_FEELIN_DIR=plugin/studio node tests/feel/oracle.mjs tests/feel/corpus.json
//
// An answer is a JSON value, or {"error": true} where feelin throws. Dates, times and durations are ISO text;
// a date-time without an offset is local and gets the offset, as a stored one has it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const folder = join(process.env.ZUOZHEN_FEELIN_DIR, 'node_modules', '@bpmn-io', 'feelin');
const { evaluate, unaryTest, FeelDateTime } = await import(pathToFileURL(join(folder, 'dist', 'index.js')));
const version = JSON.parse(readFileSync(join(folder, 'package.json'))).version;
const corpus = JSON.parse(readFileSync(process.argv[2]));

function json(value) {
  if (value === undefined || value === null || Number.isNaN(value)) return null;
  if (Array.isArray(value)) return value.map(json);
  if (typeof value !== 'object') return typeof value === 'function' ? { error: true } : value;
  if (value instanceof FeelDateTime && value.zone === null) return `${value}+08:00`;
  if (typeof value.toJSON === 'function') return value.toJSON();
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
