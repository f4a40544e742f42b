"""Quotas: how often something must happen in a period (每季度至少一次), how often it did, and when to warn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, TypeAlias

from sqlalchemy.orm import Session

from zuozhen.model.clock import local_date
from zuozhen.packs import Quota
from zuozhen.packs.units import heir
from zuozhen.services.actors import system
from zuozhen.services.context import Context
from zuozhen.services.listing.formulas import Fault, Formula, day_of, formula, holds, needs_of
from zuozhen.services.listing.periods import Period, period_with
from zuozhen.services.listing.stream import Pass, within
from zuozhen.services.releases import Release
from zuozhen.services.sessionkeys import key_names
from zuozhen.workdays import Recurrence

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
    if rule is None:
        problem = f"没有名为“{quota.recurrence}”的次数规则"
        return QuotaLine(quota.name, "", "", 0, 0, "open", "", problem)
    today = local_date(context.clock())
    kind = "quarter" if rule.kind == "quarter_end" else rule.period
    period = period_with(today, kind)
    found, problem = _found(context, session, release, quota, period)
    if rule.kind == "rota":
        names = key_names(release)
        turns = {one: heir(release.units, one, today) for one in rule.holders}
        lacking = [names.get(now, now) for one, now in turns.items() if not {one, now} & set(found)]
        wanted, held = len(turns), len(turns) - len(lacking)
        words, missing = f"{WORDS[kind]}每人一次（{wanted} 人）", len(lacking)
        text = f"还差：{'、'.join(lacking)}" if lacking else f"已达到（{held} 人）"
    else:
        wanted, held = _wanted(release, rule, period), len(found)
        words, missing = f"{WORDS[kind]}至少 {wanted} 次", max(0, wanted - held)
        text = f"{held} 次，还差 {missing} 次" if missing else f"已达到（{held} 次）"
    state = _state(missing, today, kind, quota.warn_from)
    return QuotaLine(quota.name, words, period.label, held, wanted, state, text, problem)


def _wanted(release: Release, rule: Recurrence, period: Period) -> int:
    """Return how often: what a quota says, of other rules the number of their dates in the period."""
    if rule.kind == "quota":
        return rule.times
    return len(rule.planned_in(period.first, period.last, release.rules.calendar))


def _state(missing: int, today: date, kind: str, warn_from: int) -> State:
    """Warn from the month of the year on that the quota names; of a month or a quarter at once."""
    if not missing:
        return "met"
    return "warning" if kind != "year" or today.month >= warn_from else "open"


def _found(
    context: Context, session: Session, release: Release, quota: Quota, period: Period
) -> tuple[list[str], str]:
    """Return the cases of the quota that fall into the period, each by whose its session is (or empty), and what
    could not be calculated."""
    condition, by = formula(quota.filter), Formula(quota.by)
    functions = release.functions(context.clock(), lambda _note: None)
    everybody = system(release.tenant)
    needs = needs_of((condition, by))
    cases = Pass(context, session, everybody, release, quota.process, needs, functions, everybody)
    found: list[str] = []
    problem = ""
    for entry in cases.entries(within(quota.by, period.first, period.last)):
        value, meets = by(entry.facts, functions), holds(condition, entry.facts, functions)
        for answer in (value, meets):
            problem = answer.text if isinstance(answer, Fault) else problem
        day = day_of(value)
        if day is not None and day in period and meets is True:
            found.append(entry.case.business_key.partition(" ")[2].strip())
    return found, problem
