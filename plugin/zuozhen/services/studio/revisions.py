"""Everything that was ever saved in the studio, by file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import undefer

from zuozhen.model.errors import NotFound
from zuozhen.services.context import Context
from zuozhen.store.tables import StudioRevision


@dataclass(frozen=True, slots=True)
class Revision:
    """One saved revision. ``content`` is ``None`` for a deletion, and always in a list."""

    path: str
    rev: int
    by: str
    at: datetime
    note: str
    content: bytes | None = None


def revisions(context: Context, tenant: int, path: str) -> tuple[Revision, ...]:
    """Return the revisions of a path without their contents, the newest first; none for an untouched file."""
    query = (
        select(StudioRevision)
        .where(StudioRevision.tenant == tenant, StudioRevision.path == path)
        .order_by(StudioRevision.rev.desc())
    )
    with context.database.read() as session:
        return tuple(
            Revision(row.path, row.rev, row.saved_name, row.saved_at, row.note)
            for row in session.scalars(query)
        )


def revision(context: Context, tenant: int, path: str, rev: int) -> Revision:
    """Return one revision with its content.

    Raises:
        NotFound: nobody has saved it.
    """
    query = (
        select(StudioRevision)
        .where(StudioRevision.tenant == tenant, StudioRevision.path == path, StudioRevision.rev == rev)
        .options(undefer(StudioRevision.content))
    )
    with context.database.read() as session:
        row = session.scalar(query)
        if row is None:
            raise NotFound("没有这一次保存的内容。", hint="请从“修改记录”中选择。")
        return Revision(row.path, row.rev, row.saved_name, row.saved_at, row.note, row.content)
