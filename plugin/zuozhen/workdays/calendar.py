"""Which days are worked: the national calendar, local overlays, and fast counting over both."""

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache

from zuozhen.model.errors import Invalid
from zuozhen.workdays.statutory import SOURCE as STATUTORY
from zuozhen.workdays.statutory import statutory_rows
from zuozhen.workdays.yeartable import FIRST_YEAR, LAST_YEAR, Row, YearTable, published_tables

FIRST_DAY = date(FIRST_YEAR, 1, 1)
LAST_DAY = date(LAST_YEAR, 12, 31)
_BASE = FIRST_DAY.toordinal()
_LENGTH = LAST_DAY.toordinal() - _BASE + 1


@dataclass(frozen=True, slots=True)
class Day:
    """One day. ``name`` is empty for ordinary working days and ordinary weekends.

    ``source`` cites the notice that decides the day; ``provisional`` (暂定) means that the notice
    of its year is not published yet.
    """

    date: date
    workday: bool
    name: str
    source: str
    provisional: bool


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """Working days from 2000 to 2100. Immutable: an import or an overlay makes a new calendar.

    Days are kept as offsets from the first day. ``_before[i]`` is the number of working days
    before offset ``i`` and ``_worked[k]`` the offset of the k-th working day, so that adding
    working days is two look-ups.
    """

    tables: tuple[YearTable, ...]
    overlays: tuple[Row, ...] = ()
    version: str = field(init=False)
    _published: Mapping[int, str] = field(init=False)
    _marked: Mapping[int, Day] = field(init=False)
    _marked_offsets: tuple[int, ...] = field(init=False)
    _before: array[int] = field(init=False)
    _worked: array[int] = field(init=False)

    def __post_init__(self) -> None:
        published = {table.year: table.source for table in self.tables}
        marked = _mark_days(self.tables, self.overlays, published)
        before, worked = _count_days(marked)
        for name, value in (
            ("_published", published),
            ("_marked", marked),
            ("_marked_offsets", tuple(sorted(marked))),
            ("_before", before),
            ("_worked", worked),
            ("version", _version(self.tables, self.overlays)),
        ):
            object.__setattr__(self, name, value)

    def overlay(self, rows: Iterable[Row]) -> Calendar:
        """Return this calendar with local days on top (rule D-12); later rows win."""
        return Calendar(self.tables, (*self.overlays, *rows))

    def with_table(self, table: YearTable) -> Calendar:
        """Return this calendar with the arrangement of one year added or replaced."""
        others = (known for known in self.tables if known.year != table.year)
        return Calendar(tuple(sorted((*others, table), key=lambda known: known.year)), self.overlays)

    def overlaid(self, tables: Iterable[YearTable]) -> Calendar:
        """Return this calendar with a jurisdiction's own tables: arrangements by year, local days on top."""
        known = {table.year: table for table in self.tables}
        rows = list(self.overlays)
        for table in tables:
            if table.local:
                rows += table.rows
            else:
                known[table.year] = table
        return Calendar(tuple(known[year] for year in sorted(known)), tuple(rows))

    def is_published(self, year: int) -> bool:
        """Say whether the arrangement of ``year`` is known; otherwise its days are 暂定."""
        return year in self._published

    def source(self, year: int) -> str:
        """Return the notice that arranges ``year``, or the regulation while there is none."""
        return self._published.get(year, STATUTORY)

    def day(self, day: date) -> Day:
        """Return everything known about one day."""
        marked = self._marked.get(_offset(day))
        if marked is not None:
            return marked
        return Day(day, day.weekday() < 5, "", self.source(day.year), not self.is_published(day.year))

    def marked_days(self, first: date, last: date) -> list[Day]:
        """Return the holidays and worked weekends from ``first`` to ``last`` inclusive, in order."""
        offsets = self._marked_offsets
        low = bisect_left(offsets, _offset(first))
        return [self._marked[offset] for offset in offsets[low : bisect_right(offsets, _offset(last))]]

    def is_workday(self, day: date) -> bool:
        """Say whether ``day`` is worked; a 调休 weekend is (rule D-7)."""
        offset = _offset(day)
        return self._before[offset + 1] > self._before[offset]

    def add_workdays(self, day: date, n: int) -> date:
        """Return the n-th working day after ``day``; for 0 the first working day not before it."""
        if n == 0:
            return self._nth(self._before[_offset(day)], n)
        return self._nth(self._before[_offset(day) + 1] + n - 1, n)

    def subtract_workdays(self, day: date, n: int) -> date:
        """Return the n-th working day before ``day``; for 0 the last working day not after it."""
        if n == 0:
            return self._nth(self._before[_offset(day) + 1] - 1, n)
        return self._nth(self._before[_offset(day)] - n, n)

    def count_workdays(self, after: date, until: date) -> int:
        """Return how many working days lie after ``after`` and not after ``until``."""
        return self._before[_offset(until) + 1] - self._before[_offset(after) + 1]

    def _nth(self, index: int, n: int) -> date:
        """Return the working day number ``index``, which was found by counting ``n`` working days."""
        if n < 0:
            raise Invalid(f"工作日数不能是负数（{n}）", hint="往前推算请改用 before")
        if not 0 <= index < len(self._worked):
            raise Invalid(f"推算结果超出工作日历的范围（{FIRST_YEAR}年至{LAST_YEAR}年）", hint="请核对天数")
        return date.fromordinal(_BASE + self._worked[index])


@cache
def national() -> Calendar:
    """Return the national calendar that comes with the product."""
    return Calendar(published_tables())


@lru_cache(maxsize=64)
def national_with(tables: tuple[YearTable, ...]) -> Calendar:
    """Return the national calendar overlaid by a jurisdiction's own tables; made once per content."""
    return national().overlaid(tables) if tables else national()


def _offset(day: date) -> int:
    offset = day.toordinal() - _BASE
    if 0 <= offset < _LENGTH:
        return offset
    raise Invalid(f"{day:%Y-%m-%d} 超出工作日历的范围（{FIRST_YEAR}年至{LAST_YEAR}年）", hint="请核对日期")


def _mark_days(
    tables: Iterable[YearTable], overlays: Iterable[Row], published: Mapping[int, str]
) -> dict[int, Day]:
    """Lay the layers on each other: statutory days, published arrangements, local rows."""
    marked: dict[int, Day] = {}

    def lay(rows: Iterable[Row], provisional: bool) -> None:
        for row in rows:
            for day in row.days():
                if FIRST_DAY <= day <= LAST_DAY:
                    offset = day.toordinal() - _BASE
                    marked[offset] = Day(day, row.workday, row.name, row.source, provisional)

    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        if year not in published:
            lay(statutory_rows(year), provisional=True)
    for table in tables:
        lay(table.rows, provisional=False)
    lay(overlays, provisional=False)
    return marked


def _count_days(marked: Mapping[int, Day]) -> tuple[array[int], array[int]]:
    worked_flags = bytearray((FIRST_DAY.weekday() + offset) % 7 < 5 for offset in range(_LENGTH))
    for offset, day in marked.items():
        worked_flags[offset] = day.workday
    before, worked = array("i", [0]), array("i")
    for offset, flag in enumerate(worked_flags):
        if flag:
            worked.append(offset)
        before.append(len(worked))
    return before, worked


def _version(tables: tuple[YearTable, ...], overlays: tuple[Row, ...]) -> str:
    """Name the content: the years published, the number of local rows and a hash over all days."""
    digest = hashlib.sha256()
    for row in (row for rows in (*(table.rows for table in tables), overlays) for row in rows):
        line = f"{row.first}|{row.last}|{row.workday:d}|{row.name}|{row.source}\n"
        digest.update(line.encode())
    years = f"{tables[0].year}-{tables[-1].year}" if tables else "0"
    local = f"+{len(overlays)}" if overlays else ""
    return f"{years}{local}/{digest.hexdigest()[:8]}"
