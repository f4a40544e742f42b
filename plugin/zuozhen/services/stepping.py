"""One engine step of one case, written in the caller's transaction. Every use case goes through here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from zuozhen import engine
from zuozhen.model.ids import new_id
from zuozhen.model.step import Event, Step
from zuozhen.packs import Numbering
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.makers import MADE, RELEASE, stamped
from zuozhen.services.numbers import give, give_for_form, without_claims
from zuozhen.services.provisional import as_if
from zuozhen.services.releases import Release
from zuozhen.services.sessioncases import LEFT
from zuozhen.services.stepjobs import jobs_of
from zuozhen.services.surroundings import environment
from zuozhen.services.titles import procedure_of, title_of
from zuozhen.store.steps import NewJob, insert_case, save_step
from zuozhen.store.tables import CASE_ENDED, CASE_OPEN, Case, Token


def routing(release: Release, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers that the diagram reads and the session's key; everything else stays out of the engine's state."""
    names = release.diagram.names | {release.pack.business_key}
    return {key: value for key, value in answers.items() if key in names}


def with_answers(
    data: Mapping[str, Any], form_key: str, answers: Mapping[str, Any], maker: str
) -> dict[str, Any]:
    """Return the case's data with the newest answers of one form, made on the release ``maker`` (id, hex).

    ``_order`` lists the form keys, latest last: JSON objects keep no order in every database.
    """
    order = [key for key in data.get("_order", ()) if key != form_key]
    made = {**data.get(MADE, {}), form_key: maker}
    return {**data, form_key: dict(answers), "_order": [*order, form_key], MADE: made}


def with_left(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return the data of a session that was moved away from the date (and unit) ``key``: it is held there no more."""
    return {**data, LEFT: [*(known for known in data.get(LEFT, ()) if known != key), key]}


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
    numbering: Numbering | None = None,
    received: Mapping[str, Any] | None = None,
) -> Case:
    """Start a process instance and write it. ``columns`` are further columns of the case row (maybe its id).

    ``received`` are variables that a message brought along.

    ``numbering`` is the rule that numbers the case itself; the number is taken last, so a failed start loses none.
    The pack's title, if it has one, wins over the one among ``columns``.
    """
    now = context.clock()
    columns = {"id": new_id(), **columns}
    case_id: UUID = columns["id"]
    asking = Case(
        tenant=release.tenant,
        release_id=release.id,
        process_id=process_id,
        data=with_answers({}, form_key, answers, release.id.hex) if form_key else {},
        created_at=now,
        **columns,
    )
    given = give_for_form(context, session, release, asking, form_key, asking.data)
    answers = {**without_claims(release, form_key, answers), **given.answers}
    if numbering is not None:
        row = give(context, session, release, numbering, asking)
        given.issued.append(row)
        columns["number"] = row.text
    elif number := next((row.text for row in given.issued if row.rule == "case"), ""):
        columns["number"] = number
    variables = {**(received or {}), **routing(release, answers), "case_key": case_id.hex}
    env = environment(context, session, release, now, data=asking.data, trace=context.trace)
    step = engine.start(release.diagram, process_id, variables, env, start_id)
    case = Case(
        tenant=release.tenant,
        release_id=release.id,
        process_id=process_id,
        data=with_answers({}, form_key, answers, release.id.hex) if form_key else {},
        variables=dict(step.variables),
        created_at=now,
        **{**_columns(release, step, now), **columns},
    )
    case.title = title_of(context, session, release, case)
    payload = {
        "form": form_key,
        "answers": dict(answers),
        RELEASE: release.id.hex,
        "channel": columns.get("channel", ""),
        **given.payload,
    }
    insert_case(
        session,
        case,
        step,
        at=now,
        actor_id=actor.id,
        actor_name=actor.name,
        kind=kind,
        payload=payload,
        jobs=jobs_of(release, case_id, step, now, form_key, known=frozenset(), seq=1),
    )
    session.add_all(given.issued)
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
    data = None
    if form_key and answers is not None:
        data = with_answers(case.data, form_key, answers, release.id.hex)
    step = engine.advance(
        release.diagram,
        case.process_id,
        case.state,
        event,
        environment(
            context,
            session,
            release,
            now,
            data=case.data if data is None else data,
            trace=context.trace,
        ),
    )
    if data is not None:
        payload = {**payload, "form": form_key, "answers": dict(answers or {}), RELEASE: release.id.hex}
    columns = _columns(release, step, now, case.stage)
    if case.business_key and columns.get("business_key", case.business_key) != case.business_key:
        payload = {**payload, "left": case.business_key}
        data = with_left(case.data if data is None else data, case.business_key)
    columns |= _titled(context, session, release, case, step, columns, data)
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
        jobs=jobs_of(
            release,
            case.id,
            step,
            now,
            form_key,
            known=frozenset(row.token for row in tokens),
            seq=case.seq + 1,
        ),
        closed_by=actor.id,
        data=data,
        columns=columns,
    )
    return step


def _titled(
    context: Context,
    session: Session,
    release: Release,
    case: Case,
    step: Step,
    columns: Mapping[str, Any],
    data: Mapping[str, Any] | None,
) -> dict[str, str]:
    """Return the title that a case has after a step, if the pack words it."""
    procedure = procedure_of(release, case.process_id)
    if procedure is None or not procedure.title:
        return {}
    known = dict(data) if data is not None else case.data
    after = as_if(case, data=known, variables=dict(step.variables), **columns)
    with session.no_autoflush:
        return {"title": title_of(context, session, release, after)}


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
    if data is None and case.release_id != release.id:
        data = stamped(case.data, case.release_id, case.data.get("_order", ()))
    columns = {**_columns(release, step, now, stage), "release_id": release.id}
    columns |= _titled(context, session, release, case, step, columns, data)
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
        jobs=[*jobs_of(release, case.id, step, now, "", known=everything, seq=case.seq + 1), *looking],
        closed_by=actor.id,
        data=data,
        columns=columns,
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
