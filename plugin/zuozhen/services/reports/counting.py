"""A report as a page: one pass over the cases of its period."""

from __future__ import annotations

from zuozhen.model.clock import local_date
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.listing.periods import Period
from zuozhen.services.reports.opening import Work, chosen_period, opened
from zuozhen.services.reports.tally import Tally
from zuozhen.services.reports.views import ReportView


def report_view(
    context: Context, actor: Actor, key: str, period: str = "", parameter: str = ""
) -> ReportView:
    """Return a report over the cases that the actor may see; without ``period`` over the last complete one.

    Raises:
        NotFound: there is no such report or parameter.
        Forbidden: it is open to other posts only.
        Invalid: no such period.
    """
    with opened(context, actor, key, parameter) as work:
        return counted(context, work, chosen_period(work, period, local_date(context.clock())))


def counted(context: Context, work: Work, period: Period) -> ReportView:
    """Count a report over one period."""
    tally = Tally(work.report, work.rules.figures)
    for _entry, judged in work.judged(period):
        tally.add(judged)
    return ReportView(
        work.release,
        work.report,
        period,
        work.parameter,
        tally.figures(),
        tally.tables(),
        tally.count,
        context.clock(),
        tuple(work.rules.problems),
    )
