"""Rows that staff keep: in force at once for diagram, forms and prints, with history, across deployments."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from tests.builders import DIAGRAM, SLUG, TENANT, Office, edited, pack_files

from zuozhen.model.errors import Forbidden, Invalid, NotFound
from zuozhen.packs import Pack
from zuozhen.services import livetables
from zuozhen.services.actors import Actor
from zuozhen.services.casebook import pack_context
from zuozhen.services.checking import check_files
from zuozhen.services.datatables import public_table, rows_of
from zuozhen.services.deployment import deploy
from zuozhen.services.livetables import RowGone
from zuozhen.store.tablerows import add_edit
from zuozhen.store.tables import TableEdit

KEEPER = UUID(int=7)
TOML = f"processes/{SLUG}/pack.toml"
TABLE = """
[[table]]
key = "rota"
title = "轮值表"
public = true
editable_by = ["lead_office"]

[[table.columns]]
key = "day"
label = "日期"
type = "date"

[[table.columns]]
key = "unit"
label = "单位"

[[table.rows]]
day = "2026-08-31"
unit = "lead_office"
"""
RULE = (
    '${if count(tables.rota[day = today()]) = 1 then tables.rota[day = today()][1].unit else "lead_office"}'
)


def files(table: str = TABLE) -> dict[str, bytes]:
    """Return the pack with a rota that says who accepts."""
    start = pack_files()[DIAGRAM].decode().index('id="Task_accept"')
    element = pack_files()[DIAGRAM].decode()[start : start + 400]
    group = element[element.index('camunda:candidateGroups="') :].split('"')[1]
    rule = RULE.replace('"', "&quot;")
    changed = element.replace(f'candidateGroups="{group}"', f'candidateGroups="{rule}"')
    found = edited(pack_files(), DIAGRAM, element, changed)
    return {**found, TOML: found[TOML] + table.encode()}


@pytest.fixture
def town(office: Office) -> Office:
    deploy(office.context, files())
    return office


@pytest.fixture
def any_town(any_office: Office) -> Office:
    deploy(any_office.context, files())
    return any_office


def keeper() -> Actor:
    """Return somebody of the unit that keeps the table."""
    return Actor(TENANT, "轮值管理员", id=KEEPER, groups=frozenset({"lead_office"}))


def row_names(office: Office, actor: Actor) -> list[str]:
    return [row.name for row in livetables.table_rows(office.context, actor, "rota").rows]


def test_rows_count_at_once_and_stay_over_a_deployment(any_town: Office) -> None:
    office, actor = any_town, keeper()
    assert office.token(office.register().case_id, "Task_accept").grp == "lead_office"
    [name] = row_names(office, actor)
    livetables.save_row(office.context, actor, "rota", name, {"day": "2026-08-31", "unit": "supervision"})
    case_id = office.register().case_id
    assert office.token(case_id, "Task_accept").grp == "supervision"
    assert "rota" not in str(office.case(case_id).variables)
    livetables.save_row(office.context, actor, "rota", "", {"day": "2026-09-01", "unit": "ziran"})
    with office.context.database.read() as session:
        live = office.context.releases.live(session, TENANT)
    assert rows_of(public_table(live, "rota")) == [("2026-08-31", "supervision"), ("2026-09-01", "ziran")]
    assert [row["day"].isoformat() for row in pack_context(live)["tables"]["rota"]] == [
        "2026-08-31",
        "2026-09-01",
    ]
    deploy(office.context, edited(files(), DIAGRAM, "workdays(2)", "workdays(3)"))
    assert len(row_names(office, actor)) == 2
    assert office.token(office.register().case_id, "Task_accept").grp == "supervision"
    livetables.reset_rows(office.context, actor, "rota")
    assert office.token(office.register().case_id, "Task_accept").grp == "lead_office"


def test_the_history_says_when_who_what(town: Office) -> None:
    office, actor = town, keeper()
    livetables.save_row(office.context, actor, "rota", "", {"day": "2026-09-01", "unit": "ziran"})
    name = row_names(office, actor)[1]
    livetables.save_row(office.context, actor, "rota", name, {"day": "2026-09-01", "unit": "gongxin"})
    livetables.save_row(
        office.context, actor, "rota", row_names(office, actor)[1], {"day": "2026-09-01", "unit": "gongxin"}
    )
    livetables.delete_row(office.context, actor, "rota", row_names(office, actor)[1])
    view = livetables.table_rows(office.context, actor, "rota")
    assert [(edit.act, edit.text) for edit in view.edits] == [
        ("删除", "日期：2026-09-01；单位：gongxin"),
        ("修改", "单位：ziran → gongxin"),
        ("新增", "日期：2026-09-01；单位：ziran"),
    ]
    assert {edit.who for edit in view.edits} == {actor.name} and view.live
    assert view.edits[0].at == office.clock()


def test_two_editors(any_town: Office) -> None:
    office, actor = any_town, keeper()
    livetables.save_row(office.context, actor, "rota", "", {"day": "2026-09-01", "unit": "ziran"})
    first, second = row_names(office, actor)
    livetables.save_row(office.context, actor, "rota", first, {"day": "2026-08-31", "unit": "gongxin"})
    livetables.save_row(
        office.context, actor, "rota", second, {"day": "2026-09-02", "unit": "ziran"}
    )  # another row
    with pytest.raises(RowGone):
        livetables.save_row(office.context, actor, "rota", first, {"day": "2026-08-31", "unit": "jiaotong"})
    with pytest.raises(RowGone):
        livetables.delete_row(office.context, actor, "rota", second)
    with office.context.database.read() as session:
        assert session.scalar(select(func.count()).select_from(TableEdit)) == 3


def test_a_change_from_rows_that_are_not_the_newest_is_refused(any_town: Office) -> None:
    office, actor = any_town, keeper()
    livetables.save_row(office.context, actor, "rota", "", {"day": "2026-09-01", "unit": "ziran"})
    edit = TableEdit(
        tenant=TENANT, table_key="rota", act="added", rows=[], actor_name="同时改的人", at=office.clock()
    )
    with pytest.raises(IntegrityError), office.context.database.write() as session:
        session.info["table_revisions"] = {TENANT: {}}  # as read before the change above was there
        add_edit(session, edit)
    assert len(row_names(office, actor)) == 2


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"day": "明天", "unit": "ziran"}, "日期：写成 2026-12-01 的样子"),
        ({"unit": "x" * 1001}, "单位：超过 1000 个字"),
        ({"unit": "a\x00b"}, "单位：含有控制字符"),
        ({}, "请至少填写一项"),
    ],
)
def test_what_will_not_do_is_refused(town: Office, typed: dict[str, str], message: str) -> None:
    with pytest.raises(Invalid) as caught:
        livetables.save_row(town.context, keeper(), "rota", "", typed)
    assert [problem.message for problem in caught.value.problems] == [message]


def test_others_may_not(town: Office) -> None:
    other = Actor(TENANT, "别人", id=KEEPER, groups=frozenset({"supervision"}), sees_all=True)
    assert livetables.tables_for(town.context, other) == ()
    assert [table.key for table in livetables.tables_for(town.context, keeper())] == ["rota"]
    with pytest.raises(Forbidden):
        livetables.table_rows(town.context, other, "rota")
    with pytest.raises(Forbidden):
        livetables.save_row(town.context, other, "rota", "", {"unit": "ziran"})
    with pytest.raises(NotFound):
        livetables.table_rows(town.context, keeper(), "gone")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("x", "x", "资料表“轮值表”：沿用工作人员维护的 2 行，流程包中的行不用。"),
        (
            'key = "unit"\nlabel = "单位"',
            'key = "leader"\nlabel = "领导"',
            "新增的列“领导”为空，请部署后补填；去掉的列“单位”不再显示。",
        ),
        ('editable_by = ["lead_office"]\n', "", "资料表“轮值表”不再由工作人员维护：改用流程包中的 1 行。"),
        (TABLE, "", "资料表“轮值表”在新版中没有了：工作人员维护的 2 行不再使用，历史保留。"),
    ],
)
def test_a_deployment_says_what_becomes_of_the_rows(town: Office, old: str, new: str, said: str) -> None:
    livetables.save_row(town.context, keeper(), "rota", "", {"day": "2026-09-01", "unit": "ziran"})
    table = TABLE.replace(old, new)
    if "leader" in table:
        table = table.replace('unit = "lead_office"\n', 'leader = "甲"\n')
    with town.context.database.read() as session:
        live = town.context.releases.live(session, TENANT).pack
        [line] = livetables.what_becomes(
            session, live, Pack.from_files(files(table) if table else pack_files())
        )
    assert line.endswith(said)
    if "leader" in table:
        deploy(town.context, {**pack_files(), TOML: pack_files()[TOML] + table.encode()})
        view = livetables.table_rows(town.context, keeper(), "rota")
        assert [dict(row.texts) for row in view.rows] == [
            {"day": "2026-08-31", "leader": ""},
            {"day": "2026-09-01", "leader": ""},
        ]


def test_the_check_knows_groups_and_cells() -> None:
    wrong = files(TABLE.replace("lead_office", "nobody", 1))
    assert "editable_by 中“nobody”不是单位或岗位" in "".join(f.message for f in check_files(wrong))
    [finding] = [f for f in check_files(files(TABLE.replace("2026-08-31", "八月"))) if f.code == "manifest"]
    assert "“八月”不是日期" in finding.message and finding.line
