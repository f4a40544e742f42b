"""When a case cannot move on: recorded, shown to administrators, retried by a person."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from zuozhen.model.errors import EngineError, NotFound
from zuozhen.model.ids import new_id
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.store.casetables import is_open
from zuozhen.store.jobs import retry_job
from zuozhen.store.tables import Incident, Token

DETAIL_CHARACTERS = 8000
PAUSE = timedelta(hours=1)
"""How long a case whose timers cannot fire rests before they are tried again."""


def record(
    context: Context,
    tenant: int,
    token: str,
    error: Exception,
    *,
    case_id: UUID | None = None,
    job_id: UUID | None = None,
) -> None:
    """Write an incident in a transaction of its own (the failed one is already rolled back).

    The same trouble that is still open is not written twice: a job is tried several times.
    """
    element = error.element_id if isinstance(error, EngineError) else ""
    detail = "".join(traceback.format_exception(error))[-DETAIL_CHARACTERS:]
    with context.database.write() as session:
        if case_id is None and token:
            case_id = session.scalar(
                select(Token.case_id).where(Token.tenant == tenant, Token.token == token)
            )
        if _is_known(session, tenant, case_id, job_id, element):
            return
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


def _is_known(session: Session, tenant: int, case_id: UUID | None, job_id: UUID | None, element: str) -> bool:
    same = select(Incident.id).where(
        Incident.tenant == tenant,
        Incident.case_id == case_id,
        Incident.job_id == job_id,
        Incident.element_id == element,
        Incident.resolved_at.is_(None),
    )
    return session.scalar(same.limit(1)) is not None


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
    """Mark an incident as dealt with and run its job, or its case's resting timers, again at once.

    Raises:
        NotFound: there is no such incident in the actor's jurisdiction.
    """
    now = context.clock()
    with context.database.write() as session:
        incident = session.get(Incident, (actor.tenant, incident_id))
        if incident is None:
            raise NotFound("没有这条异常记录。", hint="请在“管理”页刷新后再试。")
        if incident.resolved_at is not None:
            return
        incident.resolved_at = now
        incident.resolved_by = actor.id
        if incident.job_id is not None:
            retry_job(session, actor.tenant, incident.job_id, now)
        elif incident.case_id is not None:
            _wake_timers(session, actor.tenant, incident.case_id, now)
    context.wake()


def _wake_timers(session: Session, tenant: int, case_id: UUID, now: datetime) -> None:
    """Let the timers of a case that rests be tried at once; one that is not due yet stays as it is drawn."""
    session.execute(
        update(Token)
        .where(
            Token.tenant == tenant,
            Token.case_id == case_id,
            is_open("timer"),
            Token.due_at <= now + PAUSE,
        )
        .values(due_at=now)
        .execution_options(synchronize_session=False)
    )
