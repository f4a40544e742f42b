"""The worker's side of a migration: case after case for some seconds, then the next slice is queued.

Timers and letters go on between two slices. Every case is a transaction of its own that looks first whether it
is still its turn, so that a slice may be run twice (a worker was killed, a lease ran out) without harm.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from zuozhen.model.errors import Conflict
from zuozhen.services.context import Context
from zuozhen.services.migrating.lines import (
    PAUSE,
    TURN,
    Line,
    NotOurTurn,
    Work,
    counts_of,
    next_lines,
    settle,
    work_of,
)
from zuozhen.services.migrating.moving import move_case
from zuozhen.services.migrating.returning import return_case
from zuozhen.store.jobs import insert_jobs
from zuozhen.store.steps import NewJob
from zuozhen.store.tables import (
    ITEM_DONE,
    ITEM_FAILED,
    ITEM_KEPT,
    ITEM_ROLLED_BACK,
    ITEM_WAITING,
    MIGRATION_DONE,
    MIGRATION_ROLLED_BACK,
    MIGRATION_ROLLING_BACK,
    MIGRATION_RUNNING,
    MIGRATION_STOPPED,
    Job,
    Migration,
)

logger = logging.getLogger(__name__)

KIND = "migrate"
SLICE_SECONDS = 2.0
LEASE = timedelta(seconds=30)
"""How soon another worker takes over from one that was killed."""

TRIES = 3
"""How often a case that somebody holds is tried, each time after all others."""

ACTS: Mapping[str, tuple[Callable[[Context, Work, Line], None], str]] = {
    MIGRATION_RUNNING: (move_case, ITEM_FAILED),
    MIGRATION_ROLLING_BACK: (return_case, ITEM_KEPT),
}
"""By status of the migration: what is done to a case, and what becomes of one that cannot be had."""


def carry(context: Context, job: Job) -> None:
    """Do one slice of a migration and queue the next, or finish (effect of a ``migrate`` job)."""
    migration_id = UUID(hex=job.payload["migration"])
    _shorten_lease(context, job)
    if run_slice(context, job.tenant, migration_id, SLICE_SECONDS):
        return
    with context.database.write() as session:
        queue(session, job.tenant, migration_id, _next_at(context, session, job.tenant, migration_id))


def queue(session: Session, tenant: int, migration_id: UUID, due_at: datetime) -> None:
    """Ask for the next slice; asking twice is harmless."""
    number = session.scalar(
        select(func.count())
        .select_from(Job)
        .where(
            Job.tenant == tenant,
            Job.case_id.is_(None),
            Job.kind == KIND,
            Job.token.startswith(migration_id.hex),
        )
    )
    token = f"{migration_id.hex}:{number}"
    insert_jobs(session, tenant, [NewJob(None, KIND, token, due_at, {"migration": migration_id.hex})])


def run_slice(context: Context, tenant: int, migration_id: UUID, seconds: float) -> bool:
    """Work on a migration for about ``seconds`` (one case at least); ``True`` when nothing is left to do."""
    until = time.monotonic() + seconds
    while True:
        with context.database.read() as session:
            work = work_of(session, tenant, migration_id)
            if work is None:
                return True
            context.releases.live(session, tenant)  # count by the newest calendar, even in this process
            found = next_lines(session, work, context.clock())
        if not found:
            return _finish(context, work)
        for line in found:
            _one(context, work, line)
            if time.monotonic() >= until:
                return False


def _one(context: Context, work: Work, line: Line) -> None:
    move, given_up = ACTS[work.status]
    try:
        move(context, work, line)
    except NotOurTurn:
        return
    except Conflict as error:
        tries = line.tries + 1
        status = given_up if tries >= TRIES else TURN[work.status]
        _note(context, work, line, status=status, error=error.message, tries=tries)
    except Exception as error:
        logger.exception("migration %s: case %s", work.id, line.case_id)
        _note(context, work, line, status=given_up, error=f"{type(error).__name__}: {error}"[:2000])


def _note(context: Context, work: Work, line: Line, *, status: str, error: str, tries: int = 0) -> None:
    """Note what went wrong with a case; its own transaction is undone already."""
    with suppress(NotOurTurn), context.database.write() as session:
        result = {**line.result, "tries": tries}
        settle(session, work, line, status=status, error=error, at=context.clock(), result=result)


def _finish(context: Context, work: Work) -> bool:
    """Close a migration with nothing left to do; ``False`` while cases that somebody holds rest."""
    with context.database.write() as session:
        migration = session.get(Migration, (work.tenant, work.id), with_for_update=True)
        if migration is None or migration.status not in TURN:
            return True
        counts = counts_of(session, work.tenant, work.id)
        if counts.get(TURN[migration.status]):
            return False
        migration.status = _final(counts, rolling_back=migration.status == MIGRATION_ROLLING_BACK)
        migration.finished_at = context.clock()
    return True


def _final(counts: Mapping[str, int], *, rolling_back: bool) -> str:
    if not rolling_back:
        return MIGRATION_DONE
    if counts.get(ITEM_WAITING):
        return MIGRATION_STOPPED
    whole = counts.get(ITEM_ROLLED_BACK) and not counts.get(ITEM_DONE)
    return MIGRATION_ROLLED_BACK if whole else MIGRATION_DONE


def _next_at(context: Context, session: Session, tenant: int, migration_id: UUID) -> datetime:
    """Return when the next slice may begin: at once, unless only cases are left that somebody holds."""
    now = context.clock()
    work = work_of(session, tenant, migration_id)
    return now if work is None or next_lines(session, work, now) else now + PAUSE


def _shorten_lease(context: Context, job: Job) -> None:
    with context.database.write() as session:
        session.execute(
            update(Job)
            .where(Job.tenant == job.tenant, Job.id == job.id, Job.lease_owner == job.lease_owner)
            .values(lease_until=context.clock() + LEASE)
            .execution_options(synchronize_session=False)
        )
