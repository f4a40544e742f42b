"""Moving a token, changing a due date, cancelling, trying a stuck case again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from zuozhen.model.clock import end_of_day, local_date
from zuozhen.model.errors import Conflict, Invalid, NotFound, Problem
from zuozhen.model.step import Cancel, EndInstance, Move, Retime
from zuozhen.services.actors import Actor
from zuozhen.services.casebook import unit_names
from zuozhen.services.context import Context
from zuozhen.services.correcting.grounds import Grounds, require
from zuozhen.services.privacy import require_known
from zuozhen.services.stepping import apply_event
from zuozhen.store.steps import load_case
from zuozhen.store.tables import CASE_OPEN, Case, Token

LONGEST: Final = timedelta(days=3650)
"""How far from today a deadline may be moved."""


def move(
    context: Context, actor: Actor, case_id: UUID, token: str, element_id: str, grounds: Grounds
) -> tuple[str, ...]:
    """Take an open place away and go on at another element: skip forwards, repeat, or put right.

    Returns the names of the tasks that are open afterwards.

    Raises:
        Conflict: the place is no longer open. EngineError: the case could not go on from there.
    """
    require(actor, grounds)
    with context.database.write() as session:
        case, tokens = load_open(session, actor, case_id)
        row = _row(tokens, token)
        release = context.releases.get(session, case.tenant, case.release_id)
        target = release.diagram.elements.get(element_id)
        if target is None:
            raise Invalid("请选择要转到哪个环节。", (Problem("element", "转到", "请从列表中选择"),))
        payload = {
            "element": row.element_id,
            "name": row.name,
            "to": target.label,
            "target": target.id,
            **grounds.as_payload(),
        }
        step = apply_event(
            context,
            session,
            case,
            tokens,
            Move(token, element_id, {}),
            actor=actor,
            kind="moved",
            payload=payload,
        )
    context.wake()
    return tuple(dict.fromkeys(task.name for task in step.tasks))


def end_instance(context: Context, actor: Actor, case_id: UUID, token: str, grounds: Grounds) -> None:
    """End one instance of a joint activity; the others go on, with their drafts.

    Raises:
        Conflict: the place is no longer open, or it is no instance of a joint activity.
    """
    require(actor, grounds)
    with context.database.write() as session:
        case, tokens = load_open(session, actor, case_id)
        row = _row(tokens, token)
        release = context.releases.get(session, case.tenant, case.release_id)
        payload = {
            "element": row.element_id,
            "name": row.name,
            "who": unit_names(release).get(row.grp, row.grp),
            **grounds.as_payload(),
        }
        apply_event(
            context,
            session,
            case,
            tokens,
            EndInstance(token),
            actor=actor,
            kind="instance_ended",
            payload=payload,
        )
    context.wake()


def change_due(
    context: Context, actor: Actor, case_id: UUID, token: str, last_day: date, grounds: Grounds
) -> None:
    """Move the deadline of a task to the end of ``last_day`` (延期, 法律法规另有规定).

    Raises:
        Invalid: the day is in the past, or too far away. EngineError: the task has no deadline in the diagram.
    """
    require(actor, grounds)
    today = local_date(context.clock())
    if last_day < today:
        raise Invalid("新期限不能早于今天。", (Problem("due", "新期限", "请选择今天或以后的日期"),))
    if last_day - today > LONGEST:
        raise Invalid("新期限太远。", (Problem("due", "新期限", f"最多延到 {LONGEST.days // 365} 年以后"),))
    with context.database.write() as session:
        case, tokens = load_open(session, actor, case_id)
        row = _row(tokens, token)
        due_at = end_of_day(last_day)
        why = {"text": _explanation(last_day, grounds)}
        payload = {
            "element": row.element_id,
            "name": row.name,
            "old_due": row.due_at.isoformat() if row.due_at else "",
            "due": last_day.isoformat(),
            **grounds.as_payload(),
        }
        apply_event(
            context,
            session,
            case,
            tokens,
            Retime(token, due_at, why),
            actor=actor,
            kind="retimed",
            payload=payload,
        )
    context.wake()


def cancel(context: Context, actor: Actor, case_id: UUID, grounds: Grounds) -> None:
    """End a case at once; everything open in it is withdrawn.

    Raises:
        Conflict: the case is over.
    """
    require(actor, grounds)
    with context.database.write() as session:
        case, tokens = load_open(session, actor, case_id)
        apply_event(
            context,
            session,
            case,
            tokens,
            Cancel(),
            actor=actor,
            kind="cancelled",
            payload=grounds.as_payload(),
        )
    context.wake()


def _explanation(last_day: date, grounds: Grounds) -> str:
    basis = f"（{grounds.basis.strip()}）" if grounds.basis.strip() else ""
    return (
        f"经{grounds.approver.strip()}批准，期限改为{last_day.isoformat()}：{grounds.reason.strip()}{basis}"
    )


def load_open(session: Session, actor: Actor, case_id: UUID) -> tuple[Case, Sequence[Token]]:
    """Return a case that is not over, locked, with its open tokens.

    Raises:
        NotFound: no such case in the jurisdiction. Conflict: it is over.
    """
    found = load_case(session, actor.tenant, case_id)
    if found is None:
        raise NotFound("没有这件办件。")
    require_known(session, actor, found.case)
    if found.case.status != CASE_OPEN:
        raise Conflict("办件已经结束，不能这样更正。", hint="可以“撤销上一步”，使办件回到结束之前。")
    return found.case, found.tokens


def _row(tokens: Sequence[Token], token: str) -> Token:
    for row in tokens:
        if row.token == token:
            return row
    raise Conflict("这个环节已经办结或撤销，没有更正。", hint="请刷新页面，按最新情况更正。")
