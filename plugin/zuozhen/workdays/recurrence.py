"""Recurring dates as named data: clinic days, booking windows, reports (rules D-7 and D-8)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from zuozhen.model.clock import at_local, end_of_day, local_date
from zuozhen.model.errors import ContentError, Finding
from zuozhen.workdays.calendar import LAST_DAY, Calendar
from zuozhen.workdays.months import month_end

KINDS: Final = {
    "monthly_day": "每月某日",
    "odd_months": "单月某日",
    "first_workdays": "每月头几个工作日",
    "last_workdays": "每月底几个工作日",
    "last_workday": "每月最后一个工作日",
    "nth_weekday": "某月、季、年的第几个星期几",
    "quarter_end": "每季度最后一个工作日",
    "quota": "每年至少几次（只计数，不定日期）",
}
ROLLS: Final = ("forward", "backward", "none")
ROLL_ON: Final = ("rest_days", "holidays")
EDGES: Final = ("first", "last")
PERIODS: Final = {"month": 1, "quarter": 3, "year": 12}
MONTHS: Final = ("all", "odd", "even")
_CHOICES: Final = {
    "kind": tuple(KINDS),
    "roll": ROLLS,
    "roll_on": ROLL_ON,
    "edge": EDGES,
    "period": tuple(PERIODS),
    "months": MONTHS,
}
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_CLOCKS: Final = ("opens_at", "closes_at")
_RANGES: Final = {"day": (1, 31), "days": (1, 20), "weekday": (1, 7), "nth": (-1, 5), "times": (1, 366)}


@dataclass(frozen=True, slots=True)
class Window:
    """One occurrence: ``first`` to ``last`` inclusive. ``planned`` is the first day before rolling."""

    first: date
    last: date
    planned: date


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

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> Recurrence:
        """Make a rule from plain data (pack.toml, studio). Raises ``ContentError`` naming every mistake."""
        findings = tuple(_mistakes(table, {field.name for field in fields(cls)}))
        if findings:
            raise ContentError(f"周期规则“{table.get('name', '')}”有误", findings)
        return cls(**table)

    def windows(self, since: date, calendar: Calendar) -> Iterator[Window]:
        """Yield the occurrences of the month before ``since`` and all later ones, in order, to 2100."""
        if self.kind == "quota":
            return
        length = 3 if self.kind == "quarter_end" else PERIODS[self.period]
        year, month = divmod(since.year * 12 + since.month - 2, 12)
        start = date(year, month // length * length + 1, 1)
        while start <= LAST_DAY.replace(day=1):
            end = _period_end(start, length)
            if self._covers(start):
                yield self._occurrence(start, end, calendar)
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

    def _occurrence(self, start: date, end: date, calendar: Calendar) -> Window:
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
                planned = _nth_weekday(start, end, self.nth, self.weekday)
            case _:
                month_last = month_end(start.year, start.month)
                planned = start.replace(day=min(self.day, month_last.day))
        rolled = self._roll(planned, calendar)
        return Window(rolled, rolled, planned)

    def _roll(self, day: date, calendar: Calendar) -> date:
        if self.roll == "none":
            return day
        if self.roll_on == "rest_days":
            roll = calendar.add_workdays if self.roll == "forward" else calendar.subtract_workdays
            return roll(day, 0)
        step = timedelta(days=1 if self.roll == "forward" else -1)
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


def _mistakes(table: Mapping[str, Any], known: set[str]) -> Iterator[Finding]:
    name = table.get("name")
    if not isinstance(name, str) or not name.strip():
        yield Finding("error", "recurrence", "周期规则缺少 name", element="name", hint="填写名称，如：坐诊日")
    if "kind" not in table:
        yield Finding(
            "error", "recurrence", "周期规则缺少 kind", element="kind", hint=f"可选：{'、'.join(KINDS)}"
        )
    for key, value in table.items():
        if key not in known:
            yield Finding(
                "error",
                "recurrence",
                f"不认识的键 {key}",
                element=key,
                hint=f"可用的键：{'、'.join(sorted(known))}",
            )
        elif key in _CHOICES and value not in _CHOICES[key]:
            yield Finding(
                "error",
                "recurrence",
                f"{key} 不能是 {value!r}",
                element=key,
                hint=f"可选：{'、'.join(_CHOICES[key])}",
            )
        elif key in _RANGES and not _in_range(value, *_RANGES[key]):
            low, high = _RANGES[key]
            yield Finding(
                "error", "recurrence", f"{key} 应为 {low} 至 {high} 的整数，现为 {value!r}", element=key
            )
        elif key in _CLOCKS and not _is_clock(value):
            yield Finding(
                "error", "recurrence", f"{key} 不是时刻：{value!r}", element=key, hint="写成 09:00 的样子"
            )


def _is_clock(value: object) -> bool:
    return isinstance(value, str) and (not value or bool(_CLOCK.fullmatch(value)))


def _in_range(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value != 0 and low <= value <= high
