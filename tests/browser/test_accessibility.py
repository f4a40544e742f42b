"""axe-core finds nothing on any kind of page, with and without errors (WCAG 2.2 AA)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page
from tests.browser.conftest import Town
from tests.builders import PASSWORD, REGISTER, ROOT, SLUG, TENANT
from tests.services import townpack
from tests.services.townpack import FIRST

from zuozhen.model.clock import local_date
from zuozhen.services import accounts, outbox, tasklist
from zuozhen.services.actors import Actor, enterprise
from zuozhen.services.deployment import deploy
from zuozhen.services.registration import Registered, register, start_by_hand
from zuozhen.services.tasks import as_formdata, submit
from zuozhen.store.tables import Notice

pytestmark = pytest.mark.browser

AXE = ROOT / "plugin" / "studio" / "node_modules" / "axe-core" / "axe.min.js"
SIZES = ({"width": 360, "height": 780}, {"width": 1280, "height": 900})
PUBLIC = ("", "register", "query", "notice", "results")
DESK = ("/tasks", "/tasks?scope=mine", "/cases", "/cases/new", "/sessions", "/start/clinic", "/archive")
DESK_MORE = ("/counters", "/account", "/nothing-here", "/numbers", "/announcements", "/notices")
REPORTS = (
    "/registers",
    "/registers/ledger",
    "/registers/ledger?q=nothing-like-this",
    "/reports",
    "/reports/intake",
    "/reports/attendance",
    "/reports/intake/cases",
)
STUDIO = (
    "/studio",
    "/studio/diagram",
    "/studio/forms",
    "/studio/forms/new",
    "/studio/forms/accept",
    "/studio/forms/accept/preview",
    "/studio/templates",
    "/studio/tables",
    "/studio/tables/units",
    "/studio/tables/recurrences",
    "/studio/tables/calendar",
    "/studio/tables/people",
    "/studio/try",
    "/studio/try/coverage",
    "/studio/compare",
    "/studio/deploy",
    "/studio/releases",
    "/studio/releases/1",
    "/studio/import",
    "/studio/migrations",
    "/studio/migrations/new",
    "/admin",
    "/corrections",
)


def violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text("utf-8"))
    found: Any = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found["violations"]]


@contextmanager
def window(browser: Browser, town: Town, size: dict[str, int]) -> Iterator[Page]:
    context = browser.new_context(viewport=size, base_url=town.url, locale="zh-CN")  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def visit(page: Page, path: str) -> dict[str, list[str]]:
    page.goto(path)
    return {path: found} if (found := violations(page)) else {}


@pytest.mark.parametrize("size", SIZES, ids=("phone", "desk"))
def test_portal(browser: Browser, town: Town, size: dict[str, int]) -> None:
    wrong: dict[str, list[str]] = {}
    with window(browser, town, size) as page:
        for name in PUBLIC:
            wrong |= visit(page, f"/p/{SLUG}/{name}")
        page.goto(f"/p/{SLUG}/register")
        page.get_by_role("button", name="提交挂号").click()
        wrong |= {"register with errors": found} if (found := violations(page)) else {}
        page.goto(f"/p/{SLUG}/query")
        page.fill("#number", "XW0000-0000")
        page.fill("#code", "22222222")
        page.get_by_role("button", name="查询").click()
        wrong |= {"query refused": found} if (found := violations(page)) else {}
    assert wrong == {}


def _told(group: str, case_id: UUID, subject: str, at: datetime) -> Notice:
    body = "请于9月20日上午9:00到政务服务中心。\n联系电话：0874-7160000"
    return Notice(
        tenant=TENANT,
        case_id=case_id,
        recipient=group,
        channel="record",
        subject=subject,
        body=body,
        status="recorded",
        at=at,
    )


@pytest.mark.parametrize("size", SIZES, ids=("phone", "desk"))
def test_desk(browser: Browser, town: Town, size: dict[str, int]) -> None:
    name = f"clerk{size['width']}"
    town.hire(name, groups=("lead_office",))
    answers = as_formdata(REGISTER)
    registered = register(town.context, enterprise(TENANT, "企业"), answers, channel="window")
    assert isinstance(registered, Registered)
    with town.context.database.write() as session:
        for subject in (
            "请到场参加坐诊",
            "关于一件标题很长很长很长很长很长的诉求请尽快提前做好准备工作的通知",
        ):
            session.add(_told("lead_office", registered.case_id, subject, town.context.clock()))
    wrong: dict[str, list[str]] = {}
    with window(browser, town, size) as page:
        wrong |= visit(page, "/login")
        page.fill("#username", name)
        page.fill("#password", PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url("**/tasks")
        for path in (*DESK, *DESK_MORE, f"/cases/{registered.case_id}"):
            wrong |= visit(page, path)
        page.goto("/notices")
        page.get_by_role("link", name="请到场参加坐诊").first.click()
        page.get_by_role("link", name="查看办件").wait_for()
        wrong |= {"notice": found} if (found := violations(page)) else {}
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        for path in REPORTS[:: 1 if size == SIZES[1] else 3]:  # those who read reports sit at desks
            page.goto(path)
            page.wait_for_load_state("networkidle")  # charts draw themselves
            wrong |= {path: found} if (found := violations(page)) else {}
        this_month = f"{local_date(town.context.clock()):%Y-%m}"  # by the clock that registered the case
        wrong |= visit(page, f"/reports/intake?period={this_month}")
        assert page.locator("[data-zz-chart] svg").count() >= 2
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        page.goto("/tasks")
        page.get_by_role("link", name="分类梳理并答复是否受理").first.click()
        wrong |= {"task": found} if (found := violations(page)) else {}
        page.get_by_role("button", name="提交并办结").click()
        wrong |= {"task with errors": found} if (found := violations(page)) else {}
    assert wrong == {}


@pytest.mark.parametrize("size", SIZES[1:], ids=("desk",))  # diagrams are not drawn on phones
def test_studio(browser: Browser, town: Town, size: dict[str, int]) -> None:
    name = f"system{size['width']}"
    accounts.create_account(town.context, TENANT, name, "系统管理员", admin=["system"], password=PASSWORD)
    registered = register(town.context, enterprise(TENANT, "企业"), as_formdata(REGISTER), channel="window")
    assert isinstance(registered, Registered)
    wrong: dict[str, list[str]] = {}
    with window(browser, town, size) as page:
        page.goto("/login")
        page.fill("#username", name)
        page.fill("#password", PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url("**/tasks")
        for path in (*STUDIO, f"/cases/{registered.case_id}/correct"):
            page.goto(path)
            page.wait_for_load_state("networkidle")  # editors and pictures draw themselves
            wrong |= {path: found} if (found := violations(page)) else {}
        page.goto(f"/cases/{registered.case_id}/correct")
        page.get_by_text("终止办件").first.click()
        page.evaluate("document.querySelectorAll('form').forEach((form) => { form.noValidate = true })")
        page.on("dialog", lambda dialog: dialog.accept())
        page.locator("form[action$='/cancel'] button[type=submit]").click()
        wrong |= {"correction with errors": found} if (found := violations(page)) else {}
    assert wrong == {}


def test_the_check_itself_finds_something(browser: Browser, town: Town) -> None:
    with window(browser, town, SIZES[0]) as page:
        page.set_content("<html><body><img src='x.png'><a href='#'></a></body></html>")
        assert any(line.startswith("image-alt") for line in violations(page))


@pytest.mark.parametrize("size", SIZES, ids=("phone", "desk"))
def test_several_jurisdictions_and_procedures(browser: Browser, town: Town, size: dict[str, int]) -> None:
    """Last in this file: from here on the login asks for the place."""
    deploy(town.context, townpack.town(FIRST, "甲县"))
    lead = Actor(FIRST, "专班员", groups=frozenset({"office"}), sees_all=True)
    answers = as_formdata({"enterprise": "甲一公司", "title": "关于用电的事项", "session": "2026-09-21"})
    registered = register(town.context, enterprise(FIRST, "企业"), answers, channel="window")
    assert isinstance(registered, Registered)
    tasks = tasklist.task_page(town.context, lead, "all").rows
    task = next(row for row in tasks if row.case_id == registered.case_id)
    submit(town.context, lead, task.token, as_formdata({"note": "请办理"}))
    start_by_hand(town.context, lead, as_formdata({"session": "2026-09-21", "note": "第一场"}))
    while outbox.run_once(town.context, kinds=("publish",)):
        pass
    name = f"host{size['width']}"
    groups = ("office", "forum_office")
    accounts.create_account(town.context, FIRST, name, "主办人", groups=groups, password=PASSWORD)
    home = f"/p/{FIRST}-jia"
    wrong: dict[str, list[str]] = {}
    with window(browser, town, size) as page:
        for path in ("/?choose=1", "/?q=nothing-like-this", "/login", f"{home}/", f"{home}/notice"):
            wrong |= visit(page, path)
        for path in (f"{home}/register", f"{home}/start/complaint", f"{home}/tables/rota"):
            wrong |= visit(page, path)
        wrong |= visit(page, f"/login?at={FIRST}-jia")
        page.fill("#username", name)
        page.fill("#password", PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url("**/tasks")
        for path in ("/cases", "/cases?process=forum", "/sessions", "/start/forum", "/numbers"):
            wrong |= visit(page, path)
        page.locator("summary", has_text="作废").first.click()
        wrong |= {"void a number": found} if (found := violations(page)) else {}
        page.goto("/announcements")
        page.locator("main li a").first.click()
        wrong |= {"announcement": found} if (found := violations(page)) else {}
        page.goto(f"/cases/{registered.case_id}")
        page.get_by_role("button", name="现场评价二维码").click()
        page.get_by_text("请企业用自己的手机扫码").wait_for()
        wrong |= {"code": found} if (found := violations(page)) else {}
    assert wrong == {}
