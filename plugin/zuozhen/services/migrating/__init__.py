"""Moving running cases to another release of their procedure, and back."""

from zuozhen.services.migrating.brought import Warned, warnings_brought
from zuozhen.services.migrating.control import ALL, resume, roll_back, start, start_counting, stop
from zuozhen.services.migrating.outlook import DueLine, Outlook
from zuozhen.services.migrating.preview import CaseOutlook, Group, Preview, preview, preview_counting
from zuozhen.services.migrating.report import (
    DUE_TEXT,
    STATUS_TEXT,
    MigrationInfo,
    Report,
    ReportLine,
    migrations,
    progress,
    report,
)
from zuozhen.services.migrating.running import EVERYTHING, Chosen, Target, find_release, targets
from zuozhen.services.migrating.slices import carry, run_slice
from zuozhen.services.migrating.spreadsheet import preview_csv, report_csv

__all__ = [
    "ALL",
    "DUE_TEXT",
    "EVERYTHING",
    "STATUS_TEXT",
    "CaseOutlook",
    "Chosen",
    "DueLine",
    "Group",
    "MigrationInfo",
    "Outlook",
    "Preview",
    "Report",
    "ReportLine",
    "Target",
    "Warned",
    "carry",
    "find_release",
    "migrations",
    "preview",
    "preview_counting",
    "preview_csv",
    "progress",
    "report",
    "report_csv",
    "resume",
    "roll_back",
    "run_slice",
    "start",
    "start_counting",
    "stop",
    "targets",
    "warnings_brought",
]
