"""Where a walk finds what it names: open places by element and number, cases that began by themselves."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import select

from zuozhen.model.errors import ZuozhenError
from zuozhen.services.context import Context
from zuozhen.services.handacts import groups_of
from zuozhen.services.stepnames import StepNames
from zuozhen.store.tables import CASE_OPEN, TOKEN_OPEN, Case, Token

PLACE_ORDER: Final = (Token.entered_at, Token.grp, Token.token)
"""How the open places of one element are numbered; token ids alone differ from one replay to the next."""


def open_place(context: Context, tenant: int, case_id: UUID, element: str, number: int) -> Token:
    """Return the ``number``-th open task or act at an element of a case.

    Raises:
        ZuozhenError: there are fewer.
    """
    with context.database.read() as session:
        found = session.scalars(
            select(Token)
            .where(
                Token.tenant == tenant,
                Token.case_id == case_id,
                Token.element_id == element,
                Token.kind.in_(("task", "wait")),
                Token.status == TOKEN_OPEN,
            )
            .order_by(*PLACE_ORDER)
        ).all()
    if not 1 <= number <= len(found):
        raise _nothing_open(names_of(context, tenant), element, number, len(found))
    return found[number - 1]


def names_of(context: Context, tenant: int) -> StepNames:
    """Return what the live release calls things."""
    with context.database.read() as session:
        return StepNames(context.releases.live(session, tenant))


def _nothing_open(names: StepNames, element: str, number: int, found: int) -> ZuozhenError:
    if not names.is_drawn(element):
        return ZuozhenError(f"流程图中没有“{element}”。", hint="它可能已被删除，或改了编号。")
    if found:
        return ZuozhenError(f"{names.element(element)}此时只有 {found} 项待办，没有第 {number} 项。")
    return ZuozhenError(f"{names.element(element)}此时没有待办。")


def started_case(context: Context, tenant: int, alias: str) -> UUID | None:
    """Return a case that began by itself: ``clinic`` the newest open one, ``clinic-2`` the second ever."""
    role, _, ordinal = alias.rpartition("-")
    with context.database.read() as session:
        processes = context.releases.live(session, tenant).pack.processes
        cases = select(Case.id).where(Case.tenant == tenant)
        if role in processes and ordinal.isascii() and ordinal.isdigit() and int(ordinal[:4]) > 0:
            of_role = cases.where(Case.process_id == processes[role]).order_by(Case.created_at, Case.id)
            return session.scalar(of_role.offset(int(ordinal[:4]) - 1).limit(1))
        newest = cases.where(Case.process_id == processes.get(alias, alias), Case.status == CASE_OPEN)
        return session.scalar(newest.order_by(Case.created_at.desc(), Case.id.desc()).limit(1))


def first_channel(context: Context, tenant: int) -> str:
    """Return the id of the first channel of the live pack."""
    with context.database.read() as session:
        return context.releases.live(session, tenant).pack.channels[0].id


def acting_groups(context: Context, token: Token) -> frozenset[str]:
    """Return the groups that alone may do an act by hand; none where the diagram names none."""
    with context.database.read() as session:
        case = session.get(Case, (token.tenant, token.case_id))
        if case is None or token.kind != "wait":
            return frozenset()
        release = context.releases.get(session, case.tenant, case.release_id)
        return groups_of(context, session, release, case, token) or frozenset()
