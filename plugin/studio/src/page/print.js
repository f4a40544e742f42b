// Printing a page: <button type="button" data-zz-print data-zz-script>; folded parts are printed unfolded.

export function watchPrinting(root) {
  let opened = [];
  root.addEventListener('click', (event) => {
    if (event.target.closest?.('[data-zz-print]')) window.print();
  });
  window.addEventListener('beforeprint', () => {
    opened = [...root.querySelectorAll('details:not([open])')];
    for (const fold of opened) fold.open = true;
  });
  window.addEventListener('afterprint', () => {
    for (const fold of opened) fold.open = false;
  });
}
