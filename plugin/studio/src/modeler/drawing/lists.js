// The live lists of the draft (roles, forms, messages, recurrences), kept fresh while people work in other tabs.

const NONE = { roles: [], units: [], forms: [], messages: [], recurrences: [], chosen_units: [], problem: '' };

export class Lists {
  static $inject = ['eventBus', 'selection', 'elementTemplatesLoader'];

  constructor(eventBus, selection, loader) {
    Object.assign(this, { eventBus, selection, loader });
    this.values = NONE;
  }

  /** Take over new lists and templates; an open panel shows them at once. */
  update(values, templates) {
    if (JSON.stringify(values) !== JSON.stringify(this.values)) {
      this.values = values;
      const [selected] = this.selection.get();
      if (selected) this.eventBus.fire('element.changed', { element: selected });
    }
    if (JSON.stringify(templates) !== this.loaded) {
      this.loaded = JSON.stringify(templates);
      this.loader.setTemplates(templates);
    }
  }

  form(key) {
    return this.values.forms.find((each) => each.key === key);
  }

  /** Return every field of every form once, by key. */
  get fields() {
    const found = new Map();
    for (const form of this.values.forms) {
      for (const field of form.fields) if (!found.has(field.key)) found.set(field.key, { ...field, form });
    }
    return [...found.values()];
  }

  /** Return {value, label} of whole conditions: one for each choice of each field. */
  get conditions() {
    return this.fields.flatMap((field) =>
      field.options.map((option) => ({
        value: `${field.key} = ${JSON.stringify(option.value)}`,
        label: `${field.label}：${option.label}`,
      })),
    );
  }

  /** Return {value, label} of the fields that hold dates. */
  get dates() {
    return this.fields
      .filter((field) => field.kind === 'datetime' || field.values_key === 'clinics')
      .map((field) => ({ value: field.key, label: field.label }));
  }
}
