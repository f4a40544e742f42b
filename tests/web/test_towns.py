"""Several jurisdictions and procedures on the pages: choosing, doors, tables, sessions, codes on the spot, numbers."""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest
from tests.builders import LOCAL, PASSWORD, Office, edited
from tests.conftest import OfficeMaker
from tests.services.townpack import FIRST, SECOND, town
from tests.web.visitors import Visitor, staff, visitor

from zuozhen.services import numberledger, outbox
from zuozhen.services.actors import Actor, enterprise
from zuozhen.services.deployment import deploy
from zuozhen.services.registration import Registered, register, start_by_hand
from zuozhen.services.tasks import as_formdata

JIA, YI = f"/p/{FIRST}-jia", f"/p/{SECOND}-yi"
LEAD = Actor(FIRST, "专班员", groups=frozenset({"office"}), sees_all=True)


@pytest.fixture
def office(make_office: OfficeMaker) -> Office:
    """An installation of two jurisdictions besides the built-in one, Monday 31 August 2026, 9:00."""
    made = make_office(web=True, files=town(FIRST, "甲县"))
    deploy(made.context, town(SECOND, "乙市"))
    return made


def registered(office: Office, name: str = "甲一公司") -> Registered:
    answers = as_formdata({"enterprise": name, "title": f"关于{name}的事项", "session": "2026-09-21"})
    done = register(office.context, enterprise(FIRST, name), answers, channel="window")
    assert isinstance(done, Registered)
    return done


def session_of(office: Office) -> UUID:
    answers = as_formdata({"session": "2026-09-21", "note": "第一场"})
    done = start_by_hand(office.context, LEAD, answers)
    assert isinstance(done, UUID)
    office.drain()
    return done


# ---------------------------------------------------------------- choosing


def test_a_jurisdiction_is_found_by_name_pinyin_and_province(office: Office) -> None:
    person = visitor(office)
    page = person.get("/").text
    assert page.index("云南省") < page.index("宣威市") < page.index("其他地区") < page.index("甲县")
    for query, found, hidden in (("甲", "甲县", "乙市"), ("yi", "乙市", "甲县"), ("云南", "宣威市", "甲县")):
        page = person.get(f"/?q={query}").text
        assert f"<strong>{found}" in page and f"<strong>{hidden}" not in page
    assert "没有找到“丙”" in person.get("/?q=丙").text


def test_the_choice_is_remembered_and_can_be_changed(office: Office) -> None:
    person = visitor(office)
    assert person.get(f"{JIA}/register?via=hall").status_code == 200  # as from a QR poster
    assert person.get("/").headers["Location"] == f"{JIA}/"
    assert person.get("/?choose=1").status_code == 200
    assert person.get("/p/000000-nowhere/").status_code == 404
    assert person.get("/").headers["Location"] == f"{JIA}/"
    person.get(f"{YI}/")
    assert person.get("/").headers["Location"] == f"{YI}/"
    assert '<option value="990002-yi" selected' in person.get("/login").text


def test_people_of_the_same_name_sign_in_where_they_belong(office: Office) -> None:
    for place in (office, replace(office, tenant=SECOND)):
        place.account("wang", groups=("office",), password=PASSWORD)
    typed = {"username": "wang", "password": PASSWORD}
    assert visitor(office).post("/login", typed).status_code == 403  # nobody knows which one
    for code, slug, title in ((FIRST, "990001-jia", "甲县"), (SECOND, "990002-yi", "乙市")):
        person = visitor(office)
        assert f'value="{slug}" selected' in person.get(f"/login?at={slug}").text
        assert person.post(f"/login?at={slug}", typed).status_code == 302
        assert f"{title}政务大厅" in person.get("/counters").text
        person.post("/logout")
        assert person.post("/login", typed).status_code == 302  # the browser remembers the place
        assert visitor(office).post("/login", {**typed, "username": f"wang@{code}"}).status_code == 302
        other = visitor(office)
        assert other.post("/login?at=990001-jia", {**typed, "at": slug}).status_code == 302
        assert f"{title}政务大厅" in other.get("/counters").text  # what is chosen counts, not the address


# ---------------------------------------------------------------- the portal


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ("2026-08-18 08:59", ("下一期挂号尚未开始", "2026年8月18日 9:00至2026年8月31日 17:00", "上一期挂号已于2026年7月31日 17:00结束")),
        ("2026-08-18 09:00", ("本期挂号正在进行", "2026年8月18日 9:00至2026年8月31日 17:00")),
        ("2026-08-31 16:59", ("本期挂号正在进行", "2026年8月31日 17:00")),
        ("2026-08-31 17:00", ("下一期挂号尚未开始", "现在登记的诉求将进入下一期", "上一期挂号已于2026年8月31日 17:00结束")),
    ],
)  # fmt: skip
def test_the_booking_period_is_told(make_office: OfficeMaker, now: str, words: tuple[str, ...]) -> None:
    start = datetime.fromisoformat(now).replace(tzinfo=LOCAL)
    office = make_office(web=True, files=town(FIRST, "甲县"), start=start)
    for page in ("", "register", "notice"):
        text = re.sub(r"<[^>]+>", "", visitor(office).get(f"{JIA}/{page}").text)
        for word in words:
            assert word in text, (page, word)


def test_the_home_page_names_doors_sessions_tables_and_announcements(office: Office) -> None:
    session_of(office)
    page = visitor(office).get(f"{JIA}/").text
    for word in (
        "面对面听取企业诉求。",
        f'href="{JIA}/register">我要挂号',
        f'href="{JIA}/start/complaint">投诉办理人员',
        "由督查人员直接受理",
        f'href="{JIA}/tables/rota">甲县领导轮值表',
        "2026年9月20日（星期日）",
        "2026年9月21日（星期一）",
        "月度坐诊",
        "甲县接诊公告",
        "下载空白表格：表register",
    ):
        assert word in page, word
    assert "专题恳谈会" not in page and "内部表" not in page
    notice = visitor(office).get(f"{JIA}/notice").text
    for word in (
        "甲县办〔2025〕1号",
        "2025年3月1日",
        "上级通知",
        "属于民事纠纷的",
        "甲县政务大厅",
        "生产经营中的困难",
    ):
        assert word in notice, word


def test_another_public_procedure_is_handed_in_and_gets_a_receipt(office: Office) -> None:
    person = visitor(office)
    assert "由督查人员直接受理" in person.get(f"{JIA}/start/complaint").text
    typed = {"enterprise": "甲二公司", "title": "办理人员态度", "content": "不理不睬"}
    assert person.post(f"{JIA}/start/complaint", {**typed, "_save": "1"}).status_code == 302
    assert 'value="办理人员态度"' in person.get(f"{JIA}/start/complaint").text  # the draft
    assert 'value="办理人员态度"' not in person.get(f"{JIA}/register").text
    done = person.post(f"{JIA}/start/complaint", typed)
    assert done.headers["Location"] == f"{JIA}/receipt"
    receipt = person.get(f"{JIA}/receipt").text
    number = re.search(r"data-zz-number>([^<]+2026-0001)<", receipt)
    code = re.search(r"data-zz-code>([A-Z0-9]{8})<", receipt)
    assert "办理人员态度" in receipt and number is not None and code is not None
    assert person.get(f"{YI}/receipt").status_code == 410
    stranger = visitor(office)
    typed_code = {"number": number[1], "code": code[1]}
    assert stranger.post(f"{JIA}/query", typed_code).status_code == 302
    assert "办理人员态度" in stranger.get(f"{JIA}/progress").text
    for alias in ("clinic", "forum", "nothing"):
        assert person.get(f"{JIA}/start/{alias}").status_code == 404
        assert person.post(f"{JIA}/start/{alias}", typed).status_code == 404
    assert person.get(f"{JIA}/start/case").headers["Location"] == f"{JIA}/register"


def test_a_public_table_is_a_page_and_a_paper(office: Office) -> None:
    person = visitor(office)
    page = person.get(f"{JIA}/tables/rota").text
    assert "王一、李二" in page and "如有调整，另行公布。" in page
    paper = person.get(f"{JIA}/tables/rota.pdf")
    assert paper.status_code == 200 and paper.data.startswith(b"%PDF-")
    from tests.services.test_scenarios import text_of

    printed = text_of(paper.data)
    for word in ("甲县领导轮值表", "王一、李二", "4月", "如有调整"):
        assert word in printed, word
    for address in ("tables/inner", "tables/inner.pdf", "tables/nothing"):
        assert person.get(f"{JIA}/{address}").status_code == 404


# ---------------------------------------------------------------- the desk


def test_buttons_and_pages_to_start_what_one_may_start(office: Office) -> None:
    clerk = staff(office, "clerk", groups=("office",))
    host = staff(office, "host", groups=("forum_office",))
    inspector = staff(office, "inspector", groups=("inspector",))
    for person, may in ((clerk, {"clinic", "complaint"}), (host, {"forum"}), (inspector, set())):
        page = person.get("/cases").text
        assert {
            alias for alias in ("case", "clinic", "forum", "complaint") if f"/start/{alias}" in page
        } == may
        for alias in ("clinic", "forum", "complaint"):
            assert person.get(f"/start/{alias}").status_code == (200 if alias in may else 403)
        assert person.get("/start/case").status_code == person.get("/start/nothing").status_code == 404
    assert 'value="2026-10-20"' in clerk.get("/start/clinic?session=2026-10-20").text
    done = host.post("/start/forum", {"session": "2026-09-25", "note": "融资"})
    assert done.status_code == 302 and done.headers["Location"].startswith("/cases/")
    assert host.post("/start/clinic", {"session": "2026-09-25"}).status_code == 403
    listed = host.get("/cases?process=forum").text
    assert "恳谈会：融资" in listed
    assert "恳谈会：融资" not in host.get("/cases").text


def test_the_sessions_page_covers_all_kinds_and_counts_quotas(office: Office) -> None:
    session_of(office)
    case = registered(office)
    office.submit(case.case_id, "dispatch", {"note": "办"}, by=LEAD)
    clerk = staff(office, "clerk", groups=("office", "forum_office"))
    clerk.post("/start/forum", {"session": "2026-09-25", "note": "融资"})
    page = clerk.get("/sessions").text
    assert "发起：月度坐诊" in page and "发起：专题恳谈会" in page
    rows = {row.split("<")[0]: row for row in page.split('<td data-label="日期">')[1:]}
    assert "1 件" in rows["2026年9月21日（星期一）"] and "月度坐诊" in rows["2026年9月21日（星期一）"]
    assert (
        "专题恳谈会" in rows["2026年9月25日（星期五）"] and "筹备或进行中" in rows["2026年9月25日（星期五）"]
    )
    assert "/start/clinic?session=2026-09-20" in rows["2026年9月20日（星期日）"]
    assert "现在筹备" not in rows["2026年9月21日（星期一）"]
    assert "1 次，还差 1 次" in page and "zz-light-amber" in page and "每季度至少 2 次" in page
    clerk.post("/start/forum", {"session": "2026-09-28", "note": "用工"})
    page = clerk.get("/sessions").text
    assert "已达到（2 次）" in page and "zz-light-amber" not in page
    assert "现在筹备" not in staff(office, "inspector", groups=("inspector",)).get("/sessions").text


def test_staff_show_a_code_for_the_one_task_that_says_so(office: Office) -> None:
    case = registered(office)
    clerk = staff(office, "clerk", groups=("office",))
    page = f"/cases/{case.case_id}"
    assert "现场评价二维码" not in clerk.get(page).text
    office.submit(case.case_id, "dispatch", {"note": "办"}, by=LEAD)
    rate = office.token(case.case_id, "rate").token
    assert "现场评价二维码" in clerk.get(page).text
    events = len(office.events(case.case_id))
    assert clerk.get(f"/tasks/{rate}/onsite").status_code == 410  # not without being written down
    shown = clerk.post(f"/tasks/{rate}/onsite")
    assert shown.status_code == 302
    text = clerk.get(f"/tasks/{rate}/onsite").text
    found = re.search(r'src="data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)"', text)
    assert found is not None and b"<svg" in b64decode(found[1])
    assert "/link/" not in text  # the address itself is for the camera only
    last = office.events(case.case_id)[events:]
    assert [(event.kind, event.actor_name) for event in last] == [("onsite_shown", "测试clerk")]
    assert "向企业出示“rate号”二维码" in clerk.get(page).text
    assert office.problems_of(case.case_id) == []

    stranger = staff(office, "inspector", groups=("inspector",))
    assert stranger.post(f"/tasks/{rate}/onsite").status_code == 404
    assert clerk.get(f"/tasks/{rate}").status_code == 403  # they still cannot fill it in
    office.submit(case.case_id, "rate", {"score": "好"})
    assert clerk.get(f"/tasks/{rate}/onsite").status_code == 404  # done: the code is void
    again = office.token(case.case_id, "rate_again").token
    assert "现场评价二维码" not in clerk.get(page).text
    assert clerk.post(f"/tasks/{again}/onsite").status_code == 404  # no such property on this one


def test_a_task_leads_to_the_report_it_is_about(office: Office) -> None:
    case_id = session_of(office)
    clerk = staff(office, "clerk", groups=("office",))
    task = office.token(case_id, "held").token
    page = clerk.get(f"/tasks/{task}").text
    assert 'href="/reports/monthly?period=2026-07">查看“甲县月报”' in page  # the last month before it began
    assert clerk.get("/reports/monthly?period=2026-07").status_code == 200
    office.pass_to("2026-10-05 09:00")
    assert "/reports/monthly?period=2026-07" in clerk.get(f"/tasks/{task}").text  # not the month of looking


def test_a_task_may_ask_for_the_report_of_the_running_period(make_office: OfficeMaker) -> None:
    path = f"processes/{FIRST}-jia/{FIRST}-jia.bpmn"
    old = '<camunda:property name="zz:report" value="monthly" />'
    both = f'{old}<camunda:property name="zz:period" value="current" />'
    town_office = make_office(files=edited(town(FIRST, "甲县"), path, old, both), web=True)
    held = session_of(town_office)
    clerk = staff(town_office, "clerk", groups=("office",))
    page = clerk.get(f"/tasks/{town_office.token(held, 'held').token}").text
    assert 'href="/reports/monthly?period=2026-08">查看“甲县月报”' in page


def test_an_announcement_is_ready_to_be_copied(office: Office) -> None:
    case_id = session_of(office)
    clerk = staff(office, "clerk", groups=("office",))
    address = re.search(r'href="(/announcements/[\w-]+)"', clerk.get("/announcements").text)
    assert address is not None and address[1] in clerk.get(f"/cases/{case_id}").text
    page = clerk.get(address[1]).text
    assert re.search(r"<textarea[^>]* readonly>甲县接诊公告\n\n请各企业按时参加。</textarea>", page)
    assert 'data-zz-copy="#text"' in page and "<noscript>" in page
    assert f"/cases/{case_id}" in page
    inspector = staff(office, "inspector", groups=("inspector",))
    assert inspector.get(address[1]).status_code == 200  # published is published
    assert f"/cases/{case_id}" not in inspector.get(address[1]).text


def test_a_number_is_voided_with_a_reason_and_stays_in_the_book(office: Office) -> None:
    case = registered(office)
    office.submit(case.case_id, "dispatch", {"note": "办"}, by=LEAD)
    clerk = staff(office, "clerk", groups=("office",))
    page = clerk.get("/numbers").text
    assert (
        "甲交〔2026〕01号" in page and "甲2026-0001" in page and "表dispatch" in page and "办件编号" in page
    )
    assert "甲2026-0001" not in clerk.get("/numbers?rule=dispatch").text.split("<tbody>")[1]
    assert "没有符合条件的编号" in clerk.get("/numbers?query=没有").text
    ledger = numberledger.ledger(office.context, replace(LEAD, id=case.case_id), rule="dispatch")
    address = f"/numbers/{ledger.rows[0].id}/void"
    refused = clerk.post(f"{address}?rule=dispatch", {"reason": " "})
    assert refused.status_code == 422 and "请写明为什么作废" in refused.text
    done = clerk.post(f"{address}?rule=dispatch", {"reason": "交办单填错"})
    assert done.status_code == 302 and "rule=dispatch" in done.headers["Location"]
    assert (
        "<s>甲交〔2026〕01号</s>" in clerk.get("/numbers").text and "交办单填错" in clerk.get("/numbers").text
    )
    assert clerk.post(address, {"reason": "再来一次"}).status_code == 409
    stranger: Visitor = staff(office, "inspector", groups=("inspector",))
    assert (
        stranger.get("/numbers").status_code == stranger.post(address, {"reason": "试试"}).status_code == 403
    )
    assert "编号簿" not in stranger.get("/cases").text
    second = registered(office, "甲二公司")
    office.submit(second.case_id, "dispatch", {"note": "办"}, by=LEAD)
    assert "甲交〔2026〕02号" in clerk.get("/numbers").text  # never used again
    outbox.drain(office.context)
