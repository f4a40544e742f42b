// The part of an editor's toolbar that saves: macro save_bar of templates/web/macros/saving.html.
//   [data-zz-save] button · [data-zz-save-state] (role="status") · dialog[data-zz-conflict]
// Ctrl+S saves, leaving with unsaved changes asks, a page that is put away keeps its changes on the server.

const TEXTS = {
  clean: '已保存',
  changed: '未保存',
  saving: '正在保存…',
  kept: '未保存（已自动存为您的草稿）',
  conflict: '有冲突，没有保存',
};

/** Wire a Draft to the page; `beforeSave` runs first (e.g. to take over what is still being typed). */
export function watchSaving(draft, { root = document, beforeSave = () => {}, onSaved = () => {} } = {}) {
  const dialog = root.querySelector('[data-zz-conflict]');
  const save = async () => {
    await beforeSave();
    if (await draft.save()) onSaved();
  };
  draft.onState = (state, detail) => show(root, dialog, state, detail);
  root.querySelector('[data-zz-save]').addEventListener('click', save);
  window.addEventListener(
    'keydown',
    (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.key.toLowerCase() !== 's') return;
      event.preventDefault();
      event.stopPropagation();
      save();
    },
    true,
  );
  window.addEventListener('beforeunload', (event) => {
    if (draft.unsaved) event.preventDefault();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') draft.autosave({ leaving: true });
  });
  dialog.querySelector('[data-zz-overwrite]').addEventListener('click', async () => {
    dialog.close();
    if (await draft.overwrite()) onSaved();
  });
  show(root, dialog, draft.state, {});
  return save;
}

function show(root, dialog, state, detail) {
  const place = root.querySelector('[data-zz-save-state]');
  place.textContent = TEXTS[state] ?? detail.message;
  place.dataset.state = state;
  root.querySelector('[data-zz-save]').disabled = state === 'saving' || state === 'clean';
  if (state !== 'conflict') return;
  dialog.querySelector('[data-zz-conflict-text]').textContent = detail.message;
  dialog.querySelector('[data-zz-compare]').href = detail.compare;
  if (!dialog.open) dialog.showModal();
}
