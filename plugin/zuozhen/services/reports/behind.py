"""The cases behind one number of a report: the same pass, judged by the same formulas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from zuozhen.model.clock import local_date
from zuozhen.model.errors import NotFound
from zuozhen.packs import Report
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.listing.formulas import text_of
from zuozhen.services.listing.stream import Entry
from zuozhen.services.reports.opening import chosen_period, opened
from zuozhen.services.reports.rules import Judged
from zuozhen.services.reports.views import CaseLine, CasesBehind

PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Place:
    """Which number: of a figure (empty: all cases of the report), in a group of a table (empty: of the whole)."""

    figure: str = ""
    table: str = ""
    group: str = ""


def cases_behind(
    context: Context,
    actor: Actor,
    key: str,
    place: Place,
    *,
    period: str = "",
    parameter: str = "",
    after: int = 0,
) -> CasesBehind:
    """Return the cases that a number of a report counts, a page of them from the ``after``-th on.

    Raises:
        NotFound: there is no such report, figure or table.
        Forbidden: the report is open to other posts only.
    """
    lines = []
    count = 0
    with opened(context, actor, key, parameter) as work:
        report = work.report
        figure, table = _places(report, place)
        chosen = chosen_period(work, period, local_date(context.clock()))
        for entry, judged in work.judged(chosen):
            if figure is not None and not judged.members[figure]:
                continue
            if table is not None and place.group not in judged.groups[table]:
                continue
            count += 1
            if after < count <= after + PAGE:
                lines.append(_line(entry, judged, figure))
    return CasesBehind(
        report,
        chosen,
        work.parameter,
        report.figures[figure] if figure is not None else None,
        report.tables[table] if table is not None else None,
        place.group if table is not None else "",
        tuple(lines),
        count,
        max(0, after - PAGE) if after else None,
        after + PAGE if count > after + PAGE else None,
    )


def _places(report: Report, place: Place) -> tuple[int | None, int | None]:
    """Return the indexes of the figure and the table that are asked for."""
    figures = {figure.key: number for number, figure in enumerate(report.figures)}
    tables = {table.key: number for number, table in enumerate(report.tables)}
    if place.figure not in ("", *figures) or place.table not in ("", *tables):
        raise NotFound("没有这个数字。", hint="请从统计页点击数字进入。")
    return figures.get(place.figure), tables.get(place.table)


def _line(entry: Entry, judged: Judged, figure: int | None) -> CaseLine:
    case = entry.facts["case"]
    value = judged.values[figure] if figure is not None else None
    return CaseLine(
        entry.case.id,
        case["number"],
        case["title"],
        case["enterprise"],
        case["stage"],
        case["status"],
        case["outcome"],
        judged.day,
        text_of(value),
    )
