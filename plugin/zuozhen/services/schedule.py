"""Processes that start by themselves on a date: timer start events, armed at deployment and after each start."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from zuozhen import engine
from zuozhen.model.clock import LOCAL, at_local
from zuozhen.model.errors import ContentError
from zuozhen.model.step import Environment
from zuozhen.services.actors import system
from zuozhen.services.context import Context
from zuozhen.services.lookups import functions_for
from zuozhen.services.releases import Release
from zuozhen.services.stepping import start_case
from zuozhen.store.jobs import insert_jobs
from zuozhen.store.steps import NewJob
from zuozhen.store.tables import Job

DAWN: Final = time(0, 0, 1)
"""When a process starts on its day: at midnight itself deadlines would still count from the day before."""


def arm_starts(context: Context, session: Session, release: Release) -> None:
    """Replace the armed timer starts of a jurisdiction by those of ``release`` (the new live version)."""
    session.execute(
        delete(Job).where(Job.tenant == release.tenant, Job.kind == "start", Job.done_at.is_(None))
    )
    for process in release.diagram.processes.values():
        for start in process.starts:
            if start.kind == "timer":
                _arm(context, session, release, process.id, start.id, start.rule, context.clock())


def start_scheduled(context: Context, job: Job) -> None:
    """Start a process whose date has come and arm its next start, in one transaction."""
    process_id, start_id = job.payload["process"], job.payload["start"]
    with context.database.write() as session:
        release = context.releases.live(session, job.tenant)
        process = release.diagram.processes.get(process_id)
        start = next((s for s in process.starts if s.id == start_id), None) if process else None
        if start is None:
            return  # the live version no longer starts by itself here
        start_case(
            context,
            session,
            release,
            process_id,
            start_id=start_id,
            form_key="",
            answers={},
            columns={
                "title": f"{process.name if process else ''}（{job.due_at.astimezone(LOCAL):%Y年%m月}）",
                "enterprise": "",
                "channel": "",
            },
            actor=system(job.tenant),
            kind="started",
        )
        _arm(context, session, release, process_id, start_id, start.rule, job.due_at)
    context.wake()


def _arm(
    context: Context,
    session: Session,
    release: Release,
    process_id: str,
    start_id: str,
    rule: str,
    after: datetime,
) -> None:
    env = Environment(after, functions_for(context, session, release))
    value, _why = engine.evaluate(rule, {}, env, after)
    due = value if isinstance(value, datetime) else at_local(value, DAWN) if isinstance(value, date) else None
    if due is None or due <= after:
        raise ContentError(f"定时启动“{start_id}”的规则 {rule} 没有给出将来的日期。")
    payload = {"process": process_id, "start": start_id}
    insert_jobs(
        session,
        release.tenant,
        [
            NewJob(
                None,
                "start",
                f"{process_id}:{start_id}:{due:%Y%m%d%H%M}:{release.version}"[:64],
                due,
                payload,
            )
        ],
    )
