// Ask once before what cannot be undone: data-zz-confirm="确定…？" on a form or on its submit button.
// A form is sent once: a second click while the answer is on its way does nothing.

export function watchConfirmations(root) {
  root.addEventListener(
    'submit',
    (event) => {
      const form = event.target;
      const question = event.submitter?.dataset.zzConfirm ?? form.dataset.zzConfirm;
      if (form.dataset.zzSent || (question && !window.confirm(question))) {
        event.preventDefault();
        event.stopImmediatePropagation();
        return;
      }
      if (event.submitter?.formTarget) return; // the answer goes to another frame, and this page stays
      if (form.getAttribute('method') === 'post') markSent(form); // form.method may be a field of that name
    },
    { capture: true },
  );

  // Coming back with the browser's "back" shows the old page as it was: let it be sent again.
  window.addEventListener('pageshow', () => {
    for (const form of root.querySelectorAll('form[data-zz-sent]')) clearSent(form);
  });
  root.addEventListener('htmx:afterRequest', () => {
    for (const form of root.querySelectorAll('form[data-zz-sent]')) clearSent(form);
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
