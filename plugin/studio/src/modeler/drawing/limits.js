// Palette, context pad and menus offer what the engine runs, and nothing else.

const OFFERED = [
  /^(create|append|replace)-(user-task|service-task|send-task|receive-task|call-activity|expanded-subprocess)$/,
  /^(create|append|replace)-(exclusive|parallel|inclusive|event-based)-gateway$/,
  /^(create|append|replace)-(non-interrupting-)?(message|timer|escalation|error)-boundary$/,
  /^(create|append|replace)-(message|timer|none)-start(-event)?$/,
  /^(create|append|replace)-(message|timer)-intermediate-catch$/,
  /^(create|append|replace)-(message|escalation)-intermediate-throw$/,
  /^(create|append|replace)-(none|message|escalation|error|terminate)-end(-event)?$/,
  /^(create|append|replace)-(expanded|collapsed)-pool$/,
];
const REPLACED = new Set([
  'user-task', 'service-task', 'send-task', 'receive-task', 'call-activity', 'subprocess', 'expanded-subprocess',
  'exclusive-gateway', 'parallel-gateway', 'inclusive-gateway', 'event-based-gateway',
  'none-start', 'message-start', 'timer-start', 'none-end', 'message-end', 'escalation-end', 'error-end', 'terminate-end',
  'message-intermediate-catch', 'timer-intermediate-catch', 'message-intermediate-throw', 'escalation-intermediate-throw',
  'message-boundary', 'timer-boundary', 'escalation-boundary', 'error-boundary',
  'non-interrupting-message-boundary', 'non-interrupting-timer-boundary', 'non-interrupting-escalation-boundary',
  'sequence-flow', 'default-flow', 'conditional-flow',
  'expanded-pool', 'collapsed-pool', 'collapsed-subprocess',
]);
const HIDDEN_TOOLS = ['create.data-object', 'create.data-store', 'create.intermediate-event'];
const HIDDEN_APPENDS = ['append.condition-intermediate-event', 'append.signal-intermediate-event', 'append.intermediate-event'];
const LAST = 100; // providers with a lower priority see what the others offer

export class Limits {
  static $inject = ['palette', 'contextPad', 'popupMenu', 'elementFactory', 'create', 'autoPlace', 'between', 'canvas'];

  constructor(palette, contextPad, popupMenu, elementFactory, create, autoPlace, between, canvas) {
    Object.assign(this, { popupMenu, elementFactory, create, autoPlace, between, canvas });
    palette.registerProvider(LAST, { getPaletteEntries: () => (entries) => this.#tools(entries) });
    contextPad.registerProvider(LAST, { getContextPadEntries: (element) => (entries) => this.#pad(entries, element) });
    for (const menu of ['bpmn-create', 'bpmn-append']) {
      popupMenu.registerProvider(menu, LAST, { getPopupMenuEntries: () => (entries) => templatesFirst(only(entries, offered)) });
    }
    popupMenu.registerProvider('bpmn-replace', LAST, {
      getPopupMenuEntries: () => (entries) => only(entries, replaced),
      getPopupMenuHeaderEntries: () => (entries) => only(entries, (id) => !/loop|ad-?hoc|compensation/.test(id)),
    });
  }

  #tools(entries) {
    const kept = without(entries, HIDDEN_TOOLS);
    const start = (event) => this.create.start(event, this.#task());
    const action = { click: start, dragstart: start };
    kept['create.task'] = { ...kept['create.task'], className: 'bpmn-icon-user-task', title: '新建用户任务（人办的事）', action };
    return kept;
  }

  #pad(entries, element) {
    const kept = without(entries, HIDDEN_APPENDS);
    const before = wordsBefore(this.between.next(element));
    if (kept.append && before) {
      const title = `插入到${before}`;
      kept.append = { ...kept.append, title, action: { click: (event) => this.#openAppend(event, element, title) } };
    }
    const known = kept['append.append-task'];
    if (known) {
      const append = () => this.autoPlace.append(element, this.#task());
      const drag = (event) => this.create.start(event, this.#task(), { source: element });
      const action = { click: append, dragstart: drag };
      const title = before ? `插入一个用户任务（在${before}）` : '接一个用户任务';
      kept['append.append-task'] = { ...known, className: 'bpmn-icon-user-task', title, action };
    }
    return kept;
  }

  /** Open the menu as the library does, but say where the element will go. */
  #openAppend(event, element, title) {
    const { right, top } = this.canvas.getContainer().querySelector('.djs-context-pad').getBoundingClientRect();
    const position = { x: right + 5, y: top, cursor: { x: event.x, y: event.y } };
    this.popupMenu.open(element, 'bpmn-append', position, { title, width: 'var(--bpmn-append-popup-width, 300px)', search: true });
  }

  #task() {
    return this.elementFactory.createShape({ type: 'bpmn:UserTask' });
  }
}

/** Return words for the place in front of an element, empty if there is none. */
function wordsBefore(next) {
  if (!next) return '';
  const name = next.businessObject.get('name')?.trim();
  return name ? `“${name}”之前` : '下一步之前';
}

function offered(id) {
  return id.includes('template') || OFFERED.some((shape) => shape.test(id));
}

function replaced(id) {
  return id.includes('template') || REPLACED.has(id.replace(/^replace-with-/, ''));
}

function only(entries, keep) {
  return Object.fromEntries(Object.entries(entries).filter(([id]) => keep(id)));
}

function templatesFirst(entries) {
  const isTemplate = ([id]) => id.includes('template');
  const all = Object.entries(entries);
  return Object.fromEntries([...all.filter(isTemplate), ...all.filter((each) => !isTemplate(each))]);
}

function without(entries, ids) {
  return only(entries, (id) => !ids.includes(id));
}
