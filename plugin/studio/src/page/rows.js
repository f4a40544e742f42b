// 增加一行 / 删除 in a form's list: htmx fetches the form with the changed rows and replaces only that list, so that
// nothing jumps and chosen files stay chosen. The macro sets the hx- attributes; the focus is looked after here.

export function watchListRows(root) {
  let wanted = null;
  root.addEventListener('htmx:beforeRequest', (event) => {
    const button = event.detail.elt;
    if (!/^_(add|remove):/.test(button.name ?? '')) return;
    wanted = { list: button.closest('[data-zz-list]').dataset.zzList, added: button.name.startsWith('_add:') };
  });
  root.addEventListener('htmx:afterSettle', () => {
    if (!wanted) return;
    const list = root.querySelector(`[data-zz-list="${CSS.escape(wanted.list)}"]`);
    const last = [...(list?.querySelectorAll(':scope > [data-zz-row]') ?? [])].at(-1);
    const field = last?.querySelector('input:not([type="hidden"]), select, textarea');
    (wanted.added && field ? field : list)?.focus();
    wanted = null;
  });
}
