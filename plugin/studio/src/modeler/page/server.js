// Talks to the server: JSON with the CSRF token, and what can go wrong in words for people.

export class Refused extends Error {
  constructor(message, status, body) {
    super(message);
    Object.assign(this, { status, body });
  }
}

const SIGNED_OUT = '登录已过期。请在另一个标签页重新登录，再回到这里；您的修改仍在本页和本机浏览器中。';
const NO_ANSWER = '连不上服务器。您的修改仍在本页和本机浏览器中，请稍后再试。';

/** Send JSON; resolves to the answer's JSON. Rejects with `Refused`, or with an AbortError if `signal` says so. */
export async function send(method, address, body, { signal } = {}) {
  let answer = await request(method, address, body, signal);
  if (answer.status === 400 && (await renewToken())) answer = await request(method, address, body, signal);
  if (signedOut(answer)) throw new Refused(SIGNED_OUT, 401, {});
  const result = await json(answer);
  if (!answer.ok) throw new Refused(messageOf(result, answer.status), answer.status, result);
  return result;
}

async function request(method, address, body, signal) {
  const headers = { Accept: 'application/json', 'Content-Type': 'application/json', 'X-CSRFToken': token().content };
  try {
    // A redirect is the way to the login page.
    return await fetch(address, { method, signal, headers, redirect: 'manual', body: JSON.stringify(body) });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Refused(NO_ANSWER, 0, {});
  }
}

function signedOut(answer) {
  return answer.type === 'opaqueredirect' || answer.status === 401 || answer.status === 403;
}

/** Return the element that holds the page's CSRF token. */
export function token() {
  return document.querySelector('meta[name="csrf-token"]');
}

/** After a new login (in another tab) the page's token is old: take the new one. Tells whether there is one. */
export async function renewToken() {
  let answer;
  try {
    answer = await fetch(location.href, { redirect: 'manual' });
  } catch {
    return false;
  }
  if (signedOut(answer)) return false;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const fresh = page.querySelector('meta[name="csrf-token"]')?.content;
  if (!fresh || fresh === token().content) return false;
  token().content = fresh;
  return true;
}

/** Load a text with its revision (header X-Draft-Rev). */
export async function load(address) {
  const answer = await fetch(address, { credentials: 'same-origin', cache: 'no-store' });
  if (!answer.ok) throw new Refused(`未能读取（${answer.status}）。请刷新页面再试。`, answer.status, {});
  return { text: await answer.text(), rev: Number(answer.headers.get('X-Draft-Rev') ?? 0) };
}

async function json(answer) {
  try {
    return await answer.json();
  } catch {
    return {};
  }
}

function messageOf(result, status) {
  const message = result.message ?? result.error?.message ?? `服务器没有接受（${status}）。`;
  const hint = result.hint ?? result.error?.hint ?? '';
  const problems = (result.problems ?? []).map((each) => each.message).join('；');
  return [message, problems, hint].filter(Boolean).join(' ');
}
