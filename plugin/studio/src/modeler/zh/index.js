// Everything that the libraries say, in Chinese. What has no translation is shown as it is and kept in `missing`.
import menus from './menus.json';
import panel from './panel.json';
import notes from './notes.json';

const words = { ...menus, ...panel, ...notes };
const missing = new Set();

export function translate(template, replacements = {}) {
  if (!(template in words)) missing.add(template);
  const text = words[template] ?? template;
  return text.replace(/{([^}]+)}/g, (whole, name) => {
    const value = replacements[name];
    return value === undefined ? whole : (words[value] ?? value);
  });
}

export default { translate: ['value', translate], untranslated: ['value', missing] };
