"""Calendars from outside: the pasted text of a notice, iCalendar, and what a new year changes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zuozhen.model.errors import ContentError
from zuozhen.workdays import (
    changed_days,
    national,
    national_with,
    parse_table,
    read_icalendar,
    read_notice,
)
from zuozhen.workdays.yeartable import YearTable, published_tables

TABLES = {table.year: table for table in published_tables()}
NUMBERS = "一二三四五六七八九十"

NOTICE_2026 = """国务院办公厅关于2026年
部分节假日安排的通知
国办发明电〔2025〕7号

各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
经国务院批准，现将2026年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期的具体安排通知如下。
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作，遇有重大突发事件，要按规定及时报告并妥善处置，确保人民群众祥和平安度过节日假期。
国务院办公厅
2025年11月4日
"""
NOTICE_2025 = """国务院办公厅关于2025年部分节假日安排的通知 国办发明电〔2024〕12号
一、元旦：1月1日（周三）放假1天，不调休。
二、春节：1月28日（农历除夕、周二）至2月4日（农历正月初七、周二）放假调休，共8天。1月26日（周日）、2月8日（周六）上班。
三、清明节：4月4日（周五）至6日（周日）放假，共3天。
四、劳动节：5月1日（周四）至5日（周一）放假调休，共5天。4月27日（周日）上班。
五、端午节：5月31日（周六）至6月2日（周一）放假，共3天。
六、国庆节、中秋节：10月1日（周三）至8日（周三）放假调休，共8天。9月28日（周日）、10月11日（周六）上班。
"""
NOTICE_2024 = """国务院办公厅关于2024年部分节假日安排的通知
国办发明电〔2023〕7号
一、元旦：1月1日放假，与周末连休。
二、春节：2月10日至17日放假调休，共8天。2月4日（星期日）、2月18日（星期日）上班。鼓励各单位结合带薪年休假等制度落实，安排职工在除夕（2月9日）休息。
三、清明节：4月4日至6日放假调休，共3天。4月7日（星期日）上班。
四、劳动节：5月1日至5日放假调休，共5天。4月28日（星期日）、5月11日（星期六）上班。
五、端午节：6月10日放假，与周末连休。
六、中秋节：9月15日至17日放假调休，共3天。9月14日（星期六）上班。
七、国庆节：10月1日至7日放假调休，共7天。9月29日（星期日）、10月12日（星期六）上班。
"""


def worked(table: YearTable | dict[str, Any]) -> dict[date, bool]:
    """Return what a table says: day → worked or free."""
    read = table if isinstance(table, YearTable) else parse_table(table)
    return {day: row.workday for row in read.rows for day in row.days()}


def as_sentences(table: YearTable, *, weekdays: bool, full_dates: bool) -> str:
    """Write a year's data as the notice would."""

    def day(value: date, before: date | None = None) -> str:
        year = f"{value.year}年" if full_dates or value.year != table.year else ""
        month = "" if before and not year and before.month == value.month else f"{value.month}月"
        mark = f"（周{'一二三四五六日'[value.weekday()]}）" if weekdays else ""
        return f"{year}{month}{value.day}日{mark}"

    names = dict.fromkeys(row.name for row in table.rows)
    lines = []
    for index, name in enumerate(names):
        rows = [row for row in table.rows if row.name == name]
        off = [row for row in rows if not row.workday]
        text = ""
        for row in off:
            if row.first == row.last:
                text += f"{day(row.first)}放假。"
            else:
                text += f"{day(row.first)}至{day(row.last, row.first)}放假调休"
                text += f"，共{(row.last - row.first).days + 1}天。" if len(off) == 1 else "。"
        if works := [row.first for row in rows if row.workday]:
            text += f"{'、'.join(day(work) for work in works)}上班。"
        lines.append(f"{NUMBERS[index]}、{name}：{text}")
    head = f"国务院办公厅关于{table.year}年部分节假日安排的通知\n{table.source}\n"
    return head + "\n".join(lines)


@pytest.mark.parametrize("text", [NOTICE_2026, NOTICE_2025, NOTICE_2024], ids=["2026", "2025", "2024"])
def test_the_notices_as_published_are_read_day_by_day(text: str) -> None:
    read = read_notice(text)

    assert read.findings == []
    table = parse_table(read.table)
    assert table.source == TABLES[table.year].source
    mine, ours = national_with((table,)), national()
    assert [c.date for c in changed_days(ours, mine, [table.year])] == []
    if table.year > 2024:  # that notice counts the weekends before 元旦 and 端午节 as weekends
        assert worked(table) == worked(TABLES[table.year])


@pytest.mark.parametrize("year", sorted(TABLES))
@pytest.mark.parametrize("weekdays", [True, False])
@pytest.mark.parametrize("full_dates", [True, False])
def test_every_year_survives_being_written_as_a_notice(year: int, weekdays: bool, full_dates: bool) -> None:
    read = read_notice(as_sentences(TABLES[year], weekdays=weekdays, full_dates=full_dates), source="某号")

    assert [f for f in read.findings if f.severity == "error"] == []
    assert read.table["year"] == year
    assert worked(read.table) == worked(TABLES[year])


def test_spaces_half_width_signs_and_line_breaks_do_not_matter() -> None:
    spaced = NOTICE_2026.replace("（", " (").replace("）", ") ").replace("，", ", ").replace("\n", "\r\n")
    assert worked(read_notice(spaced).table) == worked(TABLES[2026])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("1月1日（周四）", "1月1日（周五）", "元旦：2026-01-01 不是周五"),
        ("共9天", "共8天", "春节：原文写“共8天”，读出 9 天"),
        ("2月28日", "2月30日", "春节：“2月30日(周六)”不是日期"),
        ("5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班", "另行通知", "劳动节：没有读出"),
        ("国办发明电〔2025〕7号", "", "没有文号"),
    ],
)
def test_what_does_not_add_up_is_said(old: str, new: str, said: str) -> None:
    assert old in NOTICE_2026
    read = read_notice(NOTICE_2026.replace(old, new))
    assert any(said in finding.message for finding in read.findings), read.findings


def test_half_a_notice_is_noticed_and_a_year_must_be_known() -> None:
    half = read_notice(NOTICE_2026.partition("五、")[0])
    assert [f.message for f in half.findings] == ["没有读到端午节、中秋节、国庆节"]
    assert half.findings[0].severity == "warning"

    assert "哪一年" in read_notice("一、元旦：1月1日放假。").findings[0].message
    assert read_notice("一、元旦：1月1日放假。", year=2027, source="某号").table["year"] == 2027


@given(st.text(alphabet="一二三、：:元旦春节0123456789年月日至放假上班共天（周四）。 \n", max_size=300))
def test_any_text_is_read_without_an_exception_and_into_a_table_or_findings(text: str) -> None:
    read = read_notice(text, year=2027, source="某号")
    try:
        parse_table(read.table)
    except ContentError as error:
        assert error.findings


ICS = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
DTSTART;VALUE=DATE:20270101
DTEND;VALUE=DATE:20270104
SUMMARY:元旦（休）
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20270206
SUMMARY:春节 补班
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20270205
SUMMARY:春节假期 第1天
 /共2天
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20270207
SUMMARY:春节假期 第2天/共2天
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20270312
SUMMARY:植树节
END:VEVENT
END:VCALENDAR
"""


def test_an_icalendar_gives_days_off_and_worked_weekends() -> None:
    read = read_icalendar(ICS.replace("\n", "\r\n"), year=2027, source="国办发明电〔2026〕1号")

    assert read.findings == []
    assert worked(read.table) == {
        date(2027, 1, 1): False,
        date(2027, 1, 2): False,
        date(2027, 1, 3): False,
        date(2027, 2, 5): False,
        date(2027, 2, 7): False,
        date(2027, 2, 6): True,
    }
    assert {holiday["name"] for holiday in read.table["holiday"]} == {"元旦", "春节"}


@given(st.text(max_size=200))
def test_any_icalendar_is_read_without_an_exception(text: str) -> None:
    body = f"BEGIN:VEVENT\nSUMMARY:{text} 休\nDTSTART:{text}\nEND:VEVENT"
    assert read_icalendar(body, year=2027, source="").findings


def local(**days: Any) -> YearTable:
    return parse_table(
        {"year": 2026, "source": "州政府通知", "local": True, "holiday": [{"name": "本地节日", **days}]}
    )


def test_local_days_lie_on_top_and_leave_the_national_arrangement_alone() -> None:
    calendar = national_with((local(off=["2026-08-06", "2026-08-07"]),))

    assert [c.date.isoformat() for c in changed_days(national(), calendar, [2026])] == [
        "2026-08-06",
        "2026-08-07",
    ]
    assert calendar.day(date(2026, 8, 6)).name == "本地节日"
    assert calendar.day(date(2026, 10, 1)) == national().day(date(2026, 10, 1))
    assert calendar.version != national().version
    assert "+1/" in calendar.version


def test_a_published_year_replaces_the_provisional_one() -> None:
    table = parse_table(
        {"year": 2027, "source": "某号", "holiday": [{"name": "元旦", "off": ["2027-01-01", "2027-01-03"]}]}
    )
    calendar = national_with((table,))
    assert not national().is_published(2027)
    assert calendar.is_published(2027)
    assert calendar.version.startswith("2007-2027/")
    changes = changed_days(national(), calendar, [2027])
    assert {change.old.name for change in changes} >= {"春节", "清明节", "国庆节"}
    assert all(change.old.provisional and not change.new.provisional for change in changes)
    assert changes[0].date - timedelta(days=1) > date(2026, 12, 1)


def test_local_must_be_yes_or_no() -> None:
    with pytest.raises(ContentError) as error:
        parse_table({"year": 2026, "source": "x", "local": "是", "holiday": [{"name": "a", "off": []}]})
    assert "local 应为" in error.value.findings[0].message
