"""Packs: what a jurisdiction says and shows, as data files that are read, checked, carried and overlaid."""

from zuozhen.packs.bundle import bundle, fingerprint, unbundle
from zuozhen.packs.library import Library, builtin_root
from zuozhen.packs.numbering import Numbering
from zuozhen.packs.pack import Pack
from zuozhen.packs.values import (
    ENTERPRISE,
    Channel,
    Choice,
    Column,
    Counter,
    DataTable,
    Deadlines,
    Figure,
    Notice,
    Parameter,
    Portal,
    Procedure,
    Quota,
    RecurrenceSpec,
    Register,
    RegisterFilter,
    Report,
    ReportTable,
    Role,
    Unit,
)

__all__ = [
    "ENTERPRISE",
    "Channel",
    "Choice",
    "Column",
    "Counter",
    "DataTable",
    "Deadlines",
    "Figure",
    "Library",
    "Notice",
    "Numbering",
    "Pack",
    "Parameter",
    "Portal",
    "Procedure",
    "Quota",
    "RecurrenceSpec",
    "Register",
    "RegisterFilter",
    "Report",
    "ReportTable",
    "Role",
    "Unit",
    "builtin_root",
    "bundle",
    "fingerprint",
    "unbundle",
]
