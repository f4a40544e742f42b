"""Reports (通报、简报、统计): figures over the cases of a period; every number leads to the cases behind it."""

from zuozhen.services.reports.behind import Place, cases_behind
from zuozhen.services.reports.counting import report_view
from zuozhen.services.reports.opening import may_open, periods, reports_for
from zuozhen.services.reports.paper import report_pdf, report_source, report_workbook
from zuozhen.services.reports.views import CasesBehind, ReportView

__all__ = [
    "CasesBehind",
    "Place",
    "ReportView",
    "cases_behind",
    "may_open",
    "periods",
    "report_pdf",
    "report_source",
    "report_view",
    "report_workbook",
    "reports_for",
]
