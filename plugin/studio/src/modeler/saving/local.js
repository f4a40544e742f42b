// The last resort: what could not be sent is kept in this browser until it could. Diagrams hold no personal data.
const PREFIX = 'zuozhen.diagram.';

export class LocalCopy {
  constructor(owner, path) {
    this.key = `${PREFIX}${owner}.${path}`;
  }

  keep(content, rev) {
    try {
      localStorage.setItem(this.key, JSON.stringify({ content, rev, at: new Date().toISOString() }));
    } catch {
      // The browser allows no storage; the page still holds the diagram.
    }
  }

  /** Return {content, rev, at} or `null`. */
  read() {
    try {
      return JSON.parse(localStorage.getItem(this.key));
    } catch {
      return null;
    }
  }

  drop() {
    try {
      localStorage.removeItem(this.key);
    } catch {
      // as above
    }
  }
}
