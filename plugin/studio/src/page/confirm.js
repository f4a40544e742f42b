// Ask once before what cannot be undone: data-zz-confirm="确定…？" on a form or on its submit button (empty: no question).
// A form is sent once: a second click while the answer is on its way does nothing.

export function watchConfirmations(root) {
  root.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.dataset.zzSent) {
      event.preventDefault();
      return;
    }
    const question = event.submitter?.dataset.zzConfirm ?? form.dataset.zzConfirm;
    if (question && !window.confirm(question)) {
      event.preventDefault();
      return;
    }
    if (form.method === 'post') markSent(form);
  });

  // Coming back with the browser's "back" shows the old page as it was: let it be sent again.
  window.addEventListener('pageshow', () => {
    for (const form of root.querySelectorAll('form[data-zz-sent]')) clearSent(form);
  });
  root.addEventListener('htmx:afterRequest', (event) => {
    if (event.target.dataset?.zzSent) clearSent(event.target);
  });
}

function markSent(form) {
  form.dataset.zzSent = 'yes';
  form.setAttribute('aria-busy', 'true');
}

function clearSent(form) {
  delete form.dataset.zzSent;
  form.removeAttribute('aria-busy');
}
