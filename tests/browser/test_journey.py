"""One case with real browsers: the enterprise at its phone, four departments at their desks, and the clock."""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.conftest import Town
from tests.builders import (
    ACCEPT,
    ARRANGE,
    ASSIGN,
    CLINIC,
    CONTACT,
    HANDLE,
    NOTIFY,
    PASSWORD,
    PLAN,
    REGISTER,
    SIGNOFF,
    SLUG,
    TENANT,
)
from tests.services.test_scenarios import text_of

from zuozhen.services import archive

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
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


def fill(page: Page, answers: Mapping[str, Any]) -> None:
    """Answer a form as a person does, whatever the fields look like."""
    for key, value in answers.items():
        for each in value if isinstance(value, list) else [value]:
            answer(page, key, each)


def answer(page: Page, key: str, value: Any) -> None:
    fields = page.locator(f'form [name="{key}"]')
    kind = fields.first.evaluate("f => f.type || f.tagName.toLowerCase()")
    if kind in ("radio", "checkbox"):
        box = fields.first if value is True else page.locator(f'form [name="{key}"][value="{value}"]')
        box.check()
    elif kind.startswith("select"):
        fields.first.select_option(str(value))
    else:
        fields.first.fill(str(value))


def press(page: Page) -> None:
    """Press the main button of the page's form."""
    page.locator('main form button[type="submit"]:not([aria-hidden]):not([name])').first.click()
    page.wait_for_load_state("load")


def send(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).last.click()
    page.wait_for_load_state("load")


@contextmanager
def person(browser: Browser, size: dict[str, int], **options: Any) -> Iterator[Page]:
    """Open a browser window of one's own; any error of a script on a page fails the test."""
    context = browser.new_context(viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai", **options)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(15_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console", lambda line: errors.append(line.text) if "Content Security Policy" in line.text else None
    )
    try:
        yield page
    finally:
        context.close()
    assert errors == []


def no_sideways_scrolling(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} px too wide"


def sign_in(page: Page, town: Town, name: str) -> None:
    page.goto(f"{town.url}/login")
    page.get_by_label("登录名").fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    send(page, "登录")
    expect(page).to_have_url(f"{town.url}/tasks")


def complete(page: Page, town: Town, task: str, answers: Mapping[str, Any]) -> None:
    """Find a task in one's list, fill in its form, complete it."""
    page.goto(f"{town.url}/tasks")
    page.get_by_role("link", name=task).first.click()
    page.wait_for_load_state("load")
    fill(page, answers)
    press(page)
    expect(page.get_by_text(f"“{task}”已办结").first).to_be_visible()


def eventually(page: Page, address: str, holds: Callable[[], bool]) -> None:
    """Load a page until the worker has done its part."""
    end = time.monotonic() + 30
    while True:
        page.goto(address)
        if holds():
            return
        assert time.monotonic() < end, page.locator("main").inner_text()
        page.wait_for_timeout(200)


def register(page: Page, town: Town, **more: Any) -> tuple[str, str]:
    """Register on the portal; returns number and query code as shown on the receipt."""
    page.goto(f"{town.url}/")
    expect(page).to_have_url(f"{town.url}/p/{SLUG}/")
    no_sideways_scrolling(page)
    page.get_by_role("link", name=re.compile("挂号|诉求")).first.click()
    page.goto(f"{town.url}/p/{SLUG}/register")
    no_sideways_scrolling(page)
    fill(page, {**REGISTER, **more})
    press(page)
    expect(page).to_have_url(f"{town.url}/p/{SLUG}/receipt")
    no_sideways_scrolling(page)
    return page.locator("[data-zz-number]").inner_text().strip(), page.locator(
        "[data-zz-code]"
    ).inner_text().strip()


def test_registering_without_javascript_with_a_mistake_first(town: Town, browser: Browser) -> None:
    with person(browser, PHONE, java_script_enabled=False) as page:
        page.goto(f"{town.url}/p/{SLUG}/register")
        fill(page, {**REGISTER, "phone": "12"})
        press(page)
        expect(page.get_by_role("alert")).to_contain_text("电话")
        expect(page.locator('[name="content"]')).to_have_value(str(REGISTER["content"]))
        answer(page, "phone", REGISTER["phone"])
        press(page)
        expect(page).to_have_url(f"{town.url}/p/{SLUG}/receipt")
        code = page.locator("[data-zz-code]").inner_text()
        number = page.locator("[data-zz-number]").inner_text()
        page.goto(f"{town.url}/p/{SLUG}/query")
        page.get_by_label("回执编号").fill(number)
        page.get_by_label("查询码").fill(code.lower())
        press(page)
        expect(page).to_have_url(f"{town.url}/p/{SLUG}/progress")
        expect(page.locator("main")).to_contain_text(str(REGISTER["title"]))
        page.get_by_role("link", name="撤回").first.click()
        answer(page, "withdraw_reason", "已自行解决")
        press(page)
        expect(page.locator("main")).to_contain_text("企业撤回")


def test_the_whole_way_from_the_phone_to_the_archive(town: Town, browser: Browser, tmp_path: Path) -> None:
    for name, options in STAFF.items():
        town.hire(name, **options)
    with person(browser, PHONE) as phone:
        number, code = register(phone, town)

        with person(browser, DESK) as desk:
            sign_in(desk, town, "fagai")
            complete(desk, town, "分类梳理并答复是否受理", ACCEPT)
            complete(desk, town, name_of(town, "Task_assign"), ASSIGN)
        with person(browser, DESK) as desk:
            sign_in(desk, town, "ziran")
            complete(desk, town, name_of(town, "Task_contact"), CONTACT)
        town.set_time("2026-09-01 09:00")
        with person(browser, DESK) as desk:
            sign_in(desk, town, "fagai")
            complete(desk, town, name_of(town, "Task_arrange"), ARRANGE)
            plan = name_of(town, "Task_plan")
            eventually(desk, f"{town.url}/tasks", lambda: desk.get_by_role("link", name=plan).count() > 0)
            complete(desk, town, plan, PLAN)
        with person(browser, DESK) as desk:
            sign_in(desk, town, "ziran")
            complete(desk, town, name_of(town, "Task_notify"), NOTIFY)
            town.set_time("2026-09-20 08:30")  # the day of the session
            clinic = name_of(town, "Task_clinic")
            eventually(desk, f"{town.url}/tasks", lambda: desk.get_by_role("link", name=clinic).count() > 0)
            complete(desk, town, clinic, JOURNEY_CLINIC)
        with person(browser, DESK) as desk:
            sign_in(desk, town, "leader")
            complete(desk, town, name_of(town, "Task_leader"), DECISION)
        with person(browser, DESK) as desk:
            sign_in(desk, town, "gongxin")
            complete(desk, town, name_of(town, "Task_single"), HANDLE)

        phone.goto(f"{town.url}/p/{SLUG}/query")
        phone.get_by_label("回执编号").fill(number)
        phone.get_by_label("查询码").fill(code)
        press(phone)
        expect(phone).to_have_url(f"{town.url}/p/{SLUG}/progress")
        progress = f"{town.url}/p/{SLUG}/progress"
        eventually(phone, progress, lambda: "/link/" in phone.content())
        no_sideways_scrolling(phone)
        link = re.search(r"http://[^\s<\"]+/link/[^\s<\"]+", phone.content())
        assert link is not None
        phone.goto(link[0])
        no_sideways_scrolling(phone)
        fill(phone, {"service_score": "satisfied", "handling_score": "basic"})
        press(phone)
        expect(phone).to_have_url(f"{town.url}/p/{SLUG}/thanks")
        answered = phone.goto(link[0])
        assert answered is not None and answered.status == 410

        with person(browser, DESK, accept_downloads=True) as desk:
            sign_in(desk, town, "fagai")
            complete(desk, town, name_of(town, "Task_signoff"), SIGNOFF)
            dossier = desk.locator("main").get_by_role("link", name=re.compile("下载"))
            eventually(desk, f"{town.url}/archive?query={number}", lambda: dossier.count() == 1)
            with desk.expect_download() as download:
                dossier.first.click()
            file = tmp_path / "案卷.zip"
            download.value.save_as(file)
            send(desk, "核验")
            expect(desk.locator("main")).to_contain_text("完整")

    assert archive.verify_file(file) == ()
    with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as parts:
        pdfs = [text_of(parts.read(name)) for name in parts.namelist() if name.endswith(".pdf")]
    assert len(pdfs) >= 3
    everything = "".join(pdfs)
    for wanted in (
        REGISTER["enterprise"],
        number,
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
        return town.context.releases.live(session, TENANT).diagram.elements[element].name
