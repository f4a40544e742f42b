"""The draft over HTTP: files for scripts, and the pages about them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.builders import DIAGRAM, SLUG, TENANT, Office, edited, pack_files
from tests.web.visitors import Visitor, staff, visitor
from werkzeug.test import TestResponse

from zuozhen.services.deployment import deploy
from zuozhen.services.studio import workspace

LETTER = f"templates/message/{SLUG}/accepted.txt"
FORM = f"forms/{SLUG}/accept.json"


@pytest.fixture
def wang(web_office: Office) -> Visitor:
    return staff(web_office, "wang", admin="system")


@pytest.fixture
def li(web_office: Office) -> Visitor:
    return staff(web_office, "li", admin="system")


def put(person: Visitor, path: str, body: Any, **headers: str) -> TestResponse:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"X-CSRFToken": person.csrf(), **headers}
    return person.client.put(path, data=data, content_type="application/json", headers=headers, buffered=True)


def save(person: Visitor, path: str, content: str, rev: int) -> TestResponse:
    return put(person, f"/studio/files/{path}", {"content": content, "rev": rev})


def test_a_file_is_read_with_its_revision_and_saved_over_it(web_office: Office, wang: Visitor) -> None:
    answer = wang.get(f"/studio/files/{LETTER}")
    assert (answer.status_code, answer.data, answer.headers["X-Draft-Rev"]) == (
        200,
        pack_files()[LETTER],
        "0",
    )
    assert answer.mimetype == "text/plain"
    saved = save(wang, LETTER, "新的\n正文", 0)
    assert (saved.status_code, saved.json) == (200, {"rev": 1})
    answer = wang.get(f"/studio/files/{LETTER}")
    assert (answer.text, answer.headers["X-Draft-Rev"]) == ("新的\n正文", "1")
    download = wang.get(f"/studio/files/{LETTER}?download=1")
    assert download.headers["Content-Disposition"] == "attachment; filename=accepted.txt"
    deleted = put(wang, f"/studio/files/{LETTER}", {"content": None, "rev": 1, "note": "不再使用"})
    assert deleted.json == {"rev": 2}
    assert wang.get(f"/studio/files/{LETTER}").status_code == 404
    assert workspace.revisions(web_office.context, TENANT, LETTER)[0].note == "不再使用"


def test_the_second_to_save_is_told_and_shown_both(web_office: Office, wang: Visitor, li: Visitor) -> None:
    assert save(wang, LETTER, "共同\n王的句子", 0).status_code == 200
    answer = save(li, LETTER, "共同\n李的句子", 0)
    assert answer.status_code == 409
    body = answer.json
    assert body is not None
    assert body["theirs"] == {"rev": 1, "by": "测试wang", "at": "2026-08-31 09:00"}
    assert body["message"] == "您打开此文件之后，测试wang已保存了新的内容，您的修改没有覆盖它。"
    assert body["compare"] == f"/studio/conflict/{LETTER}"
    page = li.get(body["compare"])
    assert page.status_code == 200 and "王的句子" in page.text and "李的句子" in page.text
    assert wang.get(body["compare"]).text.count("您没有此文件的未保存内容") == 1
    assert li.get(f"/studio/autosave/{LETTER}?download=1").text == "共同\n李的句子"
    home = li.get("/studio")
    assert "您未保存的内容" in home.text and "您未保存的内容" not in wang.get("/studio").text
    # somebody saves again before the decision: told again, nothing is overwritten
    assert save(wang, LETTER, "共同\n王又改了", 1).status_code == 200
    again = li.post(f"/studio/conflict/{LETTER}", {"keep": "mine", "rev": "1"})
    assert again.status_code == 409 and "王又改了" in again.text
    done = li.post(f"/studio/conflict/{LETTER}", {"keep": "mine", "rev": "2"})
    assert done.status_code == 302
    context = web_office.context
    assert workspace.read_file(context, TENANT, LETTER).content == "共同\n李的句子".encode()
    assert [r.by for r in workspace.revisions(context, TENANT, LETTER)] == ["测试li", "测试wang", "测试wang"]


def test_taking_theirs_drops_ones_own(web_office: Office, wang: Visitor, li: Visitor) -> None:
    save(wang, LETTER, "王的", 0)
    save(li, LETTER, "李的", 0)
    assert li.post(f"/studio/conflict/{LETTER}", {"keep": "theirs"}).status_code == 302
    assert li.get(f"/studio/autosave/{LETTER}").status_code == 404
    assert wang.get(f"/studio/files/{LETTER}").text == "王的"


def test_a_diagram_in_conflict_is_drawn_twice(web_office: Office, wang: Visitor, li: Visitor) -> None:
    text = pack_files()[DIAGRAM].decode()
    save(wang, DIAGRAM, text.replace("workdays(2)", "workdays(3)"), 0)
    save(li, DIAGRAM, text.replace("workdays(2)", "workdays(4)"), 0)
    page = li.get(f"/studio/conflict/{DIAGRAM}").text
    assert (
        page.count("data-zz-side=") == 2
        and "3 → 4 个工作日" in page
        and "workdays(3)" in page
        and "workdays(4)" in page
    )


def test_autosaves(web_office: Office, wang: Visitor) -> None:
    answer = put(wang, f"/studio/autosave/{LETTER}", {"content": "半句", "rev": 0})
    assert (answer.status_code, answer.data) == (204, b"")
    assert wang.get(f"/studio/autosave/{LETTER}").text == "半句"
    assert wang.get(f"/studio/files/{LETTER}").headers["X-Draft-Rev"] == "0"
    headers = {"X-CSRFToken": wang.csrf()}
    gone = wang.client.delete(f"/studio/autosave/{LETTER}", headers=headers)
    assert gone.status_code == 204 and wang.get(f"/studio/autosave/{LETTER}").status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (LETTER, b"", 422),
        (LETTER, b"[1]", 422),
        (LETTER, b"[" * 100_000, 422),
        (LETTER, {"content": "x"}, 422),
        (LETTER, {"rev": 0}, 422),
        (LETTER, {"content": 5, "rev": 0}, 422),
        (LETTER, {"content": "x", "rev": "0"}, 422),
        (LETTER, {"content": "x", "rev": True}, 422),
        (LETTER, {"content": "x", "rev": -1}, 422),
        (LETTER, {"content": "x", "rev": 2**31}, 422),
        (LETTER, {"content": "\ud800", "rev": 0}, 422),
        (LETTER, {"content": "a\0b", "rev": 0}, 422),
        (LETTER, {"content": "x", "rev": 7}, 409),
        ("forms/530602-zhaoyang/accept.json", {"content": "{}", "rev": 0}, 422),
        (f"processes/{SLUG}/x.py", {"content": "", "rev": 0}, 422),
        (f"processes/{SLUG}/%00.toml", {"content": "", "rev": 0}, 422),
        (LETTER, b'{"content": "' + b"x" * 5_000_000 + b'", "rev": 0}', 413),
    ],
)
def test_what_cannot_be_saved_is_refused_in_json(
    web_office: Office, wang: Visitor, path: str, body: Any, status: int
) -> None:
    for room in ("files", "autosave"):
        answer = put(wang, f"/studio/{room}/{path}", body)
        if room == "autosave" and status == 409:
            assert answer.status_code == 204
            continue
        assert answer.status_code == status, answer.text
        assert answer.json and answer.json["message"]


def test_only_with_rights_and_token(web_office: Office, wang: Visitor) -> None:
    body = {"content": "x", "rev": 0}
    without = put(wang, f"/studio/files/{LETTER}", body, **{"X-CSRFToken": ""})
    assert without.status_code == 400 and without.json and "过期" in without.json["message"]
    nobody = visitor(web_office)
    out = put(nobody, f"/studio/files/{LETTER}", body)
    assert out.status_code == 401 and out.json and "登录" in out.json["message"]
    for person in (
        staff(web_office, "clerk", groups=("lead_office",)),
        staff(web_office, "sec", admin="security"),
    ):
        refused = put(person, f"/studio/files/{LETTER}", body)
        assert refused.status_code == 403 and refused.json
        for page in ("", f"/files/{LETTER}", f"/history/{LETTER}", f"/conflict/{LETTER}"):
            assert person.get(f"/studio{page}").status_code == 403
    assert nobody.get("/studio").status_code == 302
    assert workspace.changes(web_office.context, TENANT) == ()


def test_history_shows_what_changed_and_restores(web_office: Office, wang: Visitor) -> None:
    save(wang, LETTER, "一\n二\n", 0)
    save(wang, LETTER, "一\n三\n", 1)
    page = wang.get(f"/studio/history/{LETTER}?rev=2").text
    assert "删去：</span><code>二</code>" in page and "新增：</span><code>三</code>" in page
    assert wang.get(f"/studio/revisions/1/{LETTER}").text == "一\n二\n"
    assert wang.get(f"/studio/history/{LETTER}?rev=x").status_code == 200
    assert wang.get(f"/studio/history/{LETTER}?rev=9").status_code == 404
    assert wang.get(f"/studio/history/forms/{SLUG}/none.json").status_code == 404
    assert wang.get(f"/studio/revisions/{10**18}/{LETTER}").status_code == 404
    stale = wang.post(f"/studio/restore/{LETTER}", {"rev": "1", "newest": "1"})
    assert stale.location.endswith(f"/studio/conflict/{LETTER}")
    done = wang.post(f"/studio/restore/{LETTER}", {"rev": "1", "newest": "2"})
    assert done.status_code == 302
    assert wang.get(f"/studio/files/{LETTER}").text == "一\n二\n"
    assert "恢复第 1 次保存的内容" in wang.get(f"/studio/history/{LETTER}").text


def test_history_tells_a_diagram_in_sentences(web_office: Office, wang: Visitor) -> None:
    text = pack_files()[DIAGRAM].decode()
    save(wang, DIAGRAM, text.replace("workdays(2)", "workdays(3)"), 0)
    save(wang, DIAGRAM, text.replace("workdays(2)", "workdays(4)"), 1)
    first = wang.get(f"/studio/history/{DIAGRAM}?rev=1").text
    assert "2 → 3 个工作日" in first and "与第 1 版对照" in first
    second = wang.get(f"/studio/history/{DIAGRAM}?rev=2").text
    assert "3 → 4 个工作日" in second and "与第 1 次保存对照" in second


def test_the_overview_tells_what_is_live_changed_and_left_to_do(web_office: Office, wang: Visitor) -> None:
    fresh = wang.get("/studio").text
    assert "草稿与现行版本相同" in fresh and "首次部署" in fresh and "处提醒" in fresh
    assert "2027 年放假安排尚未导入" in fresh
    web_office.register()
    deploy(web_office.context, edited(pack_files(), DIAGRAM, "workdays(2)", "workdays(3)"), note="改为3天")
    save(wang, FORM, pack_files()[FORM].decode().replace("诉求受理意见表", "受理表"), 0)
    save(wang, f"forms/{SLUG}/broken.json", "{", 0)
    page = wang.get("/studio").text
    assert "1 件在办仍按旧版办理" in page and "第 1 版 1 件" in page
    assert "表单“受理表”" in page and "测试wang" in page
    assert "1 处错误" in page and "改为3天" in page
    assert wang.post("/studio/discard", {"path": f"forms/{SLUG}/broken.json"}).status_code == 302
    assert "1 处错误" not in wang.get("/studio").text
    assert wang.post("/studio/discard", {"path": "nothing"}).status_code == 404
    assert wang.post("/studio/discard").status_code == 302
    assert "草稿与现行版本相同" in wang.get("/studio").text
