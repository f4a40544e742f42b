// A page that comes back with mistakes starts at their summary.

export function showErrors(root) {
  root.querySelector('[data-zz-error-summary]')?.focus();
}
