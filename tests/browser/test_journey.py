"""The whole journey of one matter, as its people live it: from 挂号 on a phone to the verified dossier."""

from __future__ import annotations

import io
import json
import re
import time
import zipfile
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import DESK, PHONE, ClockedServer, ContextMaker
from tests.builders import PASSWORD, SLUG, TENANT

from zuozhen.app import build_context
from zuozhen.documents import verify_dossier
from zuozhen.services import accounts
from zuozhen.settings import load_settings

pytestmark = pytest.mark.browser

ENTERPRISE = "宣威市乌蒙火腿有限公司"
TITLE = "关于冷库用电增容事项的情况反映"
STAFF = {
    "lead": {"groups": ("lead_office",)},
    "ziran": {"unit": "ziran"},
    "leader": {"groups": ("leader",)},
    "supervision": {"groups": ("supervision",)},
}


@pytest.fixture(scope="module")
def staffed(server: ClockedServer) -> ClockedServer:
    """The running server with one account for each role (made beside it, in the same database)."""
    settings = load_settings({}, instance=server.folder)
    context = build_context(settings, in_process_pdf=True)
    for username, options in STAFF.items():
        groups = options.get("groups", ())
        unit = str(options.get("unit", ""))
        accounts.create_account(
            context, TENANT, username, f"测试{username}", unit=unit, groups=tuple(groups), password=PASSWORD
        )
    context.database.close()
    return server


def sign_in(page: Page, username: str) -> Page:
    page.goto("/login")
    page.fill("#username", username)
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="任务", exact=True)).to_be_visible()
    return page


def fill_registration(page: Page) -> None:
    page.get_by_label("在宣经营").check()
    page.fill("[name=enterprise]", ENTERPRISE)
    page.fill("[name=credit_code]", "91530381MA6N01037C")
    page.fill("[name=address]", "宣威市宛水街道龙堡东路88号")
    page.fill("[name=contact]", "李建国")
    page.fill("[name=phone]", "13887400001")
    page.select_option("[name=contact_role]", "法定代表人")
    page.select_option("[name=matter_kind]", "困难问题")
    page.select_option("[name=life_stage]", "要素保障")
    page.fill("[name=title]", TITLE)
    page.fill("[name=content]", "我公司新增冷库一座，变压器容量不足，恳请协调供电部门尽快办理增容。")
    page.check("[name=consent]")


def register(page: Page) -> tuple[str, str]:
    """Register on the portal; returns receipt number and query code."""
    page.goto("/")
    page.get_by_role("link", name="我要挂号").click()
    fill_registration(page)
    page.get_by_role("button", name="提交挂号").click()
    expect(page.get_by_text("挂号成功")).to_be_visible()
    number = page.locator("[data-zz-number]").inner_text().strip()
    code = page.locator("[data-zz-code]").inner_text().strip()
    assert re.fullmatch(r"XW2026-\d{4}", number)
    assert re.fullmatch(r"[2-9A-Z]{8}", code)
    return number, code


def choose(page: Page, field: str, value: str) -> None:
    """Choose a value of a list or of radio buttons."""
    if page.locator(f"select[name={field}]").count():
        page.select_option(f"select[name={field}]", value)
    else:
        page.locator(f"[name={field}][value='{value}']").check()


def open_task(page: Page, name: str) -> None:
    page.goto("/tasks")
    page.get_by_role("link", name=name).first.click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def finish(page: Page, name: str) -> None:
    page.get_by_role("button", name=re.compile("办结$")).click()
    expect(page.get_by_role("status").first).to_contain_text("已办结")
    expect(page.locator("h1").first).not_to_have_text(name)


def eventually(page: Page, path: str, text: str, seconds: float = 20) -> None:
    """Reload a page until the worker has brought a text onto it."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        page.goto(path)
        if text in page.content():
            return
        time.sleep(0.3)
    raise AssertionError(f"{text} did not appear on {path}:\n{page.inner_text('body')[:1500]}")


def no_sideways_scroll(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_journey_from_registration_to_dossier(
    staffed: ClockedServer, open_context: ContextMaker, tmp_path: Path
) -> None:
    server = staffed
    server.set_time("2026-09-01 09:00")
    phone = open_context(PHONE).new_page()
    number, code = register(phone)
    no_sideways_scroll(phone)

    lead = sign_in(open_context(DESK).new_page(), "lead")
    open_task(lead, "分类梳理并答复是否受理")
    expect(lead.get_by_text("2026年9月3日").first).to_be_visible()  # 2 个工作日
    lead.get_by_label("受理", exact=True).check()
    lead.select_option("[name=reply_method]", "短信")
    finish(lead, "分类梳理并答复是否受理")
    open_task(lead, "确定“接诊”部门")
    lead.select_option("[name=reception_unit]", "ziran")
    finish(lead, "确定“接诊”部门")

    bureau = sign_in(open_context(DESK).new_page(), "ziran")
    open_task(bureau, "与企业对接、填写服务事项清单")
    bureau.fill("[name=contacted_on]", "2026-09-01")
    choose(bureau, "contact_method", "电话")
    bureau.fill("[name=situation]", "情况属实，变压器容量不足。")
    assert "变压器容量不足" in bureau.input_value("[name=appeal]")  # nothing is asked twice
    bureau.select_option("[name=lead_unit]", "ziran")
    finish(bureau, "与企业对接、填写服务事项清单")

    eventually(lead, "/tasks", "确定“坐诊”安排")  # the monthly session, started by its timer
    open_task(lead, "确定“坐诊”安排")
    assert lead.input_value("[name=clinic_date]") == "2026-09-20"  # the rule's date, a worked Sunday
    lead.fill("[name=sessions]", "上午9:00—12:00")
    lead.get_by_label("市自然资源局", exact=True).check()
    finish(lead, "确定“坐诊”安排")
    open_task(lead, "确定“坐诊”时间、地点及场次")
    lead.select_option("[name=clinic_date]", "2026-09-20")
    lead.fill("[name=clinic_time]", "上午9:00")
    lead.fill("[name=sequence]", "1")
    assert "接待室" in lead.input_value("[name=clinic_place]")
    finish(lead, "确定“坐诊”时间、地点及场次")

    open_task(bureau, "“坐诊”前告知企业负责人")
    expect(bureau.get_by_text("2026年9月16日").first).to_be_visible()  # 坐诊前 3 个工作日
    bureau.fill("[name=notified_on]", "2026-09-01")
    choose(bureau, "notify_method", "电话")
    bureau.fill("[name=notify_result]", "企业将按时参加。")
    finish(bureau, "“坐诊”前告知企业负责人")

    server.set_time("2026-09-20 09:00")  # the clinic day: a Sunday that is worked
    eventually(bureau, "/tasks", "并填写工作记录表")
    open_task(bureau, "“坐诊”并填写工作记录表（附件4）")
    assert bureau.input_value("[name=reception_unit_name]") == "市自然资源局"
    bureau.fill("[name=clinic_date]", "2026-09-20")
    bureau.fill("[name=leader]", "王正平")
    bureau.fill("[name=leader_post]", "局长")
    bureau.get_by_label("否", exact=True).check()
    for field, value in (("measure", "现场核对资料。"), ("method", "会后办理"), ("recorder", "张敏")):
        bureau.fill(f"[name={field}]", value)
    bureau.fill("[name=unsolved_reason]", "需现场勘查线路。")
    choose(bureau, "handling", "leader")
    bureau.fill("[name=promise]", "10个工作日内")
    finish(bureau, "“坐诊”并填写工作记录表（附件4）")

    leader = sign_in(open_context(DESK).new_page(), "leader")
    open_task(leader, "报请市政府分管领导牵头研究")
    choose(leader, "handling", "single")
    leader.fill("[name=decision]", "由市自然资源局牵头，供电局配合，限期办结。")
    choose(leader, "lead_unit", "ziran")
    finish(leader, "报请市政府分管领导牵头研究")

    server.set_time("2026-09-28 10:00")
    open_task(bureau, "单一部门办理并反馈")
    expect(bureau.get_by_text("2026年10月10日").first).to_be_visible()  # 10 个工作日，跨中秋国庆
    bureau.get_by_text("期限怎么算的").click()
    expect(bureau.get_by_text(re.compile("国庆节")).first).to_be_visible()
    bureau.fill("[name=progress]", "已完成增容并送电。")
    bureau.locator("[name=completion][value=done]").check()
    bureau.fill("[name=reply]", "贵公司变压器增容已完成，请知悉。")
    finish(bureau, "单一部门办理并反馈")

    fresh = open_context(PHONE).new_page()  # the enterprise on another day: number and code
    fresh.goto(f"/p/{SLUG}/query")
    fresh.fill("#number", number)
    fresh.fill("#code", code.lower())
    fresh.get_by_role("button", name="查询").click()
    eventually(fresh, f"/p/{SLUG}/progress", "/link/")
    no_sideways_scroll(fresh)
    link = re.search(rf"/p/{SLUG}/link/[\w.\-]+", fresh.content())
    assert link is not None
    rating = open_context(PHONE).new_page()  # the link alone is enough
    rating.goto(link.group())
    no_sideways_scroll(rating)
    rating.locator("[name=service_score][value=satisfied]").check()
    rating.locator("[name=handling_score][value=dissatisfied]").check()
    rating.get_by_role("button", name=re.compile("提交")).last.click()
    expect(rating.get_by_role("alert")).to_contain_text("原因")  # 不满意 needs a reason
    rating.fill("[name=dissatisfied_reason]", "送电时间比约定晚了三天。")
    rating.get_by_role("button", name=re.compile("提交")).last.click()
    expect(rating.get_by_role("heading", level=1)).to_contain_text("感谢")
    rating.goto(link.group())
    expect(rating.get_by_text("已经提交过")).to_be_visible()  # one time only

    supervision = sign_in(open_context(DESK).new_page(), "supervision")
    open_task(supervision, "回访核实、跟踪问效")
    supervision.fill("[name=callback_on]", "2026-09-28")
    choose(supervision, "callback_method", "电话")
    supervision.fill("[name=findings]", "已送电，企业对进度有意见，已说明情况。")
    choose(supervision, "redo", "close")
    finish(supervision, "回访核实、跟踪问效")

    open_task(lead, "办结销号")
    lead.locator("[name=signoff][value=close]").check()
    lead.fill("[name=summary]", "诉求已办结，企业基本满意。")
    finish(lead, "办结销号")
    eventually(lead, "/archive", number)
    with lead.expect_download() as waiting:
        lead.get_by_role("link", name=re.compile("下载")).first.click()
    dossier = tmp_path / "dossier.zip"
    waiting.value.save_as(dossier)
    lead.get_by_role("button", name="核验").first.click()
    expect(lead.get_by_text("案卷完整无误")).to_be_visible()
    check_dossier(dossier.read_bytes(), number)


def check_dossier(content: bytes, number: str) -> None:
    assert verify_dossier(content).problems == ()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        record = json.loads(archive.read("case.json"))
        assert record["case"]["number"] == number
        names = [name for name in archive.namelist() if name.startswith("forms/")]
        paper = {name: pdf_text(archive.read(name)) for name in names}
        volume = pdf_text(archive.read("dossier.pdf"))
    registration = next(text for name, text in paper.items() if "挂号" in name)
    assert "附件2" in registration and ENTERPRISE in registration and TITLE in registration
    clinic = next(text for name, text in paper.items() if "工作记录表" in name)
    assert "附件4" in clinic and "王正平" in clinic and "需现场勘查线路。" in clinic
    for wanted in ("卷内文件目录", "办理过程记录", "已完成增容并送电。", number):
        assert wanted in volume


def pdf_text(content: bytes) -> str:
    """Return the text of a PDF without blanks (a cell may break a line anywhere)."""
    document = pypdfium2.PdfDocument(content)
    text = "".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return re.sub(r"\s+", "", text)


def test_registration_without_javascript(staffed: ClockedServer, open_context: ContextMaker) -> None:
    """Errors name the fields, nothing typed is lost, and the second try succeeds: no script needed."""
    page = open_context(PHONE, javascript=False).new_page()
    page.goto(f"/p/{SLUG}/register")
    fill_registration(page)
    page.fill("[name=phone]", "12345")
    page.get_by_role("button", name="提交挂号").click()
    expect(page.get_by_role("alert")).to_contain_text("联系电话")
    assert page.input_value("[name=enterprise]") == ENTERPRISE
    page.fill("[name=phone]", "0874-7123456")
    page.get_by_role("button", name="提交挂号").click()
    expect(page.get_by_text("挂号成功")).to_be_visible()
    page.get_by_role("link", name="查看办理进度").click()
    expect(page.get_by_text(TITLE).first).to_be_visible()
    page.get_by_role("link", name=re.compile("撤回")).first.click()
    page.fill("[name=withdraw_reason]", "问题已自行解决。")
    page.get_by_role("button", name=re.compile("提交")).last.click()
    expect(page.locator("body")).to_contain_text("撤回")
