"""Files of a jurisdiction's draft: their newest revisions, saving one more, settling after a deployment.

The revision rows are the only counter: the number of a path is that of its newest revision, so it never falls
and is never used again, whatever becomes of the draft's row. Whoever inserts a number first has it (the
primary key); the loser's transaction ends with ``IntegrityError``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from zuozhen.store.tables import StudioFile, StudioRevision

NEVER = 0
"""The number of a path that nobody has ever saved."""


@dataclass(frozen=True, slots=True)
class Save:
    """One content of one path, about to be written; ``content`` is ``None`` for a deletion."""

    path: str
    content: bytes | None
    live: bytes | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Saver:
    """Who writes, and when."""

    id: UUID | None
    name: str
    at: datetime


def digest(content: bytes | None) -> str:
    """Return the SHA-256 of a file, empty where there is none."""
    return hashlib.sha256(content).hexdigest() if content is not None else ""


def drafted(session: Session, tenant: int) -> list[StudioFile]:
    """Return the files in which the draft differs from the live release, by path."""
    query = select(StudioFile).where(StudioFile.tenant == tenant).order_by(StudioFile.path)
    return list(session.scalars(query))


def newest_revs(session: Session, tenant: int, paths: Collection[str] | None = None) -> dict[str, int]:
    """Return the number of the newest revision of every path that was ever saved (or of ``paths`` only)."""
    query = (
        select(StudioRevision.path, func.max(StudioRevision.rev))
        .where(StudioRevision.tenant == tenant)
        .group_by(StudioRevision.path)
    )
    if paths is not None:
        query = query.where(StudioRevision.path.in_(paths))
    return dict(session.execute(query).all())


def save_revision(session: Session, tenant: int, save: Save, *, after: int, saver: Saver) -> int:
    """Write revision ``after`` + 1 of a path and what the draft holds from now on; returns its number.

    A content that is the live one leaves no row in the draft.

    Raises:
        IntegrityError: somebody else has written that revision.
    """
    rev = after + 1
    session.add(
        StudioRevision(
            tenant=tenant,
            path=save.path,
            rev=rev,
            content=save.content,
            note=save.note,
            saved_by=saver.id,
            saved_name=saver.name,
            saved_at=saver.at,
        )
    )
    session.flush()  # the number is ours from here on
    row = session.get(StudioFile, (tenant, save.path), populate_existing=True)
    if save.content == save.live:
        if row is not None:
            session.delete(row)
    elif row is None:
        session.add(
            StudioFile(
                tenant=tenant,
                path=save.path,
                content=save.content,
                base=digest(save.live),
                rev=rev,
                updated_by=saver.id,
                updated_name=saver.name,
                updated_at=saver.at,
            )
        )
    else:
        row.content, row.rev = save.content, rev
        row.updated_by, row.updated_name, row.updated_at = saver.id, saver.name, saver.at
    session.flush()
    return rev


def settle(
    session: Session,
    tenant: int,
    old: Mapping[str, bytes],
    new: Mapping[str, bytes],
    *,
    saver: Saver,
    note: str,
) -> None:
    """Bring the draft in line with a release that has just become the live one.

    What the draft has in common with it is no change any more. A file that changes under the draft (it was
    not edited, the release brings another content) gets a revision: an editor that still shows the old
    content must be told when it saves.
    """
    rows = {row.path: row for row in drafted(session, tenant)}
    for path, row in rows.items():
        if row.content == new.get(path):  # not what somebody may be saving at this moment
            this = (StudioFile.tenant == tenant, StudioFile.path == path, StudioFile.rev == row.rev)
            session.execute(delete(StudioFile).where(*this))
    moved = [path for path in sorted({*old, *new} - rows.keys()) if old.get(path) != new.get(path)]
    revs = newest_revs(session, tenant, moved)
    for path in moved:
        save = Save(path, new.get(path), new.get(path), note)
        save_revision(session, tenant, save, after=revs.get(path, NEVER), saver=saver)
