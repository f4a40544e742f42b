// Holds files of element templates to bpmn.io's own validator; prints a JSON list of messages for each file.
//
//   node validate_templates.mjs templates.json …

import { readFileSync } from 'node:fs';

const package_ = new URL('../../plugin/studio/node_modules/@bpmn-io/element-templates-validator/dist/index.js', import.meta.url);
const { validateAll } = await import(package_);

function wrong(file) {
  const { results } = validateAll(JSON.parse(readFileSync(file, 'utf8')));
  return results.flatMap(({ errors }) => (errors ?? []).map(({ message }) => message));
}

console.log(JSON.stringify(process.argv.slice(2).map(wrong)));
