"""The switches of rules D-1 to D-8 and recurrences: what each setting changes."""

from __future__ import annotations

from datetime import date, datetime, time
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zuozhen.model.clock import at_local
from zuozhen.model.errors import ContentError
from zuozhen.workdays import Recurrence, Rules, national

FRIDAY = date(2026, 3, 6)
SATURDAY = date(2026, 3, 7)


def rules(**switches: Any) -> Rules:
    return Rules.from_tables(national(), switches)


@pytest.mark.parametrize(
    ("count_from", "one", "two"),
    [
        ("next_day", date(2026, 3, 9), date(2026, 3, 10)),
        ("same_day", FRIDAY, date(2026, 3, 9)),
        ("day_after_next", date(2026, 3, 10), date(2026, 3, 11)),
    ],
)
def test_d1_which_day_is_the_first(count_from: str, one: date, two: date) -> None:
    counting = rules(count_from=count_from)
    assert counting.workdays(FRIDAY, 1).due == one
    assert counting.workdays(FRIDAY, 2).due == two
    assert counting.workdays(FRIDAY, 0).due == FRIDAY


def test_d1_counting_the_same_day_on_a_rest_day_starts_with_the_next_working_day() -> None:
    assert rules(count_from="same_day").workdays(SATURDAY, 1).due == date(2026, 3, 9)


@pytest.mark.parametrize(
    ("start", "same_day", "next_opening"),
    [
        (at_local(FRIDAY, time(10)), date(2026, 3, 9), date(2026, 3, 9)),
        (at_local(FRIDAY, time(18)), date(2026, 3, 9), date(2026, 3, 10)),
        (at_local(SATURDAY, time(10)), date(2026, 3, 9), date(2026, 3, 10)),
        (SATURDAY, date(2026, 3, 9), date(2026, 3, 10)),
        # 23:30 UTC on Thursday is already Friday morning here.
        (datetime.fromisoformat("2026-03-05T23:30:00+00:00"), date(2026, 3, 9), date(2026, 3, 9)),
    ],
)
def test_d2_events_after_hours_and_on_rest_days(
    start: date | datetime, same_day: date, next_opening: date
) -> None:
    assert rules().workdays(start, 1).due == same_day
    assert rules(received_after_hours="next_opening").workdays(start, 1).due == next_opening


def test_d4_calendar_days_roll_or_not_or_mean_working_days() -> None:
    start = date(2025, 12, 3)
    assert rules().days(start, 30).due == date(2026, 1, 4)
    assert rules(calendar_days="plain").days(start, 30).due == date(2026, 1, 2)
    assert rules(calendar_days="workdays").days(start, 3).due == date(2025, 12, 8)
    assert rules(count_from="same_day").days(start, 30).planned == date(2026, 1, 1)


def test_d5_a_month_is_the_corresponding_day_or_thirty_days() -> None:
    assert rules().months(date(2026, 1, 31), 1).due == date(2026, 2, 28)
    assert rules().months(date(2026, 3, 31), 13).planned == date(2027, 4, 30)
    assert rules(month_as="30_days").months(date(2026, 1, 31), 1).planned == date(2026, 3, 2)


def test_d6_before_rolls_backward_or_not() -> None:
    at = date(2024, 10, 9)
    assert rules().days_before(at, 3).due == date(2024, 9, 30)
    assert rules(before_rest_day="none").days_before(at, 3).due == date(2024, 10, 6)


@pytest.mark.parametrize(
    "switches",
    [{"count_from": "yesterday"}, {"due_time": "25:00"}, {"closes_at": 18}, {"unknown": 1}, {"month_as": []}],
)
def test_unknown_switches_and_choices_are_refused(switches: dict[str, Any]) -> None:
    with pytest.raises(ContentError) as error:
        rules(**switches)
    assert error.value.findings[0].hint


def rule(**table: Any) -> Recurrence:
    return Recurrence.from_table({"name": "规则", **table})


def after(start: date, count: int, **table: Any) -> list[date]:
    return rule(**table).next_dates(start, national(), count)


def test_d7_roll_choices() -> None:
    may = date(2026, 5, 31)
    assert after(may, 1, kind="monthly_day", day=20) == [date(2026, 6, 22)]
    assert after(may, 1, kind="monthly_day", day=20, roll="backward") == [date(2026, 6, 18)]
    assert after(may, 1, kind="monthly_day", day=20, roll="none") == [date(2026, 6, 20)]
    only_holidays = {"kind": "monthly_day", "day": 20, "roll_on": "holidays"}
    assert after(may, 1, **only_holidays) == [date(2026, 6, 22)]
    assert after(date(2026, 11, 30), 1, **only_holidays) == [date(2026, 12, 20)]


def test_a_day_past_the_end_of_the_month_is_its_last_day_and_may_roll_into_the_next() -> None:
    assert after(date(2026, 1, 31), 2, kind="monthly_day", day=31, roll="none") == [
        date(2026, 2, 28),
        date(2026, 3, 31),
    ]
    # 31 January 2026 is a Saturday; 28 February is a worked one.
    assert after(date(2026, 1, 31), 2, kind="monthly_day", day=31) == [date(2026, 2, 2), date(2026, 2, 28)]
    # 31 May 2026 is a Sunday and rolls to 1 June: still found when asked on 31 May.
    assert after(date(2026, 5, 31), 2, kind="monthly_day", day=31) == [date(2026, 6, 1), date(2026, 6, 30)]
    assert after(date(2026, 5, 31), 1, kind="monthly_day", day=31, months="odd") == [date(2026, 6, 1)]


def test_other_kinds() -> None:
    start = date(2026, 8, 31)
    assert after(start, 2, kind="odd_months", day=10) == [date(2026, 9, 10), date(2026, 11, 10)]
    assert after(start, 2, kind="monthly_day", day=10, months="even") == [
        date(2026, 10, 10),
        date(2026, 12, 10),
    ]
    assert after(start, 2, kind="last_workday") == [date(2026, 9, 30), date(2026, 10, 30)]
    assert after(start, 2, kind="quarter_end") == [date(2026, 9, 30), date(2026, 12, 31)]
    assert after(date(2026, 9, 30), 1, kind="quarter_end") == [date(2026, 12, 31)]
    assert after(start, 1, kind="nth_weekday", nth=2, weekday=3) == [date(2026, 9, 9)]
    assert after(start, 1, kind="nth_weekday", nth=-1, weekday=5, roll="none") == [date(2026, 9, 25)]
    assert after(start, 1, kind="nth_weekday", nth=5, weekday=3) == [date(2026, 9, 30)]
    assert after(start, 1, kind="nth_weekday", nth=1, weekday=1, period="quarter") == [date(2026, 10, 8)]
    assert after(start, 1, kind="nth_weekday", nth=2, weekday=1, period="year") == [date(2027, 1, 11)]


def test_a_quota_is_a_number_and_not_a_date() -> None:
    quota = rule(kind="quota", times=4, period="year")
    assert quota.next_dates(date(2026, 1, 1), national(), 3) == []
    assert [quota.missing(held) for held in (0, 3, 4, 9)] == [4, 1, 0, 0]
    assert rule(kind="monthly_day").missing(0) == 0


def test_a_booking_window_is_open_only_between_its_days() -> None:
    window = rule(kind="last_workdays", days=10)
    assert window.window_on(date(2026, 9, 16), national()) is None
    assert window.window_on(date(2026, 9, 17), national()) is not None
    assert window.window_on(date(2026, 9, 26), national()) is not None
    assert window.window_on(date(2026, 10, 1), national()) is None


KIND_TABLES = st.one_of(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["monthly_day", "odd_months"]),
            "day": st.integers(1, 31),
            "roll": st.sampled_from(["forward", "backward", "none"]),
        }
    ),
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["first_workdays", "last_workdays"]),
            "days": st.integers(1, 15),
            "edge": st.sampled_from(["first", "last"]),
        }
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("nth_weekday"),
            "nth": st.sampled_from([-1, 1, 2, 3, 4, 5]),
            "weekday": st.integers(1, 7),
            "period": st.sampled_from(["month", "quarter", "year"]),
        }
    ),
    st.fixed_dictionaries({"kind": st.sampled_from(["last_workday", "quarter_end"])}),
)


@given(start=st.dates(date(2001, 1, 1), date(2090, 1, 1)), table=KIND_TABLES)
def test_dates_are_later_ascending_and_asking_step_by_step_gives_the_same(
    start: date, table: dict[str, Any]
) -> None:
    found = after(start, 4, **table)
    assert len(found) == 4
    assert start < found[0]
    assert all(earlier < later for earlier, later in pairwise(found))
    stepwise = [after(previous, 1, **table)[0] for previous in [start, *found[:3]]]
    assert stepwise == found
    if table.get("roll") != "none":
        assert all(national().is_workday(day) for day in found)


@pytest.mark.parametrize(
    "table",
    [
        {"kind": "monthly_day"},
        {"name": "a"},
        {"name": "a", "kind": "fortnightly"},
        {"name": "a", "kind": "monthly_day", "day": 32},
        {"name": "a", "kind": "monthly_day", "day": True},
        {"name": "a", "kind": "monthly_day", "nth": 0},
        {"name": "a", "kind": "monthly_day", "roll": ["forward"]},
        {"name": "a", "kind": "monthly_day", "colour": "red"},
    ],
)
def test_a_broken_rule_is_refused(table: dict[str, Any]) -> None:
    with pytest.raises(ContentError) as error:
        Recurrence.from_table(table)
    assert error.value.findings
