"""What the date functions take and give, for the check."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from zuozhen.model.types import BOOLEAN, DATE, DATE_TIME, TEXT, Signature, Type, context_of, list_of
from zuozhen.workdays.switches import TAKES, judges_of

WINDOW: Final = context_of(
    {"open": BOOLEAN, "first": DATE, "last": DATE, "opens": DATE_TIME, "closes": DATE_TIME}
)
_CLOCK: Final = {"hours": "number", "minutes": "number"}


def _signature(
    function: str,
    parameters: tuple[tuple[str, str], ...],
    result: Type,
    named: Mapping[str, str],
    hint: str,
) -> Signature:
    switches = dict.fromkeys(TAKES.get(function, ()), "string")
    return Signature(parameters, result, 1, {**named, **switches}, hint, judges_of(function))


def _counting(function: str, label: str, result: Type, hint: str, **named: str) -> Signature:
    start = "起算时刻" if result is DATE_TIME else "起算日"
    parameters = ((label, "number"), (start, "moment"))
    return _signature(function, parameters, result, {"from": "moment", **named}, hint)


SIGNATURES: Final[Mapping[str, Signature]] = {
    "workdays": _counting(
        "workdays",
        "天数",
        DATE,
        'workdays(10)、workdays(10, 起算日)、workdays(0, due_time: "16:00")、workdays(2, hours: 4)',
        **_CLOCK,
    ),
    "days": _counting(
        "days", "天数", DATE, 'days(30)、days(30, 起算日)、days(5, calendar_days: "plain")', **_CLOCK
    ),
    "months": _counting("months", "月数", DATE, "months(1) 或 months(1, 起算日)"),
    "hours": _counting("hours", "小时数", DATE_TIME, "hours(24) 或 hours(24, 起算时刻)"),
    "minutes": _counting("minutes", "分钟数", DATE_TIME, "minutes(30) 或 minutes(30, 起算时刻)"),
    "workhours": _counting("workhours", "小时数", DATE_TIME, "workhours(4) 或 workhours(4, 起算时刻)"),
    "before": _signature(
        "before",
        (("日期", "moment"),),
        DATE,
        {"workdays": "number", "days": "number"},
        "before(日期, workdays: 3)",
    ),
    "recurrence": _signature(
        "recurrence",
        (("规则", "string"), ("之后", "moment")),
        DATE,
        {"after": "moment"},
        'recurrence("规则名称")',
    ),
    "window": _signature(
        "window", (("规则", "string"), ("时刻", "moment")), WINDOW, {"at": "moment"}, 'window("规则名称")'
    ),
    "holders": _signature(
        "holders",
        (("规则", "string"), ("日期", "moment")),
        list_of(TEXT),
        {"at": "moment"},
        'holders("规则名称", 日期)',
    ),
    "today": Signature((), DATE, hint="today()"),
    "now": Signature((), DATE_TIME, hint="now()"),
}
"""By name. With a time of day (``due_time``, ``hours``) a date is an instant."""
