"""临沧：选县（区）、主任审批、批示笺必附、编号、逾期催办函、A类销号，台帐按类别筛选，统计带图。"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from tests.browser.conftest import Town, town_of
from tests.browser.forms import answer, fill, hand_in, press, scan
from tests.browser.steps import (
    People,
    choose_place,
    look_up,
    open_task,
    read_dossier,
    register,
    shows,
    text_at,
)
from tests.browser.windows import picture

pytestmark = pytest.mark.browser

STAFF: Mapping[str, Mapping[str, Any]] = {
    "office": {"groups": ("lx_office",)},
    "director": {"groups": ("lx_director",)},
    "ziran": {"unit": "lx_ziran"},
    "fengqing": {"groups": ("fq_office",)},
}
REGISTER: Mapping[str, Any] = {
    "county": "lx",
    "registered": "yes",
    "enterprise": "临沧市测试茶业有限公司",
    "credit_code": "91530902MA6N01037X",
    "address": "临沧市临翔区凤翔街道测试路8号",
    "contact": "李建国",
    "post": "总经理",
    "phone": "13888300001",
    "title": "厂区扩建用地审批办理缓慢",
    "difficulty": "扩建厂房的用地预审材料已提交两个月，至今没有办结。",
    "request": "请协调明确用地预审办理时限。",
    "no_secret": True,
    "consent": True,
}
ACCEPT: Mapping[str, Any] = {
    "verify_method": "电话",
    "situation": "已与企业核实，情况属实。",
    "decision": "accept",
}
INTAKE: Mapping[str, Any] = {"category": "3", "receiver": "王芳", "route": "county"}
DRAFT: Mapping[str, Any] = {
    "scale": "single",
    "lead_unit": "lx_ziran",
    "draft_opinion": "拟由牵头部门按职责限时办理。",
}
APPROVE: Mapping[str, Any] = {
    "approval": "agree",
    "approve_opinion": "同意，请抓紧办理。",
    "approver_name": "杨志强",
}
PLAN: Mapping[str, Any] = {
    "responsible": "周明",
    "in_charge": "何伟",
    "handlers": "罗静",
    "measures": "实地核查，专人跟办，3日内提出办理意见。",
}
URGE: Mapping[str, Any] = {"urge_until": "2026-03-12", "urged_by": "王芳"}
HANDLE: Mapping[str, Any] = {
    "result": "已完成用地预审并出具意见。",
    "result_class": "A",
    "reply_mode": "面复",
    "reply": "您公司用地预审已办结，请到窗口领取批复。",
}
REVIEW: Mapping[str, Any] = {"review_decision": "agree", "document_number": "临翔自然资发〔2026〕5号"}
FOLLOW: Mapping[str, Any] = {
    "follow_method": "电话回询",
    "follow_progress": "企业表示问题已解决。",
    "satisfaction": "satisfied",
    "conclusion": "close",
}
NUMBER = "临翔服企办交（2026）第01号"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town_of(tmp_path_factory.mktemp("lincang"), "530900-lincang", "2026-03-02 09:00") as place:
        yield place


def test_approved_numbered_urged_and_struck_off(town: Town, browser: Browser, tmp_path: Path) -> None:
    with People(town, browser, STAFF) as people:
        phone = people.phone()
        choose_place(phone, town, "临沧市")
        picture(phone, "lincang-home")
        phone.get_by_role("link", name="诉求范围与办事须知").click()
        expect(phone.locator("main")).to_contain_text("临政办发〔2021〕21号")
        receipt = register(phone, town, "企业反映困难问题", REGISTER)

        people.do("office", "与企业核实，提出受理意见", ACCEPT)
        people.do("office", "填写登记表，分类建立台帐", INTAKE)
        draft = open_task(people.desk("office"), town, "提出拟办意见，拟定交办单")
        units = " ".join(draft.locator('[name="lead_unit"] option').all_inner_texts())
        assert "临翔供电局" in units and "凤庆" not in units  # only those of the enterprise's own district
        people.do("office", "提出拟办意见，拟定交办单", DRAFT)
        elsewhere = people.desk("fengqing")
        expect(elsewhere.locator("main")).not_to_contain_text(REGISTER["title"])
        people.do("director", "办公室主任审批", APPROVE)

        office = open_task(people.desk("office"), town, "附批示笺、登记表，下达交办单")
        press(office)
        expect(office.get_by_role("alert")).to_contain_text("必须附领导的批示笺")
        picture(office, "lincang-enclosure")
        answer(office, "instructions", scan("批示笺.pdf"))
        press(office)
        expect(office.locator("main")).to_contain_text(NUMBER)
        case = office.url
        unseen = elsewhere.goto(case)
        assert unseen is not None and unseen.status == 404
        people.do("ziran", "明确分管领导、承办人员和办理措施", PLAN)

        town.set_time("2026-03-10 09:00")  # the fifth working day was the day before
        desk = open_task(people.desk("office"), town, "下发催办函")
        fill(desk, URGE)
        picture(desk, "lincang-urge")
        hand_in(desk, "“下发催办函”已办结")
        shows(desk, case, "文书：催办函")
        letter = text_at(desk, "文书：催办函")
        for wanted in ("临翔区自然资源局", NUMBER, "2026年3月9日", "2026年3月12日", "特此函告"):
            assert wanted in letter, letter

        people.do("ziran", "牵头单位办理并答复企业", HANDLE)
        people.do("ziran", "主要领导审核办理结果", REVIEW)
        people.do("office", "电话回询或走访，跟踪问效", FOLLOW)
        shows(phone, look_up(phone, town, receipt), "已结束", HANDLE["reply"], "现予销号")
        picture(phone, "lincang-closed")

        desk.goto(f"{town.url}/registers/problems")
        desk.get_by_label("办理结果").select_option("A")
        desk.get_by_role("button", name="筛选").click()
        row = desk.locator("main tbody tr")
        expect(row).to_have_count(1)
        expect(row).to_contain_text("满意")
        expect(row).to_contain_text("问题解决、企业满意，已销号")
        picture(desk, "lincang-register")
        listed = text_at(desk, "打印（PDF）")
        assert "企业反映困难问题台帐" in listed and NUMBER in listed
        assert "临翔服企办收（2026）第01号" in listed

        desk.goto(f"{town.url}/reports/briefing?period=2026-03&parameter=lx")
        chart = desk.locator("[data-zz-chart] svg").first
        expect(chart).to_be_visible()
        expect(chart).to_contain_text("用地审批")
        expect(desk.locator(".zz-figures")).to_contain_text("满意和基本满意占已回访（%）")
        picture(desk, "lincang-report")
        assert "用地审批" in text_at(desk, "打印（PDF）")

        papers = "".join(read_dossier(desk, town, receipt.number, tmp_path))
    for wanted in (
        NUMBER,
        "临翔服企办收（2026）第01号",
        "催办函",
        REVIEW["document_number"],
        "同意，请抓紧办理。",
    ):
        assert wanted in papers, wanted
