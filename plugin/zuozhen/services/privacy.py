"""Private procedures: an instance is known to those alone who had a task in it, or registered it."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import or_, select, true
from sqlalchemy.orm import Session

from zuozhen.model.errors import NotFound
from zuozhen.packs import Pack
from zuozhen.services.actors import Actor
from zuozhen.services.visibility import visible
from zuozhen.store.tables import Case

PRIVATE: Final = "（不公开的事项）"
"""What stands for title and enterprise of a private case where a list must count it (a migration)."""


def private_processes(pack: Pack) -> frozenset[str]:
    """Return the ids of the processes of private procedures."""
    return frozenset(procedure.process for procedure in pack.procedures.values() if procedure.private)


def unless_private(actor: Actor) -> Any:
    """Return the SQL condition of the cases that may be shown to a system administrator."""
    if not actor.private:
        return true()
    return or_(Case.process_id.not_in(actor.private), visible(actor))


def may_know(session: Session, actor: Actor, case: Case) -> bool:
    """Say whether a case is no private one, or one that the actor worked on; costs SQL only for the latter."""
    if case.process_id not in actor.private:
        return True
    return session.scalar(select(Case.id).where(visible(actor), Case.id == case.id)) is not None


def require_known(session: Session, actor: Actor, case: Case) -> None:
    """Raise unless :func:`may_know`.

    Raises:
        NotFound: a private case of others: nobody learns that it exists.
    """
    if not may_know(session, actor, case):
        raise NotFound("没有这件办件。")
