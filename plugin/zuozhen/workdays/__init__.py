"""Working days, deadlines and recurring dates by the statutory calendar (rules D-1 to D-10)."""

from zuozhen.workdays.calendar import Calendar, Day, national
from zuozhen.workdays.explain import explain
from zuozhen.workdays.functions import date_functions
from zuozhen.workdays.recurrence import KINDS, Recurrence, Window
from zuozhen.workdays.rules import CHOICES, Count, Rules
from zuozhen.workdays.yeartable import Row, YearTable, parse_table

__all__ = [
    "CHOICES",
    "KINDS",
    "Calendar",
    "Count",
    "Day",
    "Recurrence",
    "Row",
    "Rules",
    "Window",
    "YearTable",
    "date_functions",
    "explain",
    "national",
    "parse_table",
]
