// The panes beside the editor: the page and the paper, as the server makes them from what is kept there.

/** Wire tabs ([data-zz-tab] → [data-zz-pane]); returns a function that shows one by name. */
export function watchTabs(root, onShown) {
  const tabs = [...root.querySelectorAll('[data-zz-tab]')];
  const show = (name) => {
    for (const tab of tabs) {
      const current = tab.dataset.zzTab === name;
      tab.setAttribute('aria-selected', String(current));
      tab.tabIndex = current ? 0 : -1;
      root.querySelector(`[data-zz-pane="${tab.dataset.zzTab}"]`).hidden = !current;
    }
    onShown(name);
  };
  for (const [index, tab] of tabs.entries()) {
    tab.addEventListener('click', () => show(tab.dataset.zzTab));
    tab.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = tabs[(index + step + tabs.length) % tabs.length];
      next.focus();
      show(next.dataset.zzTab);
    });
  }
  return show;
}

/** A frame whose address is made of choices beside it; it is loaded when it can be seen and is not up to date. */
export class Frame {
  constructor(pane) {
    this.frame = pane.querySelector('iframe');
    this.pane = pane;
    this.stale = true;
    this.own = false; // whether there is something of one's own that is not saved
    pane.addEventListener('change', () => this.load());
    pane.querySelector('[data-zz-reload]')?.addEventListener('click', () => this.load());
  }

  isEmpty() {
    try {
      return this.frame.contentWindow.location.href === 'about:blank';
    } catch {
      return false; // a PDF is shown by the browser's own page
    }
  }

  refresh(own) {
    this.own = own;
    this.stale = true;
    if (!this.pane.hidden && this.pane.offsetParent !== null) this.load();
  }

  shown() {
    if (this.stale) this.load();
  }

  load() {
    this.stale = false;
    const url = new URL(this.frame.dataset.src, window.location.href);
    const choices = this.pane.querySelector('form');
    for (const [name, value] of choices ? new FormData(choices) : []) url.searchParams.set(name, value);
    if (this.own) url.searchParams.set('own', '1');
    const width = url.searchParams.get('width');
    if (width) this.frame.dataset.width = width;
    url.searchParams.delete('width');
    const opener = this.pane.querySelector('[data-zz-open]');
    if (opener) opener.href = url;
    url.searchParams.set('at', String(Date.now())); // a PDF is loaded again although its address is the same
    url.hash = 'navpanes=0&view=FitH'; // the browser's PDF pages: the sheet, not its thumbnails
    // replace: looking at a preview is no step that "back" should undo
    this.frame.contentWindow.location.replace(url);
  }
}
