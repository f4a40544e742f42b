"""One case with real browsers: the enterprise at its phone, four departments at their desks, and the clock."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from tests.browser.conftest import Town
from tests.browser.forms import answer, fill, press
from tests.browser.steps import People, Receipt, eventually, link_in, look_up, read_dossier, register
from tests.browser.windows import PHONE, no_sideways_scrolling, person
from tests.builders import (
    ACCEPT,
    ARRANGE,
    ASSIGN,
    CLINIC,
    CONTACT,
    HANDLE,
    NOTIFY,
    PLAN,
    REGISTER,
    SIGNOFF,
)

pytestmark = pytest.mark.browser

JOURNEY_CLINIC = {**CLINIC, "handling": "leader"}
DECISION = {
    "handling": "single",
    "decision": "由市工业和信息化科技局牵头办理。",
    "lead_unit": "gongxin",
}
STAFF: dict[str, dict[str, Any]] = {
    "fagai": {"groups": ("lead_office",)},
    "ziran": {"unit": "ziran"},
    "leader": {"groups": ("leader",)},
    "gongxin": {"unit": "gongxin"},
}


def test_registering_without_javascript_with_a_mistake_first(town: Town, browser: Browser) -> None:
    with person(browser, PHONE, java_script_enabled=False) as page:
        page.goto(f"{town.portal}/register")
        fill(page, {**REGISTER, "phone": "12"})
        press(page)
        expect(page.get_by_role("alert")).to_contain_text("电话")
        expect(page.locator('[name="content"]')).to_have_value(str(REGISTER["content"]))
        answer(page, "phone", REGISTER["phone"])
        press(page)
        expect(page).to_have_url(f"{town.portal}/receipt")
        code = page.locator("[data-zz-code]").inner_text()
        number = page.locator("[data-zz-number]").inner_text()
        look_up(page, town, Receipt(number, code.lower()))
        expect(page.locator("main")).to_contain_text(str(REGISTER["title"]))
        page.get_by_role("link", name="撤回").first.click()
        answer(page, "withdraw_reason", "已自行解决")
        press(page)
        expect(page.locator("main")).to_contain_text("企业撤回")


def test_the_whole_way_from_the_phone_to_the_archive(town: Town, browser: Browser, tmp_path: Path) -> None:
    with People(town, browser, STAFF) as people:
        phone = people.phone()
        phone.goto(f"{town.url}/")
        expect(phone).to_have_url(f"{town.portal}/")  # the only jurisdiction here: nothing to choose
        receipt = register(phone, town, "我要挂号", REGISTER)
        no_sideways_scrolling(phone)

        people.do("fagai", name_of(town, "Task_accept"), ACCEPT)
        people.do("fagai", name_of(town, "Task_assign"), ASSIGN)
        people.do("ziran", name_of(town, "Task_contact"), CONTACT)
        town.set_time("2026-09-01 09:00")
        people.do("fagai", name_of(town, "Task_arrange"), ARRANGE)
        people.do("fagai", name_of(town, "Task_plan"), PLAN)
        people.do("ziran", name_of(town, "Task_notify"), NOTIFY)
        town.set_time("2026-09-20 08:30")  # the day of the session
        people.do("ziran", name_of(town, "Task_clinic"), JOURNEY_CLINIC)
        people.do("leader", name_of(town, "Task_leader"), DECISION)
        people.do("gongxin", name_of(town, "Task_single"), HANDLE)

        progress = look_up(phone, town, receipt)
        eventually(phone, progress, lambda: "/link/" in phone.content())
        link = link_in(phone)
        phone.goto(link)
        fill(phone, {"service_score": "satisfied", "handling_score": "basic"})
        press(phone)
        expect(phone).to_have_url(f"{town.portal}/thanks")
        answered = phone.goto(link)
        assert answered is not None and answered.status == 410

        people.do("fagai", name_of(town, "Task_signoff"), SIGNOFF)
        papers = read_dossier(people.desk("fagai"), town, receipt.number, tmp_path)

    assert len(papers) >= 3
    everything = "".join(papers)
    for wanted in (
        REGISTER["enterprise"],
        receipt.number,
        "王正平",
        DECISION["decision"],
        HANDLE["reply"],
        "基本满意",
        SIGNOFF["summary"],
    ):
        assert str(wanted) in everything, wanted


def name_of(town: Town, element: str) -> str:
    """Return the name of a task in the live diagram."""
    with town.context.database.read() as session:
        return town.context.releases.live(session, town.tenant).diagram.elements[element].name
