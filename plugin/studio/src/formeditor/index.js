// The form editor: form-js in Chinese with our palette and properties, saved as a file of the draft, with the
// real page, the real paper and the check beside it (templates/web/studio/form.html).
import flatpickr from 'flatpickr';
import { Mandarin } from 'flatpickr/dist/l10n/zh.js';
import { FormEditor } from '@bpmn-io/form-js-editor';
import '@bpmn-io/form-js-viewer/dist/assets/form-js.css';
import '@bpmn-io/form-js-editor/dist/assets/form-js-editor.css';

import { resumeKept } from '../studio/kept.js';
import { watchSaving } from '../studio/savebar.js';
import { Draft } from '../studio/saving.js';
import { Checker } from '../studio/findings.js';
import '../studio/editor.css';
import './formeditor.css';
import { paletteModule } from './palette.js';
import { panelModule } from './panel.js';
import { Frame, watchTabs } from '../studio/frames.js';
import { findComponent, formText } from './schema.js';

const TYPING_MILLISECONDS = 350; // form-js takes over what is typed into its panel after 300
const QUIET_MILLISECONDS = 700;
const FOLDED = 'zz-form-preview-folded';

flatpickr.localize({ ...Mandarin, yearAriaLabel: '年', monthAriaLabel: '月', hourAriaLabel: '时', minuteAriaLabel: '分' });
const root = document.querySelector('[data-zz-form-editor]');
if (root) start(root, JSON.parse(root.dataset.zzFormEditor));

async function start(page, config) {
  const part = (name) => page.querySelector(`[data-zz-${name}]`);
  const editor = new FormEditor({
    container: part('canvas'),
    propertiesPanel: { parent: part('properties'), feelPopupContainer: page },
    additionalModules: [paletteModule(config.types), panelModule(config)],
  });
  const token = document.querySelector('meta[name="csrf-token"]').content;
  const frames = [...page.querySelectorAll('[data-zz-frame]')].map((pane) => new Frame(pane));
  const refresh = (own) => frames.forEach((frame) => frame.refresh(own));
  const original = parsed(config.content);
  const read = () => formText(editor, original);
  const draft = new Draft({
    url: config.urls.save,
    autosaveUrl: config.urls.autosave,
    rev: config.rev,
    token,
    read,
    onKept: () => refresh(true),
  });
  const checker = new Checker({
    url: config.urls.check,
    token,
    path: config.path,
    list: part('findings'),
    count: part('findings-count'),
    read,
    select: (place) => select(editor, place),
  });
  const opened = await open(editor, original, part('failure'));
  const show = watchTabs(page, (name) => frames.find((frame) => frame.pane.dataset.zzPane === name)?.shown());
  show('page');
  watchFold(part('fold-side'), part('side-pane'), () => frames.find((frame) => !frame.pane.hidden)?.shown());
  watchPaper(frames.find((frame) => frame.pane.dataset.zzPane === 'paper'), show);
  if (!opened) return;
  watchPaletteKeys(part('canvas'));
  watchUndo(editor, part('undo'), part('redo'));
  watchSaving(draft, { root: page, beforeSave: () => takeOverTyping(page), onSaved: () => refresh(false) });
  draft.begin();
  const put = (content) => open(editor, parsed(content), part('failure'));
  await resumeKept(page, draft, { kept: config.kept, saved: config.content, rev: config.rev, put });
  if (draft.unsaved) refresh(true);
  let timer = 0;
  editor.get('eventBus').on('commandStack.changed', () => {
    draft.touch();
    clearTimeout(timer);
    timer = setTimeout(() => checker.check(), QUIET_MILLISECONDS);
  });
  checker.check();
  select(editor, new URLSearchParams(window.location.search).get('element'));
  page.dataset.ready = 'true';
}

function parsed(content) {
  try {
    return JSON.parse(content) ?? {};
  } catch {
    return {};
  }
}

async function open(editor, schema, place) {
  try {
    if (!Array.isArray(schema.components)) throw new Error('no form');
    await editor.importSchema(structuredClone(schema));
    return true;
  } catch {
    place.hidden = false;
    return false;
  }
}

function select(editor, place) {
  const component = findComponent(editor._getState().schema, place);
  editor.get('selection').set(component);
  if (!component) return;
  const drawn = editor._container.querySelector(`[data-id="${CSS.escape(component.id)}"]`);
  drawn?.scrollIntoView({ block: 'center' });
}

/** Enter adds a component and moves the focus to it: the click that a button makes of Enter would unselect it. */
function watchPaletteKeys(canvas) {
  canvas.addEventListener('keydown', (event) => {
    if (event.code === 'Enter' && event.target.closest('.fjs-palette-field')) event.preventDefault();
  });
}

function watchUndo(editor, undo, redo) {
  const stack = editor.get('commandStack');
  const show = () => {
    undo.disabled = !stack.canUndo();
    redo.disabled = !stack.canRedo();
  };
  editor.get('eventBus').on('commandStack.changed', show);
  undo.addEventListener('click', () => stack.undo());
  redo.addEventListener('click', () => stack.redo());
  document.addEventListener('keydown', (event) => {
    const typing = event.target.closest('input, textarea, select, [contenteditable]');
    if (typing || editor._container.contains(event.target) || !(event.ctrlKey || event.metaKey)) return;
    const key = event.key.toLowerCase();
    if (key !== 'z' && key !== 'y') return;
    event.preventDefault();
    if (key === 'y' || event.shiftKey) stack.redo();
    else stack.undo();
  });
  show();
}

/** Let the previews be put away on a small screen; it stays so on this computer. */
function watchFold(button, side, onShown) {
  const fold = (folded) => {
    side.hidden = folded;
    side.parentElement.classList.toggle('is-wide', folded);
    button.textContent = folded ? '展开预览' : '收起预览';
    button.setAttribute('aria-expanded', String(!folded));
    if (!folded) onShown();
  };
  button.addEventListener('click', () => {
    fold(!side.hidden);
    localStorage.setItem(FOLDED, side.hidden ? 'yes' : '');
  });
  if (localStorage.getItem(FOLDED)) fold(true);
}

/** The page's button "按此填报看打印件" fills the frame of the other tab: go there. */
function watchPaper(frame, show) {
  frame.frame.addEventListener('load', () => {
    if (!frame.pane.hidden || frame.isEmpty()) return;
    frame.stale = false;
    show('paper');
  });
}

/** Leave the input that has the focus, so that its text is part of the form, and wait until it is. */
async function takeOverTyping(page) {
  const focused = document.activeElement;
  if (!page.contains(focused) || !focused.closest('[data-zz-properties]')) return;
  focused.blur();
  await new Promise((resolve) => setTimeout(resolve, TYPING_MILLISECONDS));
  focused.focus();
}
