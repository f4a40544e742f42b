"""A report on paper (通报、简报) and as a workbook."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from zuozhen.documents import RenderInput
from zuozhen.model.clock import local_date
from zuozhen.packs.parameters import values_of
from zuozhen.services.actors import Actor, system
from zuozhen.services.context import Context
from zuozhen.services.listing.periods import asked_period
from zuozhen.services.releases import Release
from zuozhen.services.reports.counting import counted, report_view
from zuozhen.services.reports.opening import find_report, work_of
from zuozhen.services.reports.views import Number, ReportView
from zuozhen.services.spreadsheets import Share, Sheet, workbook

GENERIC: Final = "{% extends 'report.html' %}"


def report_source(
    context: Context, release: Release, key: str, at: datetime, parameter: str = "", which: str = ""
) -> RenderInput:
    """Return the paper of a report over the last complete period before ``at``, over all cases.

    ``which`` = ``current`` asks for the period that ``at`` lies in, as far as it has come. This is what the diagram asks for (topic ``report``): made by the system, whoever looks at it later.

    Raises:
        NotFound: the release has no such report, or no such parameter.
    """
    report = find_report(release, key)
    with context.database.read() as session:
        everybody = Actor(release.tenant, "")  # the paper goes anywhere: it shows no business secret
        work = work_of(context, session, system(release.tenant), release, report, parameter, everybody)
        view = counted(context, work, asked_period(which, local_date(at), report.period))
    return paper_of(view)


def report_pdf(
    context: Context, actor: Actor, key: str, period: str = "", parameter: str = ""
) -> tuple[bytes, str]:
    """Return a report as PDF with its file name. Raises as ``report_view``."""
    view = report_view(context, actor, key, period, parameter)
    return context.documents.pdf(paper_of(view)), f"{file_name(view)}.pdf"


def report_workbook(
    context: Context, actor: Actor, key: str, period: str = "", parameter: str = ""
) -> tuple[bytes, str]:
    """Return a report as XLSX with its file name: the figures, then every table on a sheet of its own."""
    view = report_view(context, actor, key, period, parameter)
    return workbook(_sheets(view)), f"{file_name(view)}.xlsx"


def file_name(view: ReportView) -> str:
    """Return the name of the files made of a report, without its ending."""
    narrowed = f"-{view.parameter.text}" if view.parameter and view.parameter.text else ""
    return f"{view.report.title}-{view.period.label}{narrowed}"


def paper_of(view: ReportView) -> RenderInput:
    """Return what is to be rendered to print a report: the pack's template, or the generic one."""
    report, pack = view.report, view.release.pack
    return RenderInput(
        parameters=values_of(view.release.pack.parameters),
        template=(view.release.print_template(report.template) if report.template else None) or GENERIC,
        form=None,
        data={
            "period": view.period.key,
            "period_label": view.period.label,
            "first": view.period.first.isoformat(),
            "last": view.period.last.isoformat(),
            "parameter": view.parameter.value if view.parameter else "",
            "parameter_label": view.parameter.text if view.parameter else "",
            "count": view.count,
            "figures": [
                {"key": one.figure.key, "label": one.figure.label, **_plain(one.number)}
                for one in view.figures
            ],
            "values": {one.figure.key: one.number.text for one in view.figures},
            "tables": _tables(view),
            "table": {table["key"]: table for table in _tables(view)},
            "notes": list(report.notes),
        },
        meta={
            "title": report.title,
            "pack": pack.name,
            "notice": pack.notice.number,
            "issuer": pack.notice.issuer,
            "made_on": local_date(view.made_at).isoformat(),
        },
        created=view.made_at,
    )


def _tables(view: ReportView) -> list[dict[str, Any]]:
    return [
        {
            "key": table.table.key,
            "title": table.table.title,
            "columns": [figure.label for figure in table.columns],
            "rows": [
                {"group": row.group, "cells": [number.text for number in row.numbers]} for row in table.rows
            ],
            "total": [number.text for number in table.total],
            "remarks": list(table.remarks),
        }
        for table in view.tables
    ]


def _plain(number: Number) -> dict[str, Any]:
    value = float(number.value) if number.value is not None else None
    return {"text": number.text, "value": value, "cases": number.cases, "base": number.base}


def _sheets(view: ReportView) -> Iterator[Sheet]:
    narrowed = (
        (f"{view.parameter.label}：{view.parameter.text}",) if view.parameter and view.parameter.text else ()
    )
    above = (f"期间：{view.period.label}", *narrowed, f"共 {view.count} 件")
    yield Sheet(
        "总表",
        view.report.title,
        above,
        ("项目", "数值", "件数", "占总件数"),
        [(one.figure.label, _cell(one.number), one.number.cases, one.number.base) for one in view.figures],
        widths=(36, 16, 12, 12),
        below=view.report.notes,
    )
    for table in view.tables:
        rows = [(row.group, *(_cell(number) for number in row.numbers)) for row in table.rows]
        total = ("合计", *(_cell(number) for number in table.total))
        heading = ("类别", *(figure.label for figure in table.columns))
        widths = (32.0, *(14.0 for _ in table.columns))
        yield Sheet(
            table.table.title, table.table.title, above, heading, [*rows, total], widths, table.remarks
        )


def _cell(number: Number) -> Any:
    if number.value is None:
        return number.text
    return Share(number.value) if number.kind == "share" else number.value
