"""What a new calendar changes: the days that are worked in one and not in the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from zuozhen.workdays.calendar import FIRST_DAY, LAST_DAY, Calendar, Day


@dataclass(frozen=True, slots=True)
class DayChange:
    """One day as it counts in the old and in the new calendar."""

    old: Day
    new: Day

    @property
    def date(self) -> date:
        return self.new.date


def changed_days(old: Calendar, new: Calendar, years: Iterable[int]) -> list[DayChange]:
    """Return the days of ``years`` (and of the December before) that become worked or free, in order."""
    found: dict[date, DayChange] = {}
    for year in sorted(set(years)):
        day = max(FIRST_DAY, date(year - 1, 12, 1))
        last = min(LAST_DAY, date(year, 12, 31))
        while day <= last:
            if old.is_workday(day) != new.is_workday(day):
                found[day] = DayChange(old.day(day), new.day(day))
            day += timedelta(days=1)
    return [found[day] for day in sorted(found)]
