// The check of one file while it is edited: POST /studio/check, findings as a list, a click selects the place.

export class Checker {
  constructor({ url, token, path, list, count, read, select }) {
    Object.assign(this, { url, token, path, list, count, read, select });
    this.asked = 0;
  }

  async check() {
    const asked = ++this.asked;
    try {
      const answer = await fetch(this.url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-CSRFToken': this.token },
        body: JSON.stringify({ path: this.path, content: this.read() }),
        credentials: 'same-origin',
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const { findings } = await answer.json();
      if (asked === this.asked) this.#show(findings.filter((finding) => finding.file === this.path));
    } catch {
      if (asked === this.asked) this.#note('检查没有完成，请检查网络或重新登录。');
    }
  }

  #show(findings) {
    this.count.textContent = findings.length ? String(findings.length) : '';
    this.count.dataset.severity = findings.some(({ severity }) => severity === 'error') ? 'error' : 'warning';
    if (!findings.length) {
      this.#note('没有发现问题。');
      return;
    }
    this.list.replaceChildren(...findings.map((finding) => this.#item(finding)));
  }

  #item({ severity, message, hint, element, line }) {
    const item = document.createElement('li');
    item.className = `is-${severity}`;
    const button = made('button', message);
    button.type = 'button';
    button.addEventListener('click', () => this.select(element, line));
    const words = document.createElement('div');
    words.append(button);
    const place = [line ? `第 ${line} 行` : '', hint].filter(Boolean).join('：');
    if (place) {
      const more = made('div', place);
      more.className = 'zz-sub';
      words.append(more);
    }
    item.append(made('strong', severity === 'error' ? '错误' : '提醒'), words);
    return item;
  }

  #note(text) {
    const note = made('li', text);
    note.className = 'is-note';
    this.list.replaceChildren(note);
  }
}

function made(tag, text) {
  const node = document.createElement(tag);
  node.textContent = text;
  return node;
}
