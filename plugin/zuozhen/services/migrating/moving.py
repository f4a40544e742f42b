"""One case moved to another release, in one transaction under the case's lock, from where it stands now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from zuozhen.engine import Diagram
from zuozhen.model.migration import Migrated
from zuozhen.model.step import Environment
from zuozhen.services.context import Context
from zuozhen.services.duenotices import tell_new_dues
from zuozhen.services.migrating.along import move_along
from zuozhen.services.migrating.carrying import NOTHING, Carried
from zuozhen.services.migrating.lines import CALENDAR, Line, Work, settle
from zuozhen.services.migrating.outlook import event_dues, order_from, outlook_of, to_json
from zuozhen.services.migrating.running import UNEXPECTED, refused
from zuozhen.services.releases import Release
from zuozhen.services.stepping import write_redrawn
from zuozhen.services.surroundings import environment
from zuozhen.store.steps import LoadedCase, load_case
from zuozhen.store.tables import CASE_OPEN, ITEM_DONE, ITEM_FAILED, ITEM_REFUSED, Case, Token


def move_case(context: Context, work: Work, line: Line) -> None:
    """Do what the migration asks of one case, from where it stands now, and note the outcome on its line.

    Raises:
        Conflict: somebody holds the case; it may be tried again. NotOurTurn: it was settled meanwhile.
    """
    with context.database.write(durable=False) as session:  # resumes by itself
        found = load_case(session, work.tenant, line.case_id)
        if found is not None:
            _move(context, session, found, work, line)


def _move(context: Context, session: Session, found: LoadedCase, work: Work, line: Line) -> None:
    case, tokens = found
    now = context.clock()
    old = context.releases.get(session, case.tenant, case.release_id)
    counts_only = work.kind == CALENDAR
    new = old if counts_only else context.releases.get(session, case.tenant, work.release_id)
    env = environment(context, session, new, now, data=case.data, former=old)
    moved, along = _outcome(session, case, old, new, work, env)
    outlook = outlook_of(moved, old.diagram, new.diagram, now)
    outcome: dict[str, Any] = {"status": ITEM_DONE, "result": to_json(outlook), "at": now, "error": None}
    if moved.step is None:
        reasons = "；".join(
            r.message if r.name in r.message else f"{r.name}：{r.message}" for r in moved.refusals
        )
        failed = any(r.code == UNEXPECTED for r in moved.refusals)
        outcome |= {"status": ITEM_FAILED if failed else ITEM_REFUSED, "error": reasons[:2000]}
    elif not counts_only or outlook.changed_dues:  # no line in the case's history for nothing
        outcome["before"] = _before(case, tokens)
        write_redrawn(
            context,
            session,
            case,
            tokens,
            moved.step,
            new,
            actor=work.actor,
            kind="recounted" if counts_only else "migrated",
            payload=_payload(moved, along, old, new, work),
            stage=stage_after(moved, old.diagram, new.diagram, case.stage),
        )
        if counts_only:
            tell_new_dues(session, case, tokens, moved.dues, work.reason or "工作日历调整", now)
        outcome["seq"] = case.seq
    settle(session, work, line, **outcome)


def _payload(moved: Migrated, along: Carried, old: Release, new: Release, work: Work) -> dict[str, Any]:
    """Return what the case's history keeps of the move."""
    return {
        "migration": work.id.hex,
        "from": old.version,
        "to": new.version,
        "reason": work.reason,
        "places": [
            {"from": p.element_id, "to": p.target, "name": p.name, "target": p.target_name}
            for p in moved.placements
            if p.outcome == "mapped"
        ],
        "dues": event_dues(moved.dues),
        "changes": [
            f"{p.target_name or p.name}：{'、'.join(p.changes)}" for p in moved.placements if p.changes
        ],
        "filled": list(along.notes),
    }


def _outcome(
    session: Session, case: Case, old: Release, new: Release, work: Work, env: Environment
) -> tuple[Migrated, Carried]:
    if case.status != CASE_OPEN:
        return refused("ended", "办件在此之前已经结束，不需要迁移。"), NOTHING
    if work.kind != CALENDAR and case.release_id == work.release_id:
        return refused("there", "办件已经在这一版本上，不需要迁移。"), NOTHING
    return move_along(session, old, new, case, env, order_from(work.plan))


def stage_after(moved: Migrated, old: Diagram, new: Diagram, stage: str) -> str:
    """Return the stage of a case after a move: that of the place that stood for it before."""
    for place in moved.placements:
        element = old.elements.get(place.element_id)
        if element is not None and element.properties.get("zz:stage", "") == stage:
            target = new.elements.get(place.target)
            return target.properties.get("zz:stage", stage) if target is not None else stage
    return stage


def _before(case: Case, tokens: Sequence[Token]) -> dict[str, Any]:
    """Return what a roll-back needs and the case's snapshots do not hold."""
    return {
        "release": case.release_id.hex,
        "seq": case.seq,
        "stage": case.stage,
        "tokens": {
            row.token: {
                "due_at": row.due_at.isoformat() if row.due_at else None,
                "due_rule": row.due_rule,
                "due_why": row.due_why,
            }
            for row in tokens
            if row.due_at is not None
        },
    }


def reasons_before(before: Mapping[str, Any], token: str, due_at: datetime | None) -> tuple[Any, ...]:
    """Return how a due date came about that a token had before the move, if it is the same date."""
    row = before["tokens"].get(token)
    if row is None or due_at is None or row["due_at"] is None:
        return ()
    return tuple(row["due_why"]) if datetime.fromisoformat(row["due_at"]) == due_at else ()
