"""Every golden date of the five seed notices, by hand-checked file."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from zuozhen.workdays import Recurrence, Rules, national

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parent / "golden_dates.json").read_text(encoding="utf-8"))
RULES = Rules(national())
CLINIC = Recurrence("坐诊日", "monthly_day", day=20)
COUNTED = {name: case for name, case in GOLDEN.items() if "start" in case}


def day(text: str) -> date:
    return date.fromisoformat(text.removeprefix("rolled "))


def month_before(text: str) -> date:
    return date.fromordinal(date.fromisoformat(f"{text}-01").toordinal() - 1)


def months(name: str) -> list[Any]:
    return list(GOLDEN[name].items())


@pytest.mark.parametrize(("month", "expected"), months("XW_clinic_20th_roll_forward"))
def test_clinic_rolls_forward(month: str, expected: str) -> None:
    assert CLINIC.next_dates(month_before(month), national(), 1) == [day(expected)]


def test_clinic_stays_on_a_worked_weekend() -> None:
    for text in GOLDEN["XW_clinic_20th_stays_though_weekend"]:
        assert CLINIC.next_dates(date(2026, 9, 1), national(), 1) == [day(text)]


@pytest.mark.parametrize(("month", "expected"), months("CG_window_last10wd"))
def test_booking_window_at_the_end_of_the_month(month: str, expected: list[str]) -> None:
    rule = Recurrence("预约窗口", "last_workdays", days=10)
    window = rule.window_on(day(expected[0]), national())
    assert window is not None
    assert [window.first, window.last] == [day(text) for text in expected]
    assert month_before(month) < window.first


@pytest.mark.parametrize(("month", "expected"), months("YN_window_first5wd"))
def test_booking_window_at_the_start_of_the_month(month: str, expected: list[str]) -> None:
    first, last, seven = expected
    rule = Recurrence("预约窗口", "first_workdays", days=5)
    closing = Recurrence("窗口关闭", "first_workdays", days=5, edge="last")
    assert rule.next_dates(month_before(month), national(), 1) == [day(first)]
    assert closing.next_dates(month_before(month), national(), 1) == [day(last)]
    assert RULES.workdays(day(last), 7).due == day(seven.removeprefix("7wd-> "))


@pytest.mark.parametrize("name", COUNTED)
def test_counted_deadlines(name: str) -> None:
    case = GOLDEN[name]
    start = day(case["start"])
    assert national().is_workday(start) is case["start_is_workday"]
    checked = 0
    for key, expected in case.items():
        if key.startswith("wd"):
            assert RULES.workdays(start, int(key[2:])).due == day(expected)
        elif key.startswith("cal"):
            count = RULES.days(start, int(key[3:]))
            assert [count.planned, count.due] == [day(text) for text in expected]
        elif key == "month":
            count = RULES.months(start, 1)
            assert [count.planned, count.due] == [day(text) for text in expected]
        else:
            continue
        checked += 1
    assert checked == len(case) - 2


@pytest.mark.parametrize(
    ("name", "n"), [("WH_notice_15wd_before", 15), ("XW_notify_3wd_before", 3)], ids=lambda value: str(value)
)
def test_working_days_before(name: str, n: int) -> None:
    for at, expected in months(name):
        assert RULES.workdays_before(day(at), n).due == day(expected)


def test_calendar_days_before_roll_backward() -> None:
    for at, expected in months("YN_CG_notify_3cal_before_rolled_back"):
        count = RULES.days_before(day(at), 3)
        assert [count.planned, count.due] == [day(text) for text in expected]


def test_no_golden_case_is_left_out() -> None:
    here = Path(__file__).read_text(encoding="utf-8")
    assert all(name in COUNTED or f'"{name}"' in here for name in GOLDEN)
