"""An administrator edits a form: adds a field, sees it on page and paper, saves; everything in Chinese."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Frame, Page, Request, expect
from tests.browser.conftest import Town
from tests.builders import PASSWORD, SLUG, TENANT

from zuozhen.documents import check_pdf
from zuozhen.services import accounts
from zuozhen.services.studio import workspace

pytestmark = pytest.mark.browser

PATH = f"forms/{SLUG}/explain.json"
LABEL = "法制审核意见"
LATIN = re.compile(r"[A-Za-z]{3,}")
ALLOWED = {
    "FEEL",
    "Markdown",
    "docx",
    "jpg",
    "pdf",
    "true",
    "decision",
    "refuse",
    "register",
    "content",
    "venue",
}
ALLOWED |= {"next", "session", "confidential"}
"""Latin words that people may read: names of formats, and the expressions that a text gives as an example."""


@pytest.fixture(scope="module")
def admin_page(browser: Browser, town: Town) -> Iterator[Page]:
    accounts.create_account(
        town.context, TENANT, "sysadmin", "系统管理员", groups=(), admin=["system"], password=PASSWORD
    )
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, base_url=town.url, locale="zh-CN", accept_downloads=True
    )
    page = context.new_page()
    page.goto("/login")
    page.fill("#username", "sysadmin")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="登录").click()
    yield page
    context.close()


@pytest.fixture
def complaints(admin_page: Page, town: Town) -> Iterator[list[str]]:
    """Collect what must never happen: errors in the console, exceptions, requests to other hosts."""
    found: list[str] = []

    def console(message: ConsoleMessage) -> None:
        if message.type == "error":
            found.append(f"console: {message.text}")

    def request(asked: Request) -> None:
        # The browser shows a PDF with pages of its own (chrome:, chrome-extension:).
        if not asked.url.startswith((town.url, "data:", "blob:", "chrome")):
            found.append(f"foreign: {asked.url}")

    def crashed(error: Any) -> None:
        found.append(f"exception: {error}")

    admin_page.on("console", console)
    admin_page.on("request", request)
    admin_page.on("pageerror", crashed)
    yield found
    for event, listener in (("console", console), ("request", request), ("pageerror", crashed)):
        admin_page.remove_listener(event, listener)


def open_editor(page: Page, key: str) -> None:
    page.goto(f"/studio/forms/{key}")
    page.locator("[data-zz-form-editor][data-ready]").wait_for()


def frame(page: Page, name: str) -> Frame:
    found = page.frame(name)
    assert found is not None
    return found


def add_text_field(page: Page, label: str) -> None:
    """Drag a field from the palette above the second one of the form, and name it."""
    start = page.locator('.fjs-palette-field[data-field-type="textfield"]').bounding_box()
    goal = page.locator(".fjs-element .fjs-element").nth(1).bounding_box()
    assert start is not None
    assert goal is not None
    page.mouse.move(start["x"] + 30, start["y"] + 30)
    page.mouse.down()
    page.mouse.move(goal["x"] + 60, goal["y"] + 40, steps=10)
    page.mouse.move(goal["x"] + 100, goal["y"] - 8, steps=5)
    page.mouse.up()
    entry = page.locator('[data-entry-id="label"]').get_by_role("textbox")
    if not entry.is_visible():
        page.locator('[data-group-id="group-general"] .bio-properties-panel-group-header').click()
    entry.fill(label)


def english_in(page: Page, root: str) -> set[str]:
    texts: list[str] = page.evaluate(
        """root => [...document.querySelectorAll(root + ', ' + root + ' *')].flatMap(node => [
            ...[...node.childNodes].filter(c => c.nodeType === 3 && !node.closest('svg, code, script, [hidden], .fjs-powered-by')).map(c => c.data),
            node.closest('.fjs-powered-by') ? '' : node.getAttribute('title') ?? '', node.getAttribute('placeholder') ?? '', node.getAttribute('aria-label') ?? '',
        ])""",
        root,
    )
    return {word for text in texts for word in LATIN.findall(text)} - ALLOWED


def test_a_field_is_added_saved_and_seen_on_page_and_paper(
    admin_page: Page, town: Town, complaints: list[str]
) -> None:
    page = admin_page
    before = workspace.read_file(town.context, TENANT, PATH).content.decode()
    open_editor(page, "explain")
    state = page.locator("[data-zz-save-state]")
    expect(state).to_have_text("已保存")
    add_text_field(page, LABEL)
    expect(state).to_contain_text("已自动存")
    expect(page.frame_locator('[name="zz-page"]').locator("body")).to_contain_text(LABEL)
    assert workspace.read_file(town.context, TENANT, PATH).content.decode() == before, "kept, not saved"
    page.keyboard.press("Control+s")
    expect(state).to_have_text("已保存")
    saved = workspace.read_file(town.context, TENANT, PATH)
    lines = saved.content.decode().splitlines()
    assert [line for line in before.splitlines() if line not in lines] == [], (
        "the rest of the file is as it was"
    )
    assert saved.content.decode().endswith("}\n")
    added = [part for part in json.loads(saved.content)["components"] if part.get("label") == LABEL]
    assert [part["type"] for part in added] == ["textfield"]
    frame(page, "zz-page").get_by_role("button", name="试提交").click()
    frame(page, "zz-page").locator("[data-zz-error-summary]").wait_for()
    paper = page.request.get("/studio/preview/print?key=explain")
    assert check_pdf(paper.body(), texts=[LABEL, f"示例{LABEL}"]) == ()
    assert complaints == []


def test_two_people_and_an_unsaved_change(admin_page: Page, browser: Browser, town: Town) -> None:
    page = admin_page
    other = browser.new_context(storage_state=page.context.storage_state(), base_url=town.url, locale="zh-CN")
    second = other.new_page()
    second.set_viewport_size({"width": 1440, "height": 900})
    for window in (page, second):
        open_editor(window, "urge")
    for window in (page, second):
        window.locator('.fjs-palette-field[data-field-type="textfield"]').press("Enter")
    page.locator("[data-zz-save]").click()
    expect(page.locator("[data-zz-save-state]")).to_have_text("已保存")
    second.locator("[data-zz-save]").click()
    dialog = second.get_by_role("dialog")
    expect(dialog).to_contain_text("没有覆盖")
    dialog.get_by_role("button", name="继续编辑").click()
    second.close(run_before_unload=False)
    other.close()
    open_editor(page, "urge")
    expect(page.locator("[data-zz-kept]")).to_contain_text("没有保存的修改")
    page.get_by_role("button", name="放弃这些修改").click()
    expect(page.locator("[data-zz-save-state]")).to_have_text("已保存")


def test_a_finding_selects_its_component(admin_page: Page) -> None:
    page = admin_page
    open_editor(page, "pass_up")
    page.locator(".fjs-element", has_text="转报").last.click()
    page.locator('[data-group-id="group-own-rules"] .bio-properties-panel-group-header').click()
    page.locator('[data-entry-id="hint-required.if"] textarea').fill("decision >")
    page.keyboard.press("Tab")
    selected = page.locator(".fjs-editor-selected").get_attribute("data-id")
    page.get_by_role("tab", name="检查").click()
    finding = page.locator("[data-zz-findings] button").first
    expect(finding).to_contain_text("required.if")
    page.locator(".fjs-form-container").click(position={"x": 5, "y": 5})
    finding.click()
    expect(page.locator(".fjs-editor-selected")).to_have_attribute("data-id", selected or "")
    page.locator("[data-zz-undo]").click()
    expect(page.locator("[data-zz-save-state]")).to_have_text("已保存")  # a change undone is none
    expect(page.locator("[data-zz-findings]")).to_contain_text("没有发现问题")


def test_everything_people_read_is_chinese(admin_page: Page) -> None:
    page = admin_page
    open_editor(page, "register")
    left = english_in(page, ".fjs-palette-container")
    kinds = (
        "textfield",
        "textarea",
        "number",
        "datetime",
        "checkbox",
        "checklist",
        "radio",
        "select",
        "taglist",
    )
    for kind in (*kinds, "filepicker", "group", "dynamiclist", "text", "separator", "spacer", "expression"):
        page.locator(f'.fjs-palette-field[data-field-type="{kind}"]').press("Enter")
        page.locator(".bio-properties-panel-group-header:not(.open)").evaluate_all(
            "all => all.map(one => one.click())"
        )
        page.wait_for_timeout(50)  # the panel draws its groups
        left |= {f"{kind}: {word}" for word in english_in(page, ".fjs-properties-panel") - values_in(page)}
    left |= english_in(page, ".fjs-form-container") - values_in(page)
    assert left == set()
    shown = page.locator(".fjs-palette-field").evaluate_all("all => all.map(one => one.dataset.fieldType)")
    assert set(shown) == {
        *kinds,
        "filepicker",
        "group",
        "dynamiclist",
        "text",
        "separator",
        "spacer",
        "expression",
    }
    page.set_viewport_size({"width": 1366, "height": 768})
    logo = page.locator(".fjs-powered-by-link")
    logo.scroll_into_view_if_needed()
    assert logo.evaluate(
        """logo => { const box = logo.getBoundingClientRect();
        const corners = [[box.left + 1, box.top + 1], [box.right - 1, box.bottom - 1]];
        const whole = corners.every(([x, y]) => logo.parentNode.contains(document.elementFromPoint(x, y)));
        return box.width > 20 && box.height > 10 && whole; }"""
    ), "the logo of bpmn.io is whole and nothing covers it"


def values_in(page: Page) -> set[str]:
    """Return the Latin words that come from the form itself (keys, ids, expressions)."""
    config = page.locator("[data-zz-form-editor]").get_attribute("data-zz-form-editor") or ""
    return set(LATIN.findall(config))
