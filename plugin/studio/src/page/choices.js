// Long lists of choices (units of a county): a box that scrolls, with a field that finds by a part of the name.
// What is chosen always stays in sight. The markup is the plain list, which works without a script.

export function watchLongChoices(root) {
  watchWithin(root);
  root.addEventListener('zz:redrawn', (event) => watchWithin(event.target));
}

function watchWithin(part) {
  for (const list of part.querySelectorAll('[data-zz-choices]')) watch(list);
}

function watch(list) {
  const choices = [...list.querySelectorAll('.form-check')];
  const [search, told] = finder(list);
  const show = () => {
    const wanted = search.value.trim().toLowerCase();
    let found = 0;
    for (const choice of choices) {
      const fits = choice.textContent.toLowerCase().includes(wanted);
      choice.hidden = !fits && !choice.querySelector('input').checked;
      found += fits;
    }
    const chosen = choices.filter((choice) => choice.querySelector('input').checked).length;
    told.textContent = `${wanted ? `找到 ${found} 项` : `共 ${choices.length} 项`}，已选 ${chosen} 项`;
  };
  search.addEventListener('input', show);
  search.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') event.preventDefault(); // looking is not handing in
  });
  list.addEventListener('change', show);
  show();
}

function finder(list) {
  const place = document.createElement('div');
  place.className = 'zz-choices-find';
  const search = document.createElement('input');
  search.type = 'search';
  search.className = 'form-control';
  search.placeholder = '输入名称中的字查找';
  search.setAttribute('aria-label', `查找：${list.dataset.zzChoices}`);
  search.autocomplete = 'off';
  const told = document.createElement('span');
  told.className = 'zz-sub';
  told.setAttribute('role', 'status');
  place.append(search, told);
  list.before(place);
  return [search, told];
}
