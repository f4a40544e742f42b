// The properties panel: form-js' own groups without what the server ignores, and our groups for `properties`.
import { hintEntry } from './entries.js';

const LOW_PRIORITY = 500; // after form-js' own provider, whose groups are to be changed

// What form-js offers and no page or paper of ours shows. Values in a file stay as they are.
const IDLE_GROUPS = new Set(['appearance', 'custom-values', 'securityAttributes', 'dynamicOptions']);
const IDLE_ENTRIES = /(^|-)(versionTag|searchable|use24h|time-format|timeInterval|computeOn|height|disableCollapse|nonCollapsedItems)$/;
const GROUP_TITLES = { form: '表单', rules: '填写规则', print: '打印' };

export function panelModule(config) {
  class Provider {
    constructor(propertiesPanel) {
      propertiesPanel.registerProvider(this, LOW_PRIORITY);
    }

    getGroups(field, editField) {
      return (groups) => (field ? [...kept(groups), ...added(config, field, editField)] : groups);
    }
  }
  Provider.$inject = ['propertiesPanel'];
  return { __init__: ['ownProperties'], ownProperties: ['type', Provider] };
}

function kept(groups) {
  const served = groups.filter((group) => !IDLE_GROUPS.has(group.id));
  for (const group of served) {
    if (group.entries) group.entries = group.entries.filter((entry) => !IDLE_ENTRIES.test(entry.id));
  }
  return served.filter((group) => group.items || group.entries?.length);
}

function added(config, field, editField) {
  const groups = [];
  if (field.valuesKey !== undefined) groups.push(listGroup(config, field, editField));
  for (const [name, label] of Object.entries(GROUP_TITLES)) {
    const hints = config.hints.filter((hint) => hint.group === name && hint.on.includes(field.type));
    const entries = hints.map((hint) => hintEntry(hint, access(hint, field, editField)));
    if (name === 'rules' && field.type === 'default') entries.push(...ruleEntries(field, editField));
    if (entries.length) groups.push({ id: `own-${name}`, label, entries, shouldOpen: field.type === 'default' });
  }
  return groups;
}

/** The option lists that the server knows, instead of a free text. */
function listGroup(config, field, editField) {
  const hint = { name: 'valuesKey', label: '列表', kind: 'choice', choices: config.lists };
  const on = { get: () => field.valuesKey, set: (value) => editField(field, ['valuesKey'], value ?? '') };
  return { id: 'own-list', label: '选项列表', entries: [hintEntry(hint, on)], shouldOpen: true };
}

function access(hint, field, editField) {
  if (hint.kind === 'lines') return lines(hint, field, editField);
  return {
    get: () => field.properties?.[hint.name],
    set: (value) => write(field, editField, { [hint.name]: value }),
  };
}

/** Several texts as one box: `print.note.1`, `print.note.2` … in the order of their names. */
function lines(hint, field, editField) {
  const names = () => Object.keys(field.properties ?? {}).filter((name) => isLine(hint.name, name)).sort();
  const set = (text) => {
    const texts = (text ?? '').split('\n').map((line) => line.trim()).filter(Boolean); // prettier-ignore
    const width = String(texts.length).length; // 01 before 10: the server sorts the names as texts
    const old = names().map((name) => [name, undefined]);
    const now = texts.map((line, index) => [`${hint.name}.${String(index + 1).padStart(width, '0')}`, line]);
    write(field, editField, Object.fromEntries([...old, ...now]));
  };
  return { get: () => names().map((name) => field.properties[name]).join('\n'), set }; // prettier-ignore
}

function isLine(prefix, name) {
  return name === prefix || (name.startsWith(`${prefix}.`) && /^[0-9]+$/.test(name.slice(prefix.length + 1)));
}

/** Rules across fields: each has a condition that must hold, a message and the field that shows it. */
function ruleEntries(field, editField) {
  const names = Object.keys(field.properties ?? {}).filter((name) => /^rule\.[A-Za-z0-9_]+$/.test(name)).sort();
  let next = 1;
  while (names.includes(`rule.${next}`)) next += 1;
  return [...names, `rule.${next}`].flatMap((name, index) => {
    const fresh = index === names.length;
    const parts = [{ name, label: fresh ? '新增规则：应当成立的条件' : `规则 ${name.slice(5)}：应当成立的条件`, kind: 'feel' }];
    if (!fresh) {
      parts.push({ name: `${name}.message`, label: '不成立时的提示', kind: 'text' });
      parts.push({ name: `${name}.field`, label: '提示显示在哪个字段', kind: 'text', help: '填字段名，可以不填。' });
    }
    return parts.map((hint) => hintEntry(hint, access(hint, field, editField)));
  });
}

function write(field, editField, changes) {
  const properties = { ...field.properties };
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) delete properties[name];
    else properties[name] = value;
  }
  editField(field, ['properties'], Object.keys(properties).length ? properties : undefined);
}
