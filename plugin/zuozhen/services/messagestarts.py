"""Procedures that begin with a message: a start event that waits for one starts an instance when it comes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from zuozhen.services.actors import system
from zuozhen.services.context import Context
from zuozhen.services.stepping import start_case
from zuozhen.services.titles import procedure_of
from zuozhen.store.steps import NewJob
from zuozhen.store.tables import Case, Job, MessageRow, MessageTaken


def begin_jobs(context: Context, session: Session, row: MessageRow, now: datetime) -> list[NewJob]:
    """Return the work of starting what begins with a message, in the live version; asked for only once."""
    if row.consumed_at is not None:
        return []
    release = context.releases.live(session, row.tenant)
    starts = [
        (process.id, start.id)
        for process in release.diagram.processes.values()
        for start in process.starts
        if start.kind == "message" and start.message == row.name
    ]
    wanted = starts[:1] if row.delivery == "one" else starts
    return [
        NewJob(
            None,
            "begin",
            f"{row.id.hex}:{start_id}"[:64],
            now,
            {"message": row.id.hex, "process": process_id, "start": start_id},
        )
        for process_id, start_id in wanted
    ]


def begin(context: Context, job: Job) -> None:
    """Start an instance with what the message carries, at most once for each message and procedure."""
    process_id, start_id = job.payload["process"], job.payload["start"]
    with context.database.write() as session:
        row = session.get(MessageRow, (job.tenant, UUID(hex=job.payload["message"])), with_for_update=True)
        if row is None or row.consumed_at is not None or _has_begun(session, row, process_id):
            return
        release = context.releases.live(session, job.tenant)
        process = release.diagram.processes.get(process_id)
        if process is None or start_id not in {start.id for start in process.starts}:
            return  # the live version no longer begins with this message
        procedure = procedure_of(release, process_id)
        case = start_case(
            context,
            session,
            release,
            process_id,
            start_id=start_id,
            form_key="",
            answers={},
            columns={
                "title": (procedure.label if procedure else "") or process.name,
                "enterprise": "",
                "channel": "",
            },
            actor=system(job.tenant),
            kind="started",
            received=row.payload,
        )
        session.add(MessageTaken(tenant=row.tenant, message_id=row.id, case_id=case.id))
        if row.delivery == "one":
            row.consumed_at = context.clock()
    context.wake()


def _has_begun(session: Session, row: MessageRow, process_id: str) -> bool:
    taken = (
        select(MessageTaken.case_id)
        .join(Case, (Case.tenant == MessageTaken.tenant) & (Case.id == MessageTaken.case_id))
        .where(
            MessageTaken.tenant == row.tenant,
            MessageTaken.message_id == row.id,
            Case.process_id == process_id,
        )
    )
    return session.scalar(taken.limit(1)) is not None
