"""Two versions of a pack, every file by what it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.builders import DIAGRAM, SLUG, Office, edited, pack_files
from tests.conftest import OfficeMaker

from zuozhen.cli import main
from zuozhen.model.errors import NotFound
from zuozhen.packs import bundle
from zuozhen.services.deployment import deploy
from zuozhen.services.studio import workspace
from zuozhen.services.studio.comparing import aligned, compare, diagram_of, labels_of
from zuozhen.services.studio.sides import diagram_xml, files_of, sides

FILES = pack_files()
MANIFEST = f"processes/{SLUG}/pack.toml"
HANDLE = f"forms/{SLUG}/handle.json"
LONGER = edited(FILES, DIAGRAM, "workdays(10, clock_from)", "workdays(12, clock_from)")


def sentences(old: dict[str, bytes], new: dict[str, bytes]) -> list[str]:
    return [change.sentence for change in compare(old, new).changes]


def test_every_kind_of_file_is_told_in_its_own_words() -> None:
    new = edited(LONGER, MANIFEST, 'number = "宣办通〔2024〕43号"', 'number = "宣办通〔2026〕12号"')
    new = edited(new, HANDLE, '"答复企业内容"', '"答复内容"')
    letter = next(path for path in sorted(new) if path.startswith("templates/message/"))
    new[letter] += "\n特此告知。\n".encode()
    new[f"processes/{SLUG}/calendar/2027.json"] = json.dumps(
        {"year": 2027, "source": "x", "holiday": [{"name": "元旦", "off": ["2027-01-01", "2027-01-03"]}]}
    ).encode()
    new[f"processes/{SLUG}/scenarios.toml"] += '\n[[scenario]]\nname = "新的"\n'.encode()
    difference = compare(FILES, new)
    assert [(change.area, change.file) for change in difference.changes] == [
        ("deadline", DIAGRAM),
        ("form", HANDLE),
        ("table", f"processes/{SLUG}/calendar/2027.json"),
        ("table", MANIFEST),
        ("template", letter),
        ("scenario", f"processes/{SLUG}/scenarios.toml"),
    ]
    assert difference.counts == {"deadline": 1, "form": 1, "table": 2, "template": 1, "scenario": 1}
    assert difference.coloured_old == difference.coloured_new == {"Timer_single": "changed"}
    assert sorted(difference.texts) == sorted([letter, MANIFEST, f"processes/{SLUG}/scenarios.toml"])


def test_groups_forms_and_variables_have_their_names() -> None:
    new = edited(FILES, DIAGRAM, 'camunda:candidateGroups="leader"', 'camunda:candidateGroups="sifa"')
    new = edited(new, DIAGRAM, 'decision = "refuse"<', 'decision = "pass_up"<')
    new = edited(new, DIAGRAM, 'camunda:formRef="leader_decision"', 'camunda:formRef="handle"')
    assert sentences(FILES, new) == [
        "“是否受理”走向“答复企业不予受理”的条件：研究意见为“不予受理” → 研究意见为“转报上级”",
        "“报请市政府分管领导牵头研究”的岗位：“市政府分管领导” → “市司法局”",
        "“报请市政府分管领导牵头研究”的表单：“市政府分管领导研究意见” → “办理情况反馈表”",
    ]
    labels = labels_of(FILES)
    assert labels["=decision=refuse"] == "不予受理"
    assert labels["=lead_unit=sifa"] == "市司法局"
    assert labels["=refusal_ground=5"] == "其他不属于政务服务职责范围的问题"


def test_equal_files_have_no_difference() -> None:
    assert compare(FILES, dict(FILES)) == compare({}, {})
    assert compare(FILES, edited(FILES, MANIFEST, "# ---- 编号 ----", "# 编号")).changes == ()


@pytest.mark.parametrize("path", [DIAGRAM, HANDLE, MANIFEST, f"processes/{SLUG}/scenarios.toml"])
@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"<a", b"{", b"[[["])
def test_a_draft_with_a_broken_file_is_still_compared(path: str, content: bytes) -> None:
    broken = {**LONGER, path: content}
    for old, new in ((FILES, broken), (broken, FILES)):
        found = sentences(old, new)
        assert any(change.file == path for change in compare(old, new).changes), found
        assert path == DIAGRAM or any("12" in sentence for sentence in found)


def test_missing_files_are_told() -> None:
    without = {path: content for path, content in FILES.items() if path not in (DIAGRAM, HANDLE)}
    assert sentences(FILES, without) == ["删除流程图", "删除表单“办理情况反馈表”"]
    assert sentences({}, FILES)[0] == "新增流程图"


def test_packs_of_two_places_are_compared_file_by_file() -> None:
    other = {path.replace(SLUG, "530381-qita"): content for path, content in LONGER.items()}
    other = edited(
        other, "processes/530381-qita/pack.toml", f'diagram = "{SLUG}.bpmn"', 'diagram = "530381-qita.bpmn"'
    )
    assert diagram_of(other) == "processes/530381-qita/530381-qita.bpmn"
    assert HANDLE.replace(SLUG, "530381-qita") in aligned(FILES, other)
    assert sentences(FILES, other) == [
        "“单一部门办理并反馈”时限 10 → 12 个工作日",
        "流程图文件：530381-xuanwei.bpmn → 530381-qita.bpmn",
    ]


def test_a_new_id_is_suggested_for_the_migration() -> None:
    text = (
        FILES[DIAGRAM]
        .decode()
        .replace('"Task_arrange"', '"Task_new"')
        .replace(">Task_arrange<", ">Task_new<")
    )
    assert compare(FILES, {**FILES, DIAGRAM: text.encode()}).suggested_mapping == {"Task_arrange": "Task_new"}


# ------------------------------------------------------------------ sides


@pytest.fixture
def office(make_office: OfficeMaker) -> Office:
    return make_office()


def test_live_draft_and_versions(office: Office) -> None:
    context, tenant = office.context, office.tenant
    actor = office.person("admin", admin="system")
    deploy(context, LONGER, note="改为12个工作日")
    workspace.save_file(
        context, actor, MANIFEST, FILES[MANIFEST].replace("43号".encode(), "44号".encode()), rev=0
    )
    assert [(side.name, side.title) for side in sides(context, tenant)] == [
        ("live", "现行版本（第 2 版）"),
        ("draft", "草稿"),
        ("v2", "第 2 版：改为12个工作日"),
        ("v1", "第 1 版：首次部署"),
    ]
    assert files_of(context, tenant, "live") == files_of(context, tenant, "v2") == LONGER
    assert files_of(context, tenant, "v1") == FILES
    draft = files_of(context, tenant, "draft")
    assert {path for path in draft if draft[path] != LONGER[path]} == {MANIFEST}
    assert diagram_xml(context, tenant, "v1") == FILES[DIAGRAM]
    assert diagram_xml(context, tenant, "draft") == LONGER[DIAGRAM]


@pytest.mark.parametrize("name", ["", "v0", "v3", "v99999999999999999999", "vx", "LIVE", "v1 ", "草稿"])
def test_an_unknown_side_is_not_found(office: Office, name: str) -> None:
    with pytest.raises(NotFound):
        files_of(office.context, office.tenant, name)


# ------------------------------------------------------------------ command line


def write(files: dict[str, bytes], root: Path) -> Path:
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    return root


def test_the_command_line_tells_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write(LONGER, tmp_path / "new")
    archive = tmp_path / "new.zip"
    archive.write_bytes(bundle(LONGER))
    expected = "时限（1）\n  “单一部门办理并反馈”时限 10 → 12 个工作日\n共 1 处差别\n"
    for place in (folder, folder / "processes" / SLUG, archive):
        assert main(["diff", SLUG, str(place)]) == 0
        assert capsys.readouterr().out == expected
    assert main(["diff", str(archive), str(folder)]) == 0
    assert capsys.readouterr().out == "没有差别\n"
    assert main(["diff", SLUG, "nowhere"]) == 1
    assert "nowhere" in capsys.readouterr().err
