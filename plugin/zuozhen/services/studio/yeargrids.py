"""A year as twelve small month grids, with the days off and the worked weekends marked."""

from __future__ import annotations

from calendar import Calendar as Weeks
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from zuozhen.workdays import Calendar

Kind: TypeAlias = Literal["work", "weekend", "off", "shift"]
"""An ordinary working day, an ordinary weekend, a day off by arrangement, a weekend that is worked."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One day; ``name`` is the festival behind it, ``changed`` marks what a proposal changes."""

    date: date
    kind: Kind
    name: str
    provisional: bool
    changed: bool


@dataclass(frozen=True, slots=True)
class Month:
    """Weeks from Monday to Sunday; days of other months are ``None``."""

    number: int
    weeks: tuple[tuple[Cell | None, ...], ...]


def year_grid(calendar: Calendar, year: int, changed: Collection[date] = ()) -> tuple[Month, ...]:
    """Return the months of ``year`` (2000 to 2100)."""
    weeks = Weeks(firstweekday=0)
    return tuple(
        Month(
            month,
            tuple(
                tuple(_cell(calendar, day, changed) if day.month == month else None for day in week)
                for week in weeks.monthdatescalendar(year, month)
            ),
        )
        for month in range(1, 13)
    )


def _cell(calendar: Calendar, day: date, changed: Collection[date]) -> Cell:
    known = calendar.day(day)
    weekend = day.weekday() >= 5
    kind: Kind = "shift" if known.workday and weekend else "work" if known.workday else "off"
    if not known.workday and weekend and not known.name:
        kind = "weekend"
    return Cell(day, kind, known.name, known.provisional, day in changed)
