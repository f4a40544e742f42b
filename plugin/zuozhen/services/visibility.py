"""Which cases somebody may see (ALL-6): the one condition that every list, page and count is made with."""

from __future__ import annotations

from typing import Any

from sqlalchemy import exists, or_
from sqlalchemy.orm import aliased

from zuozhen.services.actors import Actor
from zuozhen.store.tables import Case, Event, Token

_Work = aliased(Token)
"""The tasks that give somebody the right to see a case; the query around may read tasks of its own."""


def visible(actor: Actor) -> Any:
    """Return the SQL condition of the cases an actor may see (ALL-6).

    Besides those its groups or itself had a task of, these are the cases a member of staff registered
    on behalf of an enterprise. A private procedure's cases are open to nobody else, whoever sees all others.
    """
    if actor.sees_all:
        mine = Case.tenant == actor.tenant
        return mine & or_(Case.process_id.not_in(actor.private), _own(actor)) if actor.private else mine
    return (Case.tenant == actor.tenant) & _own(actor)


def _own(actor: Actor) -> Any:
    """Return the SQL condition of the cases that an actor works or worked on, or registered."""
    by_group = _Work.grp.in_(actor.groups)
    worked_on = exists().where(
        _Work.tenant == Case.tenant,
        _Work.case_id == Case.id,
        _Work.kind == "task",
        or_(by_group, _Work.assignee.in_(actor.ids)) if actor.is_staff else by_group,
    )
    if not actor.is_staff:
        return worked_on
    registered = exists().where(
        Event.tenant == Case.tenant, Event.case_id == Case.id, Event.seq == 1, Event.actor.in_(actor.ids)
    )
    return or_(worked_on, registered)
