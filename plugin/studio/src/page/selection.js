// Choosing among groups of cases: a group's box ticks all of its cases, taking one away unticks the group. Without a
// script the group's box stands for the whole group and the cases' boxes count where it is not ticked.

export function watchSelections(root) {
  for (const form of root.querySelectorAll('[data-zz-selection]')) watch(form);
}

function watch(form) {
  const groups = [...form.querySelectorAll('[data-zz-group]')];
  for (const group of groups) {
    const whole = group.querySelector('[data-zz-whole]');
    if (whole.checked) tickAll(group, true);
    else followCases(group);
  }
  form.addEventListener('change', ({ target }) => {
    const group = target.closest('[data-zz-group]');
    if (!group) return;
    if (target.matches('[data-zz-whole]')) tickAll(group, target.checked);
    else if (target.matches('[data-zz-one]')) followCases(group);
    count(form, groups);
  });
  form.addEventListener('click', ({ target }) => {
    const choice = target.dataset?.zzSelect;
    if (!choice) return;
    for (const group of groups) {
      const whole = group.querySelector('[data-zz-whole]');
      if (whole.disabled) continue;
      whole.checked = choice === 'all';
      tickAll(group, whole.checked);
    }
    count(form, groups);
  });
  count(form, groups);
}

function casesOf(group) {
  return [...group.querySelectorAll('[data-zz-one]')];
}

function tickAll(group, ticked) {
  group.querySelector('[data-zz-whole]').indeterminate = false;
  for (const box of casesOf(group)) box.checked = ticked;
}

function followCases(group) {
  const whole = group.querySelector('[data-zz-whole]');
  const ticked = casesOf(group).filter((box) => box.checked).length;
  whole.checked = ticked > 0 && ticked === Number(whole.dataset.zzSize);
  whole.indeterminate = ticked > 0 && !whole.checked;
}

function count(form, groups) {
  const chosen = groups.reduce((sum, group) => {
    const whole = group.querySelector('[data-zz-whole]');
    return sum + (whole.checked ? Number(whole.dataset.zzSize) : casesOf(group).filter((box) => box.checked).length);
  }, 0);
  const place = form.querySelector('[data-zz-chosen]');
  if (!place) return; // nothing can be moved
  place.textContent = `（${chosen} 件）`;
  place.closest('button').disabled = chosen === 0;
}
