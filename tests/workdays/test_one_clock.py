"""What one clock says for itself: counting rules, times of day, hours and minutes, office hours; today()."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zuozhen.feel import compile_expression
from zuozhen.feel.inference import infer
from zuozhen.model.clock import LOCAL, at_local
from zuozhen.model.errors import FeelError
from zuozhen.workdays import SIGNATURES, Rules, date_functions, national

ENTERED = at_local(date(2026, 3, 6), time(10))  # Friday


def asked(text: str, entered: datetime = ENTERED, **switches: Any) -> tuple[Any, str]:
    """Return the value of a rule and what it says of itself."""
    notes: list[Any] = []
    functions = date_functions(Rules.from_tables(national(), switches))(entered, notes.append)
    value = compile_expression(text).evaluate({}, functions)
    return value, notes[-1]["text"] if notes else ""


def local(day: date, hour: int, minute: int = 0) -> datetime:
    return at_local(day, time(hour, minute))


RULES = [
    ('workdays(10, count_from: "day_after_next")', date(2026, 3, 23), "（本时限：第三日为第一日）"),
    ('workdays(1, count_from: "same_day")', date(2026, 3, 6), "自2026-03-06当日起算1个工作日"),
    ('days(1, calendar_days: "plain")', date(2026, 3, 7), "（本时限：末日休息也不顺延）"),
    ("days(1)", date(2026, 3, 9), "2026-03-07（星期六）休息，顺延"),
    ('days(3, calendar_days: "workdays")', date(2026, 3, 11), "起算3个工作日"),
    ('months(1, month_as: "30_days")', date(2026, 4, 7), "“月”按30日计"),
    (
        'before(date("2024-10-09"), days: 3, before_rest_day: "none")',
        date(2024, 10, 6),
        "遇休息日不移动",
    ),
    ('workdays(0, due_time: "16:00")', local(date(2026, 3, 6), 16), "截止2026-03-06 16:00"),
    ('workdays(3, due_time: "16:00")', local(date(2026, 3, 11), 16), "截止2026-03-11 16:00"),
    (
        'workdays(0, due_time: "16:00", received_after_hours: "next_opening", closes_at: "09:30")',
        local(date(2026, 3, 9), 16),
        "视为2026-03-09收到",
    ),
    ("minutes(30)", local(date(2026, 3, 6), 10, 30), "起算30分钟，截止2026-03-06 10:30"),
    ("hours(24)", local(date(2026, 3, 7), 10), "起算24小时"),
    ("workdays(2, hours: 4)", local(date(2026, 3, 10), 14), "再加4小时，截止2026-03-10 14:00"),
    ("days(3, hours: 1, minutes: 30)", local(date(2026, 3, 9), 11, 30), "再加1小时30分钟"),
    ('workdays(2, date("2026-03-06"), hours: 4)', local(date(2026, 3, 10), 4), "截止2026-03-10 04:00"),
    ("workhours(4)", local(date(2026, 3, 6), 15), "办公时间（工作日09:00-12:00 13:00-18:00）内的4小时"),
    ("workhours(9)", local(date(2026, 3, 9), 11), "周末2天"),
    ('workhours(4, office_hours: "14:00-18:00")', local(date(2026, 3, 6), 18), "14:00-18:00"),
]


@pytest.mark.parametrize(("text", "due", "says"), RULES, ids=lambda value: str(value)[:40])
def test_a_clock_counts_by_its_own_rule_and_says_so(text: str, due: date, says: str) -> None:
    value, sentence = asked(text)
    assert value == due and type(value) is type(due)
    assert says in sentence


def test_what_is_not_said_comes_from_the_pack() -> None:
    assert asked("workdays(3)", due_time="17:00")[0] == local(date(2026, 3, 11), 17)
    assert asked('workdays(3, due_time: "24:00")', due_time="17:00")[0] == date(2026, 3, 11)
    assert asked('workdays(1, count_from: "next_day")', count_from="same_day")[0] == date(2026, 3, 9)
    assert "本时限" not in asked("workdays(3)", count_from="same_day")[1]


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ('workdays(3, count_from: "tomorrow")', "count_from 不能是“tomorrow”", "next_day"),
        ('days(3, calendar_days: "days")', "calendar_days 不能是“days”", '"plain"（末日休息也不顺延）'),
        ('workdays(3, due_time: "4pm")', "due_time 不能是“4pm”", "16:00"),
        ('workdays(3, due_time: "25:00")', "due_time 不能是“25:00”", "16:00"),
        ('workhours(3, office_hours: "17:00-09:00")', "office_hours 不能是", "09:00-12:00"),
        ("workdays(3, due_time: null)", "due_time 应为文字", "16:00"),
        ("workdays(3, due_time: 16)", "due_time 应为文字", "16:00"),
        ('workdays(3, calendar_days: "plain")', "不认识的参数 calendar_days", "count_from"),
        ('hours(3, due_time: "16:00")', "不认识的参数 due_time", "from"),
        ('workdays(3, due_time: "16:00", hours: 2)', "不能同时写", "due_time"),
        ("months(1, hours: 2)", "不能再加小时", "hours(4, months(1))"),
        ("minutes(-1)", "应在 0 至", ""),
    ],
)
def test_a_wrong_rule_is_refused_with_what_to_write(text: str, message: str, hint: str) -> None:
    with pytest.raises(FeelError) as caught:
        asked(text)
    assert message in caught.value.message and hint in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('workdays(3, x, count_from: "tomorrow")', "count_from 不能是“tomorrow”"),
        ('days(3, x, due_time: "4pm")', "due_time 不能是“4pm”"),
        ('days(3, x, due_time: if y then "16:00" else "24")', "due_time 不能是“24”"),
        ("days(3, x, due_time: 16)", "due_time"),
        ('workhours(3, x, due_time: "16:00")', "不认识的参数 due_time"),
    ],
)
def test_the_check_finds_it_without_evaluating(text: str, message: str) -> None:
    """A rule that reads a variable cannot be tried out: it is read."""
    assert message in infer(text, {}, SIGNATURES).mistakes[0].message


def test_the_check_passes_what_is_right() -> None:
    for text, _, _ in RULES:
        assert infer(text, {}, SIGNATURES).mistakes == ()


def test_today_is_the_local_day() -> None:
    late = datetime.fromisoformat("2026-03-06T23:30:00+00:00")
    assert asked("today()", late)[0] == date(2026, 3, 7)
    assert asked("now()", late)[0] == late and asked("now()", late)[0].utcoffset() == timedelta(hours=8)
    assert asked('today() + duration("P1D")', late)[0] == date(2026, 3, 8)


def opened(minute: datetime) -> bool:
    clock = minute.astimezone(LOCAL)
    within = time(9) <= clock.time() < time(12) or time(13, 30) <= clock.time() < time(17)
    return within and national().is_workday(clock.date())


@settings(max_examples=25, deadline=None)
@given(
    minutes=st.integers(0, 250 * 24 * 60),
    quarters=st.integers(1, 60),
)
def test_office_hours_equal_counting_minute_by_minute(minutes: int, quarters: int) -> None:
    start = at_local(date(2026, 1, 28)) + timedelta(minutes=minutes)
    rules = Rules.from_tables(national(), {"office_hours": "09:00-12:00 13:30-17:00"})
    notes: list[Any] = []
    found = date_functions(rules)(start, notes.append)["workhours"](Decimal(quarters) / 4)
    minute, left = start, quarters * 15
    while left:
        left -= opened(minute)
        minute += timedelta(minutes=1)
    assert found == minute
