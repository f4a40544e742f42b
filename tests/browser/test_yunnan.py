"""云南：月底公告、两个时限同时走、反映办理人员问题只有督查室看得到、用链接评价、台账。"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.conftest import Town, town_of
from tests.browser.forms import fill, press
from tests.browser.steps import (
    People,
    choose_place,
    eventually,
    link_in,
    look_up,
    read_announcement,
    read_dossier,
    register,
    shows,
    text_at,
)
from tests.browser.windows import picture

pytestmark = pytest.mark.browser

STAFF: Mapping[str, Mapping[str, Any]] = {
    "zhuanban": {"groups": ("lead_office",)},
    "ziran": {"unit": "ziran"},
    "fagai": {"unit": "fagai"},
    "ducha": {"groups": ("gov_supervision",)},
}
MAIN: Mapping[str, Any] = {
    "kind": "main",
    "day": "2026-09-18",
    "begins": "09:00",
    "ends": "12:00",
    "unit": "fagai",
}
MONTH: Mapping[str, Any] = {
    "planned_sessions": [MAIN],
    "schedule_reason": "专场根据“挂号”情况以加诊方式开设。",
}
PREPARE: Mapping[str, Any] = {
    "clinic_units": ["ziran"],
    "clinic_begins": "09:00",
    "clinic_ends": "12:00",
    "clinic_leader": "王正平（主任）",
}
REGISTER: Mapping[str, Any] = {
    "enterprise_kind": "operating",
    "enterprise": "云南测试食品有限公司",
    "credit_code": "91530381MA6N010747",
    "address": "云南省昆明市呈贡区测试街1号",
    "contact": "李建国",
    "phone": "13887400001",
    "contact_role": "法定代表人",
    "matter_kind": "服务需求",
    "title": "关于冷库扩建用地事项的情况反映",
    "content": "我公司在冷库扩建用地方面遇到困难，恳请协调有关部门研究解决。",
    "consent": True,
}
SORT: Mapping[str, Any] = {"category": "land", "reception_unit": "ziran"}
CONTACT: Mapping[str, Any] = {
    "contacted_on": "2026-09-09",
    "contact_method": "电话",
    "situation": "情况属实。",
    "decision": "accept",
}
ARRANGE: Mapping[str, Any] = {"clinic_key": "2026-09-18 main", "clinic_time": "上午9:30", "sequence": 1}
CALL: Mapping[str, Any] = {
    "called_on": "2026-09-14",
    "call_channel": "电话",
    "second_channel": "短信",
    "call_result": "按时参加",
}
CLINIC: Mapping[str, Any] = {
    "clinic_date": "2026-09-18",
    "leader": "王正平",
    "leader_post": "厅长",
    "solved": "no",
    "handling": "single",
    "lead_unit": "ziran",
    "appeal": "请明确冷库扩建用地的办理时限。",
    "unsolved_reason": "需现场勘查。",
    "promise": "15个工作日内",
    "recorder": "张敏",
}
RUN: Mapping[str, Any] = {
    "chief_present": "yes",
    "attendance": [{"unit": "fagai", "name": "王正平", "kind": "主要负责同志"}],
    "run_summary": "按时开展“坐诊”。",
}
MEASURES: Mapping[str, Any] = {
    "officer": "罗静",
    "officer_phone": "0871-63990001",
    "finish_on": "2026-10-12",
    "measures": "现场勘查，并联审批。",
}
HANDLE: Mapping[str, Any] = {
    "progress": "用地已批复。",
    "completion": "done",
    "reply": "贵公司冷库扩建用地已批复。",
}
COMPLAINT: Mapping[str, Any] = {
    "enterprise": "云南测试食品有限公司",
    "contact": "李建国",
    "phone": "13887400001",
    "complaint_kind": "rating",
    "title": "关于要求改写评价的反映",
    "complained": "某处室工作人员",
    "content": "工作人员来电要求我公司把评价写成满意。",
    "consent": True,
}
CHECK: Mapping[str, Any] = {
    "check_findings": "情况属实。",
    "check_result": "属实",
    "check_measures": "已批评教育并责令改正。",
    "check_reply": "已责令改正，评价由企业自主作出。",
}
RATE: Mapping[str, Any] = {
    "service_score": "satisfied",
    "handling_score": "basic",
    "advice": "希望审批再快一些。",
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town_of(tmp_path_factory.mktemp("yunnan"), "530000-yunnan", "2026-08-24 18:00") as place:
        yield place


def test_two_clocks_a_private_complaint_and_a_rating_by_link(
    town: Town, browser: Browser, tmp_path: Path
) -> None:
    with People(town, browser, STAFF) as people:
        town.set_time("2026-08-25 09:00")  # the last five working days of the month have begun
        people.do("zhuanban", "拟定次月“坐诊”公告", MONTH)
        people.do("zhuanban", "确定联合“坐诊”部门和出席人员", PREPARE)

        phone = people.phone()
        choose_place(phone, town, "云南省")
        picture(phone, "yunnan-home")
        read_announcement(phone, town, "2026年9月“厅局长坐诊接诉”公告", "主场：2026年9月18日")
        town.set_time("2026-09-02 09:30")
        receipt = register(phone, town, "预约“挂号”", REGISTER)

        people.do("zhuanban", "收集梳理诉求，确定“坐诊”部门", SORT)
        people.do("zhuanban", "与企业对接核实，列入服务事项清单", CONTACT)
        people.do("ziran", "按“挂号”顺序和问题类型安排场次", ARRANGE)
        people.do("ziran", "“叫号”提醒并登记", CALL)
        progress = look_up(phone, town, receipt)
        shows(phone, progress, "“坐诊”时间、地点及场次告知", "上午9:30")

        town.set_time("2026-09-18 10:00")
        people.do("ziran", "“坐诊”并填写服务工作记录表", CLINIC)
        people.do("fagai", "举行“坐诊”并登记出席", RUN)
        desk = people.desk("ziran")
        desk.goto(f"{town.url}/tasks")
        clocks = desk.locator("main tbody tr")
        expect(clocks).to_have_count(2)  # five and fifteen working days, both counted from the session
        expect(clocks.nth(0)).to_contain_text("2026年9月24日")
        expect(clocks.nth(0)).to_contain_text("明确经办人、完成时限、工作措施")
        expect(clocks.nth(1)).to_contain_text("2026年10月15日")
        expect(clocks.nth(1)).to_contain_text("单一部门办理并反馈")
        picture(desk, "yunnan-clocks")
        people.do("ziran", "明确经办人、完成时限、工作措施", MEASURES)

        complaint = register(phone, town, "反映办理人员问题", COMPLAINT)
        picture(phone, "yunnan-complaint-receipt")
        private = people.do("ducha", "核查处理", CHECK).url
        picture(people.desk("ducha"), "yunnan-complaint")
        for name in ("ziran", "zhuanban"):  # the handling unit, and the office that sees everything else
            cannot_see(people.desk(name), town, private)
        shows(phone, look_up(phone, town, complaint), CHECK["check_reply"])

        people.do("ziran", "单一部门办理并反馈", HANDLE)
        look_up(phone, town, receipt)
        eventually(phone, progress, lambda: "/link/" in phone.content())
        picture(phone, "yunnan-result")
        link = link_in(phone)
        phone.goto(link)
        fill(phone, RATE)
        picture(phone, "yunnan-rate")
        press(phone)
        expect(phone).to_have_url(f"{town.portal}/thanks")
        again = phone.goto(link)
        assert again is not None and again.status == 410

        office = people.do("zhuanban", "核对清单并销号", {"signoff": "close", "summary": "诉求已办理。"})
        office.goto(f"{town.url}/registers/ledger")
        row = office.locator("main tbody tr")
        expect(row).to_have_count(1)
        expect(row).to_contain_text("坐诊服务：满意；办理情况：基本满意")
        picture(office, "yunnan-ledger")
        assert MEASURES["measures"] in text_at(office, "打印（PDF）")
        papers = "".join(read_dossier(office, town, receipt.number, tmp_path))
    for wanted in (receipt.number, REGISTER["enterprise"], CLINIC["appeal"], "省自然资源厅", RATE["advice"]):
        assert wanted in papers, wanted
    assert COMPLAINT["title"] not in papers


def cannot_see(desk: Page, town: Town, private: str) -> None:
    """Neither a list nor the address of the complaint gives it away."""
    for page in ("tasks?scope=all", "cases", "cases?process=complaint", "archive"):
        desk.goto(f"{town.url}/{page}")
        expect(desk.locator("main")).not_to_contain_text(COMPLAINT["title"])
    answered = desk.goto(private)
    assert answered is not None and answered.status == 404
