"""Registers (清单、台账): lists over cases whose columns are FEEL in the pack; page, paper and workbook from one definition."""

from zuozhen.services.registers.paper import register_source
from zuozhen.services.registers.session import register_view, register_workbook, view_of
from zuozhen.services.registers.views import RegisterView

__all__ = ["RegisterView", "register_source", "register_view", "register_workbook", "view_of"]
