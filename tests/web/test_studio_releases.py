"""Deploying from the page, the list of releases, export and import."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.builders import DIAGRAM, SLUG, TENANT, Office, edited, pack_files
from tests.web.test_hostile import NASTY
from tests.web.visitors import Visitor, staff
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from zuozhen.cli import cli
from zuozhen.packs import bundle, unbundle
from zuozhen.services import accounts
from zuozhen.services.actors import Actor
from zuozhen.services.deployment import deploy
from zuozhen.services.studio import workspace
from zuozhen.services.studio.checks import check_draft
from zuozhen.services.studio.versions import version, versions

FIELD = re.compile(r'name="(\w+)" value="([^"]*)"')
REASONS = re.compile(r'name="(reason-[0-9a-f]{16})"')
MANIFEST = f"processes/{SLUG}/pack.toml"
SCENARIOS = f"processes/{SLUG}/scenarios.toml"


@pytest.fixture
def wang(web_office: Office) -> Visitor:
    return staff(web_office, "wang", admin="system")


@pytest.fixture
def actor(web_office: Office, wang: Visitor) -> Actor:
    account = accounts.account_named(web_office.context, "wang")
    found = accounts.account_of(web_office.context, TENANT, account.id, account.epoch)
    assert found is not None
    return found[1]


def draft(office: Office, actor: Actor, files: dict[str, bytes]) -> None:
    """Make the draft these files, without scenarios: those are played in tests of their own."""
    shown = workspace.fingerprint_of(office.context, TENANT)
    wanted = {path: content for path, content in files.items() if path != SCENARIOS}
    workspace.save_all(office.context, actor, wanted, shown=shown, note="")


def days(number: int) -> dict[str, bytes]:
    return edited(pack_files(), DIAGRAM, "workdays(2)", f"workdays({number})")


def hidden(person: Visitor, **changes: str) -> dict[str, str]:
    page = person.get("/studio/deploy").text
    return {**{k: v for k, v in FIELD.findall(page) if k in ("shown", "over")}, **changes}


def test_the_page_shows_what_would_be_deployed_and_asks_why(
    web_office: Office, wang: Visitor, actor: Actor
) -> None:
    assert "没有可部署的修改" in wang.get("/studio/deploy").text
    draft(web_office, actor, days(3))
    page = wang.get("/studio/deploy").text
    assert "2 → 3 个工作日" in page and "与现行第 1 版的差别" in page and "流程图" in page
    assert "没有人在这个岗位" in page and "流程包没有情景" in page
    answers = hidden(wang)
    nothing = wang.post("/studio/deploy", {**answers, "reference": "宣办通〔2026〕3号"})
    assert nothing.status_code == 422 and "请写明为什么修改" in nothing.text
    assert 'value="宣办通〔2026〕3号"' in nothing.text
    without = wang.post(
        "/studio/deploy", {**answers, "note": "延长受理时间", "reference": "宣办通〔2026〕3号"}
    )
    keys = REASONS.findall(page)
    assert without.status_code == 422 and f"有 {len(keys)} 处提醒没有写明理由" in without.text
    assert (
        "延长受理时间</textarea>" in without.text and without.text.count("错误：请写明理由") == len(keys) > 1
    )
    some = wang.post("/studio/deploy", {**answers, "note": "延长", keys[0]: "李某下周到岗"})
    assert some.status_code == 422 and 'value="李某下周到岗"' in some.text
    assert some.text.count("错误：请写明理由") == len(keys) - 1
    assert len(versions(web_office.context, TENANT)) == 1
    filled = {**answers, "note": "延长", "reference": "宣办通〔2026〕3号", "reason-group-unheld": "下周到岗"}
    done = wang.post("/studio/deploy", {**filled, keys[0]: "李某下周到岗"})
    assert done.status_code == 302 and done.location.endswith("/studio/releases/2")
    row = version(web_office.context, TENANT, 2)
    assert (row.by, row.note, row.reference) == ("测试wang", "延长", "宣办通〔2026〕3号")
    assert sorted({line["reason"] for line in row.accepted}) == ["下周到岗", "李某下周到岗"]
    shown = wang.get("/studio/releases/2").text
    assert "宣办通〔2026〕3号" in shown and "理由：李某下周到岗" in shown and "已部署第 2 版" in shown
    assert workspace.changes(web_office.context, TENANT) == ()


def test_who_stays_behind_is_told_with_the_way_to_migrate(
    web_office: Office, wang: Visitor, actor: Actor
) -> None:
    web_office.register()
    draft(web_office, actor, days(3))
    answers = hidden(wang, note="延长", **{"reason-group-unheld": "下周到岗"})
    wang.post("/studio/deploy", answers)
    page = wang.get("/studio/releases/2").text
    assert "1 件在办仍按旧版办理" in page and "/studio/migrations/new?release=2" in page
    listed = wang.get("/studio/releases").text
    assert listed.index("第 2 版") < listed.index("第 1 版") and "1 件</a>" in listed


def test_the_page_and_the_command_list_the_deadlines_that_a_new_calendar_moves(
    web_office: Office, wang: Visitor, actor: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = web_office.register().case_id
    number = web_office.case(case_id).number or ""
    draft(web_office, actor, pack_files())
    assert "按新日历重算" not in wang.get("/studio/deploy").text
    rest = {"name": "本地节日", "off": ["2026-09-01", "2026-09-02"]}
    table = {"year": 2026, "source": "宣政通〔2026〕9号", "local": True, "holiday": [rest]}
    path = f"processes/{SLUG}/calendar/2026-local.json"
    files = {**pack_files(), path: json.dumps(table, ensure_ascii=False).encode()}
    draft(web_office, actor, files)
    page = wang.get("/studio/deploy").text
    assert "按新日历重算：1 件会变" in page and number in page
    assert "2026年9月2日" in page and "2026年9月4日" in page
    archive = tmp_path / "pack.zip"
    archive.write_bytes(bundle(files))
    monkeypatch.setattr("zuozhen.cli.build_context", lambda *_args, **_options: web_office.context)
    told = CliRunner().invoke(cli, ["deploy", str(archive), "--preview"])
    assert told.exit_code == 0 and "1 件在办件中有 1 件的期限会变" in told.output
    assert number in told.output and "2026-09-02 → 2026-09-04" in told.output
    assert len(versions(web_office.context, TENANT)) == 1


def test_the_command_checks_accounts_as_the_page_does(
    web_office: Office, wang: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zuozhen.cli.build_context", lambda *_args, **_options: web_office.context)
    alone = CliRunner().invoke(cli, ["check", SLUG]).output
    assert "没有人在这个岗位" not in alone and "没有连同本系统核对" in alone
    told = CliRunner().invoke(cli, ["check", SLUG, "--accounts"]).output
    shown = check_draft(web_office.context, TENANT).findings
    assert f"{len(shown)} 处提醒" in told and "没有人在这个岗位" in told and "没有连同" not in told


def test_errors_block_and_typed_words_stay(web_office: Office, wang: Visitor, actor: Actor) -> None:
    draft(web_office, actor, edited(pack_files(), DIAGRAM, "workdays(2)", "workdays(two)"))
    page = wang.get("/studio/deploy").text
    assert "改正错误后才能部署" in page and "disabled>部署为第 2 版" in page
    refused = wang.post("/studio/deploy", {**hidden(wang), "note": "甲" * 40})
    assert refused.status_code == 422 and "甲" * 40 in refused.text and "处错误，没有部署" in refused.text
    assert len(versions(web_office.context, TENANT)) == 1


def test_a_draft_or_a_live_version_that_moved_is_shown_again(
    web_office: Office, wang: Visitor, actor: Actor
) -> None:
    draft(web_office, actor, days(3))
    answers = hidden(wang, note="我的说明", **{"reason-group-unheld": "下周到岗"})
    letter = f"templates/message/{SLUG}/accepted.txt"
    workspace.save_file(web_office.context, actor, letter, "换了\n正文".encode(), rev=0)
    moved = wang.post("/studio/deploy", answers)
    assert moved.status_code == 409 and "我的说明" in moved.text and "消息模板" in moved.text
    again = hidden(wang, note="我的说明", **{"reason-group-unheld": "下周到岗"})
    deploy(web_office.context, days(9), note="别人的")
    newer = wang.post("/studio/deploy", again)
    assert newer.status_code == 409 and "与现行第 2 版的差别" in newer.text
    for over in ("", "x", "-1", "9" * 30):
        assert wang.post("/studio/deploy", {**again, "over": over}).status_code == 409
    assert [row.note for row in versions(web_office.context, TENANT)] == ["别人的", "首次部署"]


def test_failing_scenarios_need_a_reason_as_well(web_office: Office, wang: Visitor, actor: Actor) -> None:
    """The scenario expects the old deadline: either it is rewritten, or somebody says why it may fail."""
    blocks = pack_files()[SCENARIOS].decode().split("[[scenario]]")
    one = next(block for block in blocks if 'name = "企业撤回"' in block)
    files = {**days(3), SCENARIOS: f"[[scenario]]{one}".encode()}
    shown = workspace.fingerprint_of(web_office.context, TENANT)
    workspace.save_all(web_office.context, actor, files, shown=shown, note="")
    page = wang.get("/studio/deploy").text
    assert "1 个情景还没有在这份草稿上走过" in page
    answers = hidden(wang, note="延长", **{"reason-group-unheld": "下周到岗"})
    played = wang.post("/studio/deploy", {**answers, "do": "play"})
    assert played.status_code == 200 and "延长</textarea>" in played.text
    assert "1 个情景已在这份草稿上走过" in played.text and "1 个与预期不符" in played.text
    assert "情景“企业撤回”与预期不符" in played.text and "2026-07-06" in played.text
    refused = wang.post("/studio/deploy", answers)
    assert refused.status_code == 422 and "有 1 处提醒没有写明理由" in refused.text
    assert wang.post("/studio/deploy", {**answers, "reason-scenario": "情景随后改写"}).status_code == 302
    accepted = version(web_office.context, TENANT, 2).accepted
    assert [line["reason"] for line in accepted if line["code"] == "scenario"] == ["情景随后改写"]


def test_releases_are_exported_byte_for_byte_and_never_change(
    web_office: Office, wang: Visitor, actor: Actor
) -> None:
    first = wang.get("/studio/releases/1.zip")
    assert first.mimetype == "application/zip"
    assert first.headers["Content-Disposition"] == f"attachment; filename={SLUG}-v1.zip"
    assert unbundle(first.data) == pack_files() and first.data == bundle(pack_files())
    deploy(web_office.context, days(3))
    assert wang.get("/studio/releases/1.zip").data == first.data
    assert wang.get("/studio/draft.zip").data == wang.get("/studio/releases/2.zip").data == bundle(days(3))
    assert wang.get(f"/studio/releases/1/files/{DIAGRAM}").data == pack_files()[DIAGRAM]
    assert wang.get(f"/studio/releases/1/files/{DIAGRAM}?download=1").headers["Content-Disposition"]
    for path in ("9", "9.zip", "0", "99999999999999999999", f"1/files/forms/{SLUG}/none.json"):
        assert wang.get(f"/studio/releases/{path}").status_code == 404, path


def test_an_old_version_comes_back_as_a_new_one(web_office: Office, wang: Visitor, actor: Actor) -> None:
    deploy(web_office.context, days(3), note="改错了")
    page = wang.get("/studio/releases/1").text
    shown = dict(FIELD.findall(page))["shown"]
    assert wang.post("/studio/releases/1/draft", {"shown": "stale"}).status_code == 409
    assert wang.post("/studio/releases/1/draft", {"shown": shown}).status_code == 302
    assert workspace.files(web_office.context, TENANT) == pack_files()
    newest = workspace.revisions(web_office.context, TENANT, DIAGRAM)[0]
    assert newest.note == "以第 1 版为草稿" and newest.by == "测试wang"
    draft(web_office, actor, pack_files())
    answers = hidden(wang, note="退回原来的期限", **{"reason-group-unheld": "下周到岗"})
    assert wang.post("/studio/deploy", answers).status_code == 302
    assert versions(web_office.context, TENANT)[0].number == 3


# ---------------------------------------------------------------- import


def upload(person: Visitor, *files: tuple[str, bytes]) -> TestResponse:
    form: MultiDict[str, Any] = MultiDict()
    for name, content in files:
        form.add("files", (io.BytesIO(content), name))
    return person.post("/studio/import", form, content_type="multipart/form-data")


def test_an_import_is_looked_at_first_and_goes_into_the_draft(
    web_office: Office, wang: Visitor, actor: Actor
) -> None:
    wanted = {**days(3), f"forms/{SLUG}/extra.json": b"{"}
    del wanted[f"templates/print/{SLUG}/qr.html"]
    assert upload(wang, ("a.zip", bundle(wanted))).status_code == 302
    page = wang.get("/studio/import").text
    assert "3 个文件改变" in page and "新增" in page and "删除" in page and "错误" in page
    assert workspace.changes(web_office.context, TENANT) == ()
    shown = dict(FIELD.findall(page))["shown"]
    assert wang.post("/studio/import/take", {"shown": "x"}).status_code == 409
    assert wang.post("/studio/import/take", {"shown": shown, "note": "从测试机带来"}).status_code == 302
    assert workspace.files(web_office.context, TENANT) == wanted
    assert workspace.revisions(web_office.context, TENANT, DIAGRAM)[0].note == "从测试机带来"
    assert "等待导入的内容" not in wang.get("/studio/import").text
    assert wang.post("/studio/import/take", {"shown": shown}).status_code == 404
    assert "您未保存的内容" not in wang.get("/studio").text


def test_single_diagrams_and_forms_take_their_places(web_office: Office, wang: Visitor) -> None:
    form = pack_files()[f"forms/{SLUG}/accept.json"].replace("诉求受理意见表".encode(), "受理表".encode())
    assert upload(wang, ("我的图.bpmn", days(5)[DIAGRAM]), ("whatever.form", form)).status_code == 302
    page = wang.get("/studio/import").text
    assert "2 个文件改变" in page and "表单“受理表”" in page
    assert wang.post("/studio/import/drop").status_code == 302
    assert "等待导入的内容" not in wang.get("/studio/import").text
    assert workspace.changes(web_office.context, TENANT) == ()


OTHER = {path.replace(SLUG, "530602-zhaoyang"): content for path, content in pack_files().items()}


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ((), "请选择"),
        ((("a.zip", b"PK\x03\x04nonsense"),), "无法读取"),
        ((("a.zip", bundle(OTHER)),), "本地区"),
        ((("a.zip", bundle(pack_files())), ("b.zip", bundle(pack_files()))), "单独上传"),
        ((("x.exe", b"MZ"),), "不认识"),
        ((("x.bpmn", b"<a"),), "XML"),
        ((("x.bpmn", b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="p"/></definitions>'),), "没有本地区的流程"),
        ((("x.form", b"["),), "JSON"),
        ((("x.form", b"[" * 100_000),), "JSON"),
        ((("x.json", b"\xff"),), "JSON"),
        ((("\0.json", b"{}"),), "不能保存"),
    ],
)  # fmt: skip
def test_what_cannot_be_imported_is_refused(
    web_office: Office, wang: Visitor, files: tuple[tuple[str, bytes], ...], words: str
) -> None:
    answer = upload(wang, *files)
    assert answer.status_code == 422 and words in answer.text, answer.text
    assert "等待导入的内容" not in wang.get("/studio/import").text


def test_only_the_system_administrator(web_office: Office) -> None:
    for person in (
        staff(web_office, "clerk", groups=("lead_office",)),
        staff(web_office, "aud", admin="audit"),
    ):
        for path in (
            "deploy",
            "releases",
            "releases/1",
            "releases/1.zip",
            "draft.zip",
            "import",
            f"releases/1/files/{DIAGRAM}",
        ):
            assert person.get(f"/studio/{path}").status_code == 403, path
        for path in ("deploy", "import", "import/take", "import/drop", "releases/1/draft", "discard"):
            assert person.post(f"/studio/{path}").status_code == 403, path


POSTED = (
    ("/studio/deploy", ("shown", "over", "note", "reference", "reason-group-unheld", "reason-", "do")),
    ("/studio/discard", ("path",)),
    ("/studio/releases/1/draft", ("shown",)),
    ("/studio/import/take", ("shown", "note")),
    (f"/studio/restore/{DIAGRAM}", ("rev", "newest")),
    (f"/studio/conflict/{DIAGRAM}", ("keep", "rev")),
)


def test_nothing_typed_ends_in_a_broken_page(web_office: Office, wang: Visitor, actor: Actor) -> None:
    draft(web_office, actor, days(3))
    for path, fields in POSTED:
        sent = [text for text in NASTY if text != "\ud800"]
        for text in sent[::8] if path == "/studio/deploy" else sent:  # that page checks the whole draft
            for field in fields:
                known = hidden(wang) if path == "/studio/deploy" and field != "do" else {}
                answer = wang.post(path, {**known, field: text})
                assert answer.status_code in (200, 302, 404, 409, 422), (
                    path,
                    field,
                    text,
                    answer.status_code,
                )
    assert [row.note for row in versions(web_office.context, TENANT)] == ["首次部署"]


def test_files_of_any_name_can_be_downloaded(web_office: Office, wang: Visitor, actor: Actor) -> None:
    path = f"forms/{SLUG}/法制 审核“表”.json"
    workspace.save_file(web_office.context, actor, path, b"{}", rev=0)
    answer = wang.get(f"/studio/files/{path}?download=1")
    assert answer.data == b"{}" and "filename*=UTF-8''" in answer.headers["Content-Disposition"]
