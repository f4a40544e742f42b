"""Dates before the year 1 and after 9999, which Python's ``date`` cannot hold.

The calendar repeats every 400 years, weekdays included: such a date is kept as the date of the years 2000
to 2399 that it repeats, and the number of cycles that lie between. Years are counted astronomically, so
that the year -1 comes two before the year 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

_CYCLE = 400
_NEAR = 2000
DAYS_OF_CYCLE = 146_097
_LARGEST_YEAR = 999_999_999


@dataclass(frozen=True, slots=True)
class Far:
    """A date or date-time outside the years 1 to 9999; ``near`` is the one it repeats."""

    near: date
    cycles: int

    @property
    def year(self) -> int:
        """The year, negative before the year 0."""
        return self.near.year + _CYCLE * self.cycles

    def text(self, near: str) -> str:
        """Put the year into the text of ``near``."""
        sign = "-" if self.year < 0 else ""
        return f"{sign}{abs(self.year):04d}{near[4:]}"


Day: TypeAlias = date | Far
"""A date or date-time of any year."""

FarMoment: TypeAlias = Far
"""One that is a date-time; static typing reads the names of results."""


def far_date(year: int, month: int, day: int) -> Far | None:
    """Return a date outside the years 0 to 9999, or ``None`` where there is no such day."""
    if 0 <= year <= 9999 or abs(year) > _LARGEST_YEAR:
        return None
    try:
        near = date(_NEAR + year % _CYCLE, month, day)
    except ValueError:
        return None
    return Far(near, (year - near.year) // _CYCLE)


def moved(near: date, cycles: int) -> Day | None:
    """Return what lies ``cycles`` after ``near``, as a plain date where Python can hold it."""
    year = near.year + _CYCLE * cycles
    if 1 <= year <= 9999:
        return near.replace(year=year)
    if abs(year) > _LARGEST_YEAR:
        return None
    return Far(near.replace(year=_NEAR + year % _CYCLE), (year - _NEAR) // _CYCLE)


def folded(value: Day) -> tuple[int, date]:
    """Return the cycles from the years 2000 to 2399, and the date there, of any date or date-time."""
    if isinstance(value, Far):
        return value.cycles, value.near
    return (value.year - _NEAR) // _CYCLE, value.replace(year=_NEAR + value.year % _CYCLE)


def kind_of_far(value: Far) -> str:
    """Return the FEEL name of the value's type."""
    return "date and time" if isinstance(value.near, datetime) else "date"
