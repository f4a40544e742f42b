// The buttons of the page: [data-zz-act="…"] in the template, by name here.

export function bindToolbar(place, actions) {
  for (const button of place.querySelectorAll('[data-zz-act]')) {
    button.addEventListener('click', () => {
      button.closest('details')?.removeAttribute('open');
      actions[button.dataset.zzAct]();
    });
  }
  for (const menu of place.querySelectorAll('details')) {
    menu.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      menu.open = false;
      menu.querySelector('summary').focus();
    });
    document.addEventListener('click', (event) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  }
}

/** Keep undo and redo grey while there is nothing to undo or redo. */
export function followHistory(place, editor) {
  const stack = editor.get('commandStack');
  const update = () => {
    place.querySelector('[data-zz-act="undo"]').disabled = !stack.canUndo();
    place.querySelector('[data-zz-act="redo"]').disabled = !stack.canRedo();
  };
  editor.on(['commandStack.changed', 'import.done'], update);
  update();
}

export function followZoom(place, editor) {
  const shown = place.querySelector('[data-zz-zoom]');
  editor.on('canvas.viewbox.changed', () => {
    shown.textContent = `${Math.round(editor.get('canvas').zoom() * 100)}%`;
  });
}
