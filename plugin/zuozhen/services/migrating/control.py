"""Starting, stopping, resuming and rolling back a migration; the work itself is the worker's."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from zuozhen.model.errors import Conflict, Invalid, NotFound, Problem
from zuozhen.model.ids import new_id
from zuozhen.model.migration import Order
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.migrating.lines import CALENDAR, counts_of
from zuozhen.services.migrating.outlook import order_json
from zuozhen.services.migrating.preview import RECOUNT
from zuozhen.services.migrating.running import find_release
from zuozhen.services.migrating.slices import queue
from zuozhen.services.releases import Release
from zuozhen.store.base import fixed
from zuozhen.store.tables import (
    CASE_OPEN,
    ITEM_DONE,
    ITEM_KEPT,
    ITEM_RETURNING,
    ITEM_WAITING,
    MIGRATION_ROLLING_BACK,
    MIGRATION_RUNNING,
    MIGRATION_STOPPED,
    Case,
    Migration,
    MigrationCase,
)
from zuozhen.store.tables import Release as ReleaseRow

ALL: Final = "all"
MOST_CHARACTERS = 500
BATCH = 500
BUSY = (MIGRATION_RUNNING, MIGRATION_ROLLING_BACK)


def start(
    context: Context,
    actor: Actor,
    target: UUID | int | None,
    order: Order,
    cases: Collection[UUID] | Literal["all"],
    note: str,
) -> UUID:
    """Have the worker move running cases to a release; returns the migration's id.

    Cases that are over by now, or on that release already, are left out.

    Raises:
        Invalid: no case is chosen, or the note is too long. NotFound: no such release.
        Conflict: another migration of the jurisdiction is at work.
    """
    if cases != ALL and not cases:
        raise Invalid("没有选择要迁移的办件。", (Problem("cases", "办件", "请至少选择一件"),))
    with context.database.write() as session:
        release = find_release(context, session, actor.tenant, target)
        migration_id = _start(
            context, session, actor, release, "release", order_json(order), cases, note, not_on=release.id
        )
    context.wake()
    return migration_id


def start_counting(context: Context, session: Session, actor: Actor, release: Release, note: str) -> UUID:
    """Have the worker count the open deadlines of all running cases by the calendar of ``release``, the newest.

    Part of the deployment that brings the calendar: the caller commits, then wakes the worker. Returns the
    migration's id.

    Raises:
        Conflict: another migration of the jurisdiction is at work.
    """
    return _start(context, session, actor, release, CALENDAR, order_json(RECOUNT), ALL, note, not_on=None)


def _start(
    context: Context,
    session: Session,
    actor: Actor,
    release: Release,
    kind: str,
    plan: dict[str, Any],
    cases: Collection[UUID] | Literal["all"],
    note: str,
    *,
    not_on: UUID | None,
) -> UUID:
    if len(note.strip()) > MOST_CHARACTERS:
        raise Invalid("说明太长。", (Problem("note", "说明", f"不超过 {MOST_CHARACTERS} 个字"),))
    _only_one(session, actor.tenant)
    chosen = list(_open_cases(session, actor.tenant, cases, not_on))
    if not chosen and kind != CALENDAR:
        raise Invalid("所选办件都已结束，或已经在这一版本上。", hint="请重新预览。")
    now = context.clock()
    migration = Migration(
        tenant=actor.tenant,
        id=new_id(),
        release_id=release.id,
        kind=kind,
        status=MIGRATION_RUNNING,
        plan=plan,
        note=note.strip(),
        created_by=actor.id,
        created_name=actor.name,
        created_at=now,
    )
    session.add(migration)
    session.flush()
    rows = [
        {
            "tenant": actor.tenant,
            "migration_id": migration.id,
            "case_id": case_id,
            "status": ITEM_WAITING,
            "result": {},
        }
        for case_id in chosen
    ]
    for first in range(0, len(rows), BATCH):
        session.execute(insert(MigrationCase), rows[first : first + BATCH])
    queue(session, actor.tenant, migration.id, now)
    return migration.id


def _open_cases(
    session: Session, tenant: int, cases: Collection[UUID] | Literal["all"], not_on: UUID | None
) -> Iterator[UUID]:
    query = select(Case.id).where(Case.tenant == tenant, Case.status == fixed(CASE_OPEN))
    if not_on is not None:
        query = query.where(Case.release_id != not_on)
    if cases == ALL:
        yield from session.scalars(query)
        return
    wanted = sorted(set(cases))
    for first in range(0, len(wanted), BATCH):
        yield from session.scalars(query.where(Case.id.in_(wanted[first : first + BATCH])))


def stop(context: Context, actor: Actor, migration_id: UUID) -> None:
    """Let a migration (or its roll-back) rest after the case in hand.

    Raises:
        NotFound: no such migration. Conflict: it is not at work.
    """
    with context.database.write() as session:
        migration = load(session, actor.tenant, migration_id, lock=True)
        if migration.status not in BUSY:
            raise Conflict("这次迁移已经不在进行，不需要停止。", hint="请刷新页面查看结果。")
        migration.status = MIGRATION_STOPPED


def resume(context: Context, actor: Actor, migration_id: UUID) -> None:
    """Go on with a stopped migration or roll-back where it was stopped.

    Raises:
        NotFound: no such migration. Conflict: it is not stopped, or another one is at work.
    """
    with context.database.write() as session:
        _only_one(session, actor.tenant)
        migration = load(session, actor.tenant, migration_id, lock=True)
        if migration.status != MIGRATION_STOPPED:
            raise Conflict("这次迁移没有停止，不需要继续。", hint="请刷新页面查看结果。")
        returning = counts_of(session, actor.tenant, migration_id).get(ITEM_RETURNING)
        migration.status = MIGRATION_ROLLING_BACK if returning else MIGRATION_RUNNING
        migration.finished_at = None
        queue(session, actor.tenant, migration_id, context.clock())
    context.wake()


def roll_back(
    context: Context, actor: Actor, migration_id: UUID, cases: Collection[UUID] | None, reason: str
) -> int:
    """Have the worker put cases back to where they were; ``None`` means all of them. Returns how many.

    A case that has moved on since is kept, with the reason on its line.

    Raises:
        Invalid: no reason. NotFound: no such migration.
        Conflict: it is still at work, or none of the cases was moved by it.
    """
    if len(reason.strip()) < 2 or len(reason.strip()) > MOST_CHARACTERS:
        raise Invalid("没有回退。", (Problem("reason", "理由", "请写明为什么回退，不超过 500 个字"),))
    with context.database.write() as session:
        _only_one(session, actor.tenant)
        migration = load(session, actor.tenant, migration_id, lock=True)
        count = _mark(session, actor.tenant, migration_id, cases)
        if not count:
            raise Conflict("没有可以回退的办件。", hint="只有已迁移、尚未回退的办件可以回退。")
        by = {"by": actor.name, "by_id": actor.id.hex if actor.id else "", "reason": reason.strip()}
        migration.plan = {**migration.plan, "back": {**by, "at": context.clock().isoformat()}}
        migration.status = MIGRATION_ROLLING_BACK
        migration.finished_at = None
        queue(session, actor.tenant, migration_id, context.clock())
    context.wake()
    return count


def _mark(session: Session, tenant: int, migration_id: UUID, cases: Collection[UUID] | None) -> int:
    statement = (
        update(MigrationCase)
        .where(
            MigrationCase.tenant == tenant,
            MigrationCase.migration_id == migration_id,
            MigrationCase.status.in_((ITEM_DONE, ITEM_KEPT)),
            MigrationCase.seq.is_not(None),
        )
        .values(status=ITEM_RETURNING, error=None)
        .execution_options(synchronize_session=False)
    )
    wanted = sorted(set(cases)) if cases is not None else []
    parts = [wanted[first : first + BATCH] for first in range(0, len(wanted), BATCH)]
    statements = [statement.where(MigrationCase.case_id.in_(part)) for part in parts]
    returning = MigrationCase.case_id
    return sum(
        len(session.scalars(one.returning(returning)).all())
        for one in (statements if cases is not None else [statement])
    )


def load(session: Session, tenant: int, migration_id: UUID, *, lock: bool = False) -> Migration:
    """Return a migration of the jurisdiction. Raises ``NotFound``."""
    migration = session.get(Migration, (tenant, migration_id), with_for_update=True if lock else None)
    if migration is None:
        raise NotFound("没有这次迁移。", hint="请从迁移列表中选择。")
    return migration


def _only_one(session: Session, tenant: int) -> None:
    """Raise ``Conflict`` while a migration is at work; locks the newest release so that two cannot begin at once."""
    session.execute(
        select(ReleaseRow.id)
        .where(ReleaseRow.tenant == tenant)
        .order_by(ReleaseRow.version.desc())
        .limit(1)
        .with_for_update(key_share=True)
    )
    busy = session.scalar(
        select(Migration.id).where(Migration.tenant == tenant, Migration.status.in_(BUSY)).limit(1)
    )
    if busy is not None:
        raise Conflict("有一次迁移正在进行。", hint="请等它完成，或先停止它。")
