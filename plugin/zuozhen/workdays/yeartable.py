"""One year's holiday arrangement as published by the State Council, read from TOML or JSON."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from zuozhen.model.errors import ContentError, Finding

FIRST_YEAR = 2000
LAST_YEAR = 2100
_LONGEST_HOLIDAY = 31
_TABLE_KEYS = {"year", "title", "source", "local", "holiday"}
_HOLIDAY_KEYS = {"name", "source", "off", "work"}


@dataclass(frozen=True, slots=True)
class Row:
    """A run of days with one meaning: ``first`` to ``last`` inclusive are off, or are worked."""

    first: date
    last: date
    workday: bool
    name: str
    source: str

    def days(self) -> Iterator[date]:
        """Yield every day of the run."""
        for offset in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=offset)


@dataclass(frozen=True, slots=True)
class YearTable:
    """The arrangement of one year; its rows may reach into December of the year before.

    ``local`` days come on top of the national arrangement of their year (rule D-12) instead of replacing it.
    """

    year: int
    source: str
    rows: tuple[Row, ...]
    local: bool = False


def parse_table(table: Mapping[str, Any], *, file: str = "") -> YearTable:
    """Read a mapping with ``year``, ``source`` and ``holiday`` = [{name, off = [from, to], work = [...]}].

    ``local`` = true marks days that only this jurisdiction has. Dates may be ``date`` values or ISO text. Raises ``ContentError`` naming every mistake.
    """
    parser = _Parser(file)
    result = parser.table(table)
    if parser.findings or result is None:
        raise ContentError("节假日数据有误，未予采用", parser.findings, hint="请对照国务院办公厅通知逐项更正")
    return result


@cache
def published_tables() -> tuple[YearTable, ...]:
    """Return the arrangements that come with the product, by year."""
    folder = files(__package__) / "data"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name[:4].isdigit())
    return tuple(
        parse_table(tomllib.loads((folder / name).read_text(encoding="utf-8")), file=name) for name in names
    )


class _Parser:
    """Reads one table and collects everything that is wrong with it."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []
        self.seen: dict[date, str] = {}

    def report(self, message: str, hint: str = "") -> None:
        self.findings.append(Finding("error", "calendar", message, file=self.file, hint=hint))

    def table(self, table: Mapping[str, Any]) -> YearTable | None:
        self.unknown(table, _TABLE_KEYS, "年度表")
        year = table.get("year")
        if not isinstance(year, int) or isinstance(year, bool) or not FIRST_YEAR <= year <= LAST_YEAR:
            self.report(f"year 应为 {FIRST_YEAR} 至 {LAST_YEAR} 之间的年份，现为 {year!r}")
            return None
        source = self.text(table, "source", "年度表")
        holidays = table.get("holiday")
        if not isinstance(holidays, list) or not holidays:
            self.report("缺少 [[holiday]]，一个年度至少有一个节日")
            return None
        rows = tuple(
            row for index, item in enumerate(holidays, 1) for row in self.holiday(item, index, year, source)
        )
        return YearTable(year, source, rows, self.local(table))

    def local(self, table: Mapping[str, Any]) -> bool:
        value = table.get("local", False)
        if not isinstance(value, bool):
            self.report(f"local 应为 true 或 false，现为 {value!r}", hint="本地节假日写 true，全国安排不写")
        return value is True

    def holiday(self, item: object, index: int, year: int, source: str) -> Iterator[Row]:
        place = f"第{index}个 [[holiday]]"
        if not isinstance(item, Mapping):
            self.report(f"{place} 应为一组键值")
            return
        self.unknown(item, _HOLIDAY_KEYS, place)
        name = self.text(item, "name", place)
        own_source = self.text(item, "source", place) if "source" in item else source
        off = self.dates(item.get("off", []), f"{place} off")
        if len(off) not in (0, 2):
            self.report(f"{place} off 应写成 [首日, 末日]")
            off = []
        if off:
            if not timedelta(0) <= off[1] - off[0] < timedelta(days=_LONGEST_HOLIDAY):
                self.report(f"{place} 放假区间 {off[0]} 至 {off[1]} 不合理")
                return
            yield from self.row(Row(off[0], off[1], False, name, own_source), year)
        for day in self.dates(item.get("work", []), f"{place} work"):
            if day.weekday() < 5:
                self.report(f"{day} 本来就是工作日，不必列为调休上班", hint="请核对日期")
            yield from self.row(Row(day, day, True, name, own_source), year)

    def row(self, row: Row, year: int) -> Iterator[Row]:
        for day in row.days():
            if not date(year - 1, 12, 1) <= day <= date(year, 12, 31):
                self.report(f"{day}（{row.name}）不属于 {year} 年的安排")
            if day in self.seen:
                self.report(f"{day} 同时列在“{self.seen[day]}”和“{row.name}”中")
            self.seen[day] = row.name
        yield row

    def dates(self, value: object, place: str) -> list[date]:
        if not isinstance(value, list):
            self.report(f"{place} 应为日期列表")
            return []
        result = []
        for item in value:
            try:
                result.append(item if type(item) is date else date.fromisoformat(str(item)))
            except ValueError:
                self.report(f"{place} 中的 {item!r} 不是日期", hint="写成 2026-10-01 的样子")
        return result

    def text(self, table: Mapping[str, Any], key: str, place: str) -> str:
        value = table.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
        self.report(f"{place} 缺少 {key}", hint="填写文字")
        return ""

    def unknown(self, table: Mapping[str, Any], known: set[str], place: str) -> None:
        for key in table:
            if key not in known:
                self.report(f"{place} 有不认识的键 {key}", hint=f"可用的键：{'、'.join(sorted(known))}")
