"""Which token rows a step writes: one upsert of the rows that are new, changed or closed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import case as sql_case
from sqlalchemy import null
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.sql.dml import UpdateBase

from zuozhen.model.step import Step, Task, Timer, Wait
from zuozhen.store.chain import plain
from zuozhen.store.database import dialect_of, upsert
from zuozhen.store.tables import TOKEN_CANCELLED, TOKEN_COMPLETED, TOKEN_FIRED, TOKEN_OPEN, Case, Token

_CLOSED_AS: Final = {"completed": TOKEN_COMPLETED, "cancelled": TOKEN_CANCELLED, "fired": TOKEN_FIRED}
_COLUMNS: Final = tuple(Token.__table__.columns.keys())
_KEY: Final = ("tenant", "case_id", "token")
_DRAFT: Final = ("draft", "draft_by", "draft_at")
_KEPT: Final = frozenset({*_KEY, *_DRAFT, "kind", "assignee", "entered_at"})
"""Never overwritten while a token is open: people set them, or they are set at first sight."""

_BLANK: Final[Mapping[str, Any]] = {
    "status": TOKEN_OPEN,
    "name": "",
    "form_key": "",
    "grp": "",
    "assignee": None,
    "due_at": None,
    "due_rule": "",
    "due_why": [],
    "activity": "",
    "message": "",
    "key": "",
    "trigger": "",
    "properties": {},
    "variables": {},
    "draft": None,
    "draft_by": None,
    "draft_at": None,
    "closed_at": None,
    "closed_by": None,
}


def save_tokens(
    session: Session,
    case: Case,
    open_tokens: Sequence[Token],
    step: Step,
    *,
    at: datetime,
    closed_by: UUID | None,
    redrawn: bool = False,
) -> None:
    """Bring the rows of ``token`` to what is open after ``step``, by one statement or none.

    ``redrawn``: the diagram is another one, so a deadline that it does not have is taken off the row.

    Raises ``ValueError`` when ``open_tokens`` are not what was open before the step.
    """
    known = {row.token: row for row in open_tokens}
    rows = []
    for content in _waiting_places(step):
        old = known.pop(content["token"], None)
        if old is None:
            rows.append({**_BLANK, "tenant": case.tenant, "case_id": case.id, "entered_at": at, **content})
        else:
            row = {**_as_row(old), **_keep_deadline(old, content, redrawn=redrawn)}
            if any(getattr(old, name) != value for name, value in row.items()):
                rows.append(row)
                _refresh(old, row)
    for token, how in step.closed.items():
        if token not in known:
            raise ValueError(f"the step closes token {token}, which was not open")
        old = known.pop(token)
        row = {**_as_row(old), **(dict.fromkeys(_DRAFT) if how == "completed" else {})}
        row |= {"status": _CLOSED_AS[how], "closed_at": at, "closed_by": closed_by}
        rows.append(row)
        _refresh(old, row)
    if known:
        raise ValueError(f"the step forgets the open tokens {', '.join(sorted(known))}")
    if rows:
        session.execute(_upsert_of_tokens(dialect_of(session)), rows)


@cache
def _upsert_of_tokens(dialect: str) -> UpdateBase:
    """Return the statement, built once: building it takes longer than running it."""
    statement = upsert(dialect, Token)
    new = statement.excluded
    changes: dict[str, Any] = {name: new[name] for name in _COLUMNS if name not in _KEPT}
    # A draft saved a moment ago stays, unless its task is done: undoing opens the others again.
    for name in _DRAFT:
        changes[name] = sql_case(
            (new.status != _CLOSED_AS["completed"], Token.__table__.c[name]), else_=null()
        )
    # RETURNING makes SQLAlchemy send all rows as one statement instead of one for each.
    return statement.on_conflict_do_update(index_elements=_KEY, set_=changes).returning(Token.token)


def _waiting_places(step: Step) -> Iterator[dict[str, Any]]:
    for task in step.tasks:
        yield _task_content(task)
    for timer in step.timers:
        yield _timer_content(timer)
    for wait in step.waits:
        yield _wait_content(wait)


def _task_content(task: Task) -> dict[str, Any]:
    return {
        "token": task.token,
        "kind": "task",
        "element_id": task.element_id,
        "name": task.name,
        "form_key": task.form_key,
        "grp": task.group,
        "assignee": _account(task.assignee),
        "entered_at": task.entered_at,
        "due_at": task.due_at,
        "due_rule": task.due_rule,
        "due_why": plain(task.due_why),
        "properties": dict(task.properties),
        "variables": plain(task.variables),
    }


def _timer_content(timer: Timer) -> dict[str, Any]:
    return {
        "token": timer.token,
        "kind": "timer",
        "element_id": timer.element_id,
        "due_at": timer.due_at,
        "due_rule": timer.rule,
        "due_why": plain(timer.why),
        "activity": timer.activity,
        "properties": {"interrupting": timer.interrupting},
    }


def _wait_content(wait: Wait) -> dict[str, Any]:
    return {
        "token": wait.token,
        "kind": "wait",
        "element_id": wait.element_id,
        "name": wait.label,
        "form_key": wait.form_key,
        "message": wait.message,
        "key": wait.key,
        "trigger": wait.trigger,
        "activity": wait.activity,
        "properties": dict(wait.properties),
    }


def _account(assignee: str) -> UUID | None:
    """Return the account a diagram names by id; any other name leaves the task to its group."""
    try:
        return UUID(assignee) if assignee else None
    except ValueError:
        return None


def _keep_deadline(old: Token, content: Mapping[str, Any], *, redrawn: bool) -> dict[str, Any]:
    """Return the columns of an open token that a step may change.

    A deadline that has passed is not armed any more, but staff must go on seeing it; and the engine
    explains a deadline only in the step that set it.
    """
    changes = {name: value for name, value in content.items() if name not in _KEPT}
    if changes.get("due_at") is None and not redrawn:
        for name in ("due_at", "due_rule", "due_why"):
            changes.pop(name, None)
    elif changes.get("due_at") == old.due_at and not changes.get("due_why"):
        changes.pop("due_why", None)
    return changes


def _as_row(token: Token) -> dict[str, Any]:
    return {name: getattr(token, name) for name in _COLUMNS}


def _refresh(token: Token, row: Mapping[str, Any]) -> None:
    """Show on the loaded object what the statement is going to write."""
    for name, value in row.items():
        set_committed_value(token, name, value)
