"""Months, quarters and years: keys, edges, neighbours."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zuozhen.model.errors import Invalid
from zuozhen.services.listing.periods import last_complete, period_with, periods_since, read_period
from zuozhen.services.registers.presets import presets, usual

DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))
KINDS = st.sampled_from(("month", "quarter", "year"))


@given(DAYS, KINDS)
def test_a_period_holds_its_days_and_no_others(day: date, kind: str) -> None:
    period = period_with(day, kind)
    assert day in period
    assert period.first - timedelta(days=1) not in period
    assert period.last + timedelta(days=1) not in period
    assert period_with(period.first, kind) == period_with(period.last, kind) == period


@given(DAYS, KINDS)
def test_periods_follow_each_other_without_gap(day: date, kind: str) -> None:
    period = period_with(day, kind)
    assert period.after().first == period.last + timedelta(days=1)
    assert period.after().before() == period
    assert last_complete(day, kind) == period.before()


@given(DAYS, KINDS)
def test_its_key_leads_back_to_it(day: date, kind: str) -> None:
    period = period_with(day, kind)
    assert read_period(period.key, kind) == period


@pytest.mark.parametrize(
    ("key", "kind", "label", "first", "last"),
    [
        ("2026-02", "month", "2026年2月", date(2026, 2, 1), date(2026, 2, 28)),
        ("2024-Q1", "quarter", "2024年第一季度", date(2024, 1, 1), date(2024, 3, 31)),
        ("2026-Q4", "quarter", "2026年第四季度", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026", "year", "2026年", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_what_people_call_it(key: str, kind: str, label: str, first: date, last: date) -> None:
    period = read_period(key, kind)
    assert (period.label, period.first, period.last) == (label, first, last)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("2026-13", "month"),
        ("2026-Q5", "quarter"),
        ("2026-Q1", "month"),
        ("2026-01", "year"),
        ("9999", "year"),
        ("２０２６", "year"),
        ("2026-01\n", "month"),
        ("", "month"),
        ("x" * 500, "quarter"),
    ],
)
def test_an_address_that_names_no_period_is_refused(text: str, kind: str) -> None:
    with pytest.raises(Invalid):
        read_period(text, kind)


def test_the_choice_goes_back_to_the_first_case_and_is_bounded() -> None:
    today = date(2026, 11, 22)
    assert [p.key for p in periods_since(date(2026, 8, 31), today, "month")] == [
        "2026-11",
        "2026-10",
        "2026-09",
        "2026-08",
    ]
    assert [p.key for p in periods_since(today, today, "quarter")] == ["2026-Q4"]
    assert [p.key for p in periods_since(date(2027, 1, 1), today, "year")] == ["2026"]
    assert len(periods_since(date(1900, 1, 1), today, "month")) == 120


def test_the_usual_spans_above_a_register() -> None:
    today = date(2026, 1, 31)
    spans = {preset.label: (preset.first, preset.last) for preset in presets(today)}
    assert spans == {
        "本月": (date(2026, 1, 1), date(2026, 1, 31)),
        "上月": (date(2025, 12, 1), date(2025, 12, 31)),
        "本季": (date(2026, 1, 1), date(2026, 3, 31)),
        "本年": (date(2026, 1, 1), date(2026, 12, 31)),
        "全部": (None, None),
    }
    assert usual(today).label == "本年"
