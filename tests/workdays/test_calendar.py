"""The calendar against two independent libraries, its laws, overlays and years not yet published."""

from __future__ import annotations

import dataclasses
import re
from datetime import date, timedelta

import chinese_calendar
import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zuozhen.model.errors import ContentError, Invalid
from zuozhen.workdays import Calendar, Row, national, parse_table
from zuozhen.workdays.statutory import statutory_rows
from zuozhen.workdays.yeartable import published_tables

PUBLISHED = range(2007, 2027)
DAYS = st.dates(date(2002, 1, 1), date(2098, 12, 31))
COUNTS = st.integers(0, 400)


def every_day(years: range) -> list[date]:
    first, last = date(years[0], 1, 1), date(years[-1], 12, 31)
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]


def test_agrees_with_both_oracles_on_every_published_day() -> None:
    oracle = holidays.China(years=PUBLISHED)
    days = every_day(PUBLISHED)
    assert len(days) == 7305
    for day in days:
        ours = national().is_workday(day)
        assert ours is chinese_calendar.is_workday(day), day
        assert ours is oracle.is_working_day(day), day


def test_statutory_days_agree_with_the_lunar_tables_of_an_oracle() -> None:
    for year in range(2027, 2101):
        ours = {day for row in statutory_rows(year) for day in row.days()}
        oracle = holidays.China(years=year, observed=False)
        # The oracle knows 清明节 only by a formula that stops before 2100.
        assert ours - set(oracle) == ({date(2100, 4, 5)} if year == 2100 else set()), year
        assert len(ours) >= 12, "中秋节 may fall on a day of 国庆节"


def test_every_published_day_cites_a_notice() -> None:
    for year in PUBLISHED:
        assert national().is_published(year)
        for day in every_day(range(year, year + 1)):
            known = national().day(day)
            # The number of the 2008 notice is not established; it reaches into December 2007.
            by_title = "2008年部分节假日安排的通知" in known.source and day.year in (2007, 2008)
            assert known.source.endswith("号") or by_title, day
            assert known.provisional is False


def test_amendments_cite_their_own_notice() -> None:
    assert national().day(date(2015, 9, 3)).source == "国发明电〔2015〕1号"
    assert national().day(date(2019, 5, 2)).source == "国办发明电〔2019〕3号"
    assert national().day(date(2020, 1, 31)).source == "国办发明电〔2020〕1号"
    assert national().day(date(2026, 10, 1)).source == "国办发明电〔2025〕7号"


def test_the_year_not_published_is_provisional_and_never_an_error() -> None:
    calendar = national()
    assert not calendar.is_published(2027)
    off = {day for day in every_day(range(2027, 2028)) if day.weekday() < 5 and not calendar.is_workday(day)}
    assert off == {
        date(2027, 1, 1),
        date(2027, 2, 5),
        date(2027, 2, 8),
        date(2027, 4, 5),
        date(2027, 6, 9),
        date(2027, 9, 15),
        date(2027, 10, 1),
    }
    assert calendar.day(date(2027, 3, 1)).provisional
    assert calendar.day(date(2027, 2, 5)).name == "春节"
    assert calendar.add_workdays(date(2026, 11, 20), 30) == date(2027, 1, 4)
    assert calendar.add_workdays(date(2099, 12, 1), 100) > date(2100, 1, 1)


def test_a_new_year_replaces_the_provisional_one() -> None:
    table = parse_table(
        {
            "year": 2027,
            "source": "国办发明电〔2026〕0号",
            "holiday": [{"name": "元旦", "off": ["2026-12-31", "2027-01-03"], "work": ["2027-01-09"]}],
        }
    )
    calendar = national().with_table(table)
    assert calendar.is_published(2027)
    assert not calendar.is_workday(date(2026, 12, 31))
    assert calendar.is_workday(date(2027, 1, 9))
    assert not calendar.day(date(2027, 2, 10)).provisional
    assert calendar.is_workday(date(2027, 2, 8))
    assert calendar.version != national().version
    assert calendar.with_table(table).version == calendar.version


def test_overlay_adds_local_holidays_and_leaves_the_national_calendar_alone() -> None:
    festival = Row(date(2026, 4, 13), date(2026, 4, 15), False, "泼水节", "自治县人大决定")
    duty = Row(date(2026, 4, 15), date(2026, 4, 15), True, "值班", "办公室通知")
    county = national().overlay([festival])
    office = county.overlay([duty])
    assert national().add_workdays(date(2026, 4, 10), 1) == date(2026, 4, 13)
    assert county.add_workdays(date(2026, 4, 10), 1) == date(2026, 4, 16)
    assert office.add_workdays(date(2026, 4, 10), 1) == date(2026, 4, 15)
    assert county.day(date(2026, 4, 14)).source == "自治县人大决定"
    assert len({national().version, county.version, office.version}) == 3


def test_is_immutable() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        national().version = "x"  # type: ignore[misc]


@pytest.mark.parametrize("day", [date(1999, 12, 31), date(2101, 1, 1)])
def test_outside_the_range_says_so_in_chinese(day: date) -> None:
    for ask in (national().is_workday, national().day):
        with pytest.raises(Invalid, match="超出工作日历的范围"):
            ask(day)
    with pytest.raises(Invalid, match="超出工作日历的范围"):
        national().subtract_workdays(date(2000, 1, 3), 10)
    with pytest.raises(Invalid, match="不能是负数"):
        national().add_workdays(date(2026, 1, 5), -1)


@given(day=DAYS, n=COUNTS)
def test_adding_n_then_counting_gives_n_and_lands_on_a_working_day(day: date, n: int) -> None:
    due = national().add_workdays(day, n)
    assert national().is_workday(due)
    if n:
        assert national().count_workdays(day, due) == n
        assert due > day
    else:
        assert due >= day


@given(day=DAYS, n=COUNTS)
def test_adding_is_monotone_in_both_arguments(day: date, n: int) -> None:
    due = national().add_workdays(day, n)
    assert national().add_workdays(day, n + 1) > due or n == 0
    assert national().add_workdays(day + timedelta(days=1), n) >= due


@given(day=DAYS, n=COUNTS)
def test_subtracting_undoes_adding_on_working_days(day: date, n: int) -> None:
    start = national().add_workdays(day, 0)
    assert national().subtract_workdays(national().add_workdays(start, n), n) == start
    back = national().subtract_workdays(day, n)
    assert national().is_workday(back)
    assert back < day if n else back <= day


@given(day=st.dates(date(2007, 1, 1), date(2026, 6, 30)), n=st.integers(1, 60))
def test_adding_equals_walking_day_by_day_with_the_oracle(day: date, n: int) -> None:
    walked, left = day, n
    while left:
        walked += timedelta(days=1)
        left -= chinese_calendar.is_workday(walked)
    assert national().add_workdays(day, n) == walked


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"year": "2027"}, "year 应为"),
        ({"source": ""}, "缺少 source"),
        ({"extra": 1}, "不认识的键 extra"),
        ({"holiday": []}, r"缺少 \[\[holiday\]\]"),
        ({"holiday": [{"name": "元旦", "off": ["2027-01-03", "2027-01-01"]}]}, "不合理"),
        ({"holiday": [{"name": "元旦", "off": ["2027-01-01"]}]}, "首日, 末日"),
        ({"holiday": [{"name": "元旦", "work": ["2027-01-04"]}]}, "本来就是工作日"),
        ({"holiday": [{"name": "元旦", "work": ["2027-13-04"]}]}, "不是日期"),
        ({"holiday": [{"name": "元旦", "work": ["2028-01-02"]}]}, "不属于 2027 年"),
        (
            {"holiday": [{"name": "a", "off": ["2027-01-02", "2027-01-02"], "work": ["2027-01-02"]}]},
            "同时列在",
        ),
        ({"holiday": [{"nam": "a"}]}, "缺少 name"),
        ({"holiday": [3]}, "应为一组键值"),
    ],
)
def test_a_broken_arrangement_is_refused_with_every_mistake(change: dict[str, object], message: str) -> None:
    table = {"year": 2027, "source": "号", "holiday": [{"name": "元旦", "off": ["2027-01-01", "2027-01-01"]}]}
    assert parse_table(table).year == 2027
    with pytest.raises(ContentError) as error:
        parse_table(table | change)
    assert any(re.search(message, str(finding)) for finding in error.value.findings)


def test_built_in_tables_cover_2007_to_2026() -> None:
    assert [table.year for table in published_tables()] == list(PUBLISHED)
    assert Calendar(published_tables()).version == national().version
