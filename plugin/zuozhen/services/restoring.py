"""Putting a case back to an earlier snapshot: by a step of its own, so that the history only grows."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from zuozhen import engine
from zuozhen.model.errors import Conflict
from zuozhen.model.step import Json, Step
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.makers import MADE, RELEASE
from zuozhen.services.releases import Release
from zuozhen.services.stepping import with_answers, with_left, write_redrawn
from zuozhen.services.surroundings import environment
from zuozhen.store.tables import Case, Event, Token

Why: TypeAlias = Callable[[str, datetime | None], tuple[Json, ...]]
"""Returns how the due date of a token came about; empty when it is not known (or was another date)."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A case as it was after one of its events: engine state, answers by form key, stage."""

    state: bytes
    data: Mapping[str, Any]
    stage: str


def snapshot_of(events: Sequence[Event], case: Case) -> Snapshot:
    """Return the snapshot after the last of ``events``; they are those that count, in order, with states.

    Answers whose event does not say on which release they were made belong to the one that the case knows of.
    """
    state = events[-1].state
    if state is None:
        raise Conflict("这一步没有保存快照，不能恢复。")
    data: dict[str, Any] = {}
    made: Mapping[str, str] = case.data.get(MADE, {})
    stage = ""
    for event in events:
        form, answers = event.payload.get("form"), event.payload.get("answers")
        if form and answers is not None:
            data = with_answers(
                data, form, answers, event.payload.get(RELEASE) or made.get(form) or case.release_id.hex
            )
        if left := event.payload.get("left"):
            data = with_left(data, left)
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
) -> None:
    """Write a locked case back to ``snapshot`` under ``release``; what was closed since is open again.

    Explanations of due dates come back with their tokens. Raises :class:`EngineError` if the snapshot does
    not fit the release's diagram.
    """
    step = engine.restore(
        release.diagram,
        case.process_id,
        snapshot.state,
        environment(context, session, release, context.clock(), data=snapshot.data),
        [row.token for row in tokens],
    )
    step = with_reasons(step, _known_reasons(session, case, step))
    # The snapshot may be older than the key; the step says it again if not. No query may follow before the
    # case is written: it would write the row for itself.
    case.business_key = ""
    write_redrawn(
        context,
        session,
        case,
        tokens,
        step,
        release,
        actor=actor,
        kind=kind,
        payload=payload,
        stage=snapshot.stage,
        data=snapshot.data,
    )


def with_reasons(step: Step, why: Why) -> Step:
    """Give the due dates of a restored step their explanations back: the engine tells them only once."""
    return dataclasses.replace(
        step,
        tasks=tuple(dataclasses.replace(t, due_why=t.due_why or why(t.token, t.due_at)) for t in step.tasks),
        timers=tuple(dataclasses.replace(t, why=t.why or why(t.token, t.due_at)) for t in step.timers),
    )


def _known_reasons(session: Session, case: Case, step: Step) -> Why:
    """Return the explanations that the rows of a case's tokens, open or closed, still hold."""
    wanted = [task.token for task in step.tasks] + [timer.token for timer in step.timers]
    rows = session.scalars(
        select(Token).where(Token.tenant == case.tenant, Token.case_id == case.id, Token.token.in_(wanted))
    )
    known = {(row.token, row.due_at): tuple(row.due_why or ()) for row in rows}
    return lambda token, due_at: known.get((token, due_at), ())
