"""The proof that every rule of a notice is carried: what is found missing, and the command that says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.builders import DIAGRAM, SLUG, edited, pack_files
from tests.conftest import OfficeMaker

from zuozhen.cli import main
from zuozhen.model.ids import new_id
from zuozhen.services.clauses import PAGES, Proof, prove, section
from zuozhen.services.clauses.references import called
from zuozhen.services.clauses.walked import proved
from zuozhen.services.releases import Release, open_release
from zuozhen.services.studio.comparing import compare
from zuozhen.services.studio.coverage import Visits, visits_of

FILES = pack_files()
CLAUSES = f"processes/{SLUG}/clauses.toml"
ACCEPT = "XW-3.3-a、3.3-b、3.3-c 三（三）；XW-2.2-1..5 二（二）"


def release_of(files: dict[str, bytes]) -> Release:
    return open_release(files, release_id=new_id(), version=1)


def proof_of(files: dict[str, bytes], *, without: frozenset[str] = frozenset()) -> Proof:
    """Return the proof as if one story went everywhere but to the elements ``without``."""
    release = release_of(files)
    gone = {id_: 1 for id_ in release.diagram.elements if id_ not in without}
    return prove(release, {"走遍": Visits(gone, {})})


def test_a_row_says_what_carries_a_clause() -> None:
    rows = {row.clause.id: row for row in proof_of(FILES).rows}
    answered = rows["XW-3.3-b"]
    assert "“分类梳理并答复是否受理”" in answered.carriers and "“答复企业予以受理”" in answered.carriers
    assert answered.deadlines == ("分类梳理并答复是否受理：2 个工作日",)
    assert answered.forms == ("诉求受理意见表",) and answered.stories == ("走遍",)
    assert rows["XW-3.5-c"].deadlines[0] == "单一部门办理并反馈：10 个工作日（自“‘坐诊’日期”起算）"
    assert rows["XW-3.2-a"].checks == ("打印样张比对", "页面测试")
    assert "“‘坐诊’日”" in rows["XW-3.4-a"].carriers and rows["XW-4.3-a"].carriers == ()


@pytest.mark.parametrize(
    ("path", "old", "new", "problem"),
    [
        (DIAGRAM, ACCEPT, ACCEPT.replace("3.3-b", "3.3-z"), "引用的 XW-3.3-z 不在条款表中"),
        (
            DIAGRAM,
            ACCEPT,
            ACCEPT.replace("二（二）", "二（一）"),
            "引用 XW-2.2-1 为“二（一）”，条款表为“二（二）”",
        ),
        (DIAGRAM, ACCEPT, "三（三）受理", "引用的“三（三）受理”没有以条款编号开头"),
        (CLAUSES, 'by = ["report:attendance"]', 'by = ["report:gone"]', "XW-3.4-b：没有“report:gone”"),
        (CLAUSES, 'by = ["portal.venue"]', 'by = ["portal.window"]', "XW-3.4-c：没有“portal.window”"),
        (CLAUSES, 'not_software = "宣传报道', 'by = []\n# "', "XW-4.3-a：没有任何环节或内容承载"),
    ],
)
def test_what_is_not_proved_is_said_with_its_place(path: str, old: str, new: str, problem: str) -> None:
    assert proof_of(FILES).problems == ()
    found = proof_of(edited(FILES, path, old, new)).problems
    assert [text for text in found if problem in text], found


def test_an_element_that_no_story_passes_proves_nothing() -> None:
    callback = frozenset({"Gateway_redo", "Task_callback"})
    (problem,) = proof_of(FILES, without=callback).problems
    assert problem.endswith("XW-3.6-c：没有情景走到")


def test_without_a_table_nothing_is_proved() -> None:
    files = {path: data for path, data in FILES.items() if path != CLAUSES}
    assert proof_of(files).problems == (f"{CLAUSES}：没有列出条款",)


def test_a_clause_may_not_be_carried_and_no_software_at_once() -> None:
    files = edited(FILES, DIAGRAM, "XW-4.1-a 四（一）", "XW-4.3-a 四（三）")
    assert any("写了 not_software，却有内容承载" in text for text in proof_of(files).problems)


def test_everything_a_clause_may_name_is_found_by_its_words() -> None:
    release = release_of(FILES)
    words = {
        "notice": "依据文件宣办通〔2024〕43号",
        "portal.scope": "门户文字“受理范围”",
        "form:register": "表单“企业‘挂号’预约信息表”",
        "form:register.credit_code": "表单“企业‘挂号’预约信息表”的“统一社会信用代码”",
        "print:clinic_record": "打印件“‘坐诊’服务工作记录表”",
        "message:refused": "消息“您的诉求不予受理（…）”",
        "register:service_list": "台账“‘局长坐诊接诉’服务事项清单”",
        "recurrence:坐诊日": "周期“坐诊日”",
        "numbering:case": "编号规则“XW{year}-{seq:04d}”",
        "role:leader": "岗位“市政府分管领导”",
        "unit:ziran": "单位“市自然资源局”",
        "codes:refusal_ground": "代码表“refusal_ground”（5 项）",
        "channel:qr": "渠道“二维码”",
        "procedure:case": f"流程“{release.pack.procedures['case'].label}”",
        "deadline:count_from": "时限口径“起算日”",
        "page:query": "页面“办理进度查询”",
    }
    assert {name: called(name, release) for name in words} == words
    assert called("channel", release).startswith("渠道“线上”、“二维码”")
    unknown = ("portal.window", "portal.gone", "form:gone", "form:register.gone", "print:gone", "page:gone",
               "message:gone", "role:gone", "deadline:closes_at", "notice:x", "codes:gone", "x:y", "")  # fmt: skip
    assert [name for name in unknown if called(name, release)] == []


def test_every_page_a_clause_may_name_is_served(make_office: OfficeMaker) -> None:
    app = make_office(web=True).app
    assert app is not None
    served = {rule.rule for rule in app.url_map.iter_rules()}
    assert [name for name, (_label, address) in PAGES.items() if address not in served] == []


def test_the_table_has_a_line_for_every_clause_and_no_line_breaks() -> None:
    release = release_of(FILES)
    gone = {"走遍": Visits(dict.fromkeys(release.diagram.elements, 1), {})}
    text = section(proved(release, gone))
    lines = [line for line in text.splitlines() if line.startswith("| XW-")]
    assert len(lines) == len(release.pack.clauses) == 40
    assert {line.count("|") for line in lines} == {7}
    assert "任务 " in text and "时限 " in text and "结束 " in text


def test_starts_and_border_events_count_by_the_flow_that_leaves_them() -> None:
    visits = visits_of({("start", "a"): 2, ("a", "b"): 2, ("timer", "urge"): 1}, [])
    assert visits.elements == {"start": 2, "a": 2, "b": 2, "timer": 1, "urge": 1}


def test_a_changed_table_is_told_among_the_differences() -> None:
    changes = compare(FILES, edited(FILES, CLAUSES, "发展改革部门牵头", "发改部门牵头")).changes
    assert [change.file for change in changes] == [CLAUSES]


def test_the_command_writes_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "coverage.md"
    with pytest.raises(SystemExit) as done:
        main(["coverage", SLUG, "--write", str(target)])
    assert done.value.code == 0
    assert target.read_text("utf-8").splitlines()[0] == "# 条款对照表"
    assert "1 个流程包的条款对照表已写到" in capsys.readouterr().out
    assert "| XW-3.3-b 三（三） |" in target.read_text("utf-8")
