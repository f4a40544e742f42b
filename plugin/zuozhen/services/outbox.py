"""What the worker carries: due timers, messages between cases, letters, prints, dossiers.

Timers and deliveries change a case: one transaction each, the case locked first. Everything else is an
effect: claimed with a lease, done outside any transaction, at least once, keyed by the job's id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from zuozhen.model.errors import EngineError, ZuozhenError
from zuozhen.model.step import Deliver, Tick
from zuozhen.services import archive, incidents, letters, prints, schedule
from zuozhen.services.actors import system
from zuozhen.services.context import Context
from zuozhen.services.stepping import apply_event
from zuozhen.store.jobs import claim_job, fail_job, finish_job, insert_jobs, next_due, next_timer_case
from zuozhen.store.steps import NewJob, load_by_token, load_case
from zuozhen.store.tables import Job, MessageRow, MessageTaken, Token

LEASE = timedelta(minutes=5)
MAX_ATTEMPTS = 5
OPEN = 1

Effect = Callable[[Context, Job], None]


def run_once(context: Context, owner: str = "worker") -> bool:
    """Do one piece of due work; ``False`` when there is none."""
    return fire_timers(context) or run_job(context, owner)


def drain(context: Context, *, limit: int = 10_000) -> int:
    """Do due work until none is left; returns how many pieces. For walks, tests and the command line."""
    for done in range(limit):
        if not run_once(context):
            return done
    raise RuntimeError(f"more than {limit} pieces of work in a row: a procedure turns in circles")


def next_due_at(context: Context) -> datetime | None:
    """Return when the next timer or job falls due."""
    with context.database.read() as session:
        return next_due(session)


def fire_timers(context: Context) -> bool:
    """Fire every due timer of one case in one transaction; ``False`` when no case has one."""
    now = context.clock()
    with context.database.read() as session:
        if next_timer_case(session, now) is None:
            return False
    place: tuple[int, Any] | None = None
    try:
        with context.database.write() as session:
            place = next_timer_case(session, now)
            if place is None:
                return False
            case, tokens = load_case(session, *place) or (None, [])
            if case is None:
                return False
            apply_event(
                context, session, case, tokens, Tick(), actor=system(case.tenant), kind="fired", payload={}
            )
    except ZuozhenError as error:
        if place is None:
            raise
        _park_timers(context, place, error)
    return True


def _park_timers(context: Context, place: tuple[int, Any], error: ZuozhenError) -> None:
    """A case whose timers cannot fire waits an hour and shows as an incident, so that others go on."""
    tenant, case_id = place
    now = context.clock()
    with context.database.write() as session:
        rows = session.scalars(
            select(Token).where(
                Token.tenant == tenant,
                Token.case_id == case_id,
                Token.kind == "timer",
                Token.status == OPEN,
                Token.due_at <= now,
            )
        )
        for row in rows:
            row.due_at = now + timedelta(hours=1)
    incidents.record(context, tenant, "", error, case_id=case_id)


def run_job(context: Context, owner: str) -> bool:
    """Claim one due job, carry it out, mark it done; failures are retried with growing pauses."""
    now = context.clock()
    with context.database.read() as session:
        due = next_due(session, jobs_only=True)
    if due is None or due > now:
        return False
    with context.database.write() as session:
        job = claim_job(session, now, owner, LEASE)
    if job is None:
        return False
    try:
        EFFECTS[job.kind](context, job)
    except Exception as error:  # noqa: BLE001 - whatever an effect raises must not stop the worker
        with context.database.write() as session:
            fail_job(session, job, error=f"{type(error).__name__}: {error}", now=context.clock())
        if job.attempts >= MAX_ATTEMPTS or isinstance(error, EngineError):
            incidents.record(context, job.tenant, "", error, case_id=job.case_id, job_id=job.id)
        return True
    with context.database.write() as session:
        finish_job(session, job, context.clock())
    return True


# ---------------------------------------------------------------- messages between cases


def send(context: Context, job: Job) -> None:
    """Put a thrown message on the board and hand it to whoever waits for it already."""
    payload: Mapping[str, Any] = job.payload
    now = context.clock()
    with context.database.write() as session:
        if session.get(MessageRow, (job.tenant, job.id)) is None:
            session.add(
                MessageRow(
                    tenant=job.tenant,
                    id=job.id,
                    name=payload["name"],
                    key=payload["key"],
                    payload=payload["payload"],
                    delivery=payload["delivery"],
                    source_case=job.case_id,
                    at=now,
                    expires_at=datetime.fromisoformat(payload["expires_at"]),
                )
            )
        waiting = session.execute(
            select(Token.case_id, Token.token).where(
                Token.tenant == job.tenant,
                Token.message == payload["name"],
                Token.key == payload["key"],
                Token.kind == "wait",
                Token.status == OPEN,
                Token.trigger == "",
            )
        ).all()
        takers = [
            NewJob(
                case_id, "deliver", f"{job.id.hex}:{token}"[:64], now, {"message": job.id.hex, "token": token}
            )
            for case_id, token in waiting
        ]
        insert_jobs(session, job.tenant, takers[:1] if payload["delivery"] == "one" else takers)


def match(context: Context, job: Job) -> None:
    """A case began to wait: hand it messages that came earlier."""
    now = context.clock()
    with context.database.write() as session:
        early = session.scalars(
            select(MessageRow.id)
            .outerjoin(
                MessageTaken,
                (MessageTaken.tenant == MessageRow.tenant)
                & (MessageTaken.message_id == MessageRow.id)
                & (MessageTaken.case_id == job.case_id),
            )
            .where(
                MessageRow.tenant == job.tenant,
                MessageRow.name == job.payload["name"],
                MessageRow.key == job.payload["key"],
                MessageRow.consumed_at.is_(None),
                MessageRow.expires_at > now,
                MessageTaken.case_id.is_(None),
            )
            .order_by(MessageRow.at)
        ).all()
        jobs = [
            NewJob(
                job.case_id,
                "deliver",
                f"{message.hex}:{job.token}"[:64],
                now,
                {"message": message.hex, "token": job.token},
            )
            for message in early[:1]
        ]
        insert_jobs(session, job.tenant, jobs)


def deliver(context: Context, job: Job) -> None:
    """Let one waiting place take one message: the case moves on and the message is marked taken."""
    message_id = UUID(hex=job.payload["message"])
    with context.database.write() as session:
        found = load_by_token(session, job.tenant, job.payload["token"])
        row = session.get(MessageRow, (job.tenant, message_id))
        if found is None or row is None or row.consumed_at is not None:
            return
        case, tokens = found
        if session.get(MessageTaken, (job.tenant, message_id, case.id)) is not None:
            return
        place = next((t for t in tokens if t.token == job.payload["token"] and t.status == OPEN), None)
        if place is None:
            return
        apply_event(
            context,
            session,
            case,
            tokens,
            Deliver(place.token, row.payload),
            actor=system(job.tenant),
            kind="delivered",
            payload={"element": place.element_id, "name": place.name, "message": row.name, "key": row.key},
        )
        session.add(MessageTaken(tenant=job.tenant, message_id=message_id, case_id=case.id))
        if row.delivery == "one":
            row.consumed_at = context.clock()


EFFECTS: Mapping[str, Effect] = {
    "send": send,
    "match": match,
    "deliver": deliver,
    "notify": letters.notify,
    "publish": letters.publish,
    "print": prints.print_submission,
    "archive": archive.archive_case,
    "start": schedule.start_scheduled,
}
