"""呈贡：挂号期内预约已通告的场次，叫号、候诊，填附件4，企业扫码填附件5，报送、销号，附件3清单。"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.conftest import Town, town_of
from tests.browser.forms import fill, press
from tests.browser.qr import read_qr
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
    "zhuanban": {"groups": ("coordinator",)},
    "host": {"unit": "gongshanglian"},
}
APPOINT: Mapping[str, Any] = {"host_unit": "gongshanglian", "topic": "助推民营经济发展"}
PLAN: Mapping[str, Any] = {
    "session_date": "2026-10-20",
    "online_channel": "邮箱 example@example.gov.cn，热线 0871-60000000",
}
SESSION = "2026-10-20 gongshanglian"
REGISTER: Mapping[str, Any] = {
    "enterprise_kind": "operating",
    "enterprise": "昆明市呈贡测试花卉有限公司",
    "credit_code": "91530114MA6N010371",
    "address": "昆明市呈贡区斗南街道测试路1号",
    "contact": "李建国",
    "phone": "13887400001",
    "title": "关于用电增容事项的情况反映",
    "content": "我公司在办理用电增容时遇到困难，恳请协调有关部门研究解决。",
    "consent": True,
}
VERIFY: Mapping[str, Any] = {
    "contact_method": "电话",
    "situation": "情况属实。",
    "decision": "accept",
    "appeal": "请协调供电部门尽快完成用电增容。",
    "owner": "gongshanglian",
}
CALL: Mapping[str, Any] = {"called_by": "张敏", "coming": "yes"}
RECEIPT: Mapping[str, Any] = {
    "leader": "王正平",
    "leader_post": "主席",
    "dept_contact": "张敏",
    "dept_phone": "0871-60000000",
    "result": "solved",
    "measure": "现场核对资料，当场办理。",
    "method": "现场协调",
    "effect": "问题当场解决。",
}
RATE: Mapping[str, Any] = {"score": "basic", "advice": "希望多到企业走访。"}
RUN: Mapping[str, Any] = {
    "attendance": [{"unit": "gongshanglian", "name": "王正平", "kind": "“坐诊”部门主要领导"}],
    "summary": "按时开展“坐诊”。",
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town_of(tmp_path_factory.mktemp("chenggong"), "530114-chenggong", "2026-09-10 09:00") as place:
        yield place


def test_booked_called_received_rated_by_code_and_struck_off(
    town: Town, browser: Browser, tmp_path: Path
) -> None:
    with People(town, browser, STAFF) as people:
        start_by_hand(people.desk("zhuanban"), town, "sessions", "发起：局长“坐诊接诉”", APPOINT)
        host = people.do("host", "拟定通告（附件1）", PLAN)
        shows(host, host.url, "文书：“坐诊接诉”通告")
        assert "2026年第1期" in text_at(host, "文书：“坐诊接诉”通告")

        phone = people.phone()
        choose_place(phone, town, "昆明市呈贡区")
        picture(phone, "chenggong-home")
        read_announcement(phone, town, "通告", "“坐诊”部门：区工商联")
        phone.goto(f"{town.portal}/register")
        expect(phone.locator('[name="clinic_key"] option')).to_have_count(1)  # not before the booking period
        picture(phone, "chenggong-too-early")

        town.set_time("2026-09-18 10:00")
        receipt = register(phone, town, "企业预约“挂号”", {"clinic_key": SESSION, **REGISTER})
        progress = look_up(phone, town, receipt)
        shows(phone, progress, "预约“挂号”成功", "2026年10月20日")

        town.set_time(
            "2026-09-30 17:00"
        )  # registration closes: 区工商联 gets in touch within five working days
        people.do("host", "初步对接核实，梳理诉求", VERIFY)
        people.do("host", "形成清单、确定“陪诊”部门", {})
        host.goto(f"{town.url}/sessions")
        host.locator("main tr", has_text="10月20日").get_by_role("link", name="服务事项清单").first.click()
        expect(host.locator("main tbody tr")).to_contain_text(VERIFY["appeal"])
        picture(host, "chenggong-list")
        listed = text_at(host, "打印（PDF）")
        assert "区工商联" in listed and VERIFY["appeal"] in listed, listed

        town.set_time("2026-10-16 10:00")
        people.do("host", "电话“叫号”提醒", CALL)
        town.set_time("2026-10-20 08:45")
        shows(phone, progress, "“叫号”提醒：请按时到场“候诊”", "企业到场签到")
        picture(phone, "chenggong-called")
        phone.get_by_role("link", name="企业到场签到").click()
        press(phone)
        people.do("host", "“坐诊”接诉并填写回执单（附件4）", RECEIPT)

        link = code_shown(host)
        phone.goto(link)
        expect(phone.locator("main")).to_contain_text("王正平")
        fill(phone, RATE)
        picture(phone, "chenggong-rate")
        press(phone)
        expect(phone).to_have_url(f"{town.portal}/thanks")
        people.do("host", "组织“坐诊”，登记出席和总结", RUN)
        people.do("host", "报送销号材料（附件4、附件5）", {"rate_state": "online", "handed_by": "张敏"})
        desk = people.do("zhuanban", "核对销号", {})
        expect(desk.locator("main")).to_contain_text("已销号")
        shows(phone, progress, "已结束", "“坐诊”服务回执")

        desk.goto(f"{town.url}/registers/ledger")
        expect(desk.locator("main tbody tr")).to_contain_text(receipt.number)
        picture(desk, "chenggong-ledger")
        papers = "".join(read_dossier(desk, town, receipt.number, tmp_path))
    for wanted in (receipt.number, REGISTER["enterprise"], RECEIPT["dept_phone"], RATE["advice"], "王正平"):
        assert wanted in papers, wanted


def code_shown(desk: Page) -> str:
    """Let staff show the QR code of the rating; returns the address in it, which is all that the phone gets."""
    desk.get_by_role("button", name="现场评价二维码").click()
    desk.wait_for_load_state("load")
    picture(desk, "chenggong-code")
    return read_qr(str(desk.locator("img.zz-qr").get_attribute("src")))
