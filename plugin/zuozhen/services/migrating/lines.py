"""A migration as its worker sees it, and the line of each case in it: read in batches, settled one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, exists, func, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import UpdateBase

from zuozhen.services.actors import Actor
from zuozhen.store.tables import (
    ITEM_RETURNING,
    ITEM_WAITING,
    MIGRATION_ROLLING_BACK,
    MIGRATION_RUNNING,
    Migration,
    MigrationCase,
)

CALENDAR: Final = "calendar"
"""Kind of a migration that only counts deadlines again; the cases keep their releases."""

BATCH = 200
PAUSE = timedelta(seconds=5)
"""How long a case rests that somebody held."""

TURN: Final[Mapping[str, str]] = {
    MIGRATION_RUNNING: ITEM_WAITING,
    MIGRATION_ROLLING_BACK: ITEM_RETURNING,
}
"""By status of a migration at work: the status of the lines whose turn it is."""


class NotOurTurn(Exception):
    """The line was settled, or the migration stopped, by somebody else meanwhile."""


class Work(NamedTuple):
    """A migration at work. ``actor`` is the person who asked for what is being done, ``reason`` what he said."""

    tenant: int
    id: UUID
    release_id: UUID
    kind: str
    status: str
    plan: Mapping[str, Any]
    actor: Actor
    reason: str


class Line(NamedTuple):
    """One case in a migration; ``seq`` and ``before`` are set when it was moved, ``tries`` if it was held.

    ``result`` is its outlook as JSON, with the number of tries beside it.
    """

    case_id: UUID
    seq: int | None
    before: Mapping[str, Any] | None
    tries: int
    result: Mapping[str, Any]


def work_of(session: Session, tenant: int, migration_id: UUID) -> Work | None:
    """Return a migration that is at work, else ``None``."""
    row = session.get(Migration, (tenant, migration_id), populate_existing=True)
    if row is None or row.status not in TURN:
        return None
    actor, reason = Actor(tenant, row.created_name, row.created_by), row.note
    if row.status == MIGRATION_ROLLING_BACK:
        back = row.plan["back"]
        actor = Actor(tenant, back["by"], UUID(hex=back["by_id"]) if back["by_id"] else None)
        reason = back["reason"]
    return Work(tenant, row.id, row.release_id, row.kind, row.status, row.plan, actor, reason)


def next_lines(session: Session, work: Work, now: datetime) -> Sequence[Line]:
    """Return the next cases: first those that were not tried yet, then those that somebody held."""
    rows = session.execute(
        select(
            MigrationCase.case_id,
            MigrationCase.seq,
            MigrationCase.before,
            MigrationCase.error,
            MigrationCase.result,
        )
        .where(
            MigrationCase.tenant == work.tenant,
            MigrationCase.migration_id == work.id,
            MigrationCase.status == TURN[work.status],
            (MigrationCase.error.is_(None)) | (MigrationCase.at <= now - PAUSE),
        )
        .order_by(MigrationCase.error.is_not(None), MigrationCase.case_id)
        .limit(BATCH)
    )
    return [
        Line(case_id, seq, before, 0 if error is None else int(result.get("tries", 1)), result)
        for case_id, seq, before, error, result in rows
    ]


def settle(session: Session, work: Work, line: Line, **values: Any) -> None:
    """Write the outcome on the line of a case that is locked; what is not given stays.

    Raises:
        NotOurTurn: nothing of this transaction may be kept.
    """
    parameters = {
        "b_tenant": work.tenant,
        "b_migration": work.id,
        "b_case": line.case_id,
        "b_turn": TURN[work.status],
        "b_status": work.status,
    }
    if session.scalar(_settling(tuple(sorted(values))), {**parameters, **values}) is None:
        raise NotOurTurn


@cache
def _settling(names: tuple[str, ...]) -> UpdateBase:
    """Return the statement, built once: building it takes longer than running it."""
    line, migration = MigrationCase.__table__.c, Migration.__table__.c
    at_work = exists().where(
        migration.tenant == line.tenant,
        migration.id == line.migration_id,
        migration.status == bindparam("b_status"),
    )
    return (
        update(MigrationCase.__table__)  # type: ignore[arg-type]
        .where(
            line.tenant == bindparam("b_tenant"),
            line.migration_id == bindparam("b_migration"),
            line.case_id == bindparam("b_case"),
            line.status == bindparam("b_turn"),
            at_work,
        )
        .values({name: bindparam(name) for name in names})
        .returning(line.case_id)
    )


def counts_of(session: Session, tenant: int, migration_id: UUID) -> dict[str, int]:
    """Return how many of a migration's cases have which status."""
    rows = session.execute(
        select(MigrationCase.status, func.count())
        .where(MigrationCase.tenant == tenant, MigrationCase.migration_id == migration_id)
        .group_by(MigrationCase.status)
    )
    return {str(status): int(count) for status, count in rows}
