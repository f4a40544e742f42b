"""Quotas: how often something must happen in a period (每季度至少一次), how often it did, and when to warn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, TypeAlias

from sqlalchemy.orm import Session

from zuozhen.model.clock import local_date
from zuozhen.packs import Quota
from zuozhen.services.actors import system
from zuozhen.services.context import Context
from zuozhen.services.listing.formulas import Fault, Formula, day_of, formula, holds, needs_of
from zuozhen.services.listing.periods import Period, period_with
from zuozhen.services.listing.stream import Pass, within
from zuozhen.services.releases import Release

State: TypeAlias = Literal["met", "open", "warning"]
WORDS: Final = {"month": "每月", "quarter": "每季度", "year": "每年"}


@dataclass(frozen=True, slots=True)
class QuotaLine:
    """One quota in the present period: ``wanted`` times, ``held`` so far (what is planned in it counts).

    ``problem`` says in Chinese what could not be calculated.
    """

    name: str
    rule: str
    period: str
    held: int
    wanted: int
    state: State
    text: str
    problem: str = ""


def quota_lines(context: Context, tenant: int) -> list[QuotaLine]:
    """Return every quota of the pack as it stands today. All cases count, whoever asks: only numbers come out."""
    with context.database.read() as session:
        release = context.releases.live(session, tenant)
        return [_line(context, session, release, quota) for quota in release.pack.quotas]


def _line(context: Context, session: Session, release: Release, quota: Quota) -> QuotaLine:
    rule = release.rules.recurrences.get(quota.recurrence)
    if rule is None or rule.kind != "quota":
        problem = f"没有名为“{quota.recurrence}”的次数规则"
        return QuotaLine(quota.name, "", "", 0, 0, "open", "", problem)
    today = local_date(context.clock())
    period = period_with(today, rule.period)
    held, problem = _count(context, session, release, quota, period)
    missing = rule.missing(held)
    state = _state(missing, today, rule.period, quota.warn_from)
    text = f"已达到（{held} 次）" if not missing else f"{held} 次，还差 {missing} 次"
    return QuotaLine(
        quota.name,
        f"{WORDS[rule.period]}至少 {rule.times} 次",
        period.label,
        held,
        rule.times,
        state,
        text,
        problem,
    )


def _state(missing: int, today: date, kind: str, warn_from: int) -> State:
    """Warn from the month of the year on that the quota names; of a month or a quarter at once."""
    if not missing:
        return "met"
    return "warning" if kind != "year" or today.month >= warn_from else "open"


def _count(
    context: Context, session: Session, release: Release, quota: Quota, period: Period
) -> tuple[int, str]:
    """Return how many cases of the quota fall into the period, and what could not be calculated."""
    condition, by = formula(quota.filter), Formula(quota.by)
    functions = release.functions(context.clock(), lambda _note: None)
    everybody = system(release.tenant)
    needs = needs_of((condition, by))
    cases = Pass(context, session, everybody, release, quota.process, needs, functions, everybody)
    count, problem = 0, ""
    for entry in cases.entries(within(quota.by, period.first, period.last)):
        value, meets = by(entry.facts, functions), holds(condition, entry.facts, functions)
        for answer in (value, meets):
            problem = answer.text if isinstance(answer, Fault) else problem
        day = day_of(value)
        count += day is not None and day in period and meets is True
    return count, problem
