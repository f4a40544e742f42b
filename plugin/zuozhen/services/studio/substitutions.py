"""Who stands in for whom (代班): from a day to a day, with a reason; it ends by itself or earlier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, TypeAlias
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from zuozhen.model.clock import local_date
from zuozhen.model.errors import Conflict, Invalid, NotFound, Problem
from zuozhen.model.ids import new_id
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.store.tables import Account, Substitution

LONGEST_DAYS: Final = 366
LONGEST_REASON: Final = 200
SHOWN: Final = 50

State: TypeAlias = Literal["now", "coming", "over"]


@dataclass(frozen=True, slots=True)
class StandIn:
    """One substitution; both days are included. ``ended_at`` is set when it was ended early."""

    id: UUID
    absent: str
    substitute: str
    starts_on: date
    ends_on: date
    reason: str
    state: State
    ended_at: datetime | None


def substitutions(context: Context, tenant: int) -> tuple[StandIn, ...]:
    """Return the substitutions of now and to come, then the latest of those that are over."""
    today = local_date(context.clock())
    absent, substitute = aliased(Account), aliased(Account)
    with context.database.read() as session:
        rows = session.execute(
            select(Substitution, absent.display_name, substitute.display_name)
            .join(absent, (absent.tenant == Substitution.tenant) & (absent.id == Substitution.account_id))
            .join(
                substitute,
                (substitute.tenant == Substitution.tenant) & (substitute.id == Substitution.substitute_id),
            )
            .where(Substitution.tenant == tenant)
            .order_by(Substitution.ends_on.desc(), Substitution.id.desc())
            .limit(SHOWN)
        ).all()
    found = [_stand_in(row, away, stands, today) for row, away, stands in rows]
    order = {"now": 0, "coming": 1, "over": 2}
    return tuple(sorted(found, key=lambda one: order[one.state]))


def substitute(
    context: Context,
    actor: Actor,
    absent: UUID,
    substitute: UUID,
    *,
    first: date,
    last: date,
    reason: str,
) -> UUID:
    """Let somebody stand in for somebody from ``first`` to ``last``; administrators' rights are never lent.

    Raises:
        Invalid: the days, the reason or the people will not do. Conflict: it is arranged already.
    """
    today = local_date(context.clock())
    problems = _problems(absent, substitute, first, last, reason, today)
    with context.database.write() as session:
        away = session.get(Account, (actor.tenant, absent))
        stands = session.get(Account, (actor.tenant, substitute))
        if away is None or not away.active:
            problems.append(Problem("absent", "谁不在岗", "请从列表中选择在用账号"))
        elif not away.unit and not away.groups:
            problems.append(
                Problem("absent", "谁不在岗", f"{away.display_name}没有单位和岗位，管理员身份不能由人代班")
            )
        if stands is None or not stands.active:
            problems.append(Problem("substitute", "由谁代班", "请从列表中选择在用账号"))
        if problems:
            raise Invalid("没有保存，请按提示改正。", problems)
        _refuse_double(session, actor.tenant, absent, substitute, first, last)
        row = Substitution(
            tenant=actor.tenant,
            id=new_id(),
            account_id=absent,
            substitute_id=substitute,
            starts_on=first,
            ends_on=last,
            reason=reason.strip(),
            created_by=actor.id,
            created_at=context.clock(),
        )
        session.add(row)
        return row.id


def end_substitution(context: Context, actor: Actor, substitution_id: UUID) -> None:
    """End a substitution now; ending one that is over changes nothing.

    Raises:
        NotFound: there is no such substitution in the jurisdiction.
    """
    with context.database.write() as session:
        row = session.get(Substitution, (actor.tenant, substitution_id))
        if row is None:
            raise NotFound("没有这项代班安排。")
        if row.ended_at is None:
            row.ended_at = context.clock()


def _problems(
    absent: UUID, substitute: UUID, first: date, last: date, reason: str, today: date
) -> list[Problem]:
    problems = []
    if absent == substitute:
        problems.append(Problem("substitute", "由谁代班", "不能由本人代本人"))
    if last < first:
        problems.append(Problem("last", "到哪天", "结束日期早于开始日期"))
    elif last < today:
        problems.append(Problem("last", "到哪天", "结束日期已经过去"))
    elif (last - first).days >= LONGEST_DAYS:
        problems.append(Problem("last", "到哪天", f"一次最长 {LONGEST_DAYS} 天"))
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        problems.append(Problem("reason", "事由", f"请填写事由，{LONGEST_REASON} 字以内"))
    return problems


def _refuse_double(
    session: Session, tenant: int, absent: UUID, substitute: UUID, first: date, last: date
) -> None:
    double = session.scalar(
        select(Substitution.id)
        .where(
            Substitution.tenant == tenant,
            Substitution.account_id == absent,
            Substitution.substitute_id == substitute,
            Substitution.ended_at.is_(None),
            Substitution.starts_on <= last,
            Substitution.ends_on >= first,
        )
        .limit(1)
    )
    if double is not None:
        raise Conflict("这两人在这段时间已有代班安排。", hint="请先结束原来的安排，或改日期。")


def _stand_in(row: Substitution, absent: str, substitute: str, today: date) -> StandIn:
    over = row.ended_at is not None or row.ends_on < today
    state: State = "over" if over else "coming" if row.starts_on > today else "now"
    return StandIn(row.id, absent, substitute, row.starts_on, row.ends_on, row.reason, state, row.ended_at)
