"""A table of a report as plain data for a chart; what the chart shows always stands in the table as well."""

from __future__ import annotations

from typing import Any, Final

from zuozhen.services.reports.views import TableView

MOST_SLICES: Final = 8
MOST_BARS: Final = 20


def chart_of(table: TableView) -> dict[str, Any] | None:
    """Return groups and series of a table with a chart, or ``None`` where there is nothing to draw.

    Only columns of the first one's kind go in: shares and counts have no common axis. A pie shows the first.
    """
    kind = table.table.chart
    if not kind or not table.rows:
        return None
    share = table.columns and table.rows[0].numbers[0].kind == "share"
    places = [
        place for place, number in enumerate(table.rows[0].numbers) if (number.kind == "share") == share
    ]
    if kind == "pie":
        places = places[:1]
    rows = table.rows[: MOST_SLICES if kind == "pie" else MOST_BARS]
    if kind == "line":
        rows = table.rows[-MOST_BARS:]
    values = [[_value(row.numbers[place].value, share=bool(share)) for row in rows] for place in places]
    groups = [row.group for row in rows]
    rest = table.rows[MOST_SLICES:] if kind == "pie" else ()
    if rest and places and not share:
        groups.append("其余")
        values[0].append(sum(_value(row.numbers[places[0]].value, share=False) or 0 for row in rest))
    series = [
        {"label": table.columns[place].label, "values": row}
        for place, row in zip(places, values, strict=True)
    ]
    return {
        "kind": kind,
        "title": table.table.title,
        "unit": "%" if share else "",
        "groups": groups,
        "series": series,
    }


def _value(value: Any, *, share: bool) -> float | None:
    if value is None:
        return None
    return round(float(value) * 100, 1) if share else float(value)
