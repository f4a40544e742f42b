"""What the correction page shows: where the case stands, where it may go, what may be undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from zuozhen import engine
from zuozhen.engine import Element
from zuozhen.model.errors import Conflict, Forbidden, NotFound
from zuozhen.services.actors import Actor
from zuozhen.services.casebook import unit_names
from zuozhen.services.context import Context
from zuozhen.services.correcting.grounds import ADMINISTRATOR
from zuozhen.services.correcting.undoing import Undoable, last_step
from zuozhen.services.deadlines import Deadline, deadline_of
from zuozhen.services.history import Line, staff_lines
from zuozhen.services.privacy import require_known, unless_private
from zuozhen.services.releases import Release
from zuozhen.store.cases import history, mentions
from zuozhen.store.steps import load_case
from zuozhen.store.tables import Case, Event, Incident, Token

FOUND = 50


@dataclass(frozen=True, slots=True)
class Place:
    """One open place of a case, with the elements that it may be moved to.

    ``following`` are the tasks that come next (skip), ``others`` every other element of the same scope.
    """

    token: str
    element_id: str
    name: str
    kind: str
    group_name: str
    deadline: Deadline
    following: tuple[Element, ...]
    others: tuple[Element, ...]
    joint: bool
    also: tuple[str, ...]
    """Who else works on the joint activity of this place now: moving it ends their work too."""


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """Everything the correction page shows; ``why_not`` tells why nothing can be undone."""

    case: Case
    release: Release
    places: tuple[Place, ...]
    lines: tuple[Line, ...]
    undoable: Undoable | None
    undo_line: Line | None
    why_not: str
    incidents: Sequence[Incident]


def correction_view(context: Context, actor: Actor, case_id: UUID) -> CorrectionView:
    """Return the correction page of one case.

    Raises:
        Forbidden: not a system administrator. NotFound: no such case in the jurisdiction.
    """
    _require(actor)
    with context.database.read() as session:
        found = load_case(session, actor.tenant, case_id)
        if found is None:
            raise NotFound("没有这件办件。")
        require_known(session, actor, found.case)
        release = context.releases.get(session, actor.tenant, found.case.release_id)
        events = history(session, actor.tenant, case_id, states=True)
        lines = tuple(staff_lines(events))
        undoable, why_not = _undoable(events)
        seq = undoable.event.seq if undoable else 0
        return CorrectionView(
            found.case,
            release,
            tuple(_place(context, release, row, found.tokens) for row in _places(found.tokens)),
            lines,
            undoable,
            next((line for line in lines if line.seq == seq), None),
            why_not,
            _incidents(session, actor.tenant, case_id),
        )


def find_cases(context: Context, actor: Actor, query: str) -> Sequence[Case]:
    """Return the newest cases whose number, title or enterprise contains ``query`` (at most 50)."""
    _require(actor)
    wanted = select(Case).where(Case.tenant == actor.tenant, unless_private(actor))
    if query.strip():
        wanted = wanted.where(mentions(query.strip()[:80]))
    with context.database.read() as session:
        return session.scalars(wanted.order_by(Case.updated_at.desc()).limit(FOUND)).all()


def _require(actor: Actor) -> None:
    if ADMINISTRATOR not in actor.admin:
        raise Forbidden("只有系统管理员可以更正办件。")


def _undoable(events: Sequence[Event]) -> tuple[Undoable | None, str]:
    try:
        return last_step(events), ""
    except Conflict as error:
        return None, error.message


def _places(tokens: Sequence[Token]) -> list[Token]:
    """Return what the case really waits for: tasks first, then messages; no mere possibilities (撤回)."""
    held = [row for row in tokens if row.kind == "task" or (row.kind == "wait" and not row.trigger)]
    return sorted(held, key=lambda row: row.kind)


def _place(context: Context, release: Release, row: Token, tokens: Sequence[Token]) -> Place:
    names = unit_names(release)
    following = engine.followers(release.diagram, row.element_id)
    near = {element.id for element in following}
    element = release.diagram.elements[row.element_id]
    joint = row.kind == "task" and engine.is_joint(release.diagram, row.element_id)
    return Place(
        row.token,
        row.element_id,
        row.name or element.label,
        row.kind,
        names.get(row.grp, row.grp),
        deadline_of(
            row.entered_at,
            row.due_at,
            context.clock(),
            warning_share=release.pack.deadlines.warning_share,
            rule=row.due_rule,
            why=row.due_why or (),
        ),
        following,
        tuple(
            other
            for other in engine.movable(release.diagram, row.element_id)
            if other.id not in near and other.kind in ("userTask", "endEvent")
        ),
        joint,
        tuple(
            names.get(other.grp, other.grp) or other.name
            for other in tokens
            if joint and other.element_id == row.element_id and other.token != row.token
        ),
    )


def _incidents(session: Session, tenant: int, case_id: UUID) -> Sequence[Incident]:
    return session.scalars(
        select(Incident)
        .where(Incident.tenant == tenant, Incident.case_id == case_id, Incident.resolved_at.is_(None))
        .order_by(Incident.at)
    ).all()
