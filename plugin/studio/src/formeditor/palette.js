// The palette offers what the server renders (its registry is in the page); other components of form-js stay
// known to the editor, so that a form that has one can be opened and mended.

export function paletteModule(types) {
  function Palette(formFields) {
    const offered = new Set([...types, 'default']);
    for (const [type, field] of Object.entries(formFields._formFields)) {
      if (!offered.has(type)) Object.defineProperty(formFields._formFields, type, { value: field, enumerable: false });
    }
  }
  Palette.$inject = ['formFields'];
  return { __init__: ['servedPalette'], servedPalette: ['type', Palette] };
}
