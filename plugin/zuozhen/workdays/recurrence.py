"""Recurring dates as named data: clinic days, booking windows, reports (rules D-7 and D-8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from zuozhen.model.clock import at_local, end_of_day, local_date
from zuozhen.model.errors import ContentError
from zuozhen.workdays import series
from zuozhen.workdays.calendar import LAST_DAY, Calendar
from zuozhen.workdays.months import month_end
from zuozhen.workdays.ruletable import LISTS, PARTS, PERIODS, mistakes
from zuozhen.workdays.series import Window


@dataclass(frozen=True, slots=True)
class OpenHours:
    """A window with its instants (aware UTC): from ``opens`` up to, but not at, ``closes``.

    ``open`` says whether the instant that was asked about lies in it.
    """

    open: bool
    window: Window
    opens: datetime
    closes: datetime


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A recurrence rule.

    ``day`` is a day of the month (past its end: the month's last day); ``days`` the number of
    working days of a window; ``nth`` counts 1 to 5 or -1 for the last; ``weekday`` 1 = Monday to
    7 = Sunday. ``roll`` moves a date off rest days, or with ``roll_on`` = holidays off statutory
    holidays only. ``edge`` tells whether a window's date is its first or its last day.
    A ``quota`` (``times`` each ``period``) is a number to reach and has no dates. ``opens_at`` and
    ``closes_at`` (09:00) are the local times at which a window begins on its first day and ends on its last;
    without them it takes whole days.

    ``weekly`` is a ``weekday`` of each week, or of ``every`` so many weeks, counted from the week of ``anchor``.
    ``part`` is the third of a month (旬) that an ``nth_weekday`` is sought in. A ``union`` has the dates of the rules
    ``of`` it, a ``rota`` gives each of its ``holders`` one of them in every ``period``; ``members`` are these rules.
    ``holder`` is whose all dates of a rule are. ``roll`` = skip drops a date on a rest day.
    """

    name: str
    kind: str
    day: int = 1
    days: int = 1
    nth: int = 1
    weekday: int = 1
    roll: str = "forward"
    roll_on: str = "rest_days"
    edge: str = "first"
    period: str = "month"
    months: str = "all"
    times: int = 1
    opens_at: str = ""
    closes_at: str = ""
    every: int = 1
    anchor: date | None = None
    part: str = "whole"
    of: tuple[str, ...] = ()
    holders: tuple[str, ...] = ()
    holder: str = ""
    members: tuple[Recurrence, ...] = ()

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> Recurrence:
        """Make a rule from plain data (pack.toml, studio). Raises ``ContentError`` naming every mistake."""
        findings = tuple(mistakes(table, {field.name for field in fields(cls)} - {"members"}))
        if findings:
            raise ContentError(f"周期规则“{table.get('name', '')}”有误", findings)
        values: dict[str, Any] = {
            key: tuple(value) if key in LISTS else value for key, value in table.items()
        }
        if isinstance(values.get("anchor"), str):
            values["anchor"] = date.fromisoformat(values["anchor"])
        return cls(**values)

    def windows(self, since: date, calendar: Calendar) -> Iterator[Window]:
        """Yield the occurrences of the month before ``since`` and all later ones, in order, to 2100."""
        match self.kind:
            case "quota":
                found: Iterator[Window] = iter(())
            case "union":
                found = series.union(rule.windows(since, calendar) for rule in self.members)
            case "rota":
                slots = partial(self._slots, calendar)
                found = series.rota(since, PERIODS[self.period], self.holders, slots)
            case "weekly":
                days = series.weeks(since, self.weekday, self.every, self.anchor)
                wanted = (day for day in days if self._covers(day))
                found = (window for day in wanted if (window := self._day(day, calendar)))
            case _:
                found = self._in_periods(since, calendar)
        yield from (replace(window, holder=self.holder) for window in found) if self.holder else found

    def _slots(self, calendar: Calendar, since: date) -> Iterator[Window]:
        return series.union(rule.windows(since, calendar) for rule in self.members)

    def _in_periods(self, since: date, calendar: Calendar) -> Iterator[Window]:
        length = 3 if self.kind == "quarter_end" else PERIODS[self.period]
        year, month = divmod(since.year * 12 + since.month - 2, 12)
        start = date(year, month // length * length + 1, 1)
        while start <= LAST_DAY.replace(day=1):
            end = _period_end(start, length)
            window = self._occurrence(start, end, calendar) if self._covers(start) else None
            if window is not None:
                yield window
            start = end + timedelta(days=1)

    def next_dates(self, after: date, calendar: Calendar, n: int) -> list[date]:
        """Return the next ``n`` dates strictly after ``after``; none for a quota."""
        return [day for day, _ in self._dates(after, calendar, n)]

    def next_planned(self, after: date, calendar: Calendar) -> tuple[date, date] | None:
        """Return the next date strictly after ``after`` and the day it was rolled from (the same if not)."""
        return next(iter(self._dates(after, calendar, 1)), None)

    def next_moved(self, after: date, calendar: Calendar, n: int) -> list[tuple[date, date]]:
        """Return the next ``n`` dates strictly after ``after``, each with the day it was rolled from."""
        return self._dates(after, calendar, n)

    def next_sessions(self, after: date, calendar: Calendar, n: int) -> list[tuple[date, str]]:
        """Return the next ``n`` dates strictly after ``after``, each with whose it is; a date may be several holders'."""
        found: dict[tuple[date, str], None] = {}
        for window in self.windows(after, calendar):
            if len(found) >= n:
                break
            day = window.last if self.edge == "last" else window.first
            if day > after:
                found[day, window.holder] = None
        return list(found)

    def planned_in(self, first: date, last: date, calendar: Calendar) -> list[tuple[date, str]]:
        """Return the dates planned between two days (both included), before rolling, each with whose it is."""
        found: dict[tuple[date, str], None] = {}
        for window in self.windows(first, calendar):
            if window.first > last + timedelta(days=31):
                break
            if first <= window.planned <= last:
                found[window.planned, window.holder] = None
        return list(found)

    def holders_on(self, day: date, calendar: Calendar) -> list[str]:
        """Return whose sessions a day has, in order; none if it is nobody's in particular."""
        found = []
        for window in self.windows(day, calendar):
            if window.first > day:
                break
            if window.last >= day and window.holder and window.holder not in found:
                found.append(window.holder)
        return found

    def window_on(self, day: date, calendar: Calendar) -> Window | None:
        """Return the occurrence that ``day`` lies in, as for a booking window that is open or not."""
        for window in self.windows(day, calendar):
            if window.last >= day:
                return window if window.first <= day else None
        return None

    def hours(self, at: date | datetime, calendar: Calendar) -> OpenHours | None:
        """Return the window that ``at`` lies in, else the next one; ``None`` for a quota and past 2100.

        A date lies in a window if it is one of its days, an instant also by the times of opening and closing.
        """
        day = local_date(at) if isinstance(at, datetime) else at
        for window in self.windows(day, calendar):
            opens = at_local(window.first, _clock(self.opens_at) or time.min)
            closing = _clock(self.closes_at)
            closes = at_local(window.last, closing) if closing else end_of_day(window.last)
            if isinstance(at, datetime):
                passed, begun = at >= closes, at >= opens
            else:
                passed, begun = day > window.last, day >= window.first
            if not passed:
                return OpenHours(begun, window, opens, closes)
        return None

    def missing(self, held: int) -> int:
        """Return how many times are still to be held in the period of a quota (0 for other kinds)."""
        return max(0, self.times - held) if self.kind == "quota" else 0

    def _dates(self, after: date, calendar: Calendar, n: int) -> list[tuple[date, date]]:
        found: list[tuple[date, date]] = []
        for window in self.windows(after, calendar):
            if len(found) >= n:
                break
            last = self.edge == "last"
            day, planned = (window.last, window.last) if last else (window.first, window.planned)
            if day > after and (not found or day > found[-1][0]):
                found.append((day, planned))
        return found

    def _covers(self, start: date) -> bool:
        months = "odd" if self.kind == "odd_months" else self.months
        return months == "all" or start.month % 2 == (months == "odd")

    def _occurrence(self, start: date, end: date, calendar: Calendar) -> Window | None:
        match self.kind:
            case "first_workdays":
                first = calendar.add_workdays(start, 0)
                last = calendar.add_workdays(first, self.days - 1)
                return Window(first, last, first)
            case "last_workdays":
                last = calendar.subtract_workdays(end, 0)
                first = calendar.subtract_workdays(last, self.days - 1)
                return Window(first, last, first)
            case "last_workday" | "quarter_end":
                last = calendar.subtract_workdays(end, 0)
                return Window(last, last, last)
            case "nth_weekday":
                first_day, last_day = PARTS[self.part]
                begin = start + timedelta(days=first_day - 1)
                until = end if self.part == "whole" else min(end, start + timedelta(days=last_day - 1))
                planned = _nth_weekday(begin, until, self.nth, self.weekday)
            case _:
                month_last = month_end(start.year, start.month)
                planned = start.replace(day=min(self.day, month_last.day))
        return self._day(planned, calendar)

    def _day(self, planned: date, calendar: Calendar) -> Window | None:
        """Return the occurrence of one planned day, rolled; ``None`` if it falls away."""
        rolled = self._roll(planned, calendar)
        if self.roll == "skip" and rolled != planned:
            return None
        return Window(rolled, rolled, planned)

    def _roll(self, day: date, calendar: Calendar) -> date:
        if self.roll == "none":
            return day
        if self.roll_on == "rest_days":
            roll = calendar.subtract_workdays if self.roll == "backward" else calendar.add_workdays
            return roll(day, 0)
        step = timedelta(days=-1 if self.roll == "backward" else 1)
        while not (known := calendar.day(day)).workday and known.name:
            day += step
        return day


def _clock(text: str) -> time | None:
    return time.fromisoformat(text) if text else None


def _period_end(start: date, length: int) -> date:
    return month_end(start.year, start.month + length - 1)


def _nth_weekday(start: date, end: date, nth: int, weekday: int) -> date:
    """Return the nth such weekday between two days; a fifth that does not exist is the last."""
    first = start + timedelta(days=(weekday - 1 - start.weekday()) % 7)
    last = end - timedelta(days=(end.weekday() - weekday + 1) % 7)
    return last if nth == -1 else min(first + timedelta(weeks=nth - 1), last)
