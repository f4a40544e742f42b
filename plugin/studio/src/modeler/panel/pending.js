// What the panel remembers between two renderings: a kind of rule without its number, a field to go to.
export class Pending {
  static $inject = ['eventBus'];

  constructor(eventBus) {
    this.eventBus = eventBus;
    this.kinds = new Map();
    eventBus.on('import.done', () => this.kinds.clear());
  }

  /** Return the kind to show for an event: the chosen one while there is no rule yet. */
  kind(event, rule) {
    if (!rule.text) return this.kinds.get(event.id) ?? rule.kind;
    if (this.kinds.get(event.id) === 'other') return 'other';
    return rule.kind;
  }

  remember(event, kind) {
    this.kinds.set(event.id, kind);
  }

  /** Go to a field of the panel once it is drawn. */
  focus(entry, tries = 20) {
    setTimeout(() => {
      if (document.querySelector(`[data-entry-id="${CSS.escape(entry)}"]`)) {
        this.eventBus.fire('propertiesPanel.showEntry', { id: entry });
      } else if (tries) {
        this.focus(entry, tries - 1);
      }
    }, 50);
  }
}
