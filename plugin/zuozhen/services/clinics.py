"""Sessions (坐诊场次): what is coming, what was held, and the register of each; over all session procedures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from zuozhen.model.clock import local_date
from zuozhen.packs import Procedure
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.options import coming_sessions
from zuozhen.services.registers import register_source, register_view
from zuozhen.services.registers.rules import may_open
from zuozhen.services.releases import Release
from zuozhen.services.sessionkeys import label_of
from zuozhen.services.starting import MATTER, begins_by_hand, may_start, name_of
from zuozhen.services.visibility import visible
from zuozhen.store.tables import Case

MONTHLY = "clinic"
"""The procedure whose sessions follow ``session_recurrence``."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """The process instance of a session; ``case_id`` only if the actor may see it."""

    case_id: UUID | None
    title: str
    kind: str
    status: str


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session: its key, how many cases are booked, and its own process instances if started.

    ``key_field`` names the variable that holds the key, so that a form can begin with it; ``prepare`` is the
    procedure by which the actor may start it now, or empty.
    """

    key: str
    key_field: str
    label: str
    booked: int
    prepared: tuple[Prepared, ...]
    prepare: str
    registers: tuple[tuple[str, str], ...]


def sessions(context: Context, actor: Actor) -> list[SessionRow]:
    """Return coming sessions, the next one first, then those held, the latest first."""
    with context.database.read() as session:
        release = context.releases.live(session, actor.tenant)
        booked = _booked(session, actor, release)
        own = _prepared(session, actor, release)
        coming = dict(coming_sessions(context, session, release))
    pack, today = release.pack, local_date(context.clock()).isoformat()
    links = tuple(
        (register.key, register.title)
        for register in pack.registers
        if register.by == "session" and may_open(register, actor)
    )
    keys = sorted({*booked, *own, *coming})
    ahead, behind = ([key for key in keys if (key >= today) is wanted] for wanted in (True, False))
    prepare = _prepares(release, actor)
    return [
        SessionRow(
            key,
            pack.business_key,
            label_of(release, key),
            booked.get(key, 0),
            own.get(key, ()),
            prepare if key in coming and key not in own else "",
            links,
        )
        for key in (*ahead, *reversed(behind))
    ]


def _booked(session: Session, actor: Actor, release: Release) -> dict[str, int]:
    """Return how many matters that the actor may see are booked into each session."""
    rows = session.execute(
        select(Case.business_key, func.count())
        .where(visible(actor), Case.process_id == release.pack.processes[MATTER], Case.business_key != "")
        .group_by(Case.business_key)
    )
    return {row[0]: row[1] for row in rows}


def _prepared(session: Session, actor: Actor, release: Release) -> dict[str, tuple[Prepared, ...]]:
    """Return the instances of session procedures by their key; a private one only to those who may see it."""
    procedures = {one.process: one for one in _session_procedures(release)}
    several = len(procedures) > 1
    seen = visible(actor).label("seen")
    rows = session.execute(
        select(Case.business_key, Case.id, Case.title, Case.status, Case.process_id, seen)
        .where(
            Case.tenant == actor.tenant,
            Case.process_id.in_(list(procedures)),
            Case.business_key != "",
        )
        .order_by(Case.created_at)
    )
    found: dict[str, tuple[Prepared, ...]] = {}
    for key, case_id, title, status, process, may_see in rows:
        procedure = procedures[process]
        if procedure.private and not may_see:
            continue
        kind = name_of(release, procedure) if several else ""
        line = Prepared(case_id if may_see else None, title, kind, status)
        found[key] = (*found.get(key, ()), line)
    return found


def _session_procedures(release: Release) -> Iterable[Procedure]:
    return (procedure for procedure in release.pack.procedures.values() if procedure.session)


def _prepares(release: Release, actor: Actor) -> str:
    """Return the procedure by which the actor may begin a session of the recurrence rule, or nothing."""
    procedure = release.pack.procedures.get(MONTHLY)
    if procedure is None or not release.pack.session_recurrence:
        return ""
    return MONTHLY if may_start(actor, procedure) and begins_by_hand(release, procedure) else ""


def register_pdf(context: Context, actor: Actor, key: str, session_key: str) -> tuple[bytes, str]:
    """Return a register of one session as PDF with its file name."""
    view = register_view(context, actor, key, session_key)
    content = context.documents.pdf(register_source(context, view))
    return content, f"{view.title}-{session_key}.pdf"
