"""Acts by hand (督促, 延期, 改期 …): who may do them, on the case page as on the page of a task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from zuozhen.model.errors import ContentError
from zuozhen.services.actlimits import is_late, last_moment
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.privacy import may_know
from zuozhen.services.releases import Release
from zuozhen.services.succession import heir_for
from zuozhen.services.wording import is_formula, known_to, worded
from zuozhen.store.tables import Case, Token

BY: Final = "zz:by"
"""The property of the event that names the groups that may act: ids with ``,`` between, or FEEL over the facts."""
STAFF: Final = "staff"


def groups_of(
    context: Context, session: Session, release: Release, case: Case, act: Token
) -> frozenset[str] | None:
    """Return the only groups that may do an act; ``None`` where the diagram names none.

    Who took over from a unit that is gone may, too. A rule that cannot be worked out lets nobody act.
    """
    text = act.properties.get(BY, "")
    if not text.strip():
        return None
    value: object = text
    if is_formula(text):
        try:
            known = known_to(context, session, case, case.variables or {}, text)
            value = worded(context, session, release, text, known)
        except ContentError:
            value = None
    texts = value if isinstance(value, list) else [value]
    named = (part.strip() for text in texts if isinstance(text, str) for part in text.split(","))
    groups = frozenset(group for group in named if group)
    heir = heir_for(release, context.clock(), case.data)
    return groups if heir is None else groups | {heir(group, case.variables or {}) for group in groups}


def may_act(
    context: Context,
    session: Session,
    release: Release,
    actor: Actor,
    case: Case,
    act: Token,
    tokens: Sequence[Token],
) -> bool:
    """Say whether a member of staff may do an act; ``tokens`` are what is open in the case.

    Without groups of its own an act is open to those who have the task it belongs to (for one of a whole case
    or sub-process: any task of the case), and to those who see all.
    """
    groups = groups_of(context, session, release, case, act)
    if groups is not None:
        return bool(actor.groups & groups)
    return (actor.sees_all and may_know(session, actor, case)) or has_host(actor, act, tokens)


def acts_of(
    context: Context, session: Session, release: Release, actor: Actor, case: Case, tokens: Sequence[Token]
) -> tuple[Token, ...]:
    """Return the acts by hand that are open in a case to this member of staff."""
    return tuple(
        act
        for act in tokens
        if act.kind == "wait"
        and act.trigger == STAFF
        and may_act(context, session, release, actor, case, act, tokens)
        and not is_late(last_moment(context, session, release, case, act, tokens), context.clock())
    )


def doer_of(
    context: Context,
    session: Session,
    release: Release,
    actor: Actor,
    case: Case,
    act: Token,
    tokens: Sequence[Token],
) -> Actor:
    """Return the actor as the history names it: maybe in the place of somebody absent."""
    groups = groups_of(context, session, release, case, act)
    if groups is not None:
        return actor.serving(groups)
    overseer = actor.overseeing()
    if actor.sees_all and overseer is actor:
        return actor
    return actor.doing(*hosts_of(act, tokens)) if has_host(actor, act, tokens) else overseer


def hosts_of(act: Token, tokens: Sequence[Token]) -> list[Token]:
    """Return the open tasks during which an act by hand is possible."""
    return [t for t in tokens if t.kind == "task" and act.activity in ("", t.token, t.activity)]


def has_host(actor: Actor, act: Token, tokens: Sequence[Token]) -> bool:
    """Say whether one of these tasks is the actor's, or its group's."""
    return any(t.grp in actor.groups or actor.holds(t) for t in hosts_of(act, tokens))
