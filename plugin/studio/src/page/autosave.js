// Drafts: <form data-zz-autosave> is posted to its own address with _save=1, 1.5 s after the last key and when the
// page is left; the server answers 204. [data-zz-saved] inside the form tells what happened (role="status").
// Files are not sent. A draft may be invalid, so nothing is checked here.

const QUIET_MILLISECONDS = 1500;

export function watchAutosave(root) {
  const timers = new WeakMap();

  root.addEventListener('input', (event) => {
    const form = event.target.form;
    if (!form?.matches('[data-zz-autosave]')) return;
    clearTimeout(timers.get(form));
    form.dataset.zzUnsaved = 'yes';
    timers.set(form, setTimeout(() => save(form), QUIET_MILLISECONDS));
  });

  root.addEventListener('submit', (event) => {
    clearTimeout(timers.get(event.target));
    delete event.target.dataset.zzUnsaved;
  });

  root.addEventListener('visibilitychange', () => {
    if (root.visibilityState !== 'hidden') return;
    for (const form of root.querySelectorAll('form[data-zz-autosave][data-zz-unsaved]')) {
      clearTimeout(timers.get(form));
      save(form, true);
    }
  });
}

async function save(form, leaving = false) {
  delete form.dataset.zzUnsaved;
  try {
    const answer = await fetch(form.getAttribute('action') || window.location.href, {
      method: 'POST',
      body: typedText(form),
      credentials: 'same-origin',
      headers: { 'HX-Request': 'true' },
      keepalive: leaving,
    });
    if (!answer.ok) form.dataset.zzUnsaved = 'yes';
    tell(form, answer.ok ? `草稿已自动保存（${clockTime()}）` : '草稿未能自动保存，请点“保存草稿”。');
  } catch {
    form.dataset.zzUnsaved = 'yes';
    tell(form, '网络不通，草稿尚未保存。');
  }
}

function typedText(form) {
  const typed = new URLSearchParams({ _save: '1' });
  for (const [name, value] of new FormData(form)) {
    if (typeof value === 'string') typed.append(name, value);
  }
  return typed;
}

function tell(form, text) {
  const place = form.querySelector('[data-zz-saved]');
  if (place) place.textContent = text;
}

function clockTime() {
  return new Date().toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit', hour12: false });
}
