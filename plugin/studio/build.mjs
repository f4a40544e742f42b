// Builds the static bundle: node build.mjs [output folder]. Needs `npm ci --ignore-scripts` before.
// The folder is replaced when all is built: servers that run meanwhile, and a build that fails, keep the old one.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import * as esbuild from 'esbuild';
import * as sass from 'sass';

import { replaceFolder } from './replace.mjs';
import { sharedPackage, translateLiterals } from './translate.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(process.argv[2] ?? path.join(here, '../zuozhen/web/static/dist'));
const modules = path.join(here, 'node_modules');

const entries = {
  zuozhen: 'src/zuozhen.js',
  conditions: 'src/conditions.js',
  diagram: 'src/diagram.js',
  modeler: 'src/modeler/index.js',
  formeditor: 'src/formeditor/index.js',
  texteditor: 'src/texteditor.js',
  compare: 'src/compare.js',
  charts: 'src/charts.js',
  try: 'src/try.js',
};

// Bootstrap 5.3 is written with features that Sass will drop in its next major version; both are pinned.
const bootstrapIsOld = ['import', 'global-builtin', 'color-functions', 'if-function'];

// form-js has no translate service, and its editor wants an older preact than its viewer would get.
const formJs = path.join(modules, '@bpmn-io/form-js-editor');
const plugins = [
  translateLiterals([
    {
      filter: /@bpmn-io[\\/]form-js-(viewer|editor)[\\/]dist[\\/]index\.es\.js$/,
      dictionary: path.join(here, 'src/formeditor/zh.json'),
    },
    {
      // what these say past their translate service
      filter: /(properties-panel[\\/]dist|element-templates[\\/]dist|features[\\/]popup-menu)[\\/].*\.js$/,
      dictionary: path.join(here, 'src/modeler/zh/literals.json'),
    },
  ]),
  sharedPackage('preact', { owner: formJs, importers: /[\\/](form-js-viewer|src[\\/]formeditor)[\\/]/ }),
];

async function buildScripts(folder) {
  const result = await esbuild.build({
    absWorkingDir: here,
    entryPoints: entries,
    outdir: folder,
    bundle: true,
    minify: true,
    format: 'iife',
    target: ['chrome98', 'firefox102', 'safari15.4'],
    charset: 'utf8',
    legalComments: 'none', // all notices are in THIRD_PARTY_LICENSES.txt
    metafile: true,
    plugins,
    loader: { '.woff2': 'dataurl' },
    alias: { '@bpmn-io/element-templates-validator': path.join(here, 'src/modeler/checked-templates.js') },
    logLevel: 'warning',
  });
  return Object.keys(result.metafile.inputs);
}

async function buildStyles(folder) {
  const { css, loadedUrls } = sass.compile(path.join(here, 'src/styles/zuozhen.scss'), {
    loadPaths: [modules],
    quietDeps: true,
    silenceDeprecations: bootstrapIsOld,
  });
  const { code } = await esbuild.transform(css, { loader: 'css', minify: true, target: 'chrome98' });
  fs.writeFileSync(path.join(folder, 'zuozhen.css'), code);
  return loadedUrls.map((url) => path.relative(here, fileURLToPath(url)));
}

/** Return the package folders (`node_modules/…`) that the given input files come from, nested ones too. */
function packagesOf(files) {
  const found = new Set();
  for (const file of files) {
    const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file.split(path.sep).join('/'));
    if (match) found.add(match[1]);
  }
  return [...found];
}

function licenceText(place) {
  const folder = path.join(here, place);
  const about = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const texts = fs
    .readdirSync(folder, { recursive: true })
    .filter((file) => /^((licen[cs]es|notices)[\\/])?(licen[cs]e|copying|notice)[^\\/]*$/i.test(file))
    .sort()
    .filter((file) => fs.statSync(path.join(folder, file)).isFile())
    .map((file) => fs.readFileSync(path.join(folder, file), 'utf8').trim());
  const head = `${about.name} ${about.version} (${about.license ?? 'see text'})`;
  return [head, '-'.repeat(head.length), ...(texts.length ? texts : ['The package has no licence file.'])].join('\n');
}

async function buildAll(folder) {
  fs.copyFileSync(path.join(here, 'src/icon.svg'), path.join(folder, 'icon.svg'));
  const inputs = [...(await buildScripts(folder)), ...(await buildStyles(folder))];
  // The print fonts are made from these two packages and are shipped beside the bundle.
  const fonts = ['sans', 'serif'].map((style) => `node_modules/@expo-google-fonts/noto-${style}-sc`);
  const texts = new Set([...packagesOf(inputs), ...fonts].map(licenceText)); // a package may lie in several places
  fs.writeFileSync(path.join(folder, 'THIRD_PARTY_LICENSES.txt'), `${[...texts].sort().join('\n\n\n')}\n`);
}

function listing(folder) {
  const size = (bytes) => `${Math.round(bytes / 1024)} KiB`.padStart(9);
  const lines = fs.readdirSync(folder).sort().map((file) => {
    const content = fs.readFileSync(path.join(folder, file));
    return `${file.padEnd(28)}${size(content.length)}${size(gzipSync(content).length)} gzip`;
  });
  return lines.join('\n');
}

await replaceFolder(out, buildAll);
console.log(listing(out));
