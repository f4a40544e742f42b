"""Session calendars of several rules and rotas, as sessions, booking, quotas and the page of tables know them."""

from __future__ import annotations

from datetime import datetime

from tests.builders import LOCAL, SLUG, Office, edited, pack_files
from tests.conftest import OfficeMaker
from tests.services.test_quotas import HOST, PATH, hold, line, office_at
from tests.services.townpack import FIRST, town

from zuozhen.services.checking import check_files
from zuozhen.services.clinics import sessions
from zuozhen.services.options import coming_sessions
from zuozhen.services.public import portal_view
from zuozhen.services.studio import tables

RULES = """
[[recurrence]]
name = "周三"
kind = "weekly"
weekday = 3

[[recurrence]]
name = "轮值"
kind = "rota"
of = ["周三"]
holders = ["fagai", "inspector"]
period = "month"

[[recurrence]]
name = "下旬"
kind = "nth_weekday"
weekday = 5
part = "late"
nth = -1

[[recurrence]]
name = "坐诊日历"
kind = "union"
of = ["轮值", "下旬"]
"""


def files_of() -> dict[str, bytes]:
    manifest = (
        town(FIRST, "甲县")[PATH]
        .decode()
        .replace('session_recurrence = "坐诊日"', 'session_recurrence = "坐诊日历"', 1)
    )
    return {**town(FIRST, "甲县"), PATH: (manifest + RULES).encode()}


def office_of(make_office: OfficeMaker) -> Office:
    return make_office(files=files_of(), start=datetime(2026, 10, 31, 9, tzinfo=LOCAL))


def test_sessions_and_booking_follow_all_rules_and_name_the_holder(make_office: OfficeMaker) -> None:
    office = office_of(make_office)
    with office.context.database.read() as session:
        release = office.context.releases.live(session, FIRST)
        coming = coming_sessions(office.context, session, release)
    assert coming == [
        ("2026-11-04 fagai", "2026年11月4日（星期三）甲县发展和改革局"),
        ("2026-11-18 inspector", "2026年11月18日（星期三）督查室"),
        ("2026-11-27", "2026年11月27日（星期五）"),
        ("2026-12-02 fagai", "2026年12月2日（星期三）甲县发展和改革局"),
    ]
    rows = sessions(office.context, HOST)
    assert [row.key for row in rows] == [key for key, _ in coming]
    assert portal_view(office.context, f"{FIRST}-jia").dates[:2] == (
        datetime(2026, 11, 4, tzinfo=LOCAL).date(),
        datetime(2026, 11, 18, tzinfo=LOCAL).date(),
    )


def test_the_page_shows_the_dates_with_their_holders(make_office: OfficeMaker) -> None:
    office = office_of(make_office)
    typed = {"name": "新", "kind": "rota", "of": "周三", "holders": "fagai\ninspector", "period": "quarter"}
    upcoming = tables.preview_dates(office.context, FIRST, typed).upcoming
    assert len(upcoming) == 12
    assert [(one.day.isoformat(), one.holders) for one in upcoming[:2]] == [
        ("2026-11-18", "督查室"),
        ("2027-01-06", "甲县发展和改革局"),
    ]
    assert tables.preview_dates(office.context, FIRST, {**typed, "of": "没有"}).upcoming == ()
    weekly = {"name": "新", "kind": "weekly", "weekday": "2", "every": "2"}
    assert tables.preview_dates(office.context, FIRST, weekly).upcoming == ()
    found = tables.preview_dates(office.context, FIRST, {**weekly, "anchor": "2026-11-02"}).upcoming
    assert [one.day.isoformat() for one in found[:2]] == ["2026-11-03", "2026-11-17"]


def errors(files: dict[str, bytes]) -> list[str]:
    return [each.message for each in check_files(files) if each.severity == "error"]


def test_the_check_knows_what_such_a_calendar_means() -> None:
    assert errors(files_of()) == []
    wrong = {**files_of(), PATH: files_of()[PATH].replace(b'"inspector"]', b'"inspecter"]')}
    assert ["“inspecter”不是单位、岗位或代码" in text for text in errors(wrong)] == [True]
    # A drawing that reads the session's key as a date cannot do with keys that name a holder too.
    manifest = f"processes/{SLUG}/pack.toml"
    held = edited(pack_files(), manifest, "day = 20\n", 'day = 20\nholder = "fagai"\n')
    assert any("clinic_date" in text and "类型不一致" in text for text in errors(held))


def test_a_quota_may_be_a_rota_or_any_dates(make_office: OfficeMaker) -> None:
    rota = 'recurrence = "轮值"'
    more = (
        '[[recurrence]]\nname = "周三"\nkind = "weekly"\nweekday = 3\n'
        '[[recurrence]]\nname = "轮值"\nkind = "rota"\nof = ["周三"]\nperiod = "quarter"\n'
        'holders = ["forum_office", "inspector"]\n'
    )
    office = office_at(make_office, "2026-08-31 09:00", rule=rota, quota=more)
    hold(office, "2026-08-05 forum_office", "2026-08-12 forum_office", "2026-10-07 inspector")
    assert (line(office).rule, line(office).held, line(office).wanted) == ("每季度每人一次（2 人）", 1, 2)
    assert line(office).state == "warning" and line(office).text.startswith("还差：")
    hold(office, "2026-09-02 inspector")
    assert (line(office).state, line(office).text) == ("met", "已达到（2 人）")


def test_a_quota_of_dates_wants_as_many_as_there_are(make_office: OfficeMaker) -> None:
    more = '[[recurrence]]\nname = "周三"\nkind = "weekly"\nweekday = 3\n'
    office = office_at(make_office, "2026-09-01 09:00", rule='recurrence = "周三"', quota=more)
    hold(office, "2026-09-02", "2026-09-09")
    assert (line(office).rule, line(office).text) == ("每月至少 5 次", "2 次，还差 3 次")
