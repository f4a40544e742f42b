"""Publication of results by month (XW-3.1-d): what was asked and how it ended, never whose secret it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select

from zuozhen.model.clock import at_local, end_of_day, local_date
from zuozhen.services.context import Context
from zuozhen.services.listing.periods import Period, period_with, periods_since, read_period
from zuozhen.store.tables import CASE_ENDED, Case

MOST: Final = 1000
"""Results that one page shows."""
MONTHS: Final = 60


@dataclass(frozen=True, slots=True)
class Result:
    """One ended case as published; the page masks the enterprise's name."""

    title: str
    enterprise: str
    outcome: str
    registered: datetime
    ended: datetime


@dataclass(frozen=True, slots=True)
class ResultsPage:
    """The results of one month, the latest first; ``count`` includes those beyond the page."""

    month: Period
    months: tuple[Period, ...]
    results: tuple[Result, ...]
    count: int


def results_of_month(context: Context, tenant: int, month: str = "") -> ResultsPage:
    """Return the ended cases of a month without those marked 涉及商业秘密; without ``month`` of the latest one.

    Raises:
        Invalid: no such month.
    """
    today = local_date(context.clock())
    with context.database.read() as session:
        release = context.releases.live(session, tenant)
        published = _published(tenant, release.pack.processes["case"])
        first, last = session.execute(
            select(func.min(Case.ended_at), func.max(Case.ended_at)).where(*published)
        ).one()
        latest = period_with(local_date(last) if last else today, "month")
        chosen = read_period(month, "month") if month else latest
        here = (
            *published,
            Case.ended_at >= at_local(chosen.first),
            Case.ended_at < end_of_day(chosen.last),
        )
        count = session.scalar(select(func.count()).select_from(Case).where(*here)) or 0
        rows = session.execute(
            select(Case.title, Case.enterprise, Case.outcome, Case.created_at, Case.ended_at)
            .where(*here)
            .order_by(Case.ended_at.desc(), Case.id)
            .limit(MOST)
        ).all()
    months = periods_since(local_date(first) if first else today, today, "month", limit=MONTHS)
    found = (
        Result(title, enterprise, outcome, registered, ended)
        for title, enterprise, outcome, registered, ended in rows
        if ended is not None
    )
    return ResultsPage(chosen, months, tuple(found), count)


def _published(tenant: int, process: str) -> tuple[ColumnElement[Any], ...]:
    return (
        Case.tenant == tenant,
        Case.process_id == process,
        Case.status == CASE_ENDED,
        Case.confidential.is_(False),
        Case.ended_at.is_not(None),
    )
