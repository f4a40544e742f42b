// Puts a new folder in the place of an old one: the old one stays as it is until the new one is complete.
import fs from 'node:fs';

/** Let `make(folder)` fill a new folder beside `out`, then swap the two; if it fails, `out` stays untouched. */
export async function replaceFolder(out, make) {
  const [fresh, former] = [`${out}.new`, `${out}.old`]; // beside it, as only a rename on one file system is at once
  remove(former);
  remove(fresh);
  fs.mkdirSync(fresh, { recursive: true });
  try {
    await make(fresh);
    if (fs.existsSync(out)) fs.renameSync(out, former);
    fs.renameSync(fresh, out);
  } finally {
    remove(fresh);
  }
  remove(former);
}

function remove(folder) {
  fs.rmSync(folder, { recursive: true, force: true });
}
