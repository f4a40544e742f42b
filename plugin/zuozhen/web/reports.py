"""Reports (统计): figures of a period, tables with charts, and the cases behind every number."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, render_template, request, send_file
from flask.typing import ResponseReturnValue

from zuozhen.services import reports as work
from zuozhen.services.reports import Place
from zuozhen.services.reports.charts import chart_of
from zuozhen.web.identity import context, current_actor, staff_only
from zuozhen.web.registers import FURTHEST, XLSX

blueprint = Blueprint("zuozhen_reports", __name__)


@blueprint.get("/reports")
@staff_only
def reports() -> ResponseReturnValue:
    return render_template("zuozhen/desk/reports.html", reports=work.reports_for(context(), current_actor()))


@blueprint.get("/reports/<key>")
@staff_only
def report(key: str) -> ResponseReturnValue:
    period, parameter = _asked()
    view = work.report_view(context(), current_actor(), key, period, parameter)
    return render_template(
        "zuozhen/desk/report.html",
        view=view,
        periods=work.periods(context(), current_actor(), key),
        charts={table.table.key: chart for table in view.tables if (chart := chart_of(table))},
    )


@blueprint.get("/reports/<key>.pdf")
@staff_only
def report_pdf(key: str) -> ResponseReturnValue:
    content, name = work.report_pdf(context(), current_actor(), key, *_asked())
    return send_file(BytesIO(content), "application/pdf", download_name=name)


@blueprint.get("/reports/<key>.xlsx")
@staff_only
def report_workbook(key: str) -> ResponseReturnValue:
    content, name = work.report_workbook(context(), current_actor(), key, *_asked())
    return send_file(BytesIO(content), XLSX, as_attachment=True, download_name=name)


@blueprint.get("/reports/<key>/cases")
@staff_only
def cases_behind(key: str) -> ResponseReturnValue:
    """The cases behind one number."""
    period, parameter = _asked()
    given = request.args
    after = given.get("after", "0")
    place = Place(given.get("figure", "")[:60], given.get("table", "")[:60], given.get("group", "")[:2000])
    found = work.cases_behind(
        context(),
        current_actor(),
        key,
        place,
        period=period,
        parameter=parameter,
        after=min(int(after), FURTHEST) if after.isascii() and after.isdigit() and len(after) < 9 else 0,
    )
    address = {
        "period": found.period.key,
        **({"parameter": parameter} if parameter else {}),
        **{name: value for name, value in given.items() if name in ("figure", "table", "group")},
    }
    return render_template("zuozhen/desk/report_cases.html", found=found, address=address)


def _asked() -> tuple[str, str]:
    return request.args.get("period", "")[:20], request.args.get("parameter", "")[:80]
