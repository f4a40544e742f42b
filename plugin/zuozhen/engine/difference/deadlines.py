"""What a timer rule says, in words: ``workdays(10)`` is “10 个工作日”."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from zuozhen.feel import bare, parse, syntax
from zuozhen.model.errors import FeelError

_UNITS: Final[Mapping[str, str]] = {"workdays": "个工作日", "days": "日", "months": "个月", "hours": "小时"}
_DURATION: Final = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?")
_DURATION_WORDS: Final = ("年", "个月", "周", "日", "小时", "分钟")
_DATE: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d).*)?")
_REPEATED: Final = re.compile(r"R(\d*)/(.+)")


@dataclass(frozen=True, slots=True)
class Limit:
    """``amount`` of ``unit``, such as 10 个工作日; without an amount all of it is in ``unit``.

    ``before`` is said first (``“坐诊日期”前``), ``after`` last (``（自“坐诊日期”起算）``).
    """

    amount: str
    unit: str
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        count = f"{self.amount} {self.unit}" if self.amount else self.unit
        return f"{self.before}{' ' if self.before else ''}{count}{self.after}"


def limit_of(text: str, labels: Mapping[str, str]) -> Limit:
    """Return what a rule says; one that is too wordy for words is its FEEL text.

    ``labels`` are the labels of variables by name.
    """
    literal = _literal(text.strip())
    if literal:
        return Limit("", literal)
    try:
        node = parse(text)
    except FeelError:
        return Limit("", bare(text))
    return _called(node, labels) or Limit("", bare(text))


def compared(old: str, new: str, labels: Mapping[str, str]) -> str:
    """Return ``10 → 12 个工作日``, or both limits in full where more than the number differs."""
    before, after = limit_of(old, labels), limit_of(new, labels)
    if before.amount and after.amount and replace(before, amount="") == replace(after, amount=""):
        start = f"{before.before} " if before.before else ""
        return f"{start}{before.amount} → {after.amount} {after.unit}"
    return f"{before} → {after}" if str(before) != str(after) else f"{bare(old)} → {bare(new)}"


def _called(node: syntax.Node, labels: Mapping[str, str]) -> Limit | None:
    match node:
        case syntax.Call(target=syntax.Name(name=name), arguments=arguments, named=named):
            pass
        case _:
            return None
    if name in _UNITS and not named and len(arguments) in (1, 2):
        return _counted(name, arguments, labels)
    if name == "before" and len(arguments) == 1 and len(named) == 1:
        unit, amount = named[0][0], _number(named[0][1])
        place = _variable(arguments[0], labels)
        if unit in _UNITS and amount and place:
            return Limit(amount, _UNITS[unit], before=f"{place}前")
    if name == "recurrence" and arguments and isinstance(arguments[0], syntax.Constant):
        return Limit("", f"下一个“{arguments[0].value}”")
    return None


def _counted(name: str, arguments: tuple[syntax.Node, ...], labels: Mapping[str, str]) -> Limit | None:
    amount = _number(arguments[0])
    if not amount:
        return None
    if len(arguments) == 1:
        return Limit(amount, _UNITS[name])
    place = _variable(arguments[1], labels)
    if not place:
        return None
    if (name, amount) == ("days", "0"):
        return Limit("", f"{place}当日")
    return Limit(amount, _UNITS[name], after=f"（自{place}起算）")


def _number(node: syntax.Node) -> str:
    value = node.value if isinstance(node, syntax.Constant) else None
    return f"{value.normalize():f}" if isinstance(value, Decimal) else ""


def _variable(node: syntax.Node, labels: Mapping[str, str]) -> str:
    if not isinstance(node, syntax.Name):
        return ""
    return f"“{labels[node.name]}”" if node.name in labels else node.name


def _literal(text: str) -> str:
    """Return an ISO text in words: ``P30D`` is “30 日”; empty if it is none."""
    if repeated := _REPEATED.fullmatch(text):
        inner = _literal(repeated[2])
        times = f"，共 {repeated[1]} 次" if repeated[1] else ""
        return f"每 {inner}一次{times}" if inner else ""
    if day := _DATE.fullmatch(text):
        clock = f" {day[4]}:{day[5]}" if day[4] else ""
        return f"{int(day[1])}年{int(day[2])}月{int(day[3])}日{clock}"
    if (duration := _DURATION.fullmatch(text)) and any(duration.groups()):
        return "".join(
            f"{int(n)} {word}" for n, word in zip(duration.groups(), _DURATION_WORDS, strict=True) if n
        )
    return ""
