// Questions in <dialog> elements: the browser keeps the focus inside and closes them with Esc.
import { make } from './dom.js';

/** Ask and wait: resolves to the value of the chosen button, or to `null` when the dialog is closed (unless `must`). */
export function ask({ title, body, buttons, must = false }) {
  return new Promise((resolve) => {
    const heading = make('h2', { id: 'zz-dialog-title', class: 'h5' }, title);
    const actions = make('div', { class: 'zz-actions mt-3' });
    const dialog = make('dialog', { class: 'zz-dialog', 'aria-labelledby': 'zz-dialog-title' }, heading, ...body, actions);
    let chosen = null;
    for (const { value, label, primary, href } of buttons) {
      const look = `btn ${primary ? 'btn-primary' : 'btn-outline-secondary'}`;
      if (href) {
        actions.append(make('a', { class: look, href, target: '_blank', rel: 'noopener' }, label));
        continue;
      }
      const close = () => {
        chosen = value;
        dialog.close();
      };
      actions.append(make('button', { type: 'button', class: look, onclick: close }, label));
    }
    dialog.addEventListener('cancel', (event) => {
      if (must) event.preventDefault();
    });
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(chosen);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

const SHORTCUTS = [
  ['Ctrl + S', '保存'],
  ['Ctrl + Z / Ctrl + Y', '撤销 / 重做'],
  ['Ctrl + F', '在图中查找'],
  ['N', '插入元素或模板'],
  ['A', '在选中的元素后接一个'],
  ['R', '更改选中元素的类型'],
  ['E', '编辑名称'],
  ['H / L / S / C', '抓手 / 框选 / 腾挪 / 连线'],
  ['方向键', '移动选中的元素（按住 Shift 走得更快）'],
  ['Ctrl + 方向键', '移动画布'],
  ['Ctrl + 加号 / 减号 / 0', '放大 / 缩小 / 实际大小'],
  ['Ctrl + A', '全选'],
  ['Ctrl + C / X / V / D', '复制 / 剪切 / 粘贴 / 再制'],
  ['Delete', '删除选中的元素'],
];

export function showShortcuts() {
  const rows = SHORTCUTS.map(([keys, what]) => make('tr', {}, make('th', { scope: 'row' }, keys), make('td', {}, what)));
  const table = make('table', { class: 'table table-sm zz-shortcuts' }, make('tbody', {}, ...rows));
  const about = make('p', { class: 'text-secondary mb-2' }, '先点一下画布，再按这些键。');
  return ask({ title: '键盘操作', body: [about, table], buttons: [{ value: 'close', label: '关闭', primary: true }] });
}
