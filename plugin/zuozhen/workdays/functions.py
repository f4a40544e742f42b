"""The FEEL functions that count dates, bound to the entry into an activity.

Each call returns a date (or, for ``hours`` and with a fixed due time, an aware UTC instant) and
notes a JSON object that says how the date came about. A wrong argument is a ``FeelError``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, TypeVar

from zuozhen.model.clock import LOCAL, at_local
from zuozhen.model.errors import FeelError, ZuozhenError
from zuozhen.model.step import Functions, FunctionSource, Json, Note
from zuozhen.model.types import BOOLEAN, DATE, DATE_TIME, Signature, context_of
from zuozhen.workdays.arguments import amount, local_day, moment, whole_number
from zuozhen.workdays.explain import explain, facts
from zuozhen.workdays.recurrence import Recurrence
from zuozhen.workdays.rules import Count, Rules

_T = TypeVar("_T")

WINDOW: Final = context_of(
    {"open": BOOLEAN, "first": DATE, "last": DATE, "opens": DATE_TIME, "closes": DATE_TIME}
)
_FROM = {"from": "moment"}
SIGNATURES: Final[Mapping[str, Signature]] = {
    "workdays": Signature(
        (("天数", "number"), ("起算日", "moment")), DATE, 1, _FROM, "workdays(10) 或 workdays(10, 起算日)"
    ),
    "days": Signature(
        (("天数", "number"), ("起算日", "moment")), DATE, 1, _FROM, "days(30) 或 days(30, 起算日)"
    ),
    "months": Signature(
        (("月数", "number"), ("起算日", "moment")), DATE, 1, _FROM, "months(1) 或 months(1, 起算日)"
    ),
    "hours": Signature((("小时数", "number"), ("起算时刻", "moment")), DATE_TIME, 1, _FROM, "hours(24)"),
    "before": Signature(
        (("日期", "moment"),), DATE, 1, {"workdays": "number", "days": "number"}, "before(日期, workdays: 3)"
    ),
    "recurrence": Signature(
        (("规则", "string"), ("之后", "moment")), DATE, 1, {"after": "moment"}, 'recurrence("规则名称")'
    ),
    "window": Signature(
        (("规则", "string"), ("时刻", "moment")), WINDOW, 1, {"at": "moment"}, 'window("规则名称")'
    ),
}
"""What the functions take and give, for the check. With a fixed time of day (``due_time``) a date is an instant."""


def date_functions(rules: Rules) -> FunctionSource:
    """Return the builder of the date functions of one jurisdiction."""

    def build(entered: datetime, note: Note) -> Functions:
        calls = _Calls(rules, entered, note)
        return {
            "workdays": calls.workdays,
            "days": calls.days,
            "months": calls.months,
            "hours": calls.hours,
            "before": calls.before,
            "recurrence": calls.recurrence,
            "window": calls.window,
        }

    return build


class _Calls:
    """The functions with their context: the rules, the instant of entry and where to note."""

    def __init__(self, rules: Rules, entered: datetime, note: Note) -> None:
        self.rules = rules
        self.entered = entered
        self.note = note

    def workdays(self, n: object, start: object = ..., /, **named: object) -> date | datetime:
        """``workdays(10)``, ``workdays(10, from)``: the n-th working day after an event (D-1, D-2)."""
        number = whole_number(n, "workdays", "工作日数")
        return self._counted("workdays", "workday", number, self.rules.workdays, start, named)

    def days(self, n: object, start: object = ..., /, **named: object) -> date | datetime:
        """``days(30)``: calendar days, the last one rolled off rest days (D-4)."""
        number = whole_number(n, "days", "天数")
        unit = "workday" if self.rules.calendar_days == "workdays" else "day"
        return self._counted("days", unit, number, self.rules.days, start, named)

    def months(self, n: object, start: object = ..., /, **named: object) -> date | datetime:
        """``months(1)``: the corresponding day of a later month, rolled off rest days (D-5)."""
        number = whole_number(n, "months", "月数")
        return self._counted("months", "month", number, self.rules.months, start, named)

    def hours(self, n: object, start: object = ..., /, **named: object) -> datetime:
        """``hours(24)``: hours of the clock; a start that is only a date means its 00:00."""
        number = amount(n, "hours", "小时数")
        begin = self._start(start, named, "hours")
        instant = begin if isinstance(begin, datetime) else at_local(begin)
        due = _within("hours", lambda: instant + timedelta(hours=float(number)))
        self._note(
            {
                "function": "hours",
                "n": _plain(number),
                "unit": "hour",
                "start": instant.astimezone(LOCAL).isoformat(),
                "due": due.astimezone(LOCAL).isoformat(),
                "provisional": False,
            }
        )
        return due.astimezone(UTC)

    def before(self, at: object, /, **named: object) -> date | datetime:
        """``before(at, workdays: 3)``, ``before(at, days: 3)``: a day before an appointed one (D-6)."""
        if set(named) not in ({"workdays"}, {"days"}):
            raise FeelError(
                "before：应写明 workdays 或 days 其中一个", hint="例如 before(坐诊日, workdays: 3)"
            )
        day = local_day(moment(at, "before"))
        unit = "workday" if "workdays" in named else "day"
        number = whole_number(next(iter(named.values())), "before", "天数")
        count_back = self.rules.workdays_before if unit == "workday" else self.rules.days_before
        return self._tell("before", unit, number, day, lambda: count_back(day, number))

    def recurrence(self, name: object, after: object = ..., /, **named: object) -> date | datetime:
        """``recurrence("坐诊日")``: the next date of a named rule, strictly after (D-7, D-8)."""
        rule = self._rule(name, "recurrence")
        after = named.pop("after", after)
        day = local_day(self._start(after, named, "recurrence"))
        found = _within("recurrence", lambda: rule.next_planned(day, self.rules.calendar))
        if found is None:
            raise FeelError(f"recurrence：“{name}”没有日期可取", hint="“至少几次”的规则只计数，不定日期")
        due, planned = found
        self._explain("recurrence", day, Count(day, planned, due), (due, due), name=rule.name)
        return self._due(due)

    def window(self, name: object, at: object = ..., /, **named: object) -> dict[str, Any]:
        """``window("挂号期")``: the window of a named rule that an instant lies in, else the next one."""
        rule = self._rule(name, "window")
        at = named.pop("at", at)
        if named:
            raise FeelError(f"window：不认识的参数 {'、'.join(named)}", hint="写成 window(名称, at: 时间)")
        asked = self.entered if at is ... else moment(at, "window")
        found = _within("window", lambda: rule.hours(asked, self.rules.calendar))
        if found is None:
            raise FeelError(f"window：“{rule.name}”没有起止日期", hint="“至少几次”的规则只计数，不定日期")
        first, last = found.window.first, found.window.last
        self._note(
            {
                "function": "window",
                "name": rule.name,
                "start": local_day(asked).isoformat(),
                "open": found.open,
                "first": first.isoformat(),
                "last": last.isoformat(),
                "opens": found.opens.astimezone(LOCAL).isoformat(),
                "closes": found.closes.astimezone(LOCAL).isoformat(),
                "opens_at": rule.opens_at,
                "closes_at": rule.closes_at,
                "due": last.isoformat(),
                **facts(self.rules.calendar, first, last),
            }
        )
        return {
            "open": found.open,
            "first": first,
            "last": last,
            "opens": found.opens.astimezone(LOCAL),
            "closes": found.closes.astimezone(LOCAL),
        }

    def _rule(self, name: object, function: str) -> Recurrence:
        rule = self.rules.recurrences.get(name) if isinstance(name, str) else None
        if rule is None:
            known = "、".join(self.rules.recurrences) or "（尚未设置）"
            raise FeelError(f"{function}：没有名为 {name!r} 的周期规则", hint=f"已有：{known}")
        return rule

    def _counted(
        self,
        function: str,
        unit: str,
        number: int,
        count: Callable[[date | datetime, int], Count],
        start: object,
        named: dict[str, object],
    ) -> date | datetime:
        begin = self._start(start, named, function)
        return self._tell(function, unit, number, begin, lambda: count(begin, number))

    def _tell(
        self,
        function: str,
        unit: str,
        number: int,
        begin: date | datetime,
        count: Callable[[], Count],
    ) -> date | datetime:
        """Count, note how, and return the due date."""
        counted = _within(function, count)
        span = self._passed(counted)
        extra = {"n": number, "unit": unit}
        _within(function, lambda: self._explain(function, local_day(begin), counted, span, **extra))
        return self._due(counted.due)

    def _passed(self, counted: Count) -> tuple[date, date]:
        """Return the first and last day that were counted or passed over; the event's own day is not."""
        start, due = counted.counted_from, counted.due
        if due < start:
            return due, start - timedelta(days=1)
        own_day = self.rules.count_from == "same_day" or due == start
        return (start if own_day else start + timedelta(days=1)), due

    def _start(self, start: object, named: dict[str, object], function: str) -> date | datetime:
        start = named.pop("from", start)
        if named:
            raise FeelError(f"{function}：不认识的参数 {'、'.join(named)}", hint="起算日期写作 from")
        return self.entered if start is ... else moment(start, function)

    def _explain(
        self, function: str, start: date, counted: Count, span: tuple[date, date], **extra: Json
    ) -> None:
        why: dict[str, Json] = {
            "function": function,
            **extra,
            "start": start.isoformat(),
            "received": counted.counted_from.isoformat(),
            "count_from": self.rules.count_from,
            "planned": counted.planned.isoformat(),
            "due": counted.due.isoformat(),
            **facts(self.rules.calendar, *span),
        }
        if counted.planned != counted.due:
            why["planned_name"] = self.rules.calendar.day(counted.planned).name
        if self.rules.due_time is not None:
            why["due_time"] = f"{self.rules.due_time:%H:%M}"
        self._note(why)

    def _note(self, why: Mapping[str, Json]) -> None:
        self.note({**why, "text": explain(why)})

    def _due(self, due: date) -> date | datetime:
        return due if self.rules.due_time is None else at_local(due, self.rules.due_time)


def _within(function: str, count: Callable[[], _T]) -> _T:
    """Run a calculation; leaving the calendar's years is the caller's mistake, said in Chinese."""
    try:
        return count()
    except FeelError:
        raise
    except ZuozhenError as error:
        raise FeelError(f"{function}：{error.message}", hint=error.hint) from error
    except (OverflowError, ValueError) as error:
        raise FeelError(f"{function}：推算结果超出工作日历的范围", hint="请核对天数和日期") from error


def _plain(number: Any) -> Json:
    return int(number) if number == int(number) else float(number)
