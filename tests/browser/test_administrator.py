"""An administrator changes the procedure: edits, is stopped by a mistake, tries, compares, deploys, migrates, goes back."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select
from tests.browser.conftest import SECRET, Town
from tests.builders import PASSWORD, TENANT, Office
from tests.services.stages import cases_in_stages

from zuozhen.documents import Renderer
from zuozhen.model.clock import due_date
from zuozhen.services import accounts
from zuozhen.services.studio import workspace
from zuozhen.store.tables import TOKEN_OPEN, Case, Release, Token

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STUDIO = "document.querySelector('[data-zz-modeler]').studio"
CASES = 50
Due = dict[tuple[str, str], str]


@pytest.fixture(scope="module")
def town(paper: Renderer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town with fifty cases in nine stages, on the morning of its session."""
    folder = tmp_path_factory.mktemp("studio")
    office = Office.create(folder, paper, secret=SECRET)
    cases_in_stages(office, CASES)
    accounts.create_account(
        office.context, TENANT, "sysadmin", "李工", groups=(), admin=["system"], password=PASSWORD
    )
    office.close()
    place = Town(folder, office.clock())
    yield place
    place.close()


@pytest.fixture(scope="module")
def page(browser: Browser, town: Town) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=town.url, locale="zh-CN")
    page = context.new_page()
    page.goto("/login")
    page.fill("#username", "sysadmin")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/tasks")
    yield page
    context.close()


def open_diagram(page: Page, element: str = "") -> None:
    page.goto(f"/studio/diagram?element={element}")
    page.locator("[data-zz-ready]").wait_for()


def field(page: Page, label: str) -> Locator:
    return page.locator("[data-zz-panel]").get_by_label(label, exact=True)


def save(page: Page) -> None:
    page.keyboard.press("Control+s")
    expect(page.locator("[data-zz-state]").last).to_have_text(re.compile("^已保存"))


def selected_names(page: Page) -> list[str]:
    found: list[str] = page.evaluate(
        f"{STUDIO}.editor.get('selection').get().map((each) => each.businessObject.name)"
    )
    return found


def due_dates(town: Town) -> Due:
    """Return the due date of every open task of every case."""
    with town.context.database.read() as session:
        rows = session.scalars(
            select(Token).where(Token.status == TOKEN_OPEN, Token.kind == "task", Token.due_at.is_not(None))
        ).all()
    return {
        (row.case_id.hex, row.token): due_date(row.due_at).isoformat()
        for row in rows
        if row.due_at is not None
    }


def places(town: Town) -> dict[tuple[str, str], str]:
    with town.context.database.read() as session:
        rows = session.scalars(select(Token).where(Token.status == TOKEN_OPEN)).all()
        return {(row.case_id.hex, row.token): row.element_id for row in rows}


def versions(town: Town) -> dict[int, int]:
    """Return how many open cases run on which version."""
    with town.context.database.read() as session:
        rows = session.execute(
            select(Release.version).join(Case, Case.release_id == Release.id).where(Case.status == "open")
        ).scalars()
        found: dict[int, int] = {}
        for version in rows:
            found[version] = found.get(version, 0) + 1
    return found


def test_a_form_for_the_new_task_is_made(page: Page, town: Town) -> None:
    page.goto("/studio/forms")
    page.get_by_role("link", name="新建表单").click()
    page.fill("#title", "法制审核意见表")
    page.fill("#key", "legal_review")
    page.get_by_role("button", name="建立并编辑").click()
    page.locator("[data-zz-form-editor][data-ready]").wait_for()
    page.locator('.fjs-palette-field[data-field-type="textfield"]').focus()
    page.keyboard.press("Enter")
    page.locator(".bio-properties-panel-header-type", has_text="单行文本").wait_for()
    header = page.locator('[data-group-id="group-general"] .bio-properties-panel-group-header')
    header.wait_for()
    if "open" not in (header.get_attribute("class") or "").split():
        header.click()
    page.locator('[data-entry-id="label"] :is(input, textarea, [contenteditable="true"])').first.fill(
        "审核意见"
    )
    page.keyboard.press("Control+s")
    expect(page.locator("[data-zz-save-state]")).to_have_text("已保存")
    assert (
        "审核意见"
        in workspace.read_file(
            town.context, TENANT, f"forms/{workspace.slug(town.context, TENANT)}/legal_review.json"
        ).content.decode()
    )


def test_days_are_changed_and_a_task_is_added_with_a_mistake(page: Page) -> None:
    open_diagram(page, "Task_single")
    field(page, "多少天").fill("12")
    field(page, "多少天").press("Tab")
    save(page)
    open_diagram(page, "Task_assign")
    page.locator(".djs-context-pad [data-action=append]").click()
    page.locator(".djs-popup .entry", has_text="限时办理任务").click()
    page.keyboard.type("法制审核")
    page.keyboard.press("Enter")
    field(page, "多少天").fill("3")
    field(page, "表单").select_option("legal_review")
    field(page, "依据条款").fill("三（三）")
    field(page, "依据条款").press("Tab")
    finding = page.locator("[data-zz-list] button", has_text="没有写由谁办理").first
    finding.wait_for()
    page.evaluate(f"{STUDIO}.editor.get('selection').select([])")
    finding.click()
    assert selected_names(page) == ["法制审核"]
    save(page)


def test_a_mistake_is_not_deployed(page: Page) -> None:
    page.goto("/studio/deploy")
    expect(page.locator("main")).to_contain_text("改正错误后才能部署")
    expect(page.get_by_role("button", name=re.compile("部署为第 2 版"))).to_be_disabled()
    page.locator(".zz-findings .is-error", has_text="法制审核").get_by_role("link").click()
    page.locator("[data-zz-ready]").wait_for()
    assert selected_names(page) == ["法制审核"]


def test_the_mistake_is_mended(page: Page) -> None:
    field(page, "岗位（谁办）").select_option(label="市发展和改革委员会“坐诊接诉”工作专班")
    expect(page.locator("[data-zz-filter=error]")).to_contain_text("0")
    save(page)


def test_the_run_stops_at_the_new_task(page: Page) -> None:
    page.goto("/studio/try")
    page.fill("#title", "法制审核试一试")
    page.get_by_role("button", name="开始试运行").click()
    page.get_by_role("link", name="企业挂号").click()
    page.get_by_role("link", name="填入样例").click()
    page.get_by_role("button", name="提交").click()
    for name in ("分类梳理并答复是否受理", "确定“接诊”部门"):
        page.get_by_role("link", name=re.compile(f"办理“{name}”")).click()
        page.get_by_role("link", name="填入样例").click()
        page.get_by_role("button", name="提交").click()
    expect(page.locator(".zz-todo")).to_contain_text("法制审核")
    page.get_by_role("link", name=re.compile("办理“法制审核”")).click()
    page.get_by_label(re.compile("审核意见")).fill("依法合规。")
    page.get_by_role("button", name="提交").click()
    expect(page.locator(".zz-todo")).to_contain_text("与企业对接")


def test_the_difference_is_told_in_sentences(page: Page) -> None:
    page.goto("/studio/compare")
    main = page.locator("main")
    expect(main).to_contain_text("10 → 12 个工作日")
    expect(main).to_contain_text("法制审核")
    expect(page.locator(".bjs-powered-by")).to_have_count(2)


def test_it_is_deployed_with_reasons(page: Page, town: Town) -> None:
    page.goto("/studio/deploy")
    page.get_by_role("button", name="现在运行情景").click()
    page.locator("text=个与预期不符").wait_for(timeout=90_000)
    for box in page.locator("input[name^=reason-]").all():
        box.fill("增加法制审核环节后重新核定")
    page.fill("#note", "增加法制审核，单一部门办理改为12个工作日")
    page.fill("#reference", "宣办通〔2026〕9号")
    page.get_by_role("button", name="部署为第 2 版").click()
    page.wait_for_load_state()
    expect(page.locator("main")).to_contain_text("第 2 版")
    assert versions(town).keys() == {1}


def test_running_cases_are_migrated_and_rolled_back(page: Page, town: Town) -> None:
    before, stood = due_dates(town), places(town)
    singles = [key for key, element in stood.items() if element == "Task_single"]
    assert singles
    running = sum(versions(town).values())
    page.goto("/studio/migrations/new")
    main = page.locator("main")
    expect(main).to_contain_text(f"共 {running} 件在办件")
    expect(main).to_contain_text("workdays(12, clock_from)")
    page.fill("#note", "宣办通〔2026〕9号")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name=re.compile("迁移所选办件")).click()
    page.locator("text=全部回退").wait_for(timeout=60_000)
    assert versions(town) == {2: running}
    after = due_dates(town)
    assert after.keys() == before.keys()
    assert {before[key] for key in singles} == {"2026-10-10"}
    assert {after[key] for key in singles} == {"2026-10-13"}
    assert all(after[key] == before[key] for key in before.keys() - set(singles))
    assert places(town) == stood

    page.reload()
    page.fill("#reason", "先不改，另行通知")
    page.get_by_role("button", name=re.compile("全部回退")).click()
    expect(page.locator("main")).to_contain_text("已回退", timeout=60_000)
    expect(page.locator("#progress[hx-trigger]")).to_have_count(0, timeout=60_000)
    assert versions(town) == {1: running}
    assert due_dates(town) == before
    assert places(town) == stood
