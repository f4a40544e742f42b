"""What the worker carries: due timers, messages between cases, letters, prints, dossiers.

Timers and deliveries change a case: one transaction each, the case locked first. Everything else is an
effect: claimed with a lease, done outside any transaction, at least once, keyed by the job's id.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from zuozhen.model.errors import EngineError, ZuozhenError
from zuozhen.model.step import Deliver, Tick
from zuozhen.services import (
    archive,
    effects,
    incidents,
    letters,
    messagestarts,
    migrating,
    prints,
    schedule,
    units,
)
from zuozhen.services.actors import system
from zuozhen.services.context import Context
from zuozhen.services.stepping import apply_event
from zuozhen.store.cases import waits_for
from zuozhen.store.jobs import claim_job, fail_job, finish_job, insert_jobs, next_due, next_timer_case
from zuozhen.store.steps import NewJob, load_by_token, load_case
from zuozhen.store.tables import TOKEN_OPEN, Job, MessageRow, MessageTaken, Token

LEASE = timedelta(minutes=5)
MAX_ATTEMPTS = 5

Effect = Callable[[Context, Job], None]


def run_once(context: Context, owner: str = "worker", kinds: Collection[str] = ()) -> bool:
    """Do one piece of due work; ``False`` when there is none. With ``kinds`` other jobs are left lying."""
    return fire_timers(context) or run_job(context, owner, kinds)


def drain(context: Context, *, limit: int = 10_000) -> int:
    """Do due work until none is left; returns how many pieces. For walks, tests and the command line."""
    for done in range(limit):
        if not run_once(context):
            return done
    raise RuntimeError(f"more than {limit} pieces of work in a row: a procedure turns in circles")


def next_due_at(context: Context, kinds: Collection[str] = ()) -> datetime | None:
    """Return when the next timer or job (of ``kinds``, if given) falls due."""
    with context.database.read() as session:
        return next_due(session, kinds=kinds)


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
    """A case whose timers cannot fire rests a while and shows as an incident, so that others go on."""
    tenant, case_id = place
    now = context.clock()
    with context.database.write() as session:
        rows = session.scalars(
            select(Token).where(
                Token.tenant == tenant,
                Token.case_id == case_id,
                Token.kind == "timer",
                Token.status == TOKEN_OPEN,
                Token.due_at <= now,
            )
        )
        for row in rows:
            row.due_at = now + incidents.PAUSE
    incidents.record(context, tenant, "", error, case_id=case_id)


def run_job(context: Context, owner: str, kinds: Collection[str] = ()) -> bool:
    """Claim one due job, carry it out, mark it done; failures are retried with growing pauses."""
    now = context.clock()
    with context.database.read() as session:
        due = next_due(session, jobs_only=True, kinds=kinds)
    if due is None or due > now:
        return False
    with context.database.write() as session:
        job = claim_job(session, now, owner, LEASE, kinds)
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
    """Put a thrown message on the board and hand it to whoever waits for it already.

    Two transactions: who begins to wait before the first ends is found by the second, who begins later
    finds the message by its own ``match``. In one, two workers could overlook each other.
    """
    payload: Mapping[str, Any] = job.payload
    with context.database.write() as session:
        row = session.get(MessageRow, (job.tenant, job.id))
        if row is None:
            row = MessageRow(
                tenant=job.tenant,
                id=job.id,
                name=payload["name"],
                key=payload["key"],
                payload=payload["payload"],
                delivery=payload["delivery"],
                source_case=job.case_id,
                at=context.clock(),
                expires_at=datetime.fromisoformat(payload["expires_at"]),
            )
            session.add(row)
    with context.database.write() as session:
        _offer(context, session, row, context.clock())


def match(context: Context, job: Job) -> None:
    """A case began to wait: hand it the first message that came earlier."""
    with context.database.write() as session:
        token = job.payload.get("token", job.token)
        place = Waiting(job.tenant, job.case_id, token, job.payload["name"], job.payload["key"])
        _seek(session, place, context.clock(), again="" if token == job.token else job.token)


def deliver(context: Context, job: Job) -> None:
    """Let one waiting place take one message: the case moves on and the message is marked taken.

    If the place is closed by now, the message is offered to the next; if the message is gone, the place
    looks for another one.
    """
    now = context.clock()
    with context.database.write() as session:
        found = load_by_token(session, job.tenant, job.payload["token"])
        row = session.get(MessageRow, (job.tenant, UUID(hex=job.payload["message"])), with_for_update=True)
        if found is None or row is None:
            return
        case, tokens = found
        taken = session.get(MessageTaken, (row.tenant, row.id, case.id)) is not None
        place = next((t for t in tokens if t.token == job.payload["token"]), None)
        if place is not None and (place.message, place.key) != (row.name, row.key):
            place = None  # it waits for something else since the case was moved to another release
        if place is None:
            if row.consumed_at is None and not taken:
                _offer(context, session, row, now)
            return
        if row.consumed_at is not None or taken:
            _seek(session, Waiting(case.tenant, case.id, place.token, place.message, place.key), now)
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
        session.add(MessageTaken(tenant=row.tenant, message_id=row.id, case_id=case.id))
        if row.delivery == "one":
            row.consumed_at = now


class Waiting(NamedTuple):
    """A place that waits for a message."""

    tenant: int
    case_id: UUID | None
    token: str
    name: str
    key: str


def _offer(context: Context, session: Session, row: MessageRow, now: datetime) -> None:
    """Ask for the delivery of a message to the places that wait for it (the first only, or all).

    A message for one whom nobody waits for, and any message for all, also starts the procedures that begin
    with it.
    """
    places = waits_for(session, row.tenant, row.name, row.key)
    wanted = places[:1] if row.delivery == "one" else places
    jobs = [_delivery(place.case_id, row.id, place.token, now) for place in wanted]
    if not wanted or row.delivery == "all":
        jobs += messagestarts.begin_jobs(context, session, row, now)
    insert_jobs(session, row.tenant, jobs)


def _seek(session: Session, place: Waiting, now: datetime, *, again: str = "") -> None:
    """Ask for the delivery of the oldest message that this place may still take.

    ``again`` marks a place that was closed for a while and may have refused that very message then.
    """
    early = session.scalar(
        select(MessageRow.id)
        .outerjoin(
            MessageTaken,
            (MessageTaken.tenant == MessageRow.tenant)
            & (MessageTaken.message_id == MessageRow.id)
            & (MessageTaken.case_id == place.case_id),
        )
        .where(
            MessageRow.tenant == place.tenant,
            MessageRow.name == place.name,
            MessageRow.key == place.key,
            MessageRow.consumed_at.is_(None),
            MessageRow.expires_at > now,
            MessageTaken.case_id.is_(None),
        )
        .order_by(MessageRow.at, MessageRow.id)
        .limit(1)
    )
    if early is not None:
        insert_jobs(session, place.tenant, [_delivery(place.case_id, early, place.token, now, again)])


def _delivery(case_id: UUID | None, message: UUID, token: str, now: datetime, again: str = "") -> NewJob:
    # 64 characters at most: the first hex digit of a UUIDv7 stays 0 for some thousand years.
    key = f"{message.hex[1:]}:{token}"
    if again:
        key = blake2b(f"{key}:{again}".encode(), digest_size=32).hexdigest()
    return NewJob(case_id, "deliver", key, now, {"message": message.hex, "token": token})


PAPER = frozenset({"print", "archive", "document", "report"})
"""Kinds of work that make files: a walk without paper leaves them lying and looks at what was asked for."""

EFFECTS: Mapping[str, Effect] = {
    "send": send,
    "match": match,
    "deliver": deliver,
    "notify": letters.notify,
    "publish": letters.publish,
    "print": prints.print_submission,
    "archive": archive.archive_case,
    "document": effects.make_document,
    "report": effects.make_report,
    "start": schedule.start_scheduled,
    "begin": messagestarts.begin,
    "migrate": migrating.carry,
    "units": units.carry,
}
