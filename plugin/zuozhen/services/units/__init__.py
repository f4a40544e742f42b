"""The life of units while cases run: who uses one that goes, what moves to whom, and moving it."""

from zuozhen.services.units.checks import unit_findings
from zuozhen.services.units.moving import arm, carry, sweep
from zuozhen.services.units.outlook import Outlook, TaskMove, UnitChange, outlook
from zuozhen.services.units.wording import sentences

__all__ = [
    "Outlook",
    "TaskMove",
    "UnitChange",
    "arm",
    "carry",
    "outlook",
    "sentences",
    "sweep",
    "unit_findings",
]
