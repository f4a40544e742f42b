"""Due work: timers of cases, and the outbox.

Locks are always taken in one order, the case row first, then its job rows, so that workers and people never
wait for each other in a circle. A timer firing locks the case and nothing else. An effect is claimed by a
lease in a short transaction that touches the job row only; carrying it out locks its case first and marks
the job done last.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import and_, case, func, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import UpdateBase

from zuozhen.model.ids import new_id
from zuozhen.store.casetables import is_open, is_stuck, is_waiting
from zuozhen.store.database import dialect_of, upsert
from zuozhen.store.locking import locks_rows, seen_rev
from zuozhen.store.tables import MAX_ATTEMPTS, Case, Job, Token

FIRST_PAUSE: Final = timedelta(seconds=30)
"""Pause after the first failure; each further one is four times as long (30 s, 2 min, 8 min, 32 min)."""


@dataclass(frozen=True, slots=True)
class NewJob:
    """Work to put into the outbox. ``token`` makes it unique per case and kind (at most 64 characters)."""

    case_id: UUID | None
    kind: str
    token: str
    due_at: datetime
    payload: Mapping[str, Any] = field(default_factory=dict)


class Lag(NamedTuple):
    """Overdue work of one kind: how many rows wait, since when, and how many rest after too many failures."""

    kind: str
    waiting: int
    oldest: datetime | None
    stuck: int


def insert_jobs(session: Session, tenant: int, jobs: Iterable[NewJob]) -> None:
    """Put jobs into the outbox in one statement; one that is there already is left as it is."""
    rows = [
        {
            "tenant": tenant,
            "id": new_id(),
            "case_id": job.case_id,
            "kind": job.kind,
            "token": job.token,
            "due_at": job.due_at,
            "payload": dict(job.payload),
            "attempts": 0,
        }
        for job in jobs
    ]
    if rows:
        session.execute(_insert_of_jobs(dialect_of(session)), rows)


@cache
def _insert_of_jobs(dialect: str) -> UpdateBase:
    # RETURNING makes SQLAlchemy send all rows as one statement instead of one for each.
    return upsert(dialect, Job).on_conflict_do_nothing().returning(Job.id)


# ---------------------------------------------------------------- timers


def next_timer_case(session: Session, now: datetime) -> tuple[int, UUID] | None:
    """Return (tenant, case) of the longest overdue timer, or ``None``.

    In a write session on PostgreSQL the case is locked and cases that somebody works on are passed over.
    """
    query = (
        select(Case.tenant, Case.id, Case.rev, seen_rev())
        .join(Token, and_(Token.tenant == Case.tenant, Token.case_id == Case.id))
        .where(is_open("timer"), Token.due_at <= now)
        .order_by(Token.due_at)
        .limit(1)
    )
    if locks_rows(session):
        query = query.with_for_update(of=Case, key_share=True, skip_locked=True)
    while (row := session.execute(query).first()) is not None:
        tenant, case_id, rev, seen = row
        if rev == seen:
            return tenant, case_id
        # Somebody changed the case since the snapshot and may have fired the timer: look again.
    return None


# ---------------------------------------------------------------- effects


def claim_job(
    session: Session, now: datetime, owner: str, lease: timedelta, kinds: Collection[str] = ()
) -> Job | None:
    """Take the longest due job for ``owner`` until ``now + lease``; ``None`` when there is none.

    The caller commits at once and then works. ``attempts`` counts this try already, so that a job that
    kills its worker comes to rest too. After the lease anybody may take the job again.
    """
    query = (
        select(Job)
        .where(is_waiting(), Job.due_at <= now, or_(Job.lease_until.is_(None), Job.lease_until <= now))
        .order_by(Job.due_at, Job.id)
        .limit(1)
    )
    if kinds:
        query = query.where(Job.kind.in_(kinds))
    if locks_rows(session):
        query = query.with_for_update(of=Job, key_share=True, skip_locked=True)
    job = session.scalar(query)
    if job is not None:
        job.attempts += 1
        job.lease_owner = owner
        job.lease_until = now + lease
        session.flush()
    return job


def finish_job(session: Session, job: Job, now: datetime) -> bool:
    """Mark a claimed job done; ``False`` when the lease was lost to somebody else meanwhile."""
    return _settle(session, job, done_at=now, error=None)


def fail_job(
    session: Session, job: Job, *, error: str, now: datetime, final: bool = False
) -> datetime | None:
    """Put a claimed job back after a failure.

    Returns when it is tried again, or ``None`` when it rests until a person retries it (too many tries,
    or ``final``) or somebody else holds it by now.
    """
    if final or job.attempts >= MAX_ATTEMPTS:
        _settle(session, job, error=error, attempts=max(job.attempts, MAX_ATTEMPTS))
        return None
    due_at = now + FIRST_PAUSE * 4 ** (job.attempts - 1)
    return due_at if _settle(session, job, error=error, due_at=due_at) else None


def _settle(session: Session, job: Job, **values: Any) -> bool:
    changed = session.scalar(
        update(Job)
        .where(
            Job.tenant == job.tenant,
            Job.id == job.id,
            Job.done_at.is_(None),
            Job.lease_owner == job.lease_owner,
            Job.attempts == job.attempts,
        )
        .values(lease_until=None, lease_owner=None, **values)
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    )
    return changed is not None


def retry_job(session: Session, tenant: int, job_id: UUID, now: datetime) -> bool:
    """Let a resting job be tried again at once; ``False`` when it is done or does not exist."""
    changed = session.scalar(
        update(Job)
        .where(Job.tenant == tenant, Job.id == job_id, Job.done_at.is_(None))
        .values(attempts=0, due_at=now, error=None, lease_until=None, lease_owner=None)
        .returning(Job.id)
    )
    return changed is not None


# ---------------------------------------------------------------- for sleeping and for watching


def next_due(session: Session, *, jobs_only: bool = False, kinds: Collection[str] = ()) -> datetime | None:
    """Return when the next job (or, unless ``jobs_only``, timer) can be taken; ``None`` when nothing waits.

    A leased job counts from the end of its lease; with ``kinds`` only jobs of these kinds count.
    """
    free_at = case((Job.lease_until > Job.due_at, Job.lease_until), else_=Job.due_at)
    jobs = select(func.min(free_at)).where(is_waiting())
    instants = [session.scalar(jobs.where(Job.kind.in_(kinds)) if kinds else jobs)]
    if not jobs_only:
        timers = select(func.min(Token.due_at)).where(is_open("timer"))
        instants.append(session.scalar(timers))
    return min((instant for instant in instants if instant is not None), default=None)


def lag(session: Session, now: datetime) -> list[Lag]:
    """Return the overdue work by kind (timers as kind ``timer``): for the health page and for alarms."""
    overdue = and_(is_waiting(), Job.due_at <= now)
    jobs = (
        select(
            Job.kind,
            func.count().filter(overdue),
            func.min(Job.due_at).filter(overdue),
            func.count().filter(is_stuck()),
        )
        .where(or_(overdue, is_stuck()))
        .group_by(Job.kind)
        .order_by(Job.kind)
    )
    lags = [Lag(kind, waiting, oldest, rest) for kind, waiting, oldest, rest in session.execute(jobs)]
    timers = select(func.count(), func.min(Token.due_at)).where(is_open("timer"), Token.due_at <= now)
    waiting, oldest = session.execute(timers).one()
    return [*lags, Lag("timer", waiting, oldest, 0)] if waiting else lags
