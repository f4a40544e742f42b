// Copy text: <button type="button" data-zz-copy="#id" data-zz-script> copies the text (or value) of that element.

const SHOWN_MILLISECONDS = 2500;

export function watchCopying(root) {
  root.addEventListener('click', async (event) => {
    const button = event.target.closest?.('[data-zz-copy]');
    const source = button && root.querySelector(button.dataset.zzCopy);
    if (!source || button.dataset.zzLabel) return;
    const copied = await copy((source.value ?? source.textContent).trim(), source);
    button.dataset.zzLabel = button.textContent;
    button.textContent = copied ? '已复制' : '已选中，请手工复制';
    setTimeout(() => {
      button.textContent = button.dataset.zzLabel;
      delete button.dataset.zzLabel;
    }, SHOWN_MILLISECONDS);
  });
}

async function copy(text, source) {
  try {
    await navigator.clipboard.writeText(text); // only on https and localhost
    return true;
  } catch {
    if (source.select) source.select();
    else window.getSelection().selectAllChildren(source);
    return false;
  }
}
