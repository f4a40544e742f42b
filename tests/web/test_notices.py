"""The page 消息: what groups are told can be read without a task in the case, and only by them."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from tests.builders import Office
from tests.conftest import OfficeMaker
from tests.services.test_effects import LEAD, begun, files
from tests.web.visitors import Visitor, staff

from zuozhen.formjs import CONCEALED
from zuozhen.services import inbox
from zuozhen.services.inbox import MOST_COUNTED, PAGE
from zuozhen.store.database import count_statements
from zuozhen.store.tables import Notice

ADDRESS = re.compile(r'href="(/notices/[\w-]+)"')


@pytest.fixture
def office(make_office: OfficeMaker) -> Office:
    return make_office(files=files(), web=True)


def told(office: Office) -> UUID:
    """Bring a confidential case to where it tells the town, the enterprise and the bureau (gongxin)."""
    case_id = begun(office, secret="配方", confidential=True)
    office.submit(case_id, "working", {"note": "请尽快", "amount": 1}, by=LEAD)
    office.drain()
    return case_id


def read_link(visitor: Visitor) -> str:
    found = ADDRESS.search(visitor.get("/notices").text)
    assert found is not None
    return found[1]


def unread(visitor: Visitor) -> str:
    """Return what the navigation says of unread notices."""
    found = re.search(r'消息 <span class="zz-count">(\d+\+?)<', visitor.get("/account").text)
    return found[1] if found else ""


def test_a_group_reads_what_it_was_told_without_a_task_in_the_case(office: Office) -> None:
    town = staff(office, "town", unit="zhen")
    told(office)
    assert unread(town) == "1"
    address = read_link(town)
    page = town.get(address)
    assert page.status_code == 200 and "to tell" in page.text and CONCEALED in page.text
    assert "查看办件" not in page.text and "/cases/" not in town.get("/notices").text
    assert unread(town) == ""

    lead = staff(office, "lead", groups=("office",))
    assert lead.get(address).status_code == 404  # told to the town alone
    assert "还没有消息" in lead.get("/notices").text


def test_who_may_see_the_case_is_led_to_it(office: Office) -> None:
    bureau = staff(office, "bureau", unit="gongxin", groups=("watch",))
    case_id = told(office)
    assert f"/cases/{case_id}" in bureau.get("/notices").text
    page = bureau.get(read_link(bureau)).text
    assert "查看办件" in page and f"/cases/{case_id}" in page


def test_read_marks_are_personal_and_all_can_be_set_at_once(office: Office) -> None:
    first, second = staff(office, "one", unit="gongxin"), staff(office, "two", unit="gongxin")
    told(office)
    told(office)
    assert unread(first) == unread(second) == "2"
    first.get(read_link(first))
    assert unread(first) == "1" and unread(second) == "2"
    assert first.get("/notices?unread=1").text.count("/notices/") < second.get(
        "/notices?unread=1"
    ).text.count("/notices/")
    assert first.post("/notices/read").status_code == 302
    assert unread(first) == "" and unread(second) == "2"
    assert "全部标为已读" not in first.get("/notices").text
    assert "没有符合条件的消息" in first.get("/notices?unread=1").text
    assert first.post("/notices/read").status_code == 302  # nothing left: no harm


def test_a_newcomer_has_read_nothing_but_owes_nothing(office: Office) -> None:
    told(office)
    office.clock.move_to(office.clock() + timedelta(minutes=1))
    late = staff(office, "late", unit="gongxin")
    assert unread(late) == "" and ADDRESS.search(late.get("/notices").text)


def test_notices_are_searched_and_paged_newest_first(office: Office) -> None:
    bureau = staff(office, "bureau", unit="gongxin")
    case_id = told(office)
    with office.context.database.write() as session:
        session.add_all(
            Notice(
                tenant=office.tenant,
                case_id=case_id,
                recipient="gongxin",
                channel="record",
                subject=f"第{number}封",
                body="同一内容 100%",
                status="recorded",
                at=office.clock(),
            )
            for number in range(MOST_COUNTED + 5)
        )
    assert unread(bureau) == f"{MOST_COUNTED - 1}+"
    actor = office.person("reader", unit="gongxin")
    seen, after = [], ""
    with count_statements(office.context.database) as counts:
        page = inbox.notice_page(office.context, actor)
    assert len(counts.statements) <= 2 and len(page.rows) == PAGE
    while True:
        page = inbox.notice_page(office.context, actor, query="100%", after=after)
        seen += [row.subject for row in page.rows]
        if not (after := page.next_key):
            break
    assert len(seen) == len(set(seen)) == MOST_COUNTED + 5
    assert bureau.get("/notices?query=第7封").text.count("第7封") == 2  # the field and the line
    assert bureau.get("/notices?after=nonsense").status_code == 422


def test_only_staff_read_notices(office: Office) -> None:
    assert office.app is not None
    stranger = Visitor(office.app)
    assert stranger.get("/notices").status_code == 302
    with count_statements(office.context.database) as counts:
        assert inbox.unread_count(office.context, LEAD) == 0  # nobody in particular
    assert counts.statements == []
