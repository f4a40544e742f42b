"""Correcting a case by hand, with reason, approver and record; the history is only ever added to."""

from zuozhen.services.correcting.acts import cancel, change_due, end_instance, move
from zuozhen.services.correcting.grounds import Grounds
from zuozhen.services.correcting.undoing import undo
from zuozhen.services.correcting.views import CorrectionView, correction_view, find_cases

__all__ = [
    "CorrectionView",
    "Grounds",
    "cancel",
    "change_due",
    "correction_view",
    "end_instance",
    "find_cases",
    "move",
    "undo",
]
