// Drafts: <form data-zz-autosave> posts what was typed to its own address with _save=1, some seconds after the
// last change, when a field loses the focus and when the page is put away. [data-zz-saved] inside the form
// (role="status") tells what happened. Files are not sent. <form data-zz-guard> is only guarded against leaving.

const QUIET_MILLISECONDS = 3000;
const timers = new WeakMap();
const changed = new Set(); // forms with changes that no draft holds
const left = new WeakSet(); // forms that are being submitted

export function watchAutosave(root) {
  root.addEventListener('input', (event) => noteChange(event.target.form));
  root.addEventListener('change', (event) => noteChange(event.target.form));
  root.addEventListener('focusout', (event) => {
    const form = event.target.form;
    const submitting = event.relatedTarget?.type === 'submit'; // the form itself is about to be sent
    if (form && changed.has(form) && !submitting) save(form);
  });
  root.addEventListener('submit', (event) => {
    clearTimeout(timers.get(event.target));
    left.add(event.target);
    changed.delete(event.target);
  });
  root.addEventListener('visibilitychange', () => {
    if (root.visibilityState === 'hidden') for (const form of changed) save(form);
  });
  window.addEventListener('online', () => {
    for (const form of changed) save(form);
  });
  window.addEventListener('pageshow', () => {
    for (const form of root.querySelectorAll('form')) left.delete(form);
  });
  window.addEventListener('beforeunload', (event) => {
    if ([...changed].some((form) => form.isConnected)) event.preventDefault();
  });
}

function noteChange(form) {
  if (!form?.matches('[data-zz-autosave], [data-zz-guard]')) return;
  changed.add(form);
  left.delete(form);
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => save(form), QUIET_MILLISECONDS));
}

async function save(form) {
  if (!form.matches('[data-zz-autosave]') || !form.isConnected || left.has(form)) return;
  clearTimeout(timers.get(form));
  changed.delete(form);
  try {
    const answer = await fetch(form.getAttribute('action') || window.location.href, {
      method: 'POST',
      body: typedText(form),
      credentials: 'same-origin',
      headers: { 'HX-Request': 'true' },
      keepalive: true,
    });
    if (answer.status !== 204) throw new Error(String(answer.status)); // a redirect leads to the login page
    tell(form, `草稿已保存 ${clockTime()}`);
  } catch {
    if (left.has(form)) return;
    changed.add(form);
    tell(form, '草稿未能保存，请检查网络；离开本页前请先复制已填写的内容。', true);
  }
}

function typedText(form) {
  const typed = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === 'string') typed.append(name, value);
  }
  typed.set('_save', '1');
  return typed;
}

function tell(form, text, problem = false) {
  const place = form.querySelector('[data-zz-saved]');
  if (!place) return;
  place.textContent = text;
  place.classList.toggle('is-problem', problem);
}

function clockTime() {
  return new Date().toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit', hour12: false });
}
