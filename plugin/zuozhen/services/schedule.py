"""Processes that start by themselves on a date: timer start events, armed at deployment and after each start."""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from zuozhen import engine
from zuozhen.model.clock import LOCAL
from zuozhen.services.actors import system
from zuozhen.services.context import Context
from zuozhen.services.releases import Release
from zuozhen.services.stepping import start_case
from zuozhen.services.surroundings import environment
from zuozhen.store.jobs import insert_jobs
from zuozhen.store.steps import NewJob
from zuozhen.store.tables import Job


def arm_starts(context: Context, session: Session, release: Release) -> None:
    """Replace the armed timer starts of a jurisdiction by those of ``release`` (the new live version).

    A period that counts from its first deployment (``R/P1M``, ``P10D``) goes on counting from there.
    """
    armed = session.scalars(
        select(Job).where(Job.tenant == release.tenant, Job.kind == "start", Job.done_at.is_(None))
    )
    counting = {
        (job.payload["process"], job.payload["start"], job.payload.get("rule")): _occurrence(job)
        for job in armed
        if job.payload.get("rule", "").startswith(("R", "P"))
    }
    session.execute(
        delete(Job).where(Job.tenant == release.tenant, Job.kind == "start", Job.done_at.is_(None))
    )
    env = environment(context, session, release, context.clock())
    for process in release.diagram.processes.values():
        for start in process.starts:
            if start.kind == "timer":
                known = counting.get((process.id, start.id, start.rule))
                found = known or engine.first_start(start.rule, env)
                _arm(session, release, process.id, start, found)


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
        env = environment(context, session, release, context.clock())
        _arm(session, release, process_id, start, engine.later_start(start.rule, env, _occurrence(job)))
    context.wake()


def _occurrence(job: Job) -> engine.Occurrence:
    """Return the start that a job is; those from before periods were counted have none."""
    anchor = job.payload.get("anchor")
    counted_from = datetime.fromisoformat(anchor) if anchor else job.due_at
    return engine.Occurrence(job.due_at, counted_from, job.payload.get("left"))


def _arm(
    session: Session, release: Release, process_id: str, start: engine.Start, found: engine.Occurrence | None
) -> None:
    """Note a start to come; nothing if there is none any more."""
    if found is None:
        return
    payload = {
        "process": process_id,
        "start": start.id,
        "rule": start.rule,
        "anchor": found.anchor.isoformat(),
        "left": found.left,
    }
    place = blake2b(f"{process_id}:{start.id}:{release.version}".encode(), digest_size=16).hexdigest()
    insert_jobs(
        session,
        release.tenant,
        [NewJob(None, "start", f"{found.at:%Y%m%d%H%M%S}:{place}", found.at, payload)],
    )
