"""When a case cannot move on: recorded, shown to administrators, retried by a person."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from zuozhen.model.errors import EngineError
from zuozhen.model.ids import new_id
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.store.tables import Incident, Job, Token

DETAIL_CHARACTERS = 8000


def record(
    context: Context,
    tenant: int,
    token: str,
    error: Exception,
    *,
    case_id: UUID | None = None,
    job_id: UUID | None = None,
) -> None:
    """Write an incident in a transaction of its own (the failed one is already rolled back)."""
    element = error.element_id if isinstance(error, EngineError) else ""
    detail = "".join(traceback.format_exception(error))[-DETAIL_CHARACTERS:]
    with context.database.write() as session:
        if case_id is None and token:
            case_id = session.scalar(
                select(Token.case_id).where(Token.tenant == tenant, Token.token == token)
            )
        session.add(
            Incident(
                tenant=tenant,
                id=new_id(),
                case_id=case_id,
                job_id=job_id,
                element_id=element,
                message=str(error)[:500],
                detail=detail,
                at=context.clock(),
            )
        )


def open_incidents(context: Context, tenant: int) -> Sequence[Incident]:
    """Return the unresolved incidents, newest first (at most 200)."""
    with context.database.read() as session:
        return session.scalars(
            select(Incident)
            .where(Incident.tenant == tenant, Incident.resolved_at.is_(None))
            .order_by(Incident.at.desc())
            .limit(200)
        ).all()


def retry(context: Context, actor: Actor, incident_id: UUID) -> None:
    """Mark an incident as dealt with and run its job again at once."""
    now = context.clock()
    with context.database.write() as session:
        incident = session.get(Incident, (actor.tenant, incident_id))
        if incident is None or incident.resolved_at is not None:
            return
        incident.resolved_at = now
        incident.resolved_by = actor.id
        if incident.job_id is not None:
            job = session.get(Job, (actor.tenant, incident.job_id))
            if job is not None and job.done_at is None:
                job.attempts = 0
                job.due_at = now
                job.error = None
    context.wake()
