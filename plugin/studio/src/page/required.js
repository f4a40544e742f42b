// The mark 必填 beside a field's label, and what screen readers are told.
export function markRequired(place, required) {
  const mark = place.querySelector('.zz-required');
  if (mark) mark.hidden = !required;
  for (const field of place.querySelectorAll('input:not([type="hidden"], [type="checkbox"]), select, textarea')) {
    if (required) field.setAttribute('aria-required', 'true');
    else field.removeAttribute('aria-required');
  }
}
