"""Working days, deadlines and recurring dates by the statutory calendar (rules D-1 to D-10)."""

from zuozhen.workdays.calendar import Calendar, Day, national, national_with
from zuozhen.workdays.changes import DayChange, changed_days
from zuozhen.workdays.combining import resolve
from zuozhen.workdays.explain import explain
from zuozhen.workdays.functions import date_functions
from zuozhen.workdays.icalendars import read_icalendar
from zuozhen.workdays.notices import Understood, read_notice
from zuozhen.workdays.recurrence import OpenHours, Recurrence
from zuozhen.workdays.rules import CHOICES, Count, Rules
from zuozhen.workdays.ruletable import KINDS
from zuozhen.workdays.series import Window
from zuozhen.workdays.signatures import SIGNATURES
from zuozhen.workdays.yeartable import Row, YearTable, parse_table

__all__ = [
    "CHOICES",
    "KINDS",
    "SIGNATURES",
    "Calendar",
    "Count",
    "Day",
    "DayChange",
    "OpenHours",
    "Recurrence",
    "Row",
    "Rules",
    "Understood",
    "Window",
    "YearTable",
    "changed_days",
    "date_functions",
    "explain",
    "national",
    "national_with",
    "parse_table",
    "read_icalendar",
    "read_notice",
    "resolve",
]
