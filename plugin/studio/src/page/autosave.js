// Drafts: <form data-autosave="/address"> posts what was typed 1.5 s after the last key, and when the page is left.
// A [data-autosave-status] inside the form tells what happened; it should be aria-live="polite".
// Files are not sent. The server's answer is not shown: a draft may be invalid.

const QUIET_MILLISECONDS = 1500;

export function watchAutosave(root) {
  const timers = new WeakMap();

  root.addEventListener('input', (event) => {
    const form = event.target.form;
    if (!form?.dataset.autosave) return;
    clearTimeout(timers.get(form));
    form.dataset.unsaved = 'yes';
    timers.set(form, setTimeout(() => save(form), QUIET_MILLISECONDS));
  });

  root.addEventListener('submit', (event) => {
    clearTimeout(timers.get(event.target));
    delete event.target.dataset?.unsaved;
  });

  root.addEventListener('visibilitychange', () => {
    if (root.visibilityState !== 'hidden') return;
    for (const form of root.querySelectorAll('form[data-autosave][data-unsaved]')) {
      clearTimeout(timers.get(form));
      save(form, true);
    }
  });
}

async function save(form, leaving = false) {
  delete form.dataset.unsaved;
  try {
    const answer = await fetch(form.dataset.autosave, {
      method: 'POST',
      body: typedText(form),
      credentials: 'same-origin',
      headers: { 'X-Requested-With': 'autosave' },
      keepalive: leaving,
    });
    tell(form, answer.ok ? `草稿已自动保存（${clockTime()}）` : '草稿未能保存，请尽快提交或另存内容。');
    if (!answer.ok) form.dataset.unsaved = 'yes';
  } catch {
    form.dataset.unsaved = 'yes';
    tell(form, '网络不通，草稿未能保存，连通后会再次保存。');
  }
}

function typedText(form) {
  const typed = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === 'string') typed.append(name, value);
  }
  return typed;
}

function tell(form, text) {
  const place = form.querySelector('[data-autosave-status]');
  if (place) place.textContent = text;
}

function clockTime() {
  return new Date().toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit', hour12: false });
}
