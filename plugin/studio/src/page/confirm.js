// Ask once before what cannot be undone: data-confirm="确定…？" on a form or on its submit button.
// A form is sent once: a second click while the answer is on its way does nothing.

export function watchConfirmations(root) {
  root.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
    if (question && !window.confirm(question)) {
      event.preventDefault();
      return;
    }
    if (form.method === 'post') markSent(form);
  });

  // Coming back with the browser's "back" shows the old page as it was: let it be sent again.
  window.addEventListener('pageshow', () => {
    for (const form of root.querySelectorAll('form[data-sent]')) clearSent(form);
  });
  root.addEventListener('htmx:afterRequest', (event) => {
    if (event.target.dataset?.sent) clearSent(event.target);
  });
}

function markSent(form) {
  form.dataset.sent = 'yes';
  form.setAttribute('aria-busy', 'true');
}

function clearSent(form) {
  delete form.dataset.sent;
  form.removeAttribute('aria-busy');
}
