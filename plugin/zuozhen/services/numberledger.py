"""The ledger of numbers (编号簿): every number given out, by rule and prefix; a wrong one is voided with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from zuozhen.model.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.visibility import visible
from zuozhen.store.cases import mentions
from zuozhen.store.steps import append_event, load_case
from zuozhen.store.tables import Account, Case, IssuedNumber

PAGE: Final = 50
MOST_CHARACTERS: Final = 500


@dataclass(frozen=True, slots=True)
class NumberRow:
    """One number. ``case_id``, ``title`` and ``enterprise`` are empty for a case the reader may not know."""

    id: UUID
    rule: str
    prefix: str
    scope: str
    seq: int
    text: str
    issued_at: datetime
    case_id: UUID | None
    title: str
    enterprise: str
    voided_at: datetime | None
    voided_by: str
    void_reason: str


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """One page of the ledger, the latest first; ``next_key`` continues it.

    ``sequences`` are (rule, prefix, how many given, how many voided) of the whole ledger.
    """

    rows: tuple[NumberRow, ...]
    next_key: str
    sequences: tuple[tuple[str, str, int, int], ...]


def ledger(
    context: Context, actor: Actor, *, rule: str = "", prefix: str = "", query: str = "", after: str = ""
) -> LedgerPage:
    """Return numbers given out, filtered by rule, prefix and a text in the number or its case.

    Raises:
        Forbidden: not for those who see only their own cases. Invalid: ``after`` is no key of a page.
    """
    _require(actor)
    with context.database.read() as session:
        shown = and_(Case.tenant == IssuedNumber.tenant, Case.id == IssuedNumber.case_id, visible(actor))
        statement = (
            select(IssuedNumber, Case, Account.display_name)
            .select_from(IssuedNumber)
            .outerjoin(Case, shown)
            .outerjoin(
                Account, and_(Account.tenant == IssuedNumber.tenant, Account.id == IssuedNumber.voided_by)
            )
            .where(IssuedNumber.tenant == actor.tenant)
        )
        if rule:
            statement = statement.where(IssuedNumber.rule == rule)
        if prefix:
            statement = statement.where(IssuedNumber.prefix == prefix)
        if text := query.strip()[:80]:
            statement = statement.where(
                or_(IssuedNumber.text.icontains(text, autoescape=True), mentions(text))
            )
        if after:
            statement = statement.where(IssuedNumber.id < _key(after))
        found = session.execute(statement.order_by(IssuedNumber.id.desc()).limit(PAGE + 1)).all()
        rows = tuple(_row(number, case, by) for number, case, by in found[:PAGE])
        return LedgerPage(
            rows, rows[-1].id.hex if len(found) > PAGE else "", tuple(_sequences(session, actor.tenant))
        )


def void(context: Context, actor: Actor, number_id: UUID, reason: str) -> None:
    """Void a number: it stays in the ledger and is never given again; the case's history tells of it.

    The answer that holds it stays as handed in. Handed in again, the form gets a new number.

    Raises:
        Forbidden: not for those who see only their own cases. Invalid: no reason.
        NotFound: no such number. Conflict: it is void already.
    """
    _require(actor)
    reason = reason.strip()
    if len(reason) < 2 or len(reason) > MOST_CHARACTERS:
        message = "请写明为什么作废" if len(reason) < 2 else f"不超过 {MOST_CHARACTERS} 个字"
        raise Invalid("编号没有作废。", [Problem("reason", "理由", message)])
    with context.database.write() as session:
        number = session.get(IssuedNumber, (actor.tenant, number_id))
        if number is None:
            raise NotFound("编号簿里没有这个编号。")
        loaded = load_case(session, actor.tenant, number.case_id)
        session.refresh(number)
        if number.voided_at is not None:
            raise Conflict("这个编号已经作废。", hint="请刷新页面查看作废的理由。")
        now, doer = context.clock(), actor.overseeing()
        number.voided_at, number.voided_by, number.void_reason = now, doer.id, reason
        if loaded is not None:
            append_event(
                session,
                loaded.case,
                at=now,
                actor_id=doer.id,
                actor_name=doer.name,
                kind="number_voided",
                payload={"name": number.text, "reason": reason, "rule": number.rule},
            )


def numbers_of(session: Session, tenant: int, case_id: UUID) -> Sequence[IssuedNumber]:
    """Return all numbers that a case ever had, in the order given."""
    return session.scalars(
        select(IssuedNumber)
        .where(IssuedNumber.tenant == tenant, IssuedNumber.case_id == case_id)
        .order_by(IssuedNumber.id)
    ).all()


def _sequences(session: Session, tenant: int) -> list[tuple[str, str, int, int]]:
    rows = session.execute(
        select(IssuedNumber.rule, IssuedNumber.prefix, func.count(), func.count(IssuedNumber.voided_at))
        .where(IssuedNumber.tenant == tenant)
        .group_by(IssuedNumber.rule, IssuedNumber.prefix)
        .order_by(IssuedNumber.rule, IssuedNumber.prefix)
    )
    return [(rule, prefix, given, voided) for rule, prefix, given, voided in rows]


def _row(number: IssuedNumber, case: Any, voided_by: str | None) -> NumberRow:
    return NumberRow(
        number.id,
        number.rule,
        number.prefix,
        number.scope,
        number.seq,
        number.text,
        number.issued_at,
        case.id if case is not None else None,
        case.title if case is not None else "",
        case.enterprise if case is not None else "",
        number.voided_at,
        voided_by or "",
        number.void_reason or "",
    )


def _require(actor: Actor) -> None:
    if not actor.sees_all:
        raise Forbidden("编号簿由查看全部办件的岗位管理。")


def _key(text: str) -> UUID:
    try:
        return UUID(hex=text)
    except ValueError as error:
        raise Invalid("翻页参数不正确，请从第一页重新查看。") from error
