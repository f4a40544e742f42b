"""The draft of a jurisdiction's pack: the live release's files overlaid by what the administrators saved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from zuozhen.model.errors import Conflict, NotFound
from zuozhen.packs.bundle import fingerprint
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.studio import autosaves
from zuozhen.services.studio.autosaves import Autosave, drop_autosave, own_autosave, own_autosaves
from zuozhen.services.studio.draftpaths import check_content, check_pack
from zuozhen.services.studio.drafts import (
    DraftChange,
    DraftFile,
    changes,
    diagram_path,
    entries,
    files,
    fingerprint_of,
    manifest_path,
    overlaid,
    read_file,
    rev_of,
    slug,
)
from zuozhen.services.studio.revisions import Revision, revision, revisions
from zuozhen.store.studiofiles import NEVER, Save, Saver, drafted, newest_revs, save_revision
from zuozhen.store.tables import StudioFile

__all__ = [
    "IMPORT",
    "Autosave",
    "DraftChange",
    "DraftFile",
    "Revision",
    "StaleDraft",
    "autosave",
    "changes",
    "diagram_path",
    "discard",
    "drop_autosave",
    "entries",
    "files",
    "fingerprint_of",
    "manifest_path",
    "own_autosave",
    "own_autosaves",
    "read_file",
    "rev_of",
    "revision",
    "revisions",
    "save_all",
    "save_file",
    "slug",
]

IMPORT: Final = ":import"
"""The path, which no pack can have, under which a person's upload waits to be taken over."""
LONGEST_NOTE: Final = 500
ATTEMPTS: Final = 2


class StaleDraft(Conflict):
    """Somebody has saved the file since it was read; ``rev``, ``by``, ``at`` and ``content`` are theirs.

    What could not be saved is kept as the person's own autosave.
    """

    def __init__(self, path: str, *, rev: int, by: str, at: datetime | None, content: bytes | None) -> None:
        who = f"{by}已" if by else "它已被"
        super().__init__(
            f"您打开此文件之后，{who}保存了新的内容，您的修改没有覆盖它。",
            hint="您的内容已自动保存；请对照两份内容后决定用哪一份。",
        )
        self.path, self.rev, self.by, self.at, self.content = path, rev, by, at, content


# ---------------------------------------------------------------- writing


def save_file(
    context: Context, actor: Actor, path: str, content: bytes | None, *, rev: int, note: str = ""
) -> int:
    """Save a file over revision ``rev``, or delete it (``None``); returns the newest revision's number.

    One's own autosave of the path goes. What the draft holds already is no new revision.

    Raises:
        StaleDraft: ``rev`` is not the newest revision; nothing is lost, the text is one's own autosave now.
        Invalid: no pack may hold this path, or the content is too large or not UTF-8.
    """
    for attempt in range(ATTEMPTS):
        try:
            with context.database.write() as session:
                live, present = _checked(context, session, actor, path, content)
                newest = newest_revs(session, actor.tenant, [path]).get(path, NEVER)
                if content == present:  # nothing to save, and nothing to be told
                    autosaves.forget(session, actor, path)
                    return newest
                if newest != rev:
                    break
                save = Save(path, content, live, note.strip()[:LONGEST_NOTE])
                new = save_revision(session, actor.tenant, save, after=rev, saver=_saver(context, actor))
                autosaves.forget(session, actor, path)
                return new
        except IntegrityError:
            break
        except Conflict:  # a lock that took too long, or a deployment at the same moment
            if attempt + 1 == ATTEMPTS:
                _keep(context, actor, path, content, rev)
                raise
    _keep(context, actor, path, content, rev)
    raise stale(context, actor.tenant, path)


def save_all(
    context: Context, actor: Actor, wanted: Mapping[str, bytes], *, shown: str, note: str
) -> tuple[str, ...]:
    """Make the draft hold exactly ``wanted`` (an import, an old release); returns the paths that changed.

    ``shown`` is the fingerprint of the draft that the person was shown.

    Raises:
        Conflict: the draft has changed since; nothing was saved.
        Invalid: a file of another pack among them.
    """
    try:
        with context.database.write() as session:
            release = context.releases.live(session, actor.tenant)
            check_pack(release.slug, wanted)
            effective = overlaid(release.files, drafted(session, actor.tenant))
            if fingerprint(effective) != shown:
                raise draft_moved()
            revs = newest_revs(session, actor.tenant)
            changed = [p for p in sorted({*effective, *wanted}) if effective.get(p) != wanted.get(p)]
            for path in changed:
                save = Save(path, wanted.get(path), release.files.get(path), note.strip()[:LONGEST_NOTE])
                after = revs.get(path, NEVER)
                save_revision(session, actor.tenant, save, after=after, saver=_saver(context, actor))
    except IntegrityError as error:
        raise draft_moved() from error
    return tuple(changed)


def discard(context: Context, actor: Actor, path: str | None) -> tuple[str, ...]:
    """Take one file, or all, back to the live release; returns the paths. Every revision stays readable.

    Raises:
        NotFound: the file is not changed. Conflict: somebody is saving it at this moment.
    """
    saver = _saver(context, actor)
    try:
        with context.database.write() as session:
            live = context.releases.live(session, actor.tenant).files
            rows = [row for row in drafted(session, actor.tenant) if path in (None, row.path)]
            if path is not None and not rows:
                raise NotFound("此文件与现行版本相同，没有可放弃的修改。")
            revs = newest_revs(session, actor.tenant)
            for row in rows:
                content = live.get(row.path)
                save = Save(row.path, content, content, "放弃修改，恢复为现行版本")
                save_revision(session, actor.tenant, save, after=revs.get(row.path, NEVER), saver=saver)
            return tuple(row.path for row in rows)
    except IntegrityError as error:
        raise draft_moved() from error


def autosave(context: Context, actor: Actor, path: str, content: bytes, *, rev: int) -> None:
    """Keep what somebody has typed and not saved; it replaces their last autosave of the path.

    Raises:
        Invalid: as ``save_file``.
    """
    with context.database.write() as session:
        _checked(context, session, actor, path, content)
        autosaves.keep(context, session, actor, path, content, rev)


def stale(context: Context, tenant: int, path: str) -> StaleDraft:
    """Return the error that tells about the newest revision of a path."""
    with context.database.read() as session:
        rev = newest_revs(session, tenant, [path]).get(path, NEVER)
        row = session.get(StudioFile, (tenant, path))
        content = row.content if row is not None else context.releases.live(session, tenant).files.get(path)
    if rev == NEVER:
        return StaleDraft(path, rev=rev, by="", at=None, content=content)
    newest = revision(context, tenant, path, rev)
    return StaleDraft(path, rev=rev, by=newest.by, at=newest.at, content=content)


def draft_moved() -> Conflict:
    """Return the error for a draft that is not the one a page showed."""
    return Conflict(
        "您看到页面之后，草稿或现行版本又有了变化，本次没有执行。", hint="请核对下面最新的内容后再提交一次。"
    )


# ---------------------------------------------------------------- parts


def _checked(
    context: Context, session: Session, actor: Actor, path: str, content: bytes | None
) -> tuple[bytes | None, bytes | None]:
    """Return the live and the present content of a path, having refused what nobody may write there."""
    live = context.releases.live(session, actor.tenant)
    effective = overlaid(live.files, drafted(session, actor.tenant))
    check_content(live.slug, path, content, effective)
    if content is not None:
        check_pack(live.slug, {**effective, path: content})
    return live.files.get(path), effective.get(path)


def _saver(context: Context, actor: Actor) -> Saver:
    return Saver(actor.id, actor.name, context.clock())


def _keep(context: Context, actor: Actor, path: str, content: bytes | None, rev: int) -> None:
    """Keep what could not be saved; a deletion has no text to keep."""
    if content is not None and actor.id is not None:
        with context.database.write() as session:
            autosaves.keep(context, session, actor, path, content, rev)
