"""One engine step of one case, written in the caller's transaction. Every use case goes through here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from zuozhen import engine
from zuozhen.model.errors import EngineError
from zuozhen.model.ids import new_id
from zuozhen.model.step import Action, Environment, Event, Message, Step
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.releases import Release
from zuozhen.store.steps import NewJob, insert_case, save_step
from zuozhen.store.tables import CASE_ENDED, CASE_OPEN, Case, Token

OUTBOX_TOPICS = frozenset({"notify", "publish", "archive"})


def routing(release: Release, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers that the diagram reads; everything else stays out of the engine's state."""
    return {key: value for key, value in answers.items() if key in release.diagram.names}


def with_answers(data: Mapping[str, Any], form_key: str, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the case's data with the newest answers of one form.

    ``_order`` lists the form keys, latest last: JSON objects keep no order in every database.
    """
    order = [key for key in data.get("_order", ()) if key != form_key]
    return {**data, form_key: dict(answers), "_order": [*order, form_key]}


def start_case(
    context: Context,
    session: Session,
    release: Release,
    process_id: str,
    *,
    start_id: str | None,
    form_key: str,
    answers: Mapping[str, Any],
    columns: Mapping[str, Any],
    actor: Actor,
    kind: str,
) -> Case:
    """Start a process instance and write it. ``columns`` are further columns of the case row (maybe its id)."""
    now = context.clock()
    columns = {"id": new_id(), **columns}
    case_id: UUID = columns["id"]
    variables = {**routing(release, answers), "case_key": case_id.hex}
    env = Environment(now, release.functions, context.trace)
    step = engine.start(release.diagram, process_id, variables, env, start_id)
    case = Case(
        tenant=release.tenant,
        release_id=release.id,
        process_id=process_id,
        data=with_answers({}, form_key, answers) if form_key else {},
        created_at=now,
        **{**_columns(release, step, now), **columns},
    )
    payload = {"form": form_key, "answers": dict(answers), "channel": columns.get("channel", "")}
    insert_case(
        session,
        case,
        step,
        at=now,
        actor_id=actor.id,
        actor_name=actor.name,
        kind=kind,
        payload=payload,
        jobs=_jobs(release, case_id, step, now, form_key, known=frozenset()),
    )
    return case


def apply_event(
    context: Context,
    session: Session,
    case: Case,
    tokens: Sequence[Token],
    event: Event,
    *,
    actor: Actor,
    kind: str,
    payload: Mapping[str, Any],
    form_key: str = "",
    answers: Mapping[str, Any] | None = None,
) -> Step:
    """Advance a locked case by one event and write the whole outcome (at most four statements).

    Raises:
        EngineError: the case cannot move; nothing was written and the caller must roll back.
    """
    now = context.clock()
    release = context.releases.get(session, case.tenant, case.release_id)
    step = engine.advance(
        release.diagram,
        case.process_id,
        case.state,
        event,
        Environment(now, release.functions, context.trace),
    )
    data = None
    if form_key and answers is not None:
        data = with_answers(case.data, form_key, answers)
        payload = {**payload, "form": form_key, "answers": dict(answers)}
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
        jobs=_jobs(release, case.id, step, now, form_key, known=frozenset(row.token for row in tokens)),
        closed_by=actor.id,
        data=data,
        columns=_columns(release, step, now, case.stage),
    )
    return step


def write_redrawn(
    context: Context,
    session: Session,
    case: Case,
    tokens: Sequence[Token],
    step: Step,
    release: Release,
    *,
    actor: Actor,
    kind: str,
    payload: Mapping[str, Any],
    stage: str,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Write a step that put a locked case onto ``release`` (migration, going back), whichever it was on.

    Places that wait for other messages than before, or wait again, look for those that came earlier.
    ``data`` replaces the case's answers unless ``None``.
    """
    now = context.clock()
    known = {(row.token, row.message, row.key) for row in tokens}
    looking = [
        NewJob(
            case.id,
            "match",
            f"{wait.token}:{case.seq + 1}",  # the place may have looked before
            now,
            {"name": wait.message, "key": wait.key, "token": wait.token},
        )
        for wait in step.waits
        if not wait.trigger and (wait.token, wait.message, wait.key) not in known
    ]
    everything = frozenset(wait.token for wait in step.waits)
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
        jobs=[*_jobs(release, case.id, step, now, "", known=everything), *looking],
        closed_by=actor.id,
        data=data,
        columns={**_columns(release, step, now, stage), "release_id": release.id},
        redrawn=True,
    )


def _columns(release: Release, step: Step, now: datetime, stage: str = "") -> dict[str, Any]:
    """Return the columns of the case row that follow from a step."""
    entered = [
        e.properties["zz:stage"] for e in step.log if e.kind == "entered" and "zz:stage" in e.properties
    ]
    columns: dict[str, Any] = {"stage": entered[-1] if entered else stage, "updated_at": now}
    key = step.variables.get(release.pack.business_key) if release.pack.business_key else None
    if isinstance(key, str):
        columns["business_key"] = key
    if step.ended is not None:
        columns |= {
            "status": CASE_ENDED,
            "outcome": step.ended.name,
            "end_element": step.ended.element_id,
            "ended_at": now,
        }
    else:
        columns |= {"status": CASE_OPEN, "outcome": "", "end_element": "", "ended_at": None}
    return columns


def _jobs(
    release: Release, case_id: UUID, step: Step, now: datetime, form_key: str, known: frozenset[str]
) -> list[NewJob]:
    """Return the outbox of a step: what the worker has to carry out afterwards, at least once each."""
    jobs = [_send(case_id, message, now) for message in step.messages]
    # An archive task asks for what every end asks for: the dossier is built once, when the case is over.
    jobs += [_effect(case_id, action, now) for action in step.actions if action.topic != "archive"]
    jobs += [
        NewJob(case_id, "match", wait.token, now, {"name": wait.message, "key": wait.key})
        for wait in step.waits
        if not wait.trigger and wait.token not in known
    ]
    if form_key and release.is_printed(form_key):
        jobs.append(NewJob(case_id, "print", f"{form_key}:{new_id().hex}", now, {"form": form_key}))
    if step.ended is not None:
        # A case whose end is undone ends again, and has another dossier then.
        jobs.append(NewJob(case_id, "archive", new_id().hex, now, {}))
    return jobs


def _send(case_id: UUID, message: Message, now: datetime) -> NewJob:
    payload = asdict(message)
    payload["expires_at"] = message.expires_at.isoformat()
    return NewJob(case_id, "send", new_id().hex, now, payload)


def _effect(case_id: UUID, action: Action, now: datetime) -> NewJob:
    if action.topic not in OUTBOX_TOPICS:
        raise EngineError(
            f"“{action.name}”要求的自动操作“{action.topic}”不存在。",
            element_id=action.element_id,
            hint="请管理员在流程图中改用：" + "、".join(sorted(OUTBOX_TOPICS)),
        )
    payload = {
        "element": action.element_id,
        "properties": dict(action.properties),
        "variables": dict(action.variables),
    }
    return NewJob(case_id, action.topic, new_id().hex, now, payload)
