// Asks the server to check the diagram while it is drawn; only the newest answer counts.
import { Refused, send } from '../page/server.js';

export class LiveCheck {
  constructor({ address, path, marks, list }) {
    Object.assign(this, { address, path, marks, list });
    this.findings = [];
  }

  async run(content) {
    this.running?.abort();
    const running = new AbortController();
    this.running = running;
    this.list.say('正在检查…');
    const begun = performance.now();
    try {
      const answer = await send('POST', this.address, { path: this.path, content }, { signal: running.signal });
      this.findings = answer.findings;
      this.roundTrip = Math.round(performance.now() - begun);
      this.marks.show(this.findings);
      this.list.show(this.findings);
      this.list.say(this.findings.length ? '' : '检查完毕');
    } catch (error) {
      if (error.name === 'AbortError') return;
      if (!(error instanceof Refused)) throw error;
      this.list.say(`未能检查：${error.message}`);
    }
  }
}
