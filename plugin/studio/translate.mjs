// esbuild plugins for libraries that cannot be told their texts or that meet twice in one bundle.
import fs from 'node:fs';
import path from 'node:path';

// Where a one-word literal is surely shown to people, and not a key that code compares with.
const SHOWN =
  '(?:label|title|description|placeholder|tooltip|name|children|errorMessage|text|group|content|' +
  'addLabel|emptyPlaceholder|fieldLabel|ariaLabel|"aria-label"|\'aria-label\')';

/**
 * Swap the English literals of packages that have no translate service.
 *
 * `rules` are {filter, dictionary}: a regular expression of file names and the path of a JSON file with
 * `words` (literal → Chinese: a whole literal anywhere if it has a space or ends with a full stop, otherwise
 * only where it is shown) and `code` (piece of source → piece of source). The build fails for a key that
 * matches nothing: then the package has changed its text, and the page would be English again unnoticed.
 */
export function translateLiterals(rules) {
  return {
    name: 'translate-literals',
    setup(build) {
      for (const rule of rules) translate(build, rule);
    },
  };
}

function translate(build, { filter, dictionary }) {
  const { words, code = {} } = JSON.parse(fs.readFileSync(dictionary, 'utf8'));
  const used = new Set();
  let met = false;
  build.onLoad({ filter }, ({ path: file }) => {
    met = true;
    const contents = swapWords(swapCode(fs.readFileSync(file, 'utf8'), code, used), words, used);
    return { contents, loader: 'js' };
  });
  build.onEnd(() => {
    if (!met) return undefined; // a build without this package
    const idle = [...Object.keys(words), ...Object.keys(code)].filter((key) => !used.has(key));
    const errors = idle.map((key) => ({ text: `${path.basename(dictionary)}: ${filter} has no ${JSON.stringify(key)}` }));
    return { errors };
  });
}

function swapWords(source, words, used) {
  const swap = (whole, before, quote, text) => {
    const known = text.replaceAll(`\\${quote}`, quote);
    if (!Object.hasOwn(words, known)) return whole;
    used.add(known);
    return before + JSON.stringify(words[known]);
  };
  const literal = `(['"\`])((?:(?!\\2)[^\\\\\\n]|\\\\.)+)\\2`;
  const anywhere = /(?<=[\s([{,:?=+!|&])()(['"])((?:(?!\2)[^\\\n]|\\.)+(?: (?:(?!\2)[^\\\n]|\\.)+|\.))\2/g;
  return source
    .replace(new RegExp(`(${SHOWN}: ?\\[?)${literal}`, 'g'), swap)
    .replace(anywhere, swap);
}

function swapCode(source, code, used) {
  for (const [from, to] of Object.entries(code)) {
    if (!source.includes(from)) continue;
    used.add(from);
    source = source.replaceAll(from, to);
  }
  return source;
}

/**
 * Resolve `name` (and its sub-paths) for the given importers as the package `owner` sees it: two copies of
 * preact in one page do not know each other's hooks.
 */
export function sharedPackage(name, { owner, importers }) {
  return {
    name: `shared-${name}`,
    setup(build) {
      const filter = new RegExp(`^${name}(/|$)`);
      build.onResolve({ filter }, ({ path: wanted, importer, kind, pluginData }) => {
        if (pluginData === sharedPackage || !importers.test(importer)) return undefined;
        return build.resolve(wanted, { kind, resolveDir: owner, pluginData: sharedPackage });
      });
    },
  };
}
