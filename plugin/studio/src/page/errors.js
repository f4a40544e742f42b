// After a refused submission the focus goes to the list of problems: screen readers read it, the keyboard is there.

export function focusErrors(root) {
  root.querySelector('[data-zz-error-summary]')?.focus();
}
