"""Deployed releases as administrators see them: who, when, why, with which warnings, and what runs on each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from zuozhen.model.errors import NotFound
from zuozhen.services.context import Context
from zuozhen.services.releases import Release
from zuozhen.store.tables import CASE_OPEN, Account, Case
from zuozhen.store.tables import Release as ReleaseRow

LARGEST: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Version:
    """One deployed release; ``running`` counts the open cases that live by it.

    ``accepted`` are the warnings it was deployed with: code, message, file, element and reason of each.
    """

    id: UUID
    slug: str
    number: int
    live: bool
    sha256: str
    note: str
    reference: str
    by: str
    at: datetime
    accepted: tuple[Mapping[str, str], ...]
    running: int


def versions(context: Context, tenant: int) -> tuple[Version, ...]:
    """Return the releases of a jurisdiction, the newest (live) one first."""
    with context.database.read() as session:
        running: Mapping[UUID, int] = dict(
            session.execute(
                select(Case.release_id, func.count())
                .where(Case.tenant == tenant, Case.status == CASE_OPEN)
                .group_by(Case.release_id)
            ).all()
        )
        rows = session.execute(
            select(ReleaseRow, Account.display_name)
            .outerjoin(
                Account, (Account.tenant == ReleaseRow.tenant) & (Account.id == ReleaseRow.deployed_by)
            )
            .where(ReleaseRow.tenant == tenant)
            .order_by(ReleaseRow.version.desc())
        ).all()
    return tuple(
        Version(
            row.id,
            row.slug,
            row.version,
            index == 0,
            row.sha256,
            row.note,
            row.reference or "",
            row.deployed_name or account or "",
            row.deployed_at,
            tuple(row.accepted or ()),
            running.get(row.id, 0),
        )
        for index, (row, account) in enumerate(rows)
    )


def version(context: Context, tenant: int, number: int) -> Version:
    """Return one release of a jurisdiction.

    Raises:
        NotFound: it has none of this number.
    """
    for found in versions(context, tenant):
        if found.number == number:
            return found
    raise _unknown(number)


def release_of(context: Context, tenant: int, number: int) -> Release:
    """Return the release of a number, with its files.

    Raises:
        NotFound: there is none.
    """
    with context.database.read() as session:
        return _release(context, session, tenant, number)


def _release(context: Context, session: Session, tenant: int, number: int) -> Release:
    if number > LARGEST:  # more than a column holds
        raise _unknown(number)
    query = select(ReleaseRow.id).where(ReleaseRow.tenant == tenant, ReleaseRow.version == number)
    release_id: Any = session.scalar(query)
    if release_id is None:
        raise _unknown(number)
    return context.releases.get(session, tenant, release_id)


def _unknown(number: int) -> NotFound:
    return NotFound(f"没有第 {str(number)[:12]} 版。", hint="请从版本列表中选择。")
