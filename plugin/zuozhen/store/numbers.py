"""Numbers without gaps: counters that are advanced in the transaction that uses them, and their ledger."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from zuozhen.store.database import dialect_of, upsert
from zuozhen.store.tables import Counter, IssuedNumber


def next_number(session: Session, tenant: int, name: str) -> int:
    """Return the next number of a counter, from 1.

    Take it last in the transaction: until the commit nobody else gets a number of the same name, and a
    rollback gives it back.
    """
    session.flush()
    statement = (
        upsert(dialect_of(session), Counter)
        .values(tenant=tenant, name=name, value=1)
        .on_conflict_do_update(index_elements=["tenant", "name"], set_={"value": Counter.value + 1})
        .returning(Counter.value)
    )
    return session.execute(statement).scalar_one()


def numbers_in_force(
    session: Session, tenant: int, case_id: UUID, rules: Collection[str]
) -> Sequence[IssuedNumber]:
    """Return the numbers that a case has under these rules and that are not voided."""
    return session.scalars(
        select(IssuedNumber)
        .where(
            IssuedNumber.tenant == tenant,
            IssuedNumber.case_id == case_id,
            IssuedNumber.rule.in_(rules),
            IssuedNumber.voided_at.is_(None),
        )
        .order_by(IssuedNumber.id)
    ).all()
