"""What the services ask of cases in more than one place."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, undefer
from sqlalchemy.sql import ColumnElement

from zuozhen.store.casetables import is_open
from zuozhen.store.tables import Case, Event, Token


def mentions(text: str) -> ColumnElement[bool]:
    """Return the condition that a case's title, enterprise or number contains ``text``, any case."""
    return or_(
        Case.title.icontains(text, autoescape=True),
        Case.enterprise.icontains(text, autoescape=True),
        Case.number.icontains(text, autoescape=True),
    )


def history(session: Session, tenant: int, case_id: UUID, *, states: bool = False) -> Sequence[Event]:
    """Return the events of a case in order; ``states`` loads the snapshots too (to verify or go back)."""
    query = select(Event).where(Event.tenant == tenant, Event.case_id == case_id).order_by(Event.seq)
    if states:
        query = query.options(undefer(Event.state)).execution_options(populate_existing=True)
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
