"""The FEEL functions that count dates, bound to the entry into an activity.

Each call returns a date (or, for hours and with a fixed due time, an aware UTC instant) and
notes a JSON object that says how the date came about. A wrong argument is a ``FeelError``.
Named arguments may say a switch of [deadlines] for this call alone (``workdays.switches``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, TypeAlias, TypeVar

from zuozhen.model.clock import LOCAL, at_local, clock_functions
from zuozhen.model.errors import FeelError, ZuozhenError
from zuozhen.model.step import Functions, FunctionSource, Json, Note
from zuozhen.workdays.arguments import amount, local_day, moment, whole_number
from zuozhen.workdays.explain import explain, facts
from zuozhen.workdays.recurrence import Recurrence
from zuozhen.workdays.rules import Count, Rules
from zuozhen.workdays.switches import TAKES, Said, rules_for

_T = TypeVar("_T")
_MINUTE = timedelta(minutes=1)


HolderOn: TypeAlias = Callable[[str, date], str]
"""Says who holds a day that a rule gives to a holder: itself, or who took its place before that day."""


def date_functions(rules: Rules, holder_on: HolderOn | None = None) -> FunctionSource:
    """Return the builder of the date functions of one jurisdiction."""

    def build(entered: datetime, note: Note) -> Functions:
        calls = _Calls(rules, entered, note, holder_on)
        return {
            "workdays": calls.workdays,
            "days": calls.days,
            "months": calls.months,
            "hours": calls.hours,
            "minutes": calls.minutes,
            "workhours": calls.workhours,
            "before": calls.before,
            "recurrence": calls.recurrence,
            "window": calls.window,
            "holders": calls.holders,
            **clock_functions(entered),
        }

    return build


class _Calls:
    """The functions with their context: the rules, the instant of entry and where to note."""

    def __init__(
        self, rules: Rules, entered: datetime, note: Note, holder_on: HolderOn | None = None
    ) -> None:
        self.rules = rules
        self.holder_on = holder_on
        self.entered = entered
        self.note = note

    def workdays(self, n: object, start: object = ..., /, **named: object) -> date | datetime:
        """``workdays(10)``, ``workdays(10, from)``: the n-th working day after an event (D-1, D-2)."""
        number = whole_number(n, "workdays", "工作日数")
        return self._counted("workdays", "workday", number, Rules.workdays, start, named)

    def days(self, n: object, start: object = ..., /, **named: object) -> date | datetime:
        """``days(30)``: calendar days, the last one rolled off rest days (D-4)."""
        number = whole_number(n, "days", "天数")
        return self._counted("days", "day", number, Rules.days, start, named)

    def months(self, n: object, start: object = ..., /, **named: object) -> date | datetime:
        """``months(1)``: the corresponding day of a later month, rolled off rest days (D-5)."""
        number = whole_number(n, "months", "月数")
        return self._counted("months", "month", number, Rules.months, start, named)

    def hours(self, n: object, start: object = ..., /, **named: object) -> datetime:
        """``hours(24)``: hours of the clock; a start that is only a date means its 00:00."""
        number = amount(n, "hours", "小时数")
        return self._elapsed("hours", "hour", number, timedelta(hours=float(number)), start, named)

    def minutes(self, n: object, start: object = ..., /, **named: object) -> datetime:
        """``minutes(30)``: minutes of the clock, as ``hours``."""
        number = amount(n, "minutes", "分钟数")
        return self._elapsed("minutes", "minute", number, timedelta(minutes=float(number)), start, named)

    def workhours(self, n: object, start: object = ..., /, **named: object) -> datetime:
        """``workhours(4)``: hours in which the office is open, on working days."""
        number = amount(n, "workhours", "小时数")
        said = rules_for("workhours", self.rules, named)
        length = timedelta(hours=float(number))
        return self._elapsed("workhours", "workhour", number, length, start, named, said)

    def before(self, at: object, /, **named: object) -> date | datetime:
        """``before(at, workdays: 3)``, ``before(at, days: 3)``: a day before an appointed one (D-6)."""
        said = rules_for("before", self.rules, named)
        if set(named) not in ({"workdays"}, {"days"}):
            raise FeelError(
                "before：应写明 workdays 或 days 其中一个", hint="例如 before(坐诊日, workdays: 3)"
            )
        day = local_day(moment(at, "before"))
        unit = "workday" if "workdays" in named else "day"
        number = whole_number(next(iter(named.values())), "before", "天数")
        count_back = said.rules.workdays_before if unit == "workday" else said.rules.days_before
        counted = _within("before", lambda: count_back(day, number))
        self._explain("before", day, counted, _passed(counted, said), said, {"n": number, "unit": unit})
        return _due(counted.due, said)

    def recurrence(self, name: object, after: object = ..., /, **named: object) -> date | datetime:
        """``recurrence("坐诊日")``: the next date of a named rule, strictly after (D-7, D-8)."""
        rule = self._rule(name, "recurrence")
        after = named.pop("after", after)
        said = rules_for("recurrence", self.rules, named)
        day = local_day(self._start(after, named, "recurrence"))
        found = _within("recurrence", lambda: rule.next_planned(day, self.rules.calendar))
        if found is None:
            raise FeelError(f"recurrence：“{name}”没有日期可取", hint="“至少几次”的规则只计数，不定日期")
        due, planned = found
        self._explain("recurrence", day, Count(day, planned, due), (due, due), said, {"name": rule.name})
        return _due(due, said)

    def holders(self, name: object, at: object = ..., /, **named: object) -> list[str]:
        """``holders("坐诊日", day)``: whose sessions a day has by a named rule, ids in order."""
        rule = self._rule(name, "holders")
        at = named.pop("at", at)
        if named:
            raise FeelError(f"holders：不认识的参数 {'、'.join(named)}", hint="写成 holders(名称, at: 日期)")
        day = local_day(self.entered if at is ... else moment(at, "holders"))
        found = _within("holders", lambda: rule.holders_on(day, self.rules.calendar))
        if self.holder_on is None:
            return found
        return list(dict.fromkeys(self.holder_on(holder, day) for holder in found))

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
        count: Callable[[Rules, date | datetime, int], Count],
        start: object,
        named: dict[str, object],
    ) -> date | datetime:
        """Count, note how, and return the due date, or the instant if hours are to run after it."""
        said = rules_for(function, self.rules, named)
        more = _more(function, said, named)
        begin = self._start(start, named, function)
        counted = _within(function, lambda: count(said.rules, begin, number))
        if unit == "day" and said.rules.calendar_days == "workdays":
            unit = "workday"
        extra: dict[str, Json] = {"n": number, "unit": unit}
        if more:
            due = _within(function, lambda: _clock_on(counted.due, begin) + more)
            extra |= {"more": more // _MINUTE, "until": due.astimezone(LOCAL).isoformat()}
        span = _passed(counted, said)
        _within(function, lambda: self._explain(function, local_day(begin), counted, span, said, extra))
        return due if more else _due(counted.due, said)

    def _elapsed(
        self,
        function: str,
        unit: str,
        number: Decimal,
        length: timedelta,
        start: object,
        named: dict[str, object],
        said: Said | None = None,
    ) -> datetime:
        begin = self._start(start, named, function)
        instant = begin if isinstance(begin, datetime) else at_local(begin)
        count = (
            (lambda: instant + length) if said is None else (lambda: said.rules.work_hours(instant, length))
        )
        due = _within(function, count)
        why: dict[str, Json] = {
            "function": function,
            "n": _plain(number),
            "unit": unit,
            "start": instant.astimezone(LOCAL).isoformat(),
            "due": due.astimezone(LOCAL).isoformat(),
            "provisional": False,
        }
        if said is not None:
            span = local_day(instant), local_day(due)
            why |= _within(function, lambda: facts(self.rules.calendar, *span))
            why["office_hours"] = said.rules.office_hours
        self._note(why)
        return due.astimezone(UTC)

    def _start(self, start: object, named: dict[str, object], function: str) -> date | datetime:
        start = named.pop("from", start)
        if named:
            known = "、".join(("from", *TAKES.get(function, ())))
            raise FeelError(f"{function}：不认识的参数 {'、'.join(named)}", hint=f"可用的参数：{known}")
        return self.entered if start is ... else moment(start, function)

    def _explain(
        self,
        function: str,
        start: date,
        counted: Count,
        span: tuple[date, date],
        said: Said,
        extra: Mapping[str, Json],
    ) -> None:
        why: dict[str, Json] = {
            "function": function,
            **extra,
            "start": start.isoformat(),
            "received": counted.counted_from.isoformat(),
            "count_from": said.rules.count_from,
            "planned": counted.planned.isoformat(),
            "due": counted.due.isoformat(),
            **facts(said.rules.calendar, *span),
        }
        if counted.planned != counted.due:
            why["planned_name"] = said.rules.calendar.day(counted.planned).name
        if said.rules.due_time is not None:
            why["due_time"] = f"{said.rules.due_time:%H:%M}"
        if said.said:
            why["said"] = said.words
        self._note(why)

    def _note(self, why: Mapping[str, Json]) -> None:
        self.note({**why, "text": explain(why)})


def _due(due: date, said: Said) -> date | datetime:
    return due if said.rules.due_time is None else at_local(due, said.rules.due_time)


def _more(function: str, said: Said, named: dict[str, object]) -> timedelta:
    """Return what runs on by the clock after the days: ``workdays(2, hours: 4, minutes: 30)``."""
    if not named.keys() & {"hours", "minutes"}:
        return timedelta(0)
    if function == "months":
        raise FeelError("months：不能再加小时、分钟", hint="写成 hours(4, months(1)) 的样子")
    if "due_time" in said.said:
        raise FeelError(
            f"{function}：due_time 和 hours、minutes 不能同时写",
            hint="到几点截止写 due_time，再加几小时写 hours",
        )
    hours, minutes = (
        whole_number(named.pop(key, 0), function, label)
        for key, label in (("hours", "小时数"), ("minutes", "分钟数"))
    )
    return timedelta(hours=hours, minutes=minutes)


def _clock_on(day: date, begin: date | datetime) -> datetime:
    """Return the time of day of the event on another day; a date has happened at its 00:00."""
    clock = begin.astimezone(LOCAL).time() if isinstance(begin, datetime) else time.min
    return at_local(day, clock)


def _passed(counted: Count, said: Said) -> tuple[date, date]:
    """Return the first and last day that were counted or passed over; the event's own day is not."""
    start, due = counted.counted_from, counted.due
    if due < start:
        return due, start - timedelta(days=1)
    own_day = said.rules.count_from == "same_day" or due == start
    return (start if own_day else start + timedelta(days=1)), due


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
