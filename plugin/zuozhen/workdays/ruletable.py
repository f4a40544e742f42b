"""What a recurrence rule may say as data (pack.toml, studio), and what is wrong with one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

from zuozhen.model.errors import Finding

KINDS: Final = {
    "monthly_day": "每月某日",
    "odd_months": "单月某日",
    "first_workdays": "每月头几个工作日",
    "last_workdays": "每月底几个工作日",
    "last_workday": "每月最后一个工作日",
    "nth_weekday": "某月、季、年的第几个星期几",
    "quarter_end": "每季度最后一个工作日",
    "weekly": "每周、每几周的星期几",
    "union": "几条规则合在一起",
    "rota": "轮值：每人每期一次",
    "quota": "每年至少几次（只计数，不定日期）",
}
ROLLS: Final = ("forward", "backward", "none", "skip")
ROLL_ON: Final = ("rest_days", "holidays")
EDGES: Final = ("first", "last")
PERIODS: Final = {"month": 1, "quarter": 3, "year": 12}
PARTS: Final = {"whole": (1, 31), "early": (1, 10), "middle": (11, 20), "late": (21, 31)}
"""上旬、中旬、下旬 as days of the month."""
MONTHS: Final = ("all", "odd", "even")
_CHOICES: Final = {
    "kind": tuple(KINDS),
    "roll": ROLLS,
    "roll_on": ROLL_ON,
    "edge": EDGES,
    "period": tuple(PERIODS),
    "months": MONTHS,
    "part": tuple(PARTS),
}
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_CLOCKS: Final = ("opens_at", "closes_at")
_RANGES: Final = {
    "day": (1, 31),
    "days": (1, 20),
    "weekday": (1, 7),
    "nth": (-1, 5),
    "times": (1, 366),
    "every": (1, 52),
}
LISTS: Final = ("of", "holders")
_COMBINED: Final = {"union": ("of",), "rota": ("of", "holders")}
"""By kind: the lists that it must have."""
_LISTED: Final = {"of": "列出作为日子来源的周期规则的名称", "holders": "列出轮值的单位、岗位或代码的代号"}


def mistakes(table: Mapping[str, Any], known: set[str]) -> Iterator[Finding]:
    """Give everything that is wrong with a rule as data; ``known`` are the keys it may have."""
    name = table.get("name")
    if not isinstance(name, str) or not name.strip():
        yield _finding("name", "周期规则缺少 name", "填写名称，如：坐诊日")
    if "kind" not in table:
        yield _finding("kind", "周期规则缺少 kind", f"可选：{'、'.join(KINDS)}")
    for key, value in table.items():
        if key not in known:
            yield _finding(key, f"不认识的键 {key}", f"可用的键：{'、'.join(sorted(known))}")
        else:
            yield from _mistake_of(key, value)
    yield from _lacking(table)


def _mistake_of(key: str, value: object) -> Iterator[Finding]:
    if key in _CHOICES and value not in _CHOICES[key]:
        yield _finding(key, f"{key} 不能是 {value!r}", f"可选：{'、'.join(_CHOICES[key])}")
    elif key in _RANGES and not _in_range(value, *_RANGES[key]):
        low, high = _RANGES[key]
        yield _finding(key, f"{key} 应为 {low} 至 {high} 的整数，现为 {value!r}")
    elif key in _CLOCKS and not _is_clock(value):
        yield _finding(key, f"{key} 不是时刻：{value!r}", "写成 09:00 的样子")
    elif key in LISTS and not _is_names(value):
        yield _finding(key, f"{key} 应为名称的列表，不重复，现为 {value!r}", '写成 ["甲", "乙"] 的样子')
    elif key == "anchor" and not _is_date(value):
        yield _finding(
            key, f"anchor 不是日期：{value!r}", "写成 2026-01-05 的样子，是有这一次的那一周中的一天"
        )
    elif key == "holder" and not isinstance(value, str):
        yield _finding(key, f"holder 应为单位、岗位或代码的代号，现为 {value!r}")


def _lacking(table: Mapping[str, Any]) -> Iterator[Finding]:
    """Give what a kind of rule cannot do without."""
    kind = table.get("kind")
    for key in _COMBINED.get(kind, ()) if isinstance(kind, str) else ():
        if not table.get(key):
            yield _finding(key, f"种类 {kind} 缺少 {key}", _LISTED[key])
    every = table.get("every", 1)
    if kind == "weekly" and every != 1 and not table.get("anchor"):
        yield _finding(
            "anchor", f"每 {every} 周一次，还要写明从哪一周数起", "anchor 写有这一次的那一周中的一天"
        )
    if (
        kind == "nth_weekday"
        and table.get("part", "whole") != "whole"
        and table.get("period", "month") != "month"
    ):
        yield _finding("part", "上中下旬只用于每月一次的规则", "period 写 month，或不写 part")


def _finding(key: str, message: str, hint: str = "") -> Finding:
    return Finding("error", "recurrence", message, element=key, hint=hint)


def _is_clock(value: object) -> bool:
    return isinstance(value, str) and (not value or bool(_CLOCK.fullmatch(value)))


def _is_names(value: object) -> bool:
    names = list(value) if isinstance(value, (list, tuple)) else []
    whole = bool(names) and all(isinstance(name, str) and name.strip() for name in names)
    return whole and len(set(names)) == len(names)


def _is_date(value: object) -> bool:
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            return False
    return isinstance(value, date) and not isinstance(value, datetime) and 2000 <= value.year <= 2100


def _in_range(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value != 0 and low <= value <= high
