"""乌海：无法匹配的诉求先告知择期安排，再匹配到下一场接待日，交办、十日一报、答复、公示。"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.conftest import Town, town_of
from tests.browser.steps import (
    People,
    choose_place,
    look_up,
    read_announcement,
    read_dossier,
    register,
    shows,
    start_by_hand,
    text_at,
)
from tests.browser.windows import picture

pytestmark = pytest.mark.browser

STAFF: Mapping[str, Mapping[str, Any]] = {
    "office": {"groups": ("office",)},
    "shangwu": {"unit": "shangwu"},
}
REGISTER: Mapping[str, Any] = {
    "enterprise": "乌海市测试商贸有限公司",
    "credit_code": "91150300MA0N00016X",
    "enterprise_category": "above_scale",
    "district": "haibowan",
    "address": "乌海市海勃湾区测试街1号",
    "visitor": "王建国",
    "visitor_post": "总经理",
    "phone": "13947300001",
    "matter_kind": "2",
    "matter_field": "commerce",
    "title": "关于商业街区停车设施的情况反映",
    "content": "街区停车位不足，客流下降，已向有关部门反映，尚未解决。",
    "request": "请协调增设停车设施并明确完成时限。",
    "not_excluded": True,
    "consent": True,
}
INDUSTRY_DAY: Mapping[str, Any] = {"leader": "vice_industry", "clinic_date": "2026-10-15", "half_day": "上午"}
COMMERCE_DAY: Mapping[str, Any] = {"leader": "vice_commerce", "clinic_date": "2026-10-20", "half_day": "上午"}
NOTICE: Mapping[str, Any] = {
    "place": "市行政中心B座301会议室",
    "window_from": "2026-09-14",
    "window_to": "2026-09-30",
    "notice_email": "jiedairi@example.cn",
}
ACCEPT: Mapping[str, Any] = {"decision": "accept", "matter_field": "commerce", "suggested_units": ["shangwu"]}
MATCH: Mapping[str, Any] = {"offer_key": "2026-10-20 vice_commerce", "visit_time": "上午9:00", "sequence": 1}
CONFIRM: Mapping[str, Any] = {"notify_method": "电话", "attend": "yes", "notify_result": "按时参加。"}
RECEPTION: Mapping[str, Any] = {
    "outcome": "dispatch",
    "talk": "企业介绍情况，接待领导提出意见。",
    "lead_unit": "shangwu",
    "requirement": "请抓紧研究，按时报送。",
    "recorder": "张敏",
}
RUN: Mapping[str, Any] = {
    "leader_attended": "yes",
    "attendance": [{"name": "李强", "unit": "shangwu", "post": "局长"}],
    "run_summary": "按时接待，逐一会谈。",
}
IMPLEMENT: Mapping[str, Any] = {
    "handler": "李强",
    "handler_phone": "0473-3990001",
    "implementation": "已确定两处地块，正在设计。",
}
RESULT: Mapping[str, Any] = {"result_kind": "longterm", "result_text": "需分步建设，计划年底前完成。"}
TEN_DAY: Mapping[str, Any] = {
    "progress": "首批六十个车位已投入使用。",
    "next_step": "年底前完成其余车位。",
    "result_kind": "solved",
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town_of(tmp_path_factory.mktemp("wuhai"), "150300-wuhai", "2026-09-14 08:30") as place:
        yield place


def test_waiting_for_a_match_then_handed_over_reported_and_published(
    town: Town, browser: Browser, tmp_path: Path
) -> None:
    with People(town, browser, STAFF) as people:
        office = people.desk("office")
        announce(office, town, people, INDUSTRY_DAY, ["industry", "science"])

        phone = people.phone()
        choose_place(phone, town, "乌海市")
        picture(phone, "wuhai-home")
        read_announcement(phone, town, "通告", "接待领域：工业与能源、科技创新")
        picture(phone, "wuhai-announcement")
        receipt = register(phone, town, "企业预约登记", REGISTER)
        picture(phone, "wuhai-receipt")

        people.do("office", "审核登记、列出建议解决部门", ACCEPT)
        progress = look_up(phone, town, receipt)
        shows(phone, progress, "择期安排", "接待领域不一致")  # this reception is about other fields
        picture(phone, "wuhai-waiting")

        announce(office, town, people, COMMERCE_DAY, ["commerce"])
        people.do("office", "双向匹配、安排当期接待", MATCH)
        shows(phone, progress, "预约成功", "到场时间：上午9:00", "接待顺序：第1位")
        people.do("office", "电话确认企业参加", CONFIRM)
        assert "乌海市测试商贸有限公司" in visitors(office, town)

        town.set_time("2026-10-20 08:30")
        people.do("office", "会谈并明确承办单位、工作要求", RECEPTION)
        case = people.do("office", "填写交办单并交办（附件3）", {})
        expect(case.locator("main")).to_contain_text("乌企接交（2026）第01号")
        address = case.url
        people.do("office", "组织接待、登记出席", RUN)

        people.do("shangwu", "报送落实情况", IMPLEMENT)
        town.set_time("2026-11-13 10:00")
        people.do("shangwu", "报送办理结果", RESULT)
        due = people.desk("shangwu")
        due.goto(f"{town.url}/tasks")
        expect(due.locator("main tr", has_text="长期整改十日一报")).to_contain_text("11月23日")
        picture(due, "wuhai-ten-day")
        town.set_time("2026-11-20 10:00")
        people.do("shangwu", "长期整改十日一报", TEN_DAY)
        shows(phone, progress, "长期整改进展", TEN_DAY["progress"])

        people.do("office", "汇总办理情况、作出答复意见", {})
        shows(phone, progress, "已结束", "您的诉求答复意见")
        picture(phone, "wuhai-answered")
        phone.goto(f"{town.portal}/results")
        expect(phone.locator("main")).to_contain_text(REGISTER["title"])
        expect(phone.locator("main")).not_to_contain_text(REGISTER["enterprise"])
        picture(phone, "wuhai-results")

        office.goto(f"{town.url}/registers/dispatched?from=2026-10-01&to=2026-10-31")
        row = office.locator("main tbody tr")
        expect(row).to_have_count(1)
        expect(row).to_contain_text("乌企接交（2026）第01号")
        expect(row).to_contain_text("市商务局")
        picture(office, "wuhai-register")
        shows(office, address, "文书：")
        picture(office, "wuhai-case")
        papers = "".join(read_dossier(office, town, receipt.number, tmp_path))
    for wanted in (
        "乌企接交（2026）第01号",
        "2026年10月29日",
        REGISTER["enterprise"],
        TEN_DAY["progress"],
        RESULT["result_text"],
    ):
        assert wanted in papers, wanted


def announce(office: Page, town: Town, people: People, day: Mapping[str, str], fields: list[str]) -> None:
    """Plan a reception day and publish its notice."""
    start_by_hand(office, town, "sessions", "发起：接待日", {**day, "reception_form": "forum"})
    people.do("office", "确定接待领域、起草通告（附件1）", {**NOTICE, "half_day": "上午"})


def visitors(office: Page, town: Town) -> str:
    """Return the text of the printed list of enterprises of the reception day."""
    office.goto(f"{town.url}/sessions")
    office.locator("main tr", has_text="10月20日").get_by_role("link", name="接待日企业名单").first.click()
    return text_at(office, "打印（PDF）")
