// One file of the draft in an editor: saved against the revision that was read, kept by itself while it is not
// saved, and told when a colleague was first. Nothing here touches the page: see savebar.js for that.
//
//   const draft = new Draft({ url, autosaveUrl, rev, token, read: () => text, onState: (state, detail) => … });
//   draft.touch()      after every change          draft.save(note)   → true if saved
//   draft.autosave()   keep what is not saved      draft.overwrite()  save over the colleague's revision
//
// States: clean (as read or saved) · changed · saving · kept (changed, and kept on the server) ·
//         conflict ({message, theirs: {rev, by, at}, compare}) · failed ({message})

const QUIET_MILLISECONDS = 1500;
const KEEPALIVE_BYTES = 60_000; // browsers refuse larger requests of a page that is being left
const RETRY_MILLISECONDS = 15_000;
export const SIGNED_OUT = '登录已过期，本次没有保存。请在新窗口登录后再点“保存”，修改仍在本页。';
const OFFLINE = '没有保存成功，请检查网络后再点“保存”；修改仍在本页。';

export class Draft {
  constructor({ url, autosaveUrl, rev, token, read, onState = () => {}, onKept = () => {} }) {
    Object.assign(this, { url, autosaveUrl, rev, token, read, onState, onKept });
    this.state = 'clean';
    this.theirs = null; // the colleague's revision while there is a conflict
    this.savedText = null; // what the server has, once begin() has taken it
    this.version = 0; // counts changes, so that one made while saving is not taken for saved
    this.timer = 0;
    this.busy = null;
  }

  get unsaved() {
    return this.state !== 'clean';
  }

  /** Take the present text for the one that was read: a change that is undone is then no change. */
  begin() {
    this.savedText = this.read();
  }

  /** Note a change; it is kept on the server some moments after the last one. */
  touch() {
    this.version += 1;
    if (this.#undone()) return;
    if (this.state !== 'conflict' && this.state !== 'saving') this.#tell('changed');
    this.#schedule(QUIET_MILLISECONDS);
  }

  /** Take on an own autosave that was just put into the editor. */
  restore() {
    this.version += 1;
    this.#tell('kept');
  }

  /** Go back to revision `rev`, which was just put into the editor; what was kept is thrown away. */
  reset(rev) {
    clearTimeout(this.timer);
    Object.assign(this, { rev, theirs: null });
    this.#tell('clean');
    return this.forget();
  }

  /** Save; returns whether the server has it. Calls while one is under way wait for it first. */
  async save(note = '') {
    while (this.busy) await this.busy;
    this.busy = this.#save(note);
    try {
      return await this.busy;
    } finally {
      this.busy = null;
    }
  }

  /** Save over the revision that the conflict named: it stays in the history, nothing is lost. */
  async overwrite(note = '') {
    if (this.theirs) this.rev = this.theirs.rev;
    return this.save(note);
  }

  /** Keep what is not saved yet under one's own name; never conflicts. */
  async autosave({ leaving = false } = {}) {
    clearTimeout(this.timer);
    if (!this.unsaved || this.busy || !this.autosaveUrl) return;
    const version = this.version;
    const body = JSON.stringify({ content: this.read(), rev: this.rev });
    try {
      const answer = await this.#put(this.autosaveUrl, body, leaving && body.length * 3 < KEEPALIVE_BYTES);
      if (!answer.ok) throw new Error(String(answer.status));
      if (version !== this.version) return;
      if (this.state === 'changed') this.#tell('kept');
      this.onKept();
    } catch {
      if (!leaving) this.#schedule(RETRY_MILLISECONDS);
    }
  }

  /** Throw one's own kept changes away on the server: it goes on with what is saved. */
  async forget() {
    const headers = { 'X-CSRFToken': this.token };
    await fetch(this.autosaveUrl, { method: 'DELETE', headers, redirect: 'manual', credentials: 'same-origin' }).catch(
      () => undefined, // it is offered again the next time
    );
  }

  #undone() {
    if (this.savedText === null || ['conflict', 'saving'].includes(this.state)) return false;
    if (this.read() !== this.savedText) return false;
    clearTimeout(this.timer);
    if (this.state === 'kept') this.forget();
    if (this.state !== 'clean') this.#tell('clean');
    return true;
  }

  async #save(note) {
    clearTimeout(this.timer);
    const version = this.version;
    const text = this.read();
    this.#tell('saving');
    try {
      const body = JSON.stringify({ content: text, rev: this.rev, note });
      return await this.#settle(await this.#put(this.url, body), version, text);
    } catch {
      this.#tell('failed', { message: OFFLINE });
      return false;
    }
  }

  async #settle(answer, version, text) {
    const isJson = answer.headers.get('Content-Type')?.includes('json');
    const told = isJson ? await answer.json() : {};
    if (answer.ok && isJson) {
      this.rev = told.rev;
      this.theirs = null;
      if (this.savedText !== null) this.savedText = text;
      const more = this.savedText === null ? version !== this.version : this.read() !== text;
      this.#tell(more ? 'changed' : 'clean');
      if (more) this.#schedule(QUIET_MILLISECONDS);
      return true;
    }
    if (answer.status === 409 && told.theirs) {
      this.theirs = told.theirs;
      this.#tell('conflict', told);
    } else {
      const signedOut = answer.type === 'opaqueredirect' || answer.status === 400;
      this.#tell('failed', { message: signedOut ? SIGNED_OUT : told.message || OFFLINE });
    }
    return false;
  }

  #put(url, body, keepalive = false) {
    const headers = { 'Content-Type': 'application/json', 'X-CSRFToken': this.token };
    return fetch(url, { method: 'PUT', headers, body, keepalive, redirect: 'manual', credentials: 'same-origin' });
  }

  #schedule(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.autosave(), milliseconds);
  }

  #tell(state, detail = {}) {
    this.state = state;
    this.onState(state, detail);
  }
}
