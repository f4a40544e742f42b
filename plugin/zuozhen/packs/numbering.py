"""Numbers of cases and documents, such as XW2026-0001, from a pattern in the manifest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from string import Formatter
from typing import Final

SCOPES: Final = ("year", "month", "none")
_FIELDS: Final = {"year": "04d", "month": "02d", "day": "02d", "seq": "d"}
PREFIX: Final = "prefix"
_WIDTH = re.compile(r"(0?[1-9][0-9]?)?d?")
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Numbering:
    """A numbering rule. ``pattern`` holds {year}, {month}, {day} and {seq}, each with an optional
    width as in {seq:04d}; ``scope`` says when the sequence starts again at 1.

    The rule ``case`` numbers new cases. One with a ``form`` gives a number when that form is handed in and
    ``when`` (FEEL, empty for always) holds, and writes it into the answer ``field``. ``prefix`` is FEEL for
    {prefix}: each prefix counts by itself.
    """

    name: str
    pattern: str
    scope: str = "year"
    form: str = ""
    field: str = ""
    when: str = ""
    prefix: str = ""

    def format(self, day: date, seq: int, prefix: str = "") -> str:
        """Return the number ``seq`` (from 1) as given out on the local ``day``."""
        values = {"year": day.year, "month": day.month, "day": day.day, "seq": seq}
        return "".join(
            literal
            + (prefix if name == PREFIX else format(values[name], width or _FIELDS[name]) if name else "")
            for literal, name, width, _ in Formatter().parse(self.pattern)
        )

    def scope_key(self, day: date, prefix: str = "") -> str:
        """Return the counter that ``day`` belongs to, as ``case/2026``: one for each rule, period and prefix."""
        period = {"year": f"{day:%Y}", "month": f"{day:%Y-%m}"}.get(self.scope, "")
        return f"{self.name}/{period}/{prefix}" if prefix else f"{self.name}/{period}"


def pattern_mistake(pattern: str, scope: str) -> str:
    """Return what is wrong with a pattern, in Chinese, or nothing."""
    try:
        parts = list(Formatter().parse(pattern))
    except ValueError:
        return "花括号不成对"
    names = {name for _, name, _, _ in parts if name is not None}
    if unknown := names - {*_FIELDS, PREFIX}:
        return f"不认识 {{{sorted(unknown)[0]}}}，可用 {{year}}、{{month}}、{{day}}、{{seq}}、{{prefix}}"
    if any(conversion or not _WIDTH.fullmatch(width or "") for _, _, width, conversion in parts):
        return "宽度应写成 {seq:04d} 的样子"
    if len(pattern) > _LONGEST:
        return f"编号规则超过 {_LONGEST} 个字符"
    needed = {"year": {"seq", "year"}, "month": {"seq", "year", "month"}, "none": {"seq"}}.get(scope, {"seq"})
    if missing := needed - names:
        return f"缺少 {{{sorted(missing)[0]}}}，否则编号会重复"
    return ""
