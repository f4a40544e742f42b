// The panel follows the selected element only. A task also shows its timers, so it is drawn again when they change.
export class Freshness {
  static $inject = ['eventBus', 'selection'];

  constructor(eventBus, selection) {
    eventBus.on('elements.changed', ({ elements }) => {
      const [selected] = selection.get();
      if (!selected || elements.includes(selected)) return;
      const touched = elements.some((each) => each.host === selected || each.source?.host === selected);
      if (touched) eventBus.fire('elements.changed', { elements: [selected] });
    });
  }
}
