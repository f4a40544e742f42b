"""The page that compares two versions."""

from __future__ import annotations

import re

import pytest
from tests.builders import DIAGRAM, SLUG, TENANT, Office, edited, pack_files
from tests.conftest import OfficeMaker
from tests.web.visitors import Visitor, staff, visitor

from zuozhen.services.actors import Actor
from zuozhen.services.deployment import deploy
from zuozhen.services.studio import workspace

SENTENCE = "“单一部门办理并反馈”时限 10 → 12 个工作日"
PAGE = "/studio/compare"


@pytest.fixture
def office(make_office: OfficeMaker) -> Office:
    """A second release with a longer limit and a box moved."""
    made = make_office(web=True)
    files = edited(pack_files(), DIAGRAM, "workdays(10, clock_from)", "workdays(12, clock_from)")
    moved = re.sub(
        r'(bpmnElement="Task_leader">\s*<dc:Bounds x=")\d+', r"\g<1>2000", files[DIAGRAM].decode(), count=1
    )
    deploy(made.context, {**files, DIAGRAM: moved.encode()}, note="改为12个工作日")
    return made


@pytest.fixture
def admin(office: Office) -> Visitor:
    return staff(office, "admin", admin="system")


def test_sentences_by_area_with_both_diagrams(admin: Visitor) -> None:
    page = admin.get(f"{PAGE}?old=v1&new=v2")
    assert page.status_code == 200
    assert SENTENCE in page.text
    assert '<h2 id="area-deadline">时限</h2>' in page.text
    assert "只是移动位置：1 处，不影响办理" in page.text
    assert page.text.index(SENTENCE) < page.text.index("移动了位置")
    assert 'data-zz-old-element="Timer_single" data-zz-new-element="Timer_single"' in page.text
    assert "side=v1" in page.text
    assert "side=v2" in page.text
    assert "compare.js" in page.text
    assert '<option value="v1" selected>' in page.text


def test_live_against_draft_is_what_it_opens_with(office: Office, admin: Visitor) -> None:
    page = admin.get(PAGE)
    assert "现行版本（第 2 版）与草稿没有差异" in page.text
    assert "compare.js" not in page.text
    path = f"templates/message/{SLUG}/accepted.txt"
    content = pack_files()[path] + "<b>新的一行</b>\n".encode()
    workspace.save_file(office.context, Actor(TENANT, "管理员"), path, content, rev=0)
    page = admin.get(PAGE)
    assert "消息模板“accepted”：增加 1 行" in page.text
    assert "&lt;b&gt;新的一行&lt;/b&gt;" in page.text
    assert "逐行对照" in page.text
    assert "compare.js" not in page.text  # the diagrams are equal


def test_the_same_version_twice(admin: Visitor) -> None:
    assert "两边选的是同一个版本" in admin.get(f"{PAGE}?old=v1&new=v1").text


def test_json(admin: Visitor) -> None:
    answer = admin.get(f"{PAGE}?old=v1&new=v2&format=json").get_json()
    assert answer["counts"] == {"deadline": 1, "drawing": 1}
    assert answer["changes"][0] == {
        "kind": "changed",
        "area": "deadline",
        "sentence": SENTENCE,
        "file": DIAGRAM,
        "element": "Timer_single",
        "old": "workdays(10, clock_from)",
        "new": "workdays(12, clock_from)",
    }
    assert answer["coloured_new"] == {"Timer_single": "changed", "Task_leader": "moved"}
    assert answer["suggested_mapping"] == {}


def test_the_diagram_of_a_side(admin: Visitor) -> None:
    answer = admin.get(f"{PAGE}/diagram.bpmn?side=v1")
    assert answer.mimetype == "application/xml"
    assert answer.data == pack_files()[DIAGRAM]
    assert b"workdays(12, clock_from)" in admin.get(f"{PAGE}/diagram.bpmn?side=draft").data


@pytest.mark.parametrize("query", ["old=v9", "new=<script>", "old=v999999999999", "new=%00", "old=草稿"])
def test_an_unknown_version_is_not_found(admin: Visitor, query: str) -> None:
    assert admin.get(f"{PAGE}?{query}").status_code == 404
    assert "<script>alert" not in admin.get(f"{PAGE}?{query}").text
    assert (
        admin.get(f"{PAGE}/diagram.bpmn?{query.replace('old', 'side').replace('new', 'side')}").status_code
        == 404
    )


def test_broken_drafts_have_a_page_too(office: Office, admin: Visitor) -> None:
    for path, content in (
        (DIAGRAM, b"<bpmn"),
        (f"forms/{SLUG}/handle.json", b"{"),
        (f"processes/{SLUG}/pack.toml", b"="),
    ):
        rev = workspace.rev_of(office.context, TENANT, path)
        workspace.save_file(office.context, Actor(TENANT, "管理员"), path, content, rev=rev)
    page = admin.get(PAGE)
    assert page.status_code == 200
    assert page.text.count("有一版无法读取") == 3
    assert admin.get(f"{PAGE}?old=draft&new=live").status_code == 200
    assert admin.get(f"{PAGE}/diagram.bpmn?side=draft").data == b"<bpmn"


def test_only_for_the_system_administrator(office: Office) -> None:
    for path in (PAGE, f"{PAGE}/diagram.bpmn"):
        assert staff(office, f"lead{len(path)}", groups=("lead_office",)).get(path).status_code == 403
        assert visitor(office).get(path).status_code == 302
