"""Counting rules said for one clock: named arguments that stand in for the switches of [deadlines]."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import time
from functools import partial
from typing import Any, Final

from zuozhen.model.errors import FeelError
from zuozhen.workdays.officehours import OfficeHours
from zuozhen.workdays.rules import CHOICES, Rules

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "count_from": {
        "next_day": "次日为第一日",
        "same_day": "当日为第一日",
        "day_after_next": "第三日为第一日",
    },
    "received_after_hours": {
        "same_day": "下班后收到的视为当日收到",
        "next_opening": "下班后收到的视为下一工作日收到",
    },
    "calendar_days": {"roll": "末日休息则顺延", "plain": "末日休息也不顺延", "workdays": "“日”按工作日计"},
    "month_as": {"month": "“月”到对应日", "30_days": "“月”按30日计"},
    "before_rest_day": {"backward": "遇休息日提前", "none": "遇休息日不移动"},
}
_EVENT: Final = ("count_from", "received_after_hours", "closes_at", "due_time")
TAKES: Final[Mapping[str, tuple[str, ...]]] = {
    "workdays": _EVENT,
    "days": ("calendar_days", *_EVENT),
    "months": ("month_as", "calendar_days", *_EVENT),
    "before": ("before_rest_day", "due_time"),
    "recurrence": ("due_time",),
    "workhours": ("office_hours",),
}
"""By function: the switches that a call may say for itself."""
_END_OF_DAY: Final = "24:00"


@dataclass(frozen=True, slots=True)
class Said:
    """The rules that one call counts by, and which of them it said itself."""

    rules: Rules
    said: Mapping[str, str]

    @property
    def words(self) -> str:
        """What the call says otherwise than the pack, for people; empty if nothing."""
        return "、".join(words_of(key, value) for key, value in self.said.items())


def rules_for(function: str, rules: Rules, named: dict[str, object]) -> Said:
    """Take the switches out of a call's named arguments and return the rules it counts by.

    Raises:
        FeelError: a value that the switch does not know; the message lists what it takes.
    """
    said = {key: _text(function, key, named.pop(key)) for key in TAKES.get(function, ()) if key in named}
    if not said:
        return Said(rules, said)
    return Said(replace(rules, **{key: _value(key, text) for key, text in said.items()}), said)


def judges_of(function: str) -> Mapping[str, Callable[[str], str]]:
    """Return, by switch of a function, what says why a text cannot be its value (empty: it can)."""
    return {key: partial(problem_of, key) for key in TAKES.get(function, ())}


def problem_of(key: str, text: str) -> str:
    """Return what is wrong with a switch's value and what to write instead; empty if nothing."""
    if key in CHOICES:
        known = "、".join(f'"{value}"（{words_of(key, value)}）' for value in CHOICES[key])
        return "" if text in CHOICES[key] else f"{key} 不能是“{text[:40]}”，可写 {known}"
    if key == "office_hours":
        wrong = OfficeHours.read(text) is None
        return f"office_hours 不能是“{text[:60]}”，写成 09:00-12:00 13:30-17:30 的样子" if wrong else ""
    clock = text == _END_OF_DAY if key == "due_time" else False
    return "" if clock or _clock(text) is not None else f"{key} 不能是“{text[:40]}”，写成 16:00 的样子"


def words_of(key: str, value: str) -> str:
    """Return one switch in words."""
    if key in _WORDS:
        return _WORDS[key].get(value, value)
    return {"closes_at": f"{value}下班", "due_time": f"截止于{value}", "office_hours": f"办公时间{value}"}[
        key
    ]


def _text(function: str, key: str, value: object) -> str:
    if isinstance(value, time):
        value = f"{value:%H:%M}"
    if not isinstance(value, str):
        problem = f"{key} 应为文字，现为 {'空' if value is None else repr(value)}"
        raise FeelError(f"{function}：{problem}", hint=problem_of(key, "").partition("，")[2])
    problem = problem_of(key, value)
    if problem:
        message, _, hint = problem.partition("，")
        raise FeelError(f"{function}：{message}", hint=hint)
    return value


def _value(key: str, text: str) -> Any:
    if key in CHOICES or key == "office_hours":
        return text
    return None if text == _END_OF_DAY else _clock(text)


def _clock(text: str) -> time | None:
    if len(text) != len("16:00"):
        return None
    try:
        return time.fromisoformat(text)
    except ValueError:
        return None
