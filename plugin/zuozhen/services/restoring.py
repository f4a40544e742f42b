"""Putting a case back to an earlier snapshot: by a step of its own, so that the history only grows."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from zuozhen import engine
from zuozhen.model.errors import Conflict
from zuozhen.model.step import Environment, Step
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.releases import Release
from zuozhen.services.stepping import with_answers
from zuozhen.store.steps import save_step
from zuozhen.store.tables import CASE_OPEN, Case, Event, Token


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A case as it was after one of its events: engine state, answers by form key, stage."""

    state: bytes
    data: Mapping[str, Any]
    stage: str


def snapshot_of(events: Sequence[Event]) -> Snapshot:
    """Return the snapshot after the last of ``events``; they are those that count, in order, with states."""
    state = events[-1].state
    if state is None:
        raise Conflict("这一步没有保存快照，不能恢复。")
    data: dict[str, Any] = {}
    stage = ""
    for event in events:
        form, answers = event.payload.get("form"), event.payload.get("answers")
        if form and answers is not None:
            data = with_answers(data, form, answers)
        for line in event.payload.get("log", ()):
            if line["kind"] == "entered":
                stage = line.get("properties", {}).get("zz:stage", stage)
    return Snapshot(state, data, stage)


def restore_case(
    context: Context,
    session: Session,
    case: Case,
    tokens: Sequence[Token],
    release: Release,
    snapshot: Snapshot,
    *,
    actor: Actor,
    kind: str,
    payload: Mapping[str, Any],
    columns: Mapping[str, Any] | None = None,
) -> Step:
    """Write a locked case back to ``snapshot`` under ``release``; what was closed since is open again.

    Explanations of due dates come back with their tokens. Raises :class:`EngineError` if the snapshot does
    not fit the release's diagram.
    """
    now = context.clock()
    step = engine.restore(
        release.diagram,
        case.process_id,
        snapshot.state,
        Environment(now, release.functions),
        [row.token for row in tokens],
    )
    step = _with_reasons(session, case, step)
    key = step.variables.get(release.pack.business_key) if release.pack.business_key else None
    save_step(
        session,
        case,
        tokens,
        step,
        at=now,
        actor_id=actor.id,
        actor_name=actor.name,
        kind=kind,
        payload=dict(payload),
        closed_by=actor.id,
        data=snapshot.data,
        columns={
            "status": CASE_OPEN,
            "stage": snapshot.stage,
            "outcome": "",
            "end_element": "",
            "ended_at": None,
            "business_key": key if isinstance(key, str) else "",
            **(columns or {}),
        },
    )
    return step


def _with_reasons(session: Session, case: Case, step: Step) -> Step:
    """Fill in how due dates came about: the engine tells it only in the step that set them."""
    wanted = [task.token for task in step.tasks] + [timer.token for timer in step.timers]
    rows = session.scalars(
        select(Token).where(Token.tenant == case.tenant, Token.case_id == case.id, Token.token.in_(wanted))
    )
    known = {row.token: (row.due_at, tuple(row.due_why or ())) for row in rows}

    def why(token: str, due_at: Any) -> tuple[Any, ...]:
        at, reasons = known.get(token, (None, ()))
        return reasons if at == due_at else ()

    return dataclasses.replace(
        step,
        tasks=tuple(dataclasses.replace(t, due_why=t.due_why or why(t.token, t.due_at)) for t in step.tasks),
        timers=tuple(dataclasses.replace(t, why=t.why or why(t.token, t.due_at)) for t in step.timers),
    )
