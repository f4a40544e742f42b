"""Weekly and n-weekly dates, thirds of a month, several rules together, a rota: against a count day by day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zuozhen.feel import compile_expression
from zuozhen.model.errors import ContentError
from zuozhen.workdays import Calendar, Recurrence, Rules, Window, date_functions, national, resolve

CALENDAR: Calendar = national()
A_DAY = timedelta(days=1)


def rule(**table: Any) -> Recurrence:
    return resolve({"name": "规则", **table}, {})


def several(*tables: dict[str, Any]) -> Recurrence:
    """Return the last of several rules."""
    return resolve(tables[-1], {table["name"]: table for table in tables})


def days(first: date, last: date) -> list[date]:
    return [first + A_DAY * number for number in range((last - first).days + 1)]


def rolled(day: date, roll: str, roll_on: str = "rest_days") -> date | None:
    """Walk off a rest day one day at a time."""

    def rests(one: date) -> bool:
        known = CALENDAR.day(one)
        return not known.workday and (roll_on == "rest_days" or bool(known.name))

    if roll == "none" or not rests(day):
        return day
    if roll == "skip":
        return None
    while rests(day):
        day += A_DAY if roll == "forward" else -A_DAY
    return day


def expected(planned: list[date], start: date, until: date, roll: str, roll_on: str) -> list[date]:
    found = {moved for day in planned if (moved := rolled(day, roll, roll_on)) is not None}
    return sorted(day for day in found if start < day <= until)


ROLLS = st.sampled_from(["forward", "backward", "none", "skip"])
ROLL_ON = st.sampled_from(["rest_days", "holidays"])
STARTS = st.dates(date(2023, 1, 1), date(2027, 6, 1))
SPAN = timedelta(days=200)
AROUND = timedelta(days=40)


@settings(max_examples=60, deadline=None)
@given(STARTS, st.integers(1, 7), st.integers(1, 6), STARTS, ROLLS, ROLL_ON)
def test_weeks_equal_a_count_day_by_day(
    start: date, weekday: int, every: int, anchor: date, roll: str, roll_on: str
) -> None:
    table = {"kind": "weekly", "weekday": weekday, "every": every, "anchor": anchor}
    until = start + SPAN
    monday = anchor - A_DAY * anchor.weekday()
    planned = [
        day
        for day in days(start - AROUND, until + AROUND)
        if day.isoweekday() == weekday and ((day - monday).days // 7) % every == 0
    ]
    wanted = expected(planned, start, until, roll, roll_on)
    found = rule(roll=roll, roll_on=roll_on, **table).next_dates(start, CALENDAR, 60)
    assert [day for day in found if day <= until] == wanted


@settings(max_examples=60, deadline=None)
@given(
    STARTS,
    st.integers(1, 7),
    st.sampled_from([1, 2, 3, 4, 5, -1]),
    st.sampled_from(["whole", "early", "middle", "late"]),
    ROLLS,
)
def test_thirds_of_a_month_equal_a_count_day_by_day(
    start: date, weekday: int, nth: int, part: str, roll: str
) -> None:
    thirds = {"whole": range(1, 32), "early": range(1, 11), "middle": range(11, 21), "late": range(21, 32)}
    until = start + SPAN
    by_month: dict[tuple[int, int], list[date]] = {}
    for day in days((start - AROUND).replace(day=1), until + 2 * AROUND):
        if day.isoweekday() == weekday and day.day in thirds[part]:
            by_month.setdefault((day.year, day.month), []).append(day)
    planned = [found[-1] if nth == -1 else found[min(nth, len(found)) - 1] for found in by_month.values()]
    wanted = expected(planned, start, until, roll, "rest_days")
    found = rule(kind="nth_weekday", nth=nth, weekday=weekday, part=part, roll=roll).next_dates(
        start, CALENDAR, 20
    )
    assert [day for day in found if day <= until] == wanted


MONDAYS = {"name": "周一", "kind": "weekly", "weekday": 1, "holder": "fagai"}
TENTHS = {"name": "十日", "kind": "monthly_day", "day": 10, "roll": "skip"}


@settings(max_examples=30, deadline=None)
@given(STARTS, st.integers(1, 28), ROLLS)
def test_a_union_has_the_dates_of_all_its_rules(start: date, day: int, roll: str) -> None:
    monthly = {**TENTHS, "day": day, "roll": roll}
    both = several(MONDAYS, monthly, {"name": "合", "kind": "union", "of": ["周一", "十日"]})
    until = start + SPAN
    parts = [
        (one, holder)
        for table, holder in ((MONDAYS, "fagai"), (monthly, ""))
        for one in resolve(table, {}).next_dates(start, CALENDAR, 60)
        if one <= until
    ]
    found = [(one, holder) for one, holder in both.next_sessions(start, CALENDAR, 80) if one <= until]
    assert sorted(found) == sorted(parts)
    assert [one for one, _ in found] == sorted(one for one, _ in found)
    assert both.next_dates(start, CALENDAR, 5) == sorted({one for one, _ in parts})[:5]


@settings(max_examples=30, deadline=None)
@given(STARTS, st.integers(1, 9), st.sampled_from(["month", "quarter", "year"]), st.integers(1, 5))
def test_a_rota_gives_each_holder_one_date_in_every_period(
    start: date, people: int, period: str, weekday: int
) -> None:
    holders = [f"leader{number}" for number in range(people)]
    slots = {"name": "周", "kind": "weekly", "weekday": weekday, "roll": "none"}
    table = {"name": "轮", "kind": "rota", "of": ["周"], "holders": holders, "period": period}
    turns = several(slots, table)
    months = {"month": 1, "quarter": 3, "year": 12}[period]
    held: dict[int, list[tuple[date, str]]] = {}
    for day, holder in turns.next_sessions(start, CALENDAR, 40):
        held.setdefault((day.year * 12 + day.month - 1) // months, []).append((day, holder))
    whole = sorted(held)[1:-1]  # the first and last are cut by the window that was asked for
    for number in whole:
        first = date(number * months // 12, number * months % 12 + 1, 1)
        all_slots = [
            day
            for day in days(first, first + A_DAY * 366)
            if (day.year * 12 + day.month - 1) // months == number and day.isoweekday() == weekday
        ]
        got = held[number]
        assert [holder for _, holder in got] == holders[: len(all_slots)], "in their order, each once"
        assert {day for day, _ in got} <= set(all_slots) and len({day for day, _ in got}) == len(got)
        gaps = [(later - day).days for (day, _), (later, _) in pairwise(got)]
        assert not gaps or max(gaps) - min(gaps) <= 7, "spread evenly"


def test_each_leader_once_a_quarter() -> None:
    wednesdays = {"name": "周三", "kind": "weekly", "weekday": 3, "roll": "skip"}
    table = {"name": "轮", "kind": "rota", "of": ["周三"], "holders": ["a", "b", "c"], "period": "quarter"}
    rota = several(wednesdays, table)
    assert rota.next_sessions(date(2026, 9, 30), CALENDAR, 4) == [
        (date(2026, 10, 14), "a"),
        (date(2026, 11, 11), "b"),
        (date(2026, 12, 9), "c"),
        (date(2027, 1, 6), "a"),
    ]
    assert rota.holders_on(date(2026, 11, 11), CALENDAR) == ["b"]
    assert rota.holders_on(date(2026, 11, 12), CALENDAR) == []
    assert len(rota.planned_in(date(2026, 10, 1), date(2026, 12, 31), CALENDAR)) == 3


def test_a_union_of_a_rota_and_a_rule_of_its_own() -> None:
    rules = Rules.from_tables(
        CALENDAR,
        {},
        [
            {"name": "坐诊日", "kind": "union", "of": ["轮值", "现场日"]},
            {"name": "轮值", "kind": "rota", "of": ["周三"], "holders": ["a", "b"], "period": "month"},
            {"name": "周三", "kind": "weekly", "weekday": 3},
            {"name": "现场日", "kind": "nth_weekday", "weekday": 5, "part": "late", "nth": -1, "holder": "c"},
        ],
    )
    found = rules.recurrences["坐诊日"].next_sessions(date(2026, 10, 31), CALENDAR, 4)
    assert found == [
        (date(2026, 11, 4), "a"),
        (date(2026, 11, 18), "b"),
        (date(2026, 11, 27), "c"),
        (date(2026, 12, 2), "a"),
    ]
    functions = date_functions(rules)(datetime.fromisoformat("2026-11-01T09:00:00+08:00"), lambda _: None)

    def value(text: str) -> Any:
        return compile_expression(text).evaluate({}, functions)

    assert value('recurrence("坐诊日")') == date(2026, 11, 4)
    assert value('holders("坐诊日", recurrence("坐诊日"))[1]') == "a"
    assert value('window("坐诊日").first') == date(2026, 11, 4)


def test_an_occurrence_that_is_skipped_is_not_there() -> None:
    tenth = rule(**{**TENTHS, "name": "x"})
    assert tenth.next_dates(date(2026, 9, 30), CALENDAR, 2) == [date(2026, 10, 10), date(2026, 11, 10)]
    assert rule(kind="monthly_day", day=1, roll="skip").next_dates(date(2026, 9, 30), CALENDAR, 1) == [
        date(2026, 12, 1)
    ]
    assert tenth.window_on(date(2026, 11, 10), CALENDAR) == Window(*[date(2026, 11, 10)] * 3)


def test_the_last_years_of_the_calendar_end_quietly() -> None:
    late = date(2100, 11, 1)
    for table in ({"kind": "weekly", "weekday": 2}, {"kind": "weekly", "every": 3, "anchor": "2026-01-05"}):
        assert len(rule(**table).next_dates(late, CALENDAR, 99)) < 10
    assert rule(kind="weekly", weekday=1).next_dates(date(2000, 1, 5), CALENDAR, 1) != []


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"kind": "weekly", "every": 2}, "从哪一周数起"),
        ({"kind": "weekly", "every": 0}, "every 应为 1 至 52"),
        ({"kind": "weekly", "every": 2, "anchor": "2026-13-01"}, "anchor 不是日期"),
        ({"kind": "weekly", "anchor": datetime(2026, 1, 1).astimezone()}, "anchor 不是日期"),
        ({"kind": "nth_weekday", "part": "third"}, "part 不能是"),
        ({"kind": "nth_weekday", "part": "late", "period": "year"}, "上中下旬只用于每月一次"),
        ({"kind": "union"}, "缺少 of"),
        ({"kind": "union", "of": []}, "of 应为名称的列表"),
        ({"kind": "union", "of": "周一"}, "of 应为名称的列表"),
        ({"kind": "union", "of": ["没有"]}, "没有名为“没有”的周期规则"),
        ({"kind": "union", "of": ["规则"]}, "互相引用"),
        ({"kind": "rota", "of": ["周一"]}, "缺少 holders"),
        ({"kind": "rota", "of": ["周一"], "holders": ["a", "a"]}, "不重复"),
        ({"kind": "union", "of": ["次数"]}, "只计次数"),
        ({"kind": "monthly_day", "holder": 5}, "holder 应为"),
        ({"kind": "monthly_day", "members": []}, "不认识的键 members"),
    ],
)
def test_a_wrong_rule_is_refused_and_says_how_to_mend_it(table: dict[str, Any], says: str) -> None:
    others = {"周一": MONDAYS, "次数": {"name": "次数", "kind": "quota"}}
    with pytest.raises(ContentError) as caught:
        resolve({"name": "规则", **table}, {**others, "规则": {"name": "规则", **table}})
    assert says in caught.value.findings[0].message
