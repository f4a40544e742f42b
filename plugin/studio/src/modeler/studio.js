// The editor with everything around it: toolbar, panel, problems, saving.
import { ask, showShortcuts } from './page/dialogs.js';
import { download } from './page/dom.js';
import { load, Refused, send } from './page/server.js';
import { makeSplitter } from './page/splitter.js';
import { bindToolbar, followHistory, followZoom } from './page/toolbar.js';
import { elementOf, entryOf } from './check/places.js';
import { LiveCheck } from './check/live.js';
import { ProblemList } from './check/list.js';
import { createEditor } from './editor.js';
import { DiagramDraft } from './saving/draft.js';
import { aboutAutosave, aboutConflict, aboutImport } from './saving/questions.js';

const QUIET = 400; // ms without a change before the diagram is written and checked
const LARGEST_FILE = 2_000_000;

export class Studio {
  constructor(place, page) {
    Object.assign(this, { place, page });
    this.find = (name) => place.querySelector(`[data-zz-${name}]`);
    const formAddress = (key) => page.form.replace('KEY', encodeURIComponent(key));
    this.editor = createEditor(this.find('canvas'), this.find('panel'), { formAddress });
    this.draft = new DiagramDraft(page, {
      say: (state, text) => this.#say(state, text),
      conflict: aboutConflict,
      reload: () => this.#loadSaved(),
    });
    const registry = this.editor.get('elementRegistry');
    const choose = (finding) => this.showFinding(finding);
    this.problems = new ProblemList(this.find('problems'), { registry, choose, formAddress });
    this.check = new LiveCheck({ address: page.check, path: page.path, marks: this.editor.get('marks'), list: this.problems });
  }

  async open() {
    makeSplitter(this.find('splitter'), this.place);
    this.#bind();
    try {
      await Promise.all([this.#loadSaved(), this.refreshLists()]);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.place.dataset.zzReady = 'yes';
    await this.#offerAutosave();
    if (this.page.element) this.#goTo(this.page.element);
  }

  /** Write the diagram as XML; what is being typed in the panel counts. */
  async xml() {
    this.#finishTyping();
    return (await this.editor.saveXML({ format: true })).xml;
  }

  async refreshLists() {
    const [lists, templates] = await Promise.all([send('GET', this.page.lists), send('GET', this.page.templates)]);
    this.editor.get('lists').update(lists, templates);
  }

  showFinding(finding) {
    const element = elementOf(finding, this.editor.get('elementRegistry'));
    if (!element || !this.editor.get('views').go(element.id)) return;
    const entry = entryOf(finding, element);
    if (entry) this.editor.get('pending').focus(entry);
  }

  // ---------------------------------------------------------------- opening

  async #loadSaved() {
    const { text, rev } = await load(this.page.file);
    this.draft.begin(text, rev); // so that another file can be imported over one that cannot be read
    await this.#show(text);
    this.draft.begin((await this.editor.saveXML({ format: true })).xml, rev);
    await this.check.run(this.draft.content);
  }

  async #show(text) {
    const { warnings } = await this.editor.importXML(text);
    this.editor.get('views').readable();
    if (warnings.length) {
      const lines = warnings.slice(0, 5).map(({ message }) => message).join('；');
      this.#say('failed', `读入时有 ${warnings.length} 处问题：${lines}`);
    }
  }

  async #offerAutosave() {
    const local = this.draft.local.read();
    const remote = this.page.autosaved;
    const newest = local && (!remote || local.at > remote.at) ? local : remote;
    if (!newest) return;
    const content = newest === local ? local.content : (await load(this.page.autosave)).text;
    const same = content === this.draft.saved;
    const choice = same ? 'drop' : await aboutAutosave({ at: newest.at, stale: newest.rev !== this.draft.rev });
    if (choice === 'drop') await this.draft.forget();
    if (choice !== 'restore') return;
    await this.#show(content);
    const { xml } = await this.editor.saveXML({ format: true });
    this.draft.restored(xml, newest.rev);
    await this.check.run(xml);
  }

  // ---------------------------------------------------------------- changes

  #bind() {
    bindToolbar(this.place, this.#actions());
    followHistory(this.place, this.editor);
    followZoom(this.place, this.editor);
    this.editor.on('commandStack.changed', () => {
      clearTimeout(this.quiet);
      this.unwritten = true;
      this.quiet = setTimeout(() => this.#changed(), QUIET);
    });
    this.find('file').addEventListener('change', (event) => {
      const [file] = event.target.files;
      event.target.value = '';
      if (file) this.importFile(file);
    });
    this.editor.on('studio.showFinding', ({ finding }) => this.showFinding(finding));
    document.addEventListener('keydown', (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== 's') return;
      event.preventDefault();
      this.save();
    });
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'hidden') this.draft.leave();
      else this.refreshLists().catch(() => {}); // somebody may have added a form in another tab; later is fine
    });
    window.addEventListener('beforeunload', (event) => {
      this.#finishTyping();
      this.draft.leave();
      if (this.draft.dirty || this.unwritten) event.preventDefault();
    });
  }

  async #changed() {
    const { xml } = await this.editor.saveXML({ format: true });
    this.unwritten = false;
    this.draft.changed(xml);
    await this.check.run(xml);
  }

  async save() {
    const xml = await this.xml();
    clearTimeout(this.quiet);
    this.draft.changed(xml);
    if (await this.draft.save()) await this.check.run(xml);
  }

  /** The panel waits a moment before it takes over what is typed; leaving the field ends the wait. */
  #finishTyping() {
    const active = document.activeElement;
    if (!this.find('panel').contains(active)) return;
    active.blur();
    active.focus({ preventScroll: true });
  }

  // ---------------------------------------------------------------- toolbar

  #actions() {
    const views = () => this.editor.get('views');
    const trigger = (name) => this.editor.get('editorActions').trigger(name);
    return {
      save: () => this.save(),
      undo: () => trigger('undo'),
      redo: () => trigger('redo'),
      find: () => setTimeout(() => trigger('find')), // the click that asks for it would close it again
      insert: () => this.#openInsert(),
      'zoom-in': () => views().zoom(1),
      'zoom-out': () => views().zoom(-1),
      whole: () => views().whole(),
      check: () => this.#checkNow(),
      import: () => this.find('file').click(),
      'export-xml': async () => download(this.page.name, await this.xml(), 'application/xml'),
      'export-svg': async () => {
        const { svg } = await this.editor.saveSVG();
        download(this.page.name.replace(/\.bpmn$/, '.svg'), svg, 'image/svg+xml');
      },
      keys: () => showShortcuts(),
    };
  }

  #openInsert() {
    const { right, top } = this.find('canvas').getBoundingClientRect();
    const root = this.editor.get('canvas').getRootElement();
    this.editor.get('popupMenu').open(root, 'bpmn-create', { x: right - 720, y: top + 8 }, {
      title: '插入元素或模板', search: true, width: 380,
    });
  }

  async #checkNow() {
    this.problems.fold(false);
    await this.check.run(await this.xml());
    this.find('problems').querySelector('[data-zz-filter]').focus();
  }

  async importFile(file) {
    if (file.size > LARGEST_FILE) {
      await this.#tell('未能导入', '文件超过 2 MB，不像是流程图。');
      return;
    }
    if ((await aboutImport(file.name)) !== 'import') return;
    const before = await this.xml();
    try {
      await this.#show(await file.text());
    } catch (error) {
      await this.#show(before);
      await this.#tell('未能导入', `这个文件不是可以读的 BPMN 流程图：${error.message}`);
    }
    await this.#changed();
  }

  // ---------------------------------------------------------------- saying

  #say(state, text) {
    const line = this.find('state');
    line.dataset.zzState = state;
    line.textContent = text;
    line.title = text;
  }

  #tell(title, text) {
    const paragraph = document.createElement('p');
    paragraph.textContent = text;
    return ask({ title, body: [paragraph], buttons: [{ value: 'close', label: '知道了', primary: true }] });
  }

  #goTo(id) {
    const registry = this.editor.get('elementRegistry');
    const element = elementOf({ element: id }, registry);
    if (element) this.editor.get('views').go(element.id);
  }

  #fail(error) {
    this.#say('failed', error instanceof Refused ? error.message : `流程图未能打开，可在“文件”中导入一份：${error.message}`);
  }
}
