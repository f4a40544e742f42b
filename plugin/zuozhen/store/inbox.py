"""Lists of open tasks: what waits for me and my groups, what is overdue, how much there is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from zuozhen.store.cases import mentions
from zuozhen.store.casetables import is_open
from zuozhen.store.tables import TOKEN_OPEN, Case, Token

ENTERPRISE = "enterprise"
"""The group of the enterprise itself: its tasks are in nobody's inbox."""


class Place(NamedTuple):
    """Where a page ended: the deadline and token of its last task."""

    due_at: datetime | None
    token: str


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Which open tasks to list; an empty member does not restrict.

    ``groups`` ``None`` means all groups (who sees all) except the enterprise's own tasks. ``assignee`` lists
    one person's tasks whatever their group, ``unassigned`` those that nobody has claimed. ``text`` is
    sought in title, enterprise and number.
    """

    groups: Collection[str] | None = None
    assignee: UUID | None = None
    unassigned: bool = False
    due_before: datetime | None = None
    elements: Collection[str] = ()
    process_id: str = ""
    text: str = ""


def inbox(
    session: Session, tenant: int, wanted: TaskFilter, *, after: Place | None = None, limit: int = 20
) -> Sequence[tuple[Token, Case]]:
    """Return a page of open tasks with their cases: earliest deadline first, those without one last."""
    query = _tasks(tenant, wanted).order_by(Token.due_at.asc().nulls_last(), Token.token).limit(limit)
    if after is not None:
        query = query.where(_behind(after))
    return [(token, case) for token, case in session.execute(query)]


def overdue(
    session: Session, tenant: int, now: datetime, *, after: Place | None = None, limit: int = 50
) -> Sequence[tuple[Token, Case]]:
    """Return a page of the tasks whose deadline has passed, the enterprise's own left out."""
    return inbox(session, tenant, TaskFilter(due_before=now), after=after, limit=limit)


def count_tasks(session: Session, tenant: int, wanted: TaskFilter) -> int:
    """Return how many open tasks a filter lists."""
    query = _tasks(tenant, wanted).with_only_columns(func.count())
    return session.scalar(query) or 0


def open_tokens(session: Session, tenant: int, case_ids: Collection[UUID]) -> Sequence[Token]:
    """Return what is open in several cases: for lists that say where each case stands."""
    if not case_ids:
        return []
    query = (
        select(Token)
        .where(Token.tenant == tenant, Token.case_id.in_(case_ids), Token.status == TOKEN_OPEN)
        .order_by(Token.case_id, Token.entered_at, Token.token)
    )
    return session.scalars(query).all()


def waits_for(session: Session, tenant: int, message: str, key: str) -> Sequence[Token]:
    """Return the open places that a message between cases could reach, longest waiting first."""
    query = (
        select(Token)
        .where(
            Token.tenant == tenant,
            Token.message == message,
            Token.key == key,
            is_open("wait"),
            Token.trigger == "",
        )
        .order_by(Token.entered_at, Token.token)
    )
    return session.scalars(query).all()


def _tasks(tenant: int, wanted: TaskFilter) -> Select[Token, Case]:
    query = (
        select(Token, Case)
        .join(Case, and_(Case.tenant == Token.tenant, Case.id == Token.case_id))
        .where(Token.tenant == tenant, is_open("task"))
    )
    if wanted.groups is not None:
        query = query.where(Token.grp.in_(wanted.groups))
    elif wanted.assignee is None:
        query = query.where(Token.grp != ENTERPRISE)
    if wanted.assignee is not None:
        query = query.where(Token.assignee == wanted.assignee)
    if wanted.unassigned:
        query = query.where(Token.assignee.is_(None))
    if wanted.due_before is not None:
        query = query.where(Token.due_at <= wanted.due_before)
    if wanted.elements:
        query = query.where(Token.element_id.in_(wanted.elements))
    if wanted.process_id:
        query = query.where(Case.process_id == wanted.process_id)
    if wanted.text:
        query = query.where(mentions(wanted.text))
    return query


def _behind(place: Place) -> ColumnElement[bool]:
    if place.due_at is None:
        return and_(Token.due_at.is_(None), Token.token > place.token)
    return or_(
        Token.due_at > place.due_at,
        and_(Token.due_at == place.due_at, Token.token > place.token),
        Token.due_at.is_(None),
    )
