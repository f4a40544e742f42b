// Templates as plain text (templates/web/studio/template.html), and previews without an editor beside them.
import { Checker } from './studio/findings.js';
import { Frame } from './studio/frames.js';
import { resumeKept } from './studio/kept.js';
import { watchSaving } from './studio/savebar.js';
import { Draft } from './studio/saving.js';

const previews = [...document.querySelectorAll('[data-zz-previews] [data-zz-frame]')].map((pane) => new Frame(pane));
previews.forEach((frame) => frame.load());
const root = document.querySelector('[data-zz-text-editor]');
if (root) start(root, JSON.parse(root.dataset.zzTextEditor));

function start(page, config) {
  const text = page.querySelector('[data-zz-text]');
  const read = () => text.value;
  const token = document.querySelector('meta[name="csrf-token"]').content;
  const draft = new Draft({ url: config.urls.save, autosaveUrl: config.urls.autosave, rev: config.rev, token, read });
  const refresh = (own) => previews.forEach((frame) => frame.refresh(own));
  draft.onKept = () => refresh(true);
  const checker = new Checker({
    url: config.urls.check,
    token,
    path: config.path,
    list: page.querySelector('[data-zz-findings]'),
    count: page.querySelector('[data-zz-findings-count]'),
    read,
    select: (_element, line) => selectLine(text, line),
  });
  draft.begin();
  const saved = text.value;
  const put = (content) => {
    text.value = content;
    checker.check();
    return true;
  };
  let timer = 0;
  text.addEventListener('input', () => {
    draft.touch();
    clearTimeout(timer);
    timer = setTimeout(() => checker.check(), 700);
  });
  watchSaving(draft, { root: page, onSaved: () => refresh(false) });
  resumeKept(page, draft, { kept: config.kept, saved, rev: config.rev, put }).then(() => refresh(draft.unsaved));
  checker.check();
}

function selectLine(text, line) {
  if (!line) return;
  const lines = text.value.split('\n');
  const before = lines.slice(0, line - 1).join('\n').length + (line > 1 ? 1 : 0);
  text.focus();
  text.setSelectionRange(before, before + (lines[line - 1] ?? '').length);
  text.scrollTop = (line - 5) * (text.scrollHeight / lines.length);
}
