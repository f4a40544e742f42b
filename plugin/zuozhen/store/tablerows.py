"""Rows of reference tables that staff changed: what holds now, and how it came to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from zuozhen.store.tables import TableEdit


def revisions(session: Session, tenant: int) -> dict[str, int]:
    """Return how often each table was changed; asked once in a transaction, however many releases need it."""
    known: dict[int, dict[str, int]] = session.info.setdefault("table_revisions", {})
    if tenant not in known:
        rows = session.execute(
            select(TableEdit.table_key, func.max(TableEdit.rev))
            .where(TableEdit.tenant == tenant)
            .group_by(TableEdit.table_key)
        )
        known[tenant] = {row[0]: row[1] for row in rows}
    return known[tenant]


def present_rows(session: Session, tenant: int) -> dict[str, list[Any]]:
    """Return the rows of the tables that staff changed, by key; not of those that were set back."""
    newest = (
        select(TableEdit.table_key, func.max(TableEdit.rev).label("rev"))
        .where(TableEdit.tenant == tenant)
        .group_by(TableEdit.table_key)
        .subquery()
    )
    found = session.execute(
        select(TableEdit.table_key, TableEdit.rows)
        .join(newest, and_(newest.c.table_key == TableEdit.table_key, newest.c.rev == TableEdit.rev))
        .where(TableEdit.tenant == tenant)
    )
    return {key: rows for key, rows in found if rows is not None}


def add_edit(session: Session, edit: TableEdit) -> None:
    """Write a change down; ``edit.rev`` is set.

    It follows the revision that this transaction saw *before* it read the rows, so that no change of somebody else
    is lost in between. ``IntegrityError``: somebody else was first.
    """
    edit.rev = revisions(session, edit.tenant).get(edit.table_key, 0) + 1
    session.add(edit)
    session.flush()
    session.info.pop("table_revisions", None)


def edits_of(session: Session, tenant: int, key: str, limit: int) -> Sequence[TableEdit]:
    """Return the last changes of a table, newest first."""
    return session.scalars(
        select(TableEdit)
        .where(TableEdit.tenant == tenant, TableEdit.table_key == key)
        .order_by(TableEdit.rev.desc())
        .limit(limit)
    ).all()
