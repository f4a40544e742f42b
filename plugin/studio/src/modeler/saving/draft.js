// The diagram as a file of the draft: src/studio/saving.js, with what a diagram needs besides. Writing it takes a
// moment, so its text is given; what could not be sent is kept in this browser; a login in another tab is used.
import { clockTime } from '../page/dom.js';
import { renewToken, token } from '../page/server.js';
import { Draft } from '../../studio/saving.js';
import { LocalCopy } from './local.js';

const SAYINGS = {
  changed: () => ['dirty', '有未保存的修改'],
  kept: () => ['dirty', `有未保存的修改，${clockTime(new Date())} 已自动保存`],
  saving: () => ['saving', '正在保存…'],
  clean: () => ['saved', `已保存 ${clockTime(new Date())}`],
  conflict: ({ message }) => ['failed', message],
  failed: ({ message }) => ['failed', message],
};

export class DiagramDraft {
  /** `say(state, text)` shows the state; `conflict(told)` resolves to 'mine', 'theirs' or `null`; `reload()` loads theirs. */
  constructor(page, { say, conflict, reload }) {
    Object.assign(this, { say, conflict, reload, content: '', saved: '' });
    this.local = new LocalCopy(page.owner, page.path);
    this.draft = new Draft({
      url: page.file,
      autosaveUrl: page.autosave,
      rev: 0,
      token: token().content,
      read: () => this.content,
      onState: (state, detail) => this.#told(state, detail),
    });
  }

  get rev() {
    return this.draft.rev;
  }

  get dirty() {
    return this.content !== this.saved;
  }

  /** Begin from what the server has; `content` is how this modeler writes it. */
  begin(content, rev) {
    Object.assign(this, { saved: content, content });
    Object.assign(this.draft, { rev, state: 'clean', theirs: null });
    this.say('saved', rev ? '已保存' : '与现行版本相同');
  }

  /** Go on from an unsaved version that was found; it began from revision `rev`. */
  restored(content, rev) {
    this.content = content;
    this.draft.rev = rev;
    this.draft.restore();
  }

  /** Take note of the present text. */
  changed(content) {
    if (content === this.content) return;
    this.content = content;
    if (this.dirty) {
      this.draft.touch();
    } else if (this.draft.state !== 'saving') {
      this.draft.state = 'clean'; // undone to what is saved
      this.say('saved', '已保存');
    }
  }

  /** Save; resolves to whether the server has it. */
  async save() {
    if (!this.dirty) return true;
    return this.#put(() => this.draft.save());
  }

  /** The page is hidden or left: nothing may wait for the server then. */
  leave() {
    if (!this.dirty) return;
    this.local.keep(this.content, this.rev);
    this.draft.autosave({ leaving: true });
  }

  forget() {
    this.local.drop();
    return this.draft.forget();
  }

  async #put(send) {
    const { content } = this;
    let saved = await send();
    if (!saved && this.draft.state === 'failed' && (await renewToken())) {
      this.draft.token = token().content;
      saved = await send();
    }
    if (saved) {
      this.saved = content;
      this.local.drop();
      return true;
    }
    this.local.keep(content, this.rev);
    return this.draft.state === 'conflict' ? this.#settle() : false;
  }

  async #settle() {
    const choice = await this.conflict(this.told);
    if (choice === 'mine') return this.#put(() => this.draft.overwrite(`覆盖 ${this.told.theirs.by} 的修改`));
    if (choice === 'theirs') await this.reload();
    return false;
  }

  #told(state, detail) {
    this.told = detail;
    this.say(...SAYINGS[state](detail));
  }
}
