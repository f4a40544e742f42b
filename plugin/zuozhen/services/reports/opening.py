"""Which report, over which period, narrowed to what: opened for one pass over its cases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from zuozhen.model.clock import local_date
from zuozhen.model.errors import Forbidden, NotFound
from zuozhen.packs import Report
from zuozhen.packs.units import is_over
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.listing.periods import Period, last_complete, period_with, periods_since, read_period
from zuozhen.services.listing.stream import Entry, Pass, within
from zuozhen.services.lookups import functions_for
from zuozhen.services.releases import Release
from zuozhen.services.reports.rules import Judged, ReportRules
from zuozhen.services.reports.views import ParameterView


@dataclass(frozen=True, slots=True)
class Work:
    """A report ready to be counted."""

    report: Report
    release: Release
    rules: ReportRules
    cases: Pass
    parameter: ParameterView | None

    def judged(self, period: Period) -> Iterator[tuple[Entry, Judged]]:
        """Yield the cases that the report counts in a period, with what the formulas say of each."""
        functions = self.cases.functions
        for entry in self.cases.entries(within(self.report.by, period.first, period.last)):
            day = self.rules.day(entry.facts, functions)
            if day is None or day not in period:
                continue
            judged = self.rules.judge(entry.facts, functions)
            if judged is not None:
                judged.day = day
                yield entry, judged


def reports_for(context: Context, actor: Actor) -> tuple[Report, ...]:
    """Return the reports that the actor may open."""
    with context.database.read() as session:
        release = context.releases.live(session, actor.tenant)
    return tuple(report for report in release.pack.reports if may_open(report, actor))


def may_open(report: Report, actor: Actor) -> bool:
    """Say whether a report is open to somebody (empty ``open_to``: to all staff)."""
    return not report.open_to or bool(actor.groups & set(report.open_to))


def find_report(release: Release, key: str) -> Report:
    """Return a report of a release. Raises ``NotFound``."""
    for report in release.pack.reports:
        if report.key == key:
            return report
    raise NotFound("没有这份统计。", hint="请从“统计”页选择。")


@contextmanager
def opened(context: Context, actor: Actor, key: str, parameter: str) -> Iterator[Work]:
    """Open a report of the live release for somebody.

    Raises:
        NotFound: there is no such report, or its list of codes has no such parameter.
        Forbidden: it is open to other posts only.
    """
    with context.database.read() as session:
        release = context.releases.live(session, actor.tenant)
        report = find_report(release, key)
        if not may_open(report, actor):
            raise Forbidden(f"“{report.title}”只对指定的岗位开放。")
        yield work_of(context, session, actor, release, report, parameter)


def work_of(
    context: Context,
    session: Session,
    actor: Actor,
    release: Release,
    report: Report,
    parameter: str,
    reader: Actor | None = None,
) -> Work:
    """Return a report ready to be counted over what the actor may see. Raises ``NotFound`` for the parameter.

    Masked answers show as they do to ``reader``, without one to the actor.
    """
    rules = ReportRules(report, parameter)
    functions = functions_for(context, session, release)(context.clock(), lambda _note: None)
    cases = Pass(context, session, actor, release, report.process, rules.needs, functions, reader or actor)
    return Work(
        report, release, rules, cases, _parameter(release, report, parameter, local_date(context.clock()))
    )


def chosen_period(work: Work, asked: str, today: date) -> Period:
    """Return the period that an address asks for; without one the last complete period that may have cases."""
    kind = work.report.period
    if asked:
        return read_period(asked, kind)
    last = last_complete(today, kind)
    first = work.cases.first_day()
    return last if first is not None and first <= last.last else period_with(today, kind)


def periods(context: Context, actor: Actor, key: str, parameter: str = "") -> tuple[Period, ...]:
    """Return the periods of a report from its first case to the present one, the latest first.

    One without any case is among them: that nothing came in is a result too.
    """
    with opened(context, actor, key, parameter) as work:
        return periods_of(context, work)


def periods_of(context: Context, work: Work) -> tuple[Period, ...]:
    today = local_date(context.clock())
    return periods_since(work.cases.first_day() or today, today, work.report.period)


def _parameter(release: Release, report: Report, value: str, today: date) -> ParameterView | None:
    if report.parameter is None:
        return None
    asked = report.parameter
    choices = tuple(_choices(release, asked.codes, today))
    if value and value not in dict(choices):
        raise NotFound(f"“{asked.label}”中没有这一项。", hint="请从列表中选择。")
    return ParameterView(asked.key, asked.label, choices, value)


def _choices(release: Release, codes: str, today: date) -> Iterator[tuple[str, str]]:
    """Yield what a report may be narrowed to; units that are over come last, for the periods when they were there."""
    labels = labels_of(release, codes)
    over = {unit.id for unit in release.units if is_over(unit, today)} if codes == "units" else set()
    for gone in (False, True):
        yield from ((code, label) for code, label in labels.items() if (code in over) is gone)


def labels_of(release: Release, name: str) -> dict[str, str]:
    """Return the labels by code of a list: one of the pack's, its units, or its channels."""
    pack = release.pack
    if name in pack.codes:
        return dict(pack.codes[name])
    if name == "units":
        return {unit.id: unit.name for unit in release.known_units}
    return {channel.id: channel.name for channel in pack.channels} if name == "channels" else {}
