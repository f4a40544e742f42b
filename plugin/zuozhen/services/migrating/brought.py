"""The warnings of the check that a version has and those before it had not: read from what their deployments kept."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from zuozhen.services.context import Context
from zuozhen.store.tables import Release as ReleaseRow


class Warned(NamedTuple):
    """A warning, and why it was let pass (empty: nobody had to say)."""

    message: str
    reason: str


def warnings_brought(
    context: Context, tenant: int, target: UUID, versions: Collection[int]
) -> tuple[Warned, ...]:
    """Return what cases of ``versions`` meet on the release ``target`` that the check had not found on all of theirs."""
    with context.database.read() as session:
        rows = session.execute(
            select(ReleaseRow.id, ReleaseRow.version, ReleaseRow.accepted).where(
                ReleaseRow.tenant == tenant,
                (ReleaseRow.id == target) | ReleaseRow.version.in_(sorted(versions)),
            )
        ).all()
    kept = {
        version: {(line["code"], line["element"], line["message"]) for line in accepted or ()}
        for release_id, version, accepted in rows
        if release_id != target
    }
    known = set.intersection(*kept.values()) if kept else set()
    return tuple(
        Warned(line["message"], line["reason"])
        for release_id, _, accepted in rows
        if release_id == target
        for line in accepted or ()
        if (line["code"], line["element"], line["message"]) not in known
    )
