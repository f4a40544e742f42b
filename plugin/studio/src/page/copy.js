// Copy text: <button type="button" data-zz-copy="#id">; the numbers and codes of a receipt get such a button of their own.

const SHOWN_MILLISECONDS = 2000;

export function watchCopying(root) {
  for (const value of root.querySelectorAll('.zz-codes dd')) value.after(copyButton(value));
  root.addEventListener('click', (event) => {
    const button = event.target.closest?.('button[data-zz-copy]');
    const source = button && root.querySelector(button.dataset.zzCopy);
    if (source) copyFrom(source, button);
  });
}

function copyButton(value) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'btn btn-sm btn-outline-secondary';
  button.textContent = '复制';
  button.setAttribute('aria-label', `复制${value.previousElementSibling?.textContent ?? ''}`);
  button.addEventListener('click', () => copyFrom(value, button));
  return button;
}

async function copyFrom(source, button) {
  const label = button.dataset.zzLabel ?? button.textContent;
  button.dataset.zzLabel = label;
  button.textContent = (await copied(source)) ? '已复制' : '请手工复制';
  setTimeout(() => {
    button.textContent = label;
  }, SHOWN_MILLISECONDS);
}

async function copied(source) {
  try {
    await navigator.clipboard.writeText((source.value ?? source.textContent).trim()); // https and localhost only
    return true;
  } catch {
    window.getSelection().selectAllChildren(source);
    return false;
  }
}
