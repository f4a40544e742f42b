// What somebody had not saved the last time goes into the editor at once; [data-zz-kept] tells it and offers to
// go back to what is saved. `kept` is {content, rev} or null: it goes on from the revision that it began from, so
// that a colleague who has saved since is not overwritten unasked.

/** `put(content)` puts a text into the editor and tells whether it could. */
export async function resumeKept(page, draft, { kept, saved, rev, put }) {
  if (!kept || !(await put(kept.content))) return;
  const banner = page.querySelector('[data-zz-kept]');
  banner.hidden = false;
  draft.rev = kept.rev;
  draft.restore();
  banner.querySelector('[data-zz-dismiss]').addEventListener('click', async () => {
    if (!(await put(saved))) return;
    banner.hidden = true;
    draft.reset(rev);
  });
}
