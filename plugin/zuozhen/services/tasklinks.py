"""The report that a task is about: the page of the task leads to its figures."""

from __future__ import annotations

from dataclasses import dataclass

from zuozhen.model.clock import local_date
from zuozhen.model.errors import ContentError
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.listing.periods import asked_period
from zuozhen.services.tasks import TaskView
from zuozhen.services.wording import known_to, worded

REPORT, PARAMETER, PERIOD = "zz:report", "zz:parameter", "zz:period"


@dataclass(frozen=True, slots=True)
class ReportLink:
    """Which report, of which period, narrowed to what."""

    key: str
    title: str
    period: str
    parameter: str


def report_link(context: Context, actor: Actor, view: TaskView) -> ReportLink | None:
    """Return the report of a task for those who may open it: of the period that the task asks for (``zz:period``)."""
    key = view.token.properties.get(REPORT, "")
    report = next((known for known in view.release.pack.reports if known.key == key), None)
    if report is None or (report.open_to and not actor.groups & set(report.open_to)):
        return None
    which = view.token.properties.get(PERIOD, "")
    period = asked_period(which, local_date(view.case.created_at), report.period).key
    return ReportLink(key, report.title, period, _parameter(context, view) if report.parameter else "")


def _parameter(context: Context, view: TaskView) -> str:
    """Return what the report is narrowed to; nothing where it cannot be worked out (the report lets one choose)."""
    text = view.token.properties.get(PARAMETER, "")
    with context.database.read() as session:
        try:
            known = known_to(context, session, view.case, view.token.variables or {}, text)
            value = worded(context, session, view.release, text, known)
        except ContentError:
            return ""
    return value if isinstance(value, str) else ""
