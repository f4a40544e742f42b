"""The pages of forms in the studio: list, new, copy, delete, editor, previews, templates."""

from __future__ import annotations

import html
import json
import re
from typing import Any
from urllib.parse import quote

import pytest
from tests.builders import SLUG, Office
from tests.web.visitors import Visitor, staff, visitor

from zuozhen.formjs import COMPONENTS
from zuozhen.services.studio import workspace

RATE = f"forms/{SLUG}/rate.json"
NASTY = ("../../etc/passwd", "rate%00", "<script>", "a" * 300, "；", "rate.json", "%2e%2e")


@pytest.fixture
def admin(web_office: Office) -> Visitor:
    return staff(web_office, "admin", admin="system")


def config_of(page: str, name: str) -> dict[str, Any]:
    found = re.search(rf"data-zz-{name}='([^']*)'", page)
    assert found
    config: dict[str, Any] = json.loads(html.unescape(found[1]))
    return config


def put(admin: Visitor, path: str, content: str, rev: int = 0, kind: str = "files") -> int:
    headers = {"X-CSRFToken": admin.csrf()}
    body = {"content": content, "rev": rev}
    return admin.client.put(f"/studio/{kind}/{path}", json=body, headers=headers).status_code


def test_only_the_system_administrator_gets_in(web_office: Office) -> None:
    clerk = staff(web_office, "clerk", groups=("window",))
    stranger = visitor(web_office)
    for path in (
        "/studio/forms",
        "/studio/forms/new",
        "/studio/forms/rate",
        "/studio/forms/rate/preview",
        "/studio/preview/form?key=rate",
        "/studio/preview/print?key=rate",
        "/studio/templates",
        f"/studio/preview/template?path=templates/message/{SLUG}/accepted.txt",
    ):
        assert clerk.get(path).status_code == 403, path
        assert stranger.get(path).status_code == 302, path


def test_list_and_editor(admin: Visitor) -> None:
    page = admin.get("/studio/forms")
    assert page.status_code == 200
    assert "企业“挂号”预约信息表" in page.text
    assert "附件2" in page.text
    assert "删除" not in page.text, "every form of the pack is in use"
    config = config_of(admin.get("/studio/forms/register").text, "form-editor")
    assert set(config["types"]) == COMPONENTS.keys(), "the palette is the server's registry"
    assert json.loads(config["content"])["id"] == "Form_register"
    assert ["units", "单位"] in config["lists"]
    assert config["kept"] is None


def test_a_form_is_made_copied_and_deleted(web_office: Office, admin: Visitor) -> None:
    made = admin.post(
        "/studio/forms/new", {"key": "legal_review", "title": "法制审核<意见>表", "copy_of": ""}
    )
    assert (made.status_code, made.location) == (302, "/studio/forms/legal_review")
    copied = admin.post("/studio/forms/new", {"key": "rate_again", "title": "再评", "copy_of": "rate"})
    assert copied.status_code == 302
    page = admin.get("/studio/forms")
    assert "法制审核&lt;意见&gt;表" in page.text
    assert page.text.count('aria-label="删除') == 2
    assert admin.post("/studio/forms/legal_review/delete", {"rev": "1"}).status_code == 302
    assert f"forms/{SLUG}/legal_review.json" not in workspace.files(web_office.context, web_office.tenant)


def test_a_form_in_use_is_not_deleted(web_office: Office, admin: Visitor) -> None:
    answer = admin.post("/studio/forms/rate/delete", {"rev": "0"})
    assert answer.status_code == 409
    assert "满意度评价" in answer.text
    assert RATE in workspace.files(web_office.context, web_office.tenant)


def test_what_was_typed_comes_back_with_what_is_wrong(admin: Visitor) -> None:
    page = admin.post("/studio/forms/new", {"key": "Bad Key", "title": "标题<b>", "copy_of": ""})
    assert page.status_code == 422
    assert 'value="Bad Key"' in page.text
    assert "标题&lt;b&gt;" in page.text
    assert "以字母开头" in page.text
    taken = admin.post("/studio/forms/new", {"key": "rate", "title": "x", "copy_of": ""})
    assert taken.status_code == 409
    assert "已有名为" in taken.text
    gone = admin.post("/studio/forms/new", {"key": "fresh", "title": "x", "copy_of": "no-such"})
    assert gone.status_code == 404


def test_hostile_addresses_and_answers_never_end_in_an_error_page(admin: Visitor) -> None:
    for text in NASTY:
        name = quote(text, safe="%")
        for path in (
            f"/studio/forms/{name}",
            f"/studio/forms/{name}/preview",
            f"/studio/preview/form?key={name}",
            f"/studio/preview/print?key={name}&filling={name}",
            f"/studio/templates/{name}",
            f"/studio/templates/templates/print/{SLUG}/{name}",
            f"/studio/preview/template?path={name}&own=1",
            f"/studio/forms/new?copy_of={name}",
        ):
            assert admin.get(path).status_code in (200, 308, 404), path
        for field in ("key", "title", "copy_of"):
            typed = {"key": "fresh", "title": "好", "copy_of": "rate", field: text}
            assert admin.post("/studio/forms/new", typed).status_code in (302, 404, 409, 422), (field, text)
        assert admin.post("/studio/forms/rate/delete", {"rev": text}).status_code == 422


def test_the_preview_is_the_page_and_takes_a_trial(admin: Visitor) -> None:
    page = admin.get("/studio/preview/form?key=rate")
    assert page.status_code == 200
    assert "frame-ancestors 'self'" in page.headers["Content-Security-Policy"]
    assert 'name="service_score"' in page.text
    assert "zz-portal" in page.text, "the enterprise fills it in"
    assert "zz-desk" in admin.get("/studio/preview/form?key=rate&audience=staff").text
    refused = admin.post("/studio/preview/form?key=rate", {"service_score": "satisfied"})
    assert "有 1 处需要修改" in refused.text
    both = {"service_score": "satisfied", "handling_score": "satisfied"}
    assert "填写符合要求" in admin.post("/studio/preview/form?key=rate", both).text
    rows = admin.post(
        "/studio/preview/form?key=clinic_record", {"attendees-0-_row": "1", "_add:attendees": "1"}
    )
    assert "第 2 行" in rows.text
    assert "处需要修改" not in rows.text


def test_the_paper_of_a_trial(admin: Visitor) -> None:
    for path in ("/studio/preview/print?key=rate", "/studio/preview/print?key=rate&filling=blank"):
        answer = admin.get(path)
        assert answer.mimetype == "application/pdf"
        assert answer.data.startswith(b"%PDF")
    typed = admin.post("/studio/preview/print?key=rate", {"service_score": "satisfied"})
    assert typed.mimetype == "application/pdf"


def test_what_is_not_saved_is_previewed_for_its_author_only(web_office: Office, admin: Visitor) -> None:
    form = json.loads(workspace.read_file(web_office.context, web_office.tenant, RATE).content)
    form["components"][0]["label"] = "还没有保存的名称"
    assert put(admin, RATE, json.dumps(form), kind="autosave") == 204
    assert "还没有保存的名称" in admin.get("/studio/preview/form?key=rate&own=1").text
    assert "还没有保存的名称" not in admin.get("/studio/preview/form?key=rate").text
    assert config_of(admin.get("/studio/forms/rate").text, "form-editor")["kept"]["rev"] == 0
    colleague = staff(web_office, "second", admin="system")
    assert "还没有保存的名称" not in colleague.get("/studio/preview/form?key=rate&own=1").text
    assert config_of(colleague.get("/studio/forms/rate").text, "form-editor")["kept"] is None


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"type":"default","components":[{"type":"iframe"}]}', "7"]
)
def test_a_broken_form_gives_findings_and_can_be_mended_as_text(admin: Visitor, content: str) -> None:
    assert put(admin, RATE, content) == 200
    for path in ("form", "print"):
        answer = admin.get(f"/studio/preview/{path}?key=rate")
        assert answer.status_code == 422
        assert "暂时无法预览" in answer.text
    assert "处问题" in admin.get("/studio/forms").text
    assert admin.get("/studio/forms/rate").status_code == 200
    assert admin.get("/studio/forms/rate/preview").status_code == 200
    assert admin.get(f"/studio/templates/{RATE}").status_code == 200


def test_templates_are_edited_and_previewed(admin: Visitor) -> None:
    message, paper = f"templates/message/{SLUG}/accepted.txt", f"templates/print/{SLUG}/register.html"
    assert "您的诉求已受理" in admin.get("/studio/templates").text
    assert "text-editor" in admin.get(f"/studio/templates/{message}").text
    assert "您的诉求已受理（XW" in admin.get(f"/studio/preview/template?path={message}").text
    assert admin.get(f"/studio/preview/template?path={paper}").mimetype == "application/pdf"
    for broken in ("{% if %}", "{{ 1 / 0 }}", "{{ case.number.nothing.at.all() }}", "{% extends 'x' %}"):
        for path in (message, paper):
            assert put(admin, path, broken, kind="autosave") == 204
            answer = admin.get(f"/studio/preview/template?path={path}&own=1")
            assert answer.status_code == 422, (path, broken)
            assert "暂时无法预览" in answer.text
    assert admin.get("/studio/templates/processes/x").status_code == 404
