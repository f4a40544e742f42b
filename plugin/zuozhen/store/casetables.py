"""Tables of a case on its way: content releases, cases, what they wait for, outbox, history.

Nothing that changes on every step is indexed, so that PostgreSQL can update the case row in place (HOT).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    and_,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql import ColumnElement

from zuozhen.model.ids import new_id
from zuozhen.store.base import Base, ExactJson, case_key, fixed, partial_index

TOKEN_OPEN: Final = 1
TOKEN_COMPLETED: Final = 2
TOKEN_CANCELLED: Final = 3
TOKEN_FIRED: Final = 4

CASE_OPEN: Final = "open"
CASE_ENDED: Final = "ended"

MAX_ATTEMPTS: Final = 5
"""A job that was tried this often rests until a person retries it; part of the index ``ix_job_due``."""

NO_HEAD: Final = bytes(32)
"""What the first event of a case is chained to."""


class Release(Base):
    """One deployed version of a jurisdiction's content; ``bundle`` is the zip of all its files.

    ``reference`` is the document that ordered the change (文号), ``accepted`` the warnings that were let
    pass, each with its reason.
    """

    __tablename__ = "release"
    __table_args__ = (UniqueConstraint("tenant", "slug", "version"),)

    tenant: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str]
    version: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    bundle: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    note: Mapped[str] = mapped_column(default="")
    deployed_by: Mapped[UUID | None]
    deployed_at: Mapped[datetime]
    reference: Mapped[str | None]
    accepted: Mapped[list[Any] | None]
    deployed_name: Mapped[str | None]


class Case(Base):
    """One process instance (办件, 坐诊场次) and the row that is locked while it moves.

    ``rev`` counts the writes (the stale-page check), ``seq`` and ``head`` are the number and the hash
    of its last event, ``data`` holds the latest answers by form key (``_order`` lists the keys, the latest
    last; ``_left`` are the keys that a session was moved away from).
    """

    __tablename__ = "cases"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "release_id"], ["release.tenant", "release.id"]),
        partial_index("uq_cases_number", "tenant", "number", unique=True, where="number <> ''"),
        partial_index("ix_cases_key", "tenant", "business_key", where="business_key <> ''"),
        partial_index(
            "ix_cases_process_key", "tenant", "process_id", "business_key", where="business_key <> ''"
        ),
        partial_index("ix_cases_open", "tenant", "release_id", where=f"status = '{CASE_OPEN}'"),
        {"postgresql_with": {"fillfactor": "90", "autovacuum_vacuum_scale_factor": "0.03"}},
    )

    tenant: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    release_id: Mapped[UUID]
    process_id: Mapped[str]
    number: Mapped[str | None]
    query_hash: Mapped[str | None]
    title: Mapped[str] = mapped_column(default="")
    enterprise: Mapped[str] = mapped_column(default="")
    business_key: Mapped[str] = mapped_column(default="")
    channel: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default=CASE_OPEN)
    stage: Mapped[str] = mapped_column(default="")
    outcome: Mapped[str] = mapped_column(default="")
    end_element: Mapped[str] = mapped_column(default="")
    confidential: Mapped[bool] = mapped_column(default=False)
    rev: Mapped[int] = mapped_column(Integer)
    state: Mapped[bytes] = mapped_column(LargeBinary)
    variables: Mapped[dict[str, Any]] = mapped_column(default=dict)
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    seq: Mapped[int] = mapped_column(Integer, default=0)
    head: Mapped[bytes] = mapped_column(LargeBinary, default=NO_HEAD)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __mapper_args__ = {"version_id_col": rev}  # noqa: RUF012 - SQLAlchemy reads it as declared


class Token(Base):
    """One waiting place of a case: a user task, an armed timer or a message wait, open or closed.

    ``token`` is the engine's id. For a timer ``due_at`` is when it fires; for a task it is the deadline
    that staff see. ``draft`` holds half-typed answers while the task is open. ``activity`` is the task
    a timer or wait is attached to.
    """

    __tablename__ = "token"
    __table_args__ = (
        case_key(),
        Index("ix_token_token", "tenant", "token", "case_id"),
        partial_index(
            "ix_token_inbox", "tenant", "grp", "due_at", "token", where="status = 1 AND kind = 'task'"
        ),
        partial_index(
            "ix_token_mine",
            "tenant",
            "assignee",
            "due_at",
            "token",
            where="status = 1 AND kind = 'task' AND assignee IS NOT NULL",
        ),
        partial_index("ix_token_timer", "due_at", where="status = 1 AND kind = 'timer'"),
        partial_index("ix_token_wait", "tenant", "message", "key", where="status = 1 AND kind = 'wait'"),
        partial_index("ix_token_group_case", "tenant", "grp", "case_id", where="kind = 'task'"),
        partial_index(
            "ix_token_assignee_case",
            "tenant",
            "assignee",
            "case_id",
            where="kind = 'task' AND assignee IS NOT NULL",
        ),
        {"postgresql_with": {"fillfactor": "90"}},
    )

    tenant: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))  # task | timer | wait
    status: Mapped[int] = mapped_column(SmallInteger)
    element_id: Mapped[str]
    name: Mapped[str]
    form_key: Mapped[str]
    grp: Mapped[str]
    assignee: Mapped[UUID | None]
    entered_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    due_rule: Mapped[str]
    due_why: Mapped[list[Any]]
    activity: Mapped[str] = mapped_column(String(32))
    message: Mapped[str]
    key: Mapped[str]
    trigger: Mapped[str]
    properties: Mapped[dict[str, Any]]
    variables: Mapped[dict[str, Any]]
    draft: Mapped[dict[str, Any] | None]
    draft_by: Mapped[UUID | None]
    draft_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None]


class Job(Base):
    """Outbox: work asked for by a step and done after its commit, at least once.

    ``kind`` is send, match, deliver, notify, publish, print, document, report, archive, start, begin, migrate or units. ``id`` is the idempotency key for
    the outer world; ``attempts`` counts tries begun.
    """

    __tablename__ = "job"
    __table_args__ = (
        case_key(),
        UniqueConstraint("tenant", "case_id", "kind", "token"),
        partial_index("uq_job_without_case", "tenant", "kind", "token", unique=True, where="case_id IS NULL"),
        partial_index("ix_job_due", "due_at", where=f"done_at IS NULL AND attempts < {MAX_ATTEMPTS}"),
        partial_index(
            "ix_job_stuck", "tenant", "due_at", where=f"done_at IS NULL AND attempts >= {MAX_ATTEMPTS}"
        ),
    )

    tenant: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID | None]
    kind: Mapped[str] = mapped_column(String(16))
    token: Mapped[str] = mapped_column(String(64))
    due_at: Mapped[datetime]
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    error: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    lease_owner: Mapped[str | None]
    done_at: Mapped[datetime | None]


class MessageRow(Base):
    """A message on its way between cases; it waits until a case can take it or it expires."""

    __tablename__ = "message"
    __table_args__ = (
        partial_index("ix_message_pending", "tenant", "name", "key", where="consumed_at IS NULL"),
    )

    tenant: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    key: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    delivery: Mapped[str] = mapped_column(String(4))  # one | all
    source_case: Mapped[UUID | None]
    at: Mapped[datetime]
    expires_at: Mapped[datetime]
    consumed_at: Mapped[datetime | None]


class MessageTaken(Base):
    """Which case has already taken which message: a message reaches a case at most once."""

    __tablename__ = "message_taken"
    __table_args__ = (
        case_key(),
        ForeignKeyConstraint(["tenant", "message_id"], ["message.tenant", "message.id"]),
    )

    tenant: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    message_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(primary_key=True)


class Event(Base):
    """One step of a case: what happened, who did it, the answers given, the state afterwards.

    Written once, never changed; ``hash`` chains it to the event before (see ``store.chain``).
    ``actor`` is the account, or empty where ``actor_name`` is the enterprise or the system.
    """

    __tablename__ = "event"
    __table_args__ = (case_key(),)

    tenant: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[UUID | None]
    actor_name: Mapped[str]
    kind: Mapped[str]
    rev: Mapped[int] = mapped_column(Integer)
    payload: Mapped[dict[str, Any]] = mapped_column(ExactJson)
    state: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class Incident(Base):
    """A case or job that cannot go on by itself; a person resolves it.

    Without ``job_id`` the case itself is stuck: its timers rest until the incident is resolved.
    """

    __tablename__ = "incident"
    __table_args__ = (
        case_key(),
        partial_index("ix_incident_open", "tenant", "case_id", where="resolved_at IS NULL"),
    )

    tenant: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID | None]
    job_id: Mapped[UUID | None]
    element_id: Mapped[str] = mapped_column(default="")
    message: Mapped[str]
    detail: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[UUID | None]


# ---------------------------------------------------------------- the partial indexes' conditions


def is_open(kind: str) -> ColumnElement[bool]:
    """Return the condition of an open token of a kind: ``task``, ``timer`` or ``wait``."""
    return and_(Token.status == fixed(TOKEN_OPEN), Token.kind == fixed(kind))


def is_waiting() -> ColumnElement[bool]:
    """Return the condition of a job that is not done and not resting."""
    return and_(Job.done_at.is_(None), Job.attempts < fixed(MAX_ATTEMPTS))


def is_stuck() -> ColumnElement[bool]:
    """Return the condition of a job that rests after too many tries."""
    return and_(Job.done_at.is_(None), Job.attempts >= fixed(MAX_ATTEMPTS))
