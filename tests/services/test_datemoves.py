"""A booking period or a day of sessions that moves: what follows, what does not, said before anything is deployed."""

from __future__ import annotations

from tests.builders import Office
from tests.conftest import OfficeMaker
from tests.engine_lint.build import end, path
from tests.services import smallpack
from tests.services.smallpack import SLUG, case_process, task

from zuozhen.model.ids import new_id
from zuozhen.services.datemoves import date_moves
from zuozhen.services.registration import Registered
from zuozhen.store.tables import Announcement

MANIFEST = f"processes/{SLUG}/pack.toml"
WINDOW = """
[[recurrence]]
name = "挂号期"
kind = "first_workdays"
days = 5
opens_at = "09:00"
closes_at = "17:00"
"""


def pack(day: int = 20, workdays: int = 5) -> dict[str, bytes]:
    files = smallpack.pack(case_process(task("a"), end(), path("s", "a", "e")))
    text = files[MANIFEST].decode().replace("day = 20", f"day = {day}") + WINDOW.replace("5", str(workdays))
    return {**files, MANIFEST: text.replace("[portal]\n", '[portal]\nwindow = "挂号期"\n').encode()}


def started(make_office: OfficeMaker) -> Office:
    """Return an installation on the first day of the booking period, with one case booked and its session made."""
    office = make_office(files=pack())
    office.pass_to("2026-09-01 10:00")
    booked = office.try_register({"title": "诉求", "enterprise": "甲公司", "session": "2026-09-20"})
    assert isinstance(booked, Registered)
    office.start_session(session="2026-09-20")
    with office.context.database.write() as session:
        session.add(
            Announcement(
                tenant=office.tenant,
                id=new_id(),
                case_id=booked.case_id,
                title="九月坐诊",
                body="2026年9月20日坐诊",
                published_at=office.context.clock(),
            )
        )
    return office


def test_nothing_is_said_where_no_date_moves(make_office: OfficeMaker) -> None:
    office = make_office(files=pack())
    assert date_moves(office.context, office.tenant, pack()) == ()
    assert date_moves(office.context, office.tenant, {**pack(), MANIFEST: b"["}) == ()


def test_a_day_that_is_none_any_more_names_who_is_held_to_it(make_office: OfficeMaker) -> None:
    office = started(make_office)
    said = "\n".join(date_moves(office.context, office.tenant, pack(day=25)))
    assert "坐诊日：不再有 2026年9月20日" in said and "新增 2026年9月28日" in said
    assert "2026年9月20日已建的 1 个场次不随之改期" in said
    assert "预约了2026年9月20日的 SF2026-0001（1 件）不随之改期" in said
    assert "已发布的公告不改写，请另发更正：《九月坐诊》" in said


def test_a_booking_period_that_ends_earlier_is_said(make_office: OfficeMaker) -> None:
    office = make_office(files=pack())
    office.pass_to("2026-09-03 10:00")
    said = "\n".join(date_moves(office.context, office.tenant, pack(workdays=1)))
    assert "部署后挂号期随即结束" in said
    longer = "\n".join(date_moves(office.context, office.tenant, pack(workdays=6)))
    assert (
        "正在开放的挂号期 2026年9月1日 9:00至2026年9月7日 17:00 改为 2026年9月1日 9:00至2026年9月8日 17:00"
        in longer
    )
