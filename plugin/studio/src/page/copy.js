// Copy text: <button type="button" data-copy="#id"> copies the text (or value) of the element with that id.

const SHOWN_MILLISECONDS = 2000;

export function watchCopying(root) {
  root.addEventListener('click', async (event) => {
    const button = event.target.closest?.('[data-copy]');
    const source = button && root.querySelector(button.dataset.copy);
    if (!source) return;
    event.preventDefault();
    const copied = await copy((source.value ?? source.textContent).trim(), source);
    const label = button.textContent;
    button.textContent = copied ? '已复制' : '请手工复制';
    setTimeout(() => {
      button.textContent = label;
    }, SHOWN_MILLISECONDS);
  });
}

async function copy(text, source) {
  try {
    await navigator.clipboard.writeText(text); // only on https and localhost
    return true;
  } catch {
    window.getSelection().selectAllChildren(source);
    return false;
  }
}
