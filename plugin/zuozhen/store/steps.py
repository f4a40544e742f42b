"""A case and its open tokens: loaded by one statement, written back by at most four.

What a step writes is one transaction: the case row, one event, the tokens that changed, the outbox.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BindParameter, Select, and_, bindparam, select
from sqlalchemy.orm import Session, aliased

from zuozhen.model.step import LogEntry, Step
from zuozhen.store.chain import event_hash, plain
from zuozhen.store.jobs import NewJob, insert_jobs
from zuozhen.store.locking import locks_rows, seen_rev
from zuozhen.store.tables import CASE_ENDED, NO_HEAD, TOKEN_OPEN, Case, Event, Token
from zuozhen.store.tokenrows import save_tokens

__all__ = ["LoadedCase", "NewJob", "append_event", "insert_case", "load_by_token", "load_case", "save_step"]


class LoadedCase(NamedTuple):
    """A case with the tokens that are open in it, in order of entry."""

    case: Case
    tokens: list[Token]


def load_case(session: Session, tenant: int, case_id: UUID) -> LoadedCase | None:
    """Return a case and its open tokens, or ``None``; in a write session the case is locked.

    Raises ``Conflict`` (from ``Database.write``) when somebody else works on it for more than 3 s.
    """
    return _load(session, _by_id(locks_rows(session)), {"tenant_": tenant, "case_": case_id})


def load_by_token(session: Session, tenant: int, token: str) -> LoadedCase | None:
    """Return the case that ``token`` belongs to, open or closed, and its open tokens: as ``load_case``."""
    return _load(session, _by_token(locks_rows(session)), {"tenant_": tenant, "token_": token})


# The statements are built once: building one takes longer than running it.


@cache
def _by_id(lock: bool) -> Select[Case, Token, int]:
    return _case_query(lock).where(Case.tenant == bindparam("tenant_"), Case.id == bindparam("case_"))


@cache
def _by_token(lock: bool) -> Select[Case, Token, int]:
    sought = aliased(Token)
    tenant: BindParameter[int] = bindparam("tenant_")
    found = (
        select(sought.case_id).where(sought.tenant == tenant, sought.token == bindparam("token_")).limit(1)
    )
    return _case_query(lock).where(Case.tenant == tenant, Case.id == found.scalar_subquery())


def _case_query(lock: bool) -> Select[Case, Token, int]:
    waits_here = and_(Token.tenant == Case.tenant, Token.case_id == Case.id, Token.status == TOKEN_OPEN)
    query = (
        select(Case, Token, seen_rev())
        .join_from(Case, Token, waits_here, isouter=True)
        .order_by(Token.entered_at, Token.token)
        .execution_options(populate_existing=True)
    )

    # Not FOR UPDATE: rows that merely refer to the case (a document) may be inserted meanwhile.
    return query.with_for_update(of=Case, key_share=True) if lock else query


def _load(
    session: Session, query: Select[Case, Token, int], parameters: Mapping[str, Any]
) -> LoadedCase | None:
    rows = session.execute(query, parameters).all()
    if rows and rows[0][2] != rows[0][0].rev:
        # Changed since the snapshot, the tokens are stale; the lock is ours now, so look again.
        rows = session.execute(query, parameters).all()
    if not rows:
        return None
    return LoadedCase(rows[0][0], [token for _, token, _ in rows if token is not None])


# ---------------------------------------------------------------- writing


def insert_case(
    session: Session,
    case: Case,
    step: Step,
    *,
    at: datetime,
    actor_id: UUID | None,
    actor_name: str,
    kind: str,
    payload: Mapping[str, Any],
    jobs: Sequence[NewJob] = (),
) -> None:
    """Write a new case with its first step. Columns the caller has set on ``case`` are kept."""
    case.created_at = case.created_at or at
    _take_over(case, step, at)
    session.add(case)
    append_event(
        session,
        case,
        at=at,
        actor_id=actor_id,
        actor_name=actor_name,
        kind=kind,
        payload={**payload, **_told(step)},
        state=step.state,
    )
    save_tokens(session, case, (), step, at=at, closed_by=None)
    insert_jobs(session, case.tenant, jobs)


def save_step(
    session: Session,
    case: Case,
    open_tokens: Sequence[Token],
    step: Step,
    *,
    at: datetime,
    actor_id: UUID | None,
    actor_name: str,
    kind: str,
    payload: Mapping[str, Any],
    jobs: Sequence[NewJob] = (),
    closed_by: UUID | None = None,
    data: Mapping[str, Any] | None = None,
    columns: Mapping[str, Any] | None = None,
    redrawn: bool = False,
) -> None:
    """Write the outcome of one step of a case that was loaded (and so locked) in this transaction.

    ``open_tokens`` are those that were loaded with the case; to write a second step in the same
    transaction, load the case again. ``data`` replaces ``case.data`` unless ``None``; ``columns`` are
    further columns of the case row and win over what follows from the step. ``redrawn`` says that the case
    stands on another diagram now: a deadline that is not drawn there is taken away.

    Raises:
        Conflict: (from ``Database.write``) the case was changed since it was loaded.
        ValueError: the step closes, or forgets, tokens in a way that does not fit ``open_tokens``.
    """
    _take_over(case, step, at)
    if data is not None:
        case.data = dict(data)
    _set_columns(case, columns or {})
    append_event(
        session,
        case,
        at=at,
        actor_id=actor_id,
        actor_name=actor_name,
        kind=kind,
        payload={**payload, **_told(step)},
        state=step.state,
    )
    save_tokens(session, case, open_tokens, step, at=at, closed_by=closed_by, redrawn=redrawn)
    insert_jobs(session, case.tenant, jobs)


def append_event(
    session: Session,
    case: Case,
    *,
    at: datetime,
    actor_id: UUID | None,
    actor_name: str,
    kind: str,
    payload: Mapping[str, Any],
    state: bytes | None = None,
) -> Event:
    """Write the case row and one event chained to the last one; the case must be locked.

    Used by itself for what happens to a case without moving it (签收, 转交); ``state`` is the snapshot
    after a step. Raises ``StaleDataError`` when the case row is not the one that was loaded.
    """
    previous = case.head if case.seq else NO_HEAD
    case.seq = (case.seq or 0) + 1
    event = Event(
        tenant=case.tenant,
        case_id=case.id,
        seq=case.seq,
        at=at,
        actor=actor_id,
        actor_name=actor_name,
        kind=kind,
        rev=(case.rev or 0) + 1,
        payload=plain(payload),
        state=state,
    )
    event.hash = case.head = event_hash(previous, event)
    session.flush()  # the case first: the event refers to it
    session.add(event)
    session.flush()
    return event


def _told(step: Step) -> dict[str, Any]:
    """Return what an event keeps of a step: its lines, and by name the automatic acts that it asked for."""
    acts = [action.name or action.element_id for action in step.actions]
    return {"log": log_lines(step.log), **({"actions": acts} if acts else {})}


def log_lines(log: Iterable[LogEntry]) -> list[dict[str, Any]]:
    """Return what a step did as JSON, without empty members."""
    lines = []
    for entry in log:
        line = {
            "kind": entry.kind,
            "element": entry.element_id,
            "name": entry.name,
            "token": entry.token,
            "properties": dict(entry.properties),
        }
        lines.append({key: value for key, value in line.items() if value})
    return lines


def _take_over(case: Case, step: Step, at: datetime) -> None:
    case.state = step.state
    case.variables = dict(step.variables)
    case.updated_at = at
    if step.ended is not None:
        case.status = CASE_ENDED
        case.end_element = step.ended.element_id
        case.ended_at = at


def _set_columns(case: Case, columns: Mapping[str, Any]) -> None:
    unknown = columns.keys() - Case.__table__.columns.keys()
    if unknown:
        raise ValueError(f"no such columns of a case: {', '.join(sorted(unknown))}")
    for name, value in columns.items():
        setattr(case, name, value)
