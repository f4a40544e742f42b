"""Lists for staff: my tasks, my groups' tasks, cases; by due date, with filters and keyset pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy import case as sql_case
from sqlalchemy.orm import Session

from zuozhen.model.errors import Invalid
from zuozhen.services.actors import ENTERPRISE, Actor, may_do
from zuozhen.services.casebook import unit_names
from zuozhen.services.context import Context
from zuozhen.services.deadlines import Deadline, deadline_of
from zuozhen.services.visibility import visible
from zuozhen.store.cases import mentions
from zuozhen.store.casetables import is_open
from zuozhen.store.tables import CASE_ENDED, CASE_OPEN, Account, Case, Token

Scope: TypeAlias = Literal["mine", "group", "all"]
PAGE = 30


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One line of the task list."""

    token: str
    name: str
    case_id: UUID
    number: str
    title: str
    enterprise: str
    group_name: str
    assignee: str
    mine: bool
    may_do: bool
    stage: str
    deadline: Deadline
    has_draft: bool


@dataclass(frozen=True, slots=True)
class TaskPage:
    """One page of the task list; ``next_key`` continues it."""

    rows: tuple[TaskRow, ...]
    next_key: str
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One line of the list of cases."""

    id: UUID
    number: str
    title: str
    enterprise: str
    stage: str
    status: str
    outcome: str
    created_at: datetime
    with_whom: str
    deadline: Deadline


@dataclass(frozen=True, slots=True)
class CasePage:
    rows: tuple[CaseRow, ...]
    next_key: str


def task_page(
    context: Context,
    actor: Actor,
    scope: Scope = "group",
    *,
    query: str = "",
    late: bool = False,
    after: str = "",
) -> TaskPage:
    """Return open tasks by due date (those without one last).

    ``mine`` are those I (or somebody I stand in for) claimed, ``group`` those of my groups that nobody else holds, ``all`` every open
    task (only for those who see all cases).
    """
    now = context.clock()
    with context.database.read() as session:
        release = context.releases.live(session, actor.tenant)
        statement = _scoped(_open_tasks(actor), actor, scope)
        if query.strip():
            text = query.strip()[:80]
            statement = statement.where(or_(mentions(text), Token.name.icontains(text, autoescape=True)))
        if late:
            statement = statement.where(Token.due_at < now)
        undated = sql_case((Token.due_at.is_(None), 1), else_=0)
        if after:
            statement = statement.where(_after(after, undated))
        found = session.execute(statement.order_by(undated, Token.due_at, Token.token).limit(PAGE + 1)).all()
        names = unit_names(release)
        people = _people(session, actor.tenant, [token.assignee for token, _case in found if token.assignee])
        rows = tuple(
            TaskRow(
                token.token,
                token.name,
                case.id,
                case.number or "",
                case.title,
                case.enterprise,
                "企业" if token.grp == ENTERPRISE else names.get(token.grp, token.grp),
                people.get(token.assignee, "") if token.assignee else "",
                token.assignee is not None and token.assignee == actor.id,
                may_do(actor, token),
                case.stage,
                _deadline(context, token, release.pack.deadlines.warning_share),
                token.draft is not None,
            )
            for token, case in found[:PAGE]
        )
        last = found[PAGE - 1][0] if len(found) > PAGE else None
        return TaskPage(rows, _key(last) if last else "", task_counts(session, actor, now))


def task_counts(session: Session, actor: Actor, now: datetime) -> dict[str, int]:
    """Return how many tasks are mine, my groups', all and overdue (of those I may do)."""
    base = select(func.count()).select_from(Token).where(*_is_open(actor))
    counts = {
        "mine": session.scalar(base.where(Token.assignee.in_(actor.ids))) or 0,
        "group": session.scalar(base.where(_for_groups(actor))) or 0,
        "late": session.scalar(base.where(_for_groups(actor), Token.due_at < now)) or 0,
    }
    if actor.sees_all:
        every = base
        if actor.private:
            every = base.join(Case, and_(Case.tenant == Token.tenant, Case.id == Token.case_id))
            every = every.where(visible(actor))
        counts["all"] = session.scalar(every) or 0
    return counts


def case_page(
    context: Context,
    actor: Actor,
    *,
    query: str = "",
    status: str = "",
    stage: str = "",
    process: str = "case",
    after: str = "",
) -> CasePage:
    """Return cases that the actor may see, newest first."""
    with context.database.read() as session:
        release = context.releases.live(session, actor.tenant)
        statement = select(Case).where(
            visible(actor), Case.process_id == release.pack.processes.get(process, process)
        )
        if query.strip():
            statement = statement.where(mentions(query.strip()[:80]))
        if status in (CASE_OPEN, CASE_ENDED):
            statement = statement.where(Case.status == status)
        if stage:
            statement = statement.where(Case.stage == stage)
        if after:
            statement = statement.where(Case.id < _uuid(after))
        cases = session.scalars(statement.order_by(Case.id.desc()).limit(PAGE + 1)).all()
        tokens = session.scalars(
            select(Token).where(
                Token.tenant == actor.tenant,
                Token.case_id.in_([case.id for case in cases]),
                is_open("task"),
            )
        ).all()
        names = unit_names(release)
        rows = tuple(
            _case_row(
                context,
                case,
                [t for t in tokens if t.case_id == case.id],
                names,
                release.pack.deadlines.warning_share,
            )
            for case in cases[:PAGE]
        )
        return CasePage(rows, cases[PAGE - 1].id.hex if len(cases) > PAGE else "")


def stage_counts(context: Context, actor: Actor, process: str = "case") -> list[tuple[str, int]]:
    """Return how many open cases of a procedure stand in which stage: the cockpit's first line."""
    with context.database.read() as session:
        release = context.releases.live(session, actor.tenant)
        rows = session.execute(
            select(Case.stage, func.count())
            .where(
                visible(actor),
                Case.status == CASE_OPEN,
                Case.process_id == release.pack.processes.get(process, process),
            )
            .group_by(Case.stage)
        )
        return [(stage, count) for stage, count in rows]


def _open_tasks(actor: Actor) -> Select[Token, Case]:
    return (
        select(Token, Case)
        .join(Case, and_(Case.tenant == Token.tenant, Case.id == Token.case_id))
        .where(*_is_open(actor))
    )


def _is_open(actor: Actor) -> tuple[Any, ...]:
    return (Token.tenant == actor.tenant, is_open("task"))


def _scoped(statement: Select[Token, Case], actor: Actor, scope: Scope) -> Select[Token, Case]:
    if scope == "mine":
        return statement.where(Token.assignee.in_(actor.ids))
    if scope == "all" and actor.sees_all:
        return statement.where(visible(actor)) if actor.private else statement
    return statement.where(_for_groups(actor))


def _for_groups(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of the tasks an actor may do now: its groups' free ones and its own."""
    held = Token.assignee.in_(actor.ids)
    mine = or_(and_(Token.grp.in_(actor.groups), or_(Token.assignee.is_(None), held)), held)
    return and_(mine, Token.grp != ENTERPRISE)


def _deadline(context: Context, token: Token, warning_share: float) -> Deadline:
    return deadline_of(
        token.entered_at,
        token.due_at,
        context.clock(),
        warning_share=warning_share,
        rule=token.due_rule,
        why=token.due_why or (),
    )


def _case_row(
    context: Context, case: Case, tokens: Sequence[Token], names: Any, warning_share: float
) -> CaseRow:
    dated = [(t.due_at, t.token, t) for t in tokens if t.due_at is not None]
    first = min(dated)[2] if dated else tokens[0] if tokens else None
    deadline = _deadline(context, first, warning_share) if first else Deadline(None, "none", "", ())
    with_whom = "、".join(
        dict.fromkeys("企业" if t.grp == ENTERPRISE else names.get(t.grp, t.grp) for t in tokens)
    )
    return CaseRow(
        case.id,
        case.number or "",
        case.title,
        case.enterprise,
        case.stage,
        case.status,
        case.outcome,
        case.created_at,
        with_whom,
        deadline,
    )


def _people(session: Session, tenant: int, ids: Sequence[UUID]) -> dict[UUID, str]:
    rows = session.execute(
        select(Account.id, Account.display_name).where(Account.tenant == tenant, Account.id.in_(ids))
    )
    return {row.id: row.display_name for row in rows}


def _key(token: Token) -> str:
    return f"{token.due_at.isoformat() if token.due_at else ''}~{token.token}"


def _after(key: str, undated: Any) -> Any:
    due, _, token = key.partition("~")
    if not due:
        return and_(undated == 1, Token.token > token)
    try:
        at = datetime.fromisoformat(due)
    except ValueError as error:
        raise Invalid("翻页参数不正确，请从第一页重新查看。") from error
    if at.tzinfo is None:
        raise Invalid("翻页参数不正确，请从第一页重新查看。")
    return or_(undated == 1, Token.due_at > at, and_(Token.due_at == at, Token.token > token))


def _uuid(text: str) -> UUID:
    try:
        return UUID(hex=text)
    except ValueError as error:
        raise Invalid("翻页参数不正确，请从第一页重新查看。") from error
