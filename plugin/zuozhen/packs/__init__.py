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
    Deadlines,
    Notice,
    Portal,
    RecurrenceSpec,
    Register,
    Role,
    Unit,
)

__all__ = [
    "ENTERPRISE",
    "Channel",
    "Choice",
    "Column",
    "Counter",
    "Deadlines",
    "Library",
    "Notice",
    "Numbering",
    "Pack",
    "Portal",
    "RecurrenceSpec",
    "Register",
    "Role",
    "Unit",
    "builtin_root",
    "bundle",
    "fingerprint",
    "unbundle",
]
