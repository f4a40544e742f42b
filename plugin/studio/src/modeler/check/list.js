// The list of problems below the canvas.
import { make } from '../page/dom.js';
import { elementOf } from './places.js';

const WORDS = { error: '错误', warning: '警告' };
const AREAS = { diagram: '流程图', form: '表单', print: '打印模板', message: '消息模板', scenario: '情景', calendar: '日历', table: '数据表' };
const FORM = /^forms\/.*\/([^/]+)\.json$/;

export class ProblemList {
  /** `place` is the panel with [data-zz-problems], its filters and its status line. */
  constructor(place, { registry, choose, formAddress }) {
    Object.assign(this, { place, registry, choose, formAddress, findings: [], filter: 'all' });
    this.list = place.querySelector('[data-zz-list]');
    this.status = place.querySelector('[data-zz-checked]');
    for (const button of place.querySelectorAll('[data-zz-filter]')) {
      button.addEventListener('click', () => this.show(this.findings, { filter: button.dataset.zzFilter }));
    }
    this.toggle = place.querySelector('[data-zz-fold]');
    this.toggle.addEventListener('click', () => this.fold(!place.classList.contains('is-folded')));
  }

  fold(folded) {
    this.place.classList.toggle('is-folded', folded);
    this.toggle.setAttribute('aria-expanded', String(!folded));
    this.toggle.textContent = folded ? '展开' : '收起';
  }

  show(findings, { filter = this.filter } = {}) {
    Object.assign(this, { findings, filter });
    const counts = { all: findings.length, error: 0, warning: 0 };
    for (const { severity } of findings) counts[severity] += 1;
    for (const button of this.place.querySelectorAll('[data-zz-filter]')) {
      const kind = button.dataset.zzFilter;
      button.setAttribute('aria-pressed', String(kind === filter));
      button.querySelector('span').textContent = counts[kind];
    }
    const shown = findings.filter((each) => filter === 'all' || each.severity === filter);
    const empty = make('li', { class: 'zz-problem-none' }, findings.length ? '没有这一类问题。' : '没有发现问题。');
    this.list.replaceChildren(...(shown.length ? shown.map((each) => this.#row(each)) : [empty]));
  }

  say(text) {
    this.status.textContent = text;
  }

  #row(finding) {
    const element = elementOf(finding, this.registry);
    const [, form] = FORM.exec(finding.file) ?? [];
    const line = !element && finding.line ? `第 ${finding.line} 行` : '';
    const name = element?.businessObject.get('name') || finding.element || form || finding.file;
    const where = [AREAS[finding.area], name, line].filter(Boolean).join(' · ');
    const parts = [
      make('span', { class: 'zz-problem-kind' }, WORDS[finding.severity]),
      make('span', { class: 'zz-problem-text' }, finding.message, finding.hint && make('small', {}, finding.hint)),
      make('span', { class: 'zz-problem-place' }, where),
    ];
    const row = make('li', { class: `is-${finding.severity}` });
    if (element) row.append(make('button', { type: 'button', onclick: () => this.choose(finding) }, ...parts));
    else if (form) row.append(make('a', { href: this.formAddress(form), target: '_blank', rel: 'noopener' }, ...parts));
    else row.append(make('div', {}, ...parts));
    return row;
  }
}
