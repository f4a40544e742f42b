"""Which procedures of the pack a member of staff may start by hand, besides registering an enterprise's matter."""

from __future__ import annotations

from dataclasses import dataclass

from zuozhen.model.errors import Forbidden, NotFound
from zuozhen.packs import Procedure
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.registration import MATTER as MATTER
from zuozhen.services.releases import Release

CASE_NUMBERS = "办件编号"


def may_start(actor: Actor, procedure: Procedure) -> bool:
    """Say whether a member of staff may start a procedure: those of its groups, else who sees all cases."""
    if not actor.is_staff:
        return False
    return bool(actor.groups & set(procedure.open_to)) if procedure.open_to else actor.sees_all


def begins_by_hand(release: Release, procedure: Procedure) -> bool:
    """Say whether a procedure has a start that waits for nobody's message and no date."""
    process = release.diagram.processes.get(procedure.process)
    return process is not None and any(start.kind == "none" for start in process.starts)


@dataclass(frozen=True, slots=True)
class Named:
    """A procedure with what people call it."""

    procedure: Procedure
    name: str


def named_procedures(context: Context, tenant: int) -> list[Named]:
    """Return all procedures of the pack, in its order."""
    with context.database.read() as session:
        release = context.releases.live(session, tenant)
    return [Named(one, name_of(release, one)) for one in release.pack.procedures.values()]


def startable(context: Context, actor: Actor) -> list[Named]:
    """Return the procedures that the actor may start now, in the order of the pack."""
    with context.database.read() as session:
        release = context.releases.live(session, actor.tenant)
    return [
        Named(procedure, name_of(release, procedure))
        for alias, procedure in release.pack.procedures.items()
        if alias != MATTER and may_start(actor, procedure) and begins_by_hand(release, procedure)
    ]


def name_of(release: Release, procedure: Procedure) -> str:
    """Return what people call a procedure: its label, else the name of its pool in the diagram."""
    process = release.diagram.processes.get(procedure.process)
    return procedure.label or (process.name if process else "") or procedure.alias


def procedure_for(context: Context, actor: Actor, alias: str) -> Procedure:
    """Return a procedure that the actor may start by hand.

    Raises:
        NotFound: the pack has none of this name that can be started by hand.
        Forbidden: it is for other posts.
    """
    with context.database.read() as session:
        release = context.releases.live(session, actor.tenant)
    procedure = release.pack.procedures.get(alias)
    if procedure is None or alias == MATTER or not begins_by_hand(release, procedure):
        raise NotFound("没有可以手工发起的这类事项。", hint="请从“办件”页或场次页的按钮发起。")
    if not may_start(actor, procedure):
        raise Forbidden(f"“{name_of(release, procedure)}”由指定的岗位发起。")
    return procedure


def rule_names(context: Context, tenant: int) -> dict[str, str]:
    """Return what people call the numbering rules: by the form that a rule gives its number to."""
    with context.database.read() as session:
        release = context.releases.live(session, tenant)
    names = {}
    for name, rule in release.pack.numberings.items():
        try:
            names[name] = release.form(rule.form).title if rule.form else CASE_NUMBERS
        except NotFound:  # the form is gone from the pack, its numbers are not
            names[name] = name
    return names
