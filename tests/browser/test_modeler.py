"""An administrator changes the diagram in the browser: in Chinese, checked while drawing, and never lost."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
from lxml import etree
from playwright.sync_api import Browser, Locator, Page, expect
from tests.browser.conftest import Town
from tests.builders import DIAGRAM, PASSWORD, SLUG, TENANT, pack_files

from zuozhen.services import accounts
from zuozhen.services.actors import Actor
from zuozhen.services.studio import workspace
from zuozhen.services.studio.choices import read_choices

pytestmark = pytest.mark.browser

SAVED = re.compile("^已保存")
STUDIO = "document.querySelector('[data-zz-modeler]').studio"
WIDE = {"width": 1440, "height": 900}
LATIN = re.compile(r"[A-Za-z]{3,}")
KEY = re.compile(r"\b[A-Za-z]\w*_\w+|[\w/-]+\.bpmn\b")
ALLOWED = {
    *(
        "bpmn",
        "SVG",
        "XML",
        "FEEL",
        "Ctrl",
        "workdays",
        "before",
        "deadline",
        "recurrence",
        "unit",
        "clinic",
        "date",
        "case",
        "key",
    ),
    *("decision", "refuse", "and", "signoff", "callback", "zz", "clause", "BPMN", "Powered"),
}
"""Latin words that people may read: formats, and what examples show."""

KINDS = """
  UserTask ServiceTask SendTask ReceiveTask CallActivity ExclusiveGateway ParallelGateway InclusiveGateway
  EventBasedGateway TextAnnotation Group StartEvent EndEvent StartEvent+Message StartEvent+Timer EndEvent+Message
  EndEvent+Error EndEvent+Escalation EndEvent+Terminate IntermediateCatchEvent+Message IntermediateCatchEvent+Timer
  IntermediateThrowEvent+Message IntermediateThrowEvent+Escalation
"""
WALK = """async (kinds) => {
  const editor = document.querySelector('[data-zz-modeler]').studio.editor;
  const [factory, modeling, registry, selection, canvas, menus] =
    ['elementFactory', 'modeling', 'elementRegistry', 'selection', 'canvas', 'popupMenu'].map((name) => editor.get(name));
  const pause = () => new Promise((done) => setTimeout(done, 30));
  const texts = new Set();
  const read = (root) => {
    for (const node of root.querySelectorAll('*')) {
      if (['STYLE', 'TEXTAREA', 'NOSCRIPT'].includes(node.tagName) || node.closest('[data-zz-list], .zz-badge')) continue;
      for (const child of node.childNodes) if (child.nodeType === 3) texts.add(child.textContent.trim());
      for (const name of ['title', 'aria-label', 'placeholder']) texts.add((node.getAttribute(name) ?? '').trim());
    }
  };
  const pool = registry.get('Participant_case');
  const shapes = kinds.trim().split(/\\s+/).map((kind, index) => {
    const [type, definition] = kind.split('+');
    const shape = factory.createShape({
      type: `bpmn:${type}`, eventDefinitionType: definition && `bpmn:${definition}EventDefinition`,
    });
    return modeling.createShape(shape, { x: pool.x + 200 + index * 150, y: pool.y + pool.height - 60 }, pool);
  });
  const known = ['Task_joint', 'Flow_refuse', 'Participant_case', 'Lane_window', 'Sub_joint', 'Start_monthly',
    'Retime_single', 'Extend_single', 'Timer_notify', 'Throw_booking'].map((id) => registry.get(id));
  for (const element of [canvas.getRootElement(), ...shapes, ...known]) {
    selection.select(element === canvas.getRootElement() ? [] : element);
    await pause();
    document.querySelectorAll('.bio-properties-panel-group-header:not(.open)').forEach((header) => header.click());
    await pause();
    read(document.body);
    for (const menu of ['bpmn-replace', 'bpmn-append', 'bpmn-create', 'element-template-chooser']) {
      if (menus.isEmpty(element, menu)) continue;
      menus.open(element, menu, { x: 300, y: 200 }, { search: true });
      await pause();
      read(document.body);
      menus.close();
    }
  }
  return [...texts];
}"""


WAY_FROM_ASSIGN = f"""(() => {{
  const nexts = (element) => element.outgoing.map((flow) => flow.target);
  const first = nexts({STUDIO}.editor.get('elementRegistry').get('Task_assign'));
  return [first, first.flatMap(nexts)].map((found) => found.map((each) => each.businessObject.name));
}})()"""
"""The names of what follows, and of what follows that."""


@pytest.fixture(scope="module")
def admin(town: Town) -> Actor:
    accounts.create_account(
        town.context, TENANT, "sysadmin", "李工", groups=(), admin=["system"], password=PASSWORD
    )
    account = accounts.account_named(town.context, "sysadmin")
    known = accounts.account_of(town.context, TENANT, account.id, account.epoch)
    assert known is not None
    return known[1]


@pytest.fixture(scope="module")
def cookies(browser: Browser, town: Town, admin: Actor) -> Any:
    context = browser.new_context(base_url=town.url)
    sign_in(context.new_page())
    found = context.cookies()
    context.close()
    return found


@pytest.fixture
def page(browser: Browser, town: Town, admin: Actor, cookies: Any) -> Iterator[Page]:
    """Give a page of a browser of its own, over a draft that is as live.

    Fails if the console, an exception or a foreign address complained.
    """
    workspace.discard(town.context, admin, None)
    workspace.drop_autosave(town.context, admin, DIAGRAM)
    context = browser.new_context(viewport=WIDE, base_url=town.url, locale="zh-CN")  # type: ignore[arg-type]
    context.add_cookies(cookies)
    page, complaints = context.new_page(), list[str]()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda asked: complaints.append(asked.url) if foreign(asked.url, town.url) else None)
    yield page
    # A page that is closed with changes sends them as an autosave: the next test would be asked about it.
    page.evaluate(f"Object.assign({STUDIO}.draft, {{ saved: {STUDIO}.draft.content }}).draft.state = 'clean'")
    page.wait_for_load_state("networkidle")
    context.close()
    expected = re.compile(r"the server responded with a status of (409|400)")
    assert [each for each in complaints if not expected.search(each)] == []


def foreign(address: str, own: str) -> bool:
    return not address.startswith((own, "data:", "blob:"))


def sign_in(page: Page) -> None:
    page.goto("/login")
    page.fill("#username", "sysadmin")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/tasks")


def open_editor(page: Page, element: str = "") -> None:
    page.goto(f"/studio/diagram?element={element}")
    page.locator("[data-zz-ready]").wait_for()


def field(page: Page, label: str) -> Locator:
    return page.locator("[data-zz-panel]").get_by_label(label, exact=True)


def state(page: Page) -> Locator:
    return page.locator("[data-zz-state]").last


def saved_diagram(town: Town) -> str:
    return workspace.read_file(town.context, TENANT, DIAGRAM).content.decode()


def test_a_deadline_is_changed_in_plain_fields(page: Page, town: Town) -> None:
    open_editor(page, "Task_single")
    field(page, "多少天").fill("12")
    expect(page.locator('[data-element-id="Timer_single_label"]')).to_have_text("12个工作日")
    expect(page.locator("[data-zz-panel]")).to_contain_text("这里写“10个工作日”，时限是“12个工作日”")
    page.keyboard.press("Control+s")
    expect(state(page)).to_have_text(SAVED)
    assert "workdays(12, clock_from)" in saved_diagram(town)
    open_editor(page, "Timer_single")
    expect(field(page, "多少天")).to_have_value("12")
    logo = page.locator(".bjs-powered-by")
    box = logo.bounding_box()
    assert box is not None
    corners = [
        (box["x"] + dx, box["y"] + dy) for dx in (2, box["width"] - 2) for dy in (2, box["height"] - 2)
    ]
    on_top = "([x, y]) => Boolean(document.elementFromPoint(x, y)?.closest('.bjs-powered-by'))"
    assert all(page.evaluate(on_top, corner) for corner in corners), "something covers the bpmn.io mark"


def test_a_deadline_counts_by_its_own_rule(page: Page, town: Town) -> None:
    """“次日起”, 16:00 的同一天: chosen in plain fields, written as named arguments, read back."""
    open_editor(page, "Task_single")
    field(page, "从哪天起算").select_option("day_after_next")
    field(page, "几点截止").fill("4点")
    expect(page.locator("[data-zz-panel]")).to_contain_text("写成 16:00 的样子")
    field(page, "几点截止").fill("16:00")
    page.keyboard.press("Control+s")
    expect(state(page)).to_have_text(SAVED)
    assert 'workdays(10, clock_from, count_from: "day_after_next", due_time: "16:00")' in html.unescape(
        saved_diagram(town)
    )
    open_editor(page, "Timer_single")
    expect(field(page, "几点截止")).to_have_value("16:00")
    expect(field(page, "多少天")).to_have_value("10")


def test_several_units_decide_together(page: Page, town: Town) -> None:
    """会签: the rule, the vote and what counts as yes are chosen; what is written is what the engine counts by."""
    open_editor(page, "Task_joint")
    page.evaluate(
        f"{STUDIO}.editor.get('edits').form({STUDIO}.editor.get('elementRegistry').get('Task_joint'), 'accept')"
    )
    field(page, "怎样决定").select_option("approved")
    expect(field(page, "结果变量")).to_have_value("joint_outcome")
    expect(page.locator("[data-zz-list]")).to_contain_text("没有说明哪个字段是表决意见")
    field(page, "表决字段").select_option("decision")
    expect(page.locator("[data-zz-list]")).to_contain_text("没有说明哪些选项算同意")
    expect(page.locator("[data-zz-list]")).to_contain_text("没有写比例")
    field(page, "受理").check()
    field(page, "百分之几").fill("120")
    expect(page.locator("[data-zz-panel]")).to_contain_text("比例应在 0 到 100 之间")
    field(page, "百分之几").fill("200/3")
    expect(page.locator("[data-zz-list]")).not_to_contain_text("没有写比例")
    field(page, "逐份意见的列表").fill("opinions")
    field(page, "逐份意见的列表").press("Tab")
    expect(field(page, "意见已定就结束，其余的不再办")).to_be_checked()
    page.keyboard.press("Control+s")
    expect(state(page)).to_have_text(SAVED)
    (task,) = re.findall(r'<bpmn:userTask id="Task_joint".*?</bpmn:userTask>', saved_diagram(town), re.DOTALL)
    drawn = dict(re.findall(r'name="zz:(\w+)" value="([^"]*)"', task))
    assert {name: drawn.get(name) for name in ("vote", "ballot", "yes", "share", "outcome")} == {
        "vote": "approved",
        "ballot": "decision",
        "yes": "accept",
        "share": "200/3",
        "outcome": "joint_outcome",
    }
    assert ">outcomeDecided</bpmn:completionCondition>" in task
    assert "<bpmn:loopDataOutputRef>opinions</bpmn:loopDataOutputRef>" in task
    assert '<bpmn:property id="opinions" name="opinions"' in task
    open_editor(page, "Task_joint")
    expect(field(page, "逐份意见的列表")).to_have_value("opinions")
    expect(field(page, "受理")).to_be_checked()
    field(page, "怎样决定").select_option("")
    expect(field(page, "结果变量")).to_have_count(0)
    gone = page.evaluate(f"{STUDIO}.editor.saveXML({{format: true}}).then(({{xml}}) => xml)")
    assert "zz:vote" not in gone and "outcomeDecided" not in gone and "zz:yes" not in gone


def test_a_finding_leads_to_its_element(page: Page) -> None:
    open_editor(page, "Flow_refuse")
    field(page, "条件（FEEL）").fill('decison = "refuse"')
    field(page, "条件（FEEL）").press("Tab")
    finding = page.locator("[data-zz-list] button", has_text="decison").first
    finding.wait_for()
    page.locator("[data-zz-canvas] svg").first.click(position={"x": 700, "y": 12})
    finding.focus()
    page.keyboard.press("Enter")
    expect(field(page, "条件（FEEL）")).to_have_value('decison = "refuse"')
    assert page.evaluate(f"{STUDIO}.editor.get('selection').get().map((each) => each.id)") == ["Flow_refuse"]
    page.locator("[data-zz-filter=warning]").click()
    expect(finding).to_have_count(0)


def test_a_template_draws_its_deadline_in_one_step(page: Page) -> None:
    open_editor(page, "Task_assign")
    before = page.evaluate(f"{STUDIO}.editor.saveXML({{format: true}}).then(({{xml}}) => xml)")
    page.locator(".djs-context-pad [data-action=append]").click()
    expect(page.locator(".djs-popup")).to_contain_text("插入到“与企业对接、填写服务事项清单”之前")
    page.locator(".djs-popup .entry", has_text="限时办理任务").click()
    page.keyboard.type("法制审核")
    page.keyboard.press("Enter")
    expect(page.locator("[data-zz-list]")).to_contain_text("没有填写时间")
    assert page.evaluate(WAY_FROM_ASSIGN) == [["法制审核"], ["与企业对接、填写服务事项清单"]]
    expect(field(page, "到期后转到").locator("option:checked")).to_have_text("督办催办（经汇合点）")
    field(page, "多少天").fill("3")
    expect(page.locator("[data-zz-list]")).not_to_contain_text("没有填写时间")
    after = page.evaluate(f"{STUDIO}.editor.saveXML({{format: true}}).then(({{xml}}) => xml)")
    (timer,) = set(
        re.findall(r'<bpmn:boundaryEvent [^>]*name="3个工作日".*?</bpmn:boundaryEvent>', after, re.DOTALL)
    )
    assert "workdays(3)" in timer
    assert '"法制审核"</camunda:outputParameter>' in timer
    for _ in range(3):  # the number, the name, the task with its deadline and lines
        page.locator("[data-zz-act=undo]").click()
    expect(page.locator("[data-zz-act=undo]")).to_be_disabled()
    assert page.evaluate(f"{STUDIO}.editor.saveXML({{format: true}}).then(({{xml}}) => xml)") == before


def test_gateways_get_another_branch_and_ends_are_not_put_between(page: Page) -> None:
    open_editor(page, "Task_assign")
    branches = f"{STUDIO}.editor.get('elementRegistry').get('Task_assign').outgoing.length"
    page.locator(".djs-context-pad [data-action='append.end-event']").click()
    assert page.evaluate(branches) == 2
    page.locator("[data-zz-act=undo]").click()
    page.locator("[data-zz-fold]").click()
    expect(page.locator("[data-zz-fold]")).to_have_text("展开")
    gateway = page.evaluate(
        f"{STUDIO}.editor.get('elementRegistry').find((each) => each.type === 'bpmn:ExclusiveGateway' && each.outgoing.length === 2).id"
    )
    page.evaluate(f"{STUDIO}.editor.get('views').go('{gateway}')")
    page.locator(".djs-context-pad [data-action='append.append-task']").click()
    assert page.evaluate(f"{STUDIO}.editor.get('elementRegistry').get('{gateway}').outgoing.length") == 3


def test_the_second_to_save_is_told_and_loses_nothing(page: Page, town: Town, admin: Actor) -> None:
    open_editor(page, "Task_contact")
    theirs = saved_diagram(town).replace("workdays(5)", "workdays(6)")
    rev = workspace.read_file(town.context, TENANT, DIAGRAM).rev
    workspace.save_file(town.context, admin, DIAGRAM, theirs.encode(), rev=rev)
    field(page, "依据条款").fill("三（三）之五")
    page.keyboard.press("Control+s")
    dialog = page.get_by_role("dialog", name="这张图已被别人修改")
    expect(dialog).to_contain_text("李工")
    address = dialog.get_by_role("link", name="查看两份的差别").get_attribute("href")
    assert address is not None
    assert "6" in page.request.get(address).text()
    own = workspace.own_autosave(town.context, admin, DIAGRAM)
    assert own is not None
    assert "三（三）之五" in own.content.decode()
    dialog.get_by_role("button", name="用我的覆盖").click()
    expect(state(page)).to_have_text(SAVED)
    assert "三（三）之五" in saved_diagram(town)
    assert "workdays(6)" not in saved_diagram(town)
    kept = [
        workspace.revision(town.context, TENANT, DIAGRAM, each.rev).content
        for each in workspace.revisions(town.context, TENANT, DIAGRAM)
    ]
    assert theirs.encode() in kept


def test_unsaved_work_survives_the_end_of_the_session(page: Page, town: Town) -> None:
    open_editor(page, "Task_contact")
    cookies = page.context.cookies()
    page.context.clear_cookies()
    field(page, "依据条款").fill("会话之后")
    page.keyboard.press("Control+s")
    expect(state(page)).to_contain_text("登录已过期")
    assert page.evaluate("JSON.stringify(localStorage)").count("会话之后")
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    with page.context.new_page() as other:
        sign_in(other)
    page.locator("[data-zz-act=save]").click()
    expect(state(page)).to_have_text(SAVED)
    assert "会话之后" in saved_diagram(town)


def test_an_autosave_is_offered_and_taken_up(page: Page, town: Town, admin: Actor) -> None:
    changed = saved_diagram(town).replace("workdays(5)", "workdays(7)")
    rev = workspace.read_file(town.context, TENANT, DIAGRAM).rev
    workspace.autosave(town.context, admin, DIAGRAM, changed.encode(), rev=rev)
    page.goto("/studio/diagram?element=Timer_contact")
    page.get_by_role("button", name="恢复这份修改").click()
    expect(field(page, "多少天")).to_have_value("7")
    page.keyboard.press("Control+s")
    expect(state(page)).to_have_text(SAVED)
    assert "workdays(7)" in saved_diagram(town)


def test_every_text_is_chinese(page: Page) -> None:
    open_editor(page)
    choices = read_choices(pack_files(), SLUG)
    keys = [*choices.forms, *(field for form in choices.forms for field in form.fields)]
    known = {*ALLOWED, *(word for each in keys for word in LATIN.findall(each.key))}
    known |= {word for option in choices.messages for word in LATIN.findall(option.value)}
    texts = [KEY.sub("", text) for text in page.evaluate(WALK, KINDS)]
    assert len(texts) > 300, "the walk saw next to nothing"
    wrong = {text for text in texts if set(LATIN.findall(text)) - known}
    assert wrong == set()


def test_writing_back_an_unchanged_diagram_changes_nothing(page: Page) -> None:
    open_editor(page)
    written = page.evaluate(f"{STUDIO}.editor.saveXML({{format: true}}).then(({{xml}}) => xml)")
    assert facts(written.encode()) == facts(pack_files()[DIAGRAM])
    assert 'modeler:executionPlatform="Camunda Platform"' in written
    assert [f.get("id") for f in flows(written.encode())] == [
        f.get("id") for f in flows(pack_files()[DIAGRAM])
    ]


def facts(xml: bytes) -> dict[Any, list[Any]]:
    """Return every element with its attributes and text, without the order that has no meaning."""
    found: dict[Any, list[Any]] = {}
    for element in etree.fromstring(xml).iter(etree.Element):
        around = element.getparent()
        attributes = {
            name: value
            for name, value in element.attrib.items()
            if (name, value) != ("cancelActivity", "true")
        }
        where = (element.tag, element.get("id") or "", around.get("id") or "" if around is not None else "")
        found.setdefault(where, []).append((sorted(attributes.items()), (element.text or "").strip()))
    return {where: sorted(each, key=str) for where, each in found.items()}


def flows(xml: bytes) -> list[Any]:
    return list(etree.fromstring(xml).iter("{*}sequenceFlow"))
