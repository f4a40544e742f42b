"""Accounts of an abolished unit whose row goes at last: they are entered with the successor, for good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from zuozhen.packs import Unit
from zuozhen.packs.units import heir
from zuozhen.store.tables import Account


def settled(live: Sequence[Unit], new: Sequence[Unit], today: date) -> dict[str, str]:
    """Return by id who takes the members of each unit that ``new`` has no more: units that are over, with a
    successor that stays."""
    known = {unit.id for unit in new}
    heirs = {unit.id: heir(live, unit.id, today) for unit in live if unit.id not in known}
    return {gone: taker for gone, taker in heirs.items() if taker in known}


def settle_members(session: Session, tenant: int, takers: Mapping[str, str]) -> None:
    """Enter the accounts of units that go with those that take them."""
    if not takers:
        return
    for account in session.scalars(select(Account).where(Account.tenant == tenant)):
        if not takers.keys().isdisjoint({account.unit, *account.groups}):
            account.unit = takers.get(account.unit, account.unit)
            account.groups = sorted({takers.get(group, group) for group in account.groups})
