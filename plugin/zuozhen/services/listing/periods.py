"""Months, quarters and years as periods of registers and reports."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from zuozhen.model.errors import Invalid

MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}
CURRENT: Final = "current"
_NAMES: Final = "一二三四"
_KEYS: Final = {
    "month": re.compile(r"(?P<year>[12]\d{3})-(?P<number>0[1-9]|1[0-2])"),
    "quarter": re.compile(r"(?P<year>[12]\d{3})-Q(?P<number>[1-4])"),
    "year": re.compile(r"(?P<year>[12]\d{3})(?P<number>)"),
}


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A calendar month, quarter or year (``kind``) from its ``first`` day to its ``last``."""

    first: date
    kind: str

    @property
    def last(self) -> date:
        return _months_later(self.first, MONTHS[self.kind]) - timedelta(days=1)

    @property
    def key(self) -> str:
        """How it stands in addresses: ``2026-09``, ``2026-Q3``, ``2026``."""
        if self.kind == "year":
            return f"{self.first:%Y}"
        return f"{self.first:%Y-%m}" if self.kind == "month" else f"{self.first.year}-Q{self._number}"

    @property
    def label(self) -> str:
        """How people call it: 2026年9月, 2026年第三季度, 2026年."""
        year = f"{self.first.year}年"
        if self.kind == "year":
            return year
        return (
            f"{year}{self.first.month}月"
            if self.kind == "month"
            else f"{year}第{_NAMES[self._number - 1]}季度"
        )

    @property
    def _number(self) -> int:
        return (self.first.month - 1) // 3 + 1

    def before(self) -> Period:
        """Return the period that ends the day before this one begins."""
        return Period(_months_later(self.first, -MONTHS[self.kind]), self.kind)

    def after(self) -> Period:
        """Return the period that begins the day after this one."""
        return Period(_months_later(self.first, MONTHS[self.kind]), self.kind)

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


def period_with(day: date, kind: str) -> Period:
    """Return the period of a kind that a day lies in."""
    months = MONTHS[kind]
    return Period(date(day.year, (day.month - 1) // months * months + 1, 1), kind)


def last_complete(day: date, kind: str) -> Period:
    """Return the latest period that was over before ``day``."""
    return period_with(day, kind).before()


def asked_period(which: str, day: date, kind: str) -> Period:
    """Return the period that a diagram asks for (``zz:period``): ``current`` with ``day`` in it, else the last one."""
    return period_with(day, kind) if which == CURRENT else last_complete(day, kind)


def read_period(text: str, kind: str) -> Period:
    """Return the period of a kind that an address names.

    Raises:
        Invalid: it names none.
    """
    match = _KEYS[kind].fullmatch(text)
    if match is None:
        raise Invalid("期间的写法不正确。", hint="请从“期间”中选择。")
    month = (int(match["number"] or 1) - 1) * MONTHS[kind] + 1
    return Period(date(int(match["year"]), month, 1), kind)


def periods_since(first: date, today: date, kind: str, *, limit: int = 120) -> tuple[Period, ...]:
    """Return the periods from the one with ``first`` to the present one, the latest first."""
    found = [period_with(today, kind)]
    while found[-1].first > first and len(found) < limit:
        found.append(found[-1].before())
    return tuple(found)


def _months_later(day: date, months: int) -> date:
    """Return the first day of the month that lies ``months`` after the one of ``day``."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)
