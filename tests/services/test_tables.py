"""Tables of the draft's manifest: edited row by row, judged by the manifest's rules, never past a colleague."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest
from tests.builders import SLUG, TENANT, Office, pack_files

from zuozhen.model.errors import Conflict, Invalid, NotFound
from zuozhen.services.actors import Actor
from zuozhen.services.studio import tables, workspace
from zuozhen.services.studio.workspace import StaleDraft

PATH = f"processes/{SLUG}/pack.toml"
SOURCE = pack_files()[PATH].decode()


@pytest.fixture
def admin(office: Office) -> Actor:
    return office.person("admin", admin="system")


def manifest(office: Office) -> dict[str, object]:
    return tomllib.loads(workspace.read_file(office.context, TENANT, PATH).content.decode())


def rev(office: Office) -> int:
    return workspace.read_file(office.context, TENANT, PATH).rev


def save(office: Office, admin: Actor, table: str, row: str = "", **typed: str) -> None:
    tables.save_row(office.context, admin, table, row, typed, rev=rev(office))


def test_every_table_opens_and_counts_its_rows(office: Office) -> None:
    entries = {entry.table.name: entry for entry in tables.index_of_tables(office.context, TENANT)}
    assert entries["units"].count == 22
    assert {"codes.refusal_ground", "columns.service_list", "figures.results", "registers"} <= entries.keys()
    assert not any(entry.changed for entry in entries.values())
    for name in entries:
        view = tables.table_view(office.context, TENANT, name)
        assert len(view.rows) == entries[name].count and not view.removed


def test_saving_rows_of_every_table_as_they_are_changes_nothing(office: Office, admin: Actor) -> None:
    for entry in tables.index_of_tables(office.context, TENANT):
        rows = tables.table_view(office.context, TENANT, entry.table.name).rows
        for row in (*rows[:2], *rows[-1:]):
            name = row.name if entry.table.shape != "fields" else ""
            tables.save_row(office.context, admin, entry.table.name, name, row.values, rev=rev(office))
    assert rev(office) == 0
    assert workspace.read_file(office.context, TENANT, PATH).content.decode() == SOURCE


def test_a_unit_is_added_renamed_moved_and_deleted_in_the_draft_only(office: Office, admin: Actor) -> None:
    save(office, admin, "units", id="xinfang", name="市信访局")
    save(office, admin, "units", "xinfang", id="xinfang", name="市委市政府信访局")
    tables.move_row(office.context, admin, "units", "xinfang", -1, rev=rev(office))
    view = tables.table_view(office.context, TENANT, "units")
    assert [(row.name, row.mark) for row in view.rows][-2:] == [("xinfang", "new"), ("gongdian", "")]
    assert view.changed and view.updated_by == admin.name

    tables.delete_row(office.context, admin, "units", "xinfang", rev=rev(office))
    assert workspace.read_file(office.context, TENANT, PATH).content.decode() == SOURCE
    with office.context.database.read() as session:
        assert "信访局" not in str(office.context.releases.live(session, TENANT).pack.units)


@pytest.mark.parametrize(
    ("table", "row", "typed", "field"),
    [
        ("units", "", {"id": "Großstadt", "name": "x"}, "id"),
        ("units", "", {"id": "enterprise", "name": "x"}, "id"),
        ("units", "", {"id": "fagai", "name": "又一个"}, "id"),
        ("units", "", {"id": "neu", "name": "  "}, "name"),
        ("units", "", {"id": "neu", "name": "a\x07"}, "name"),
        ("roles", "", {"id": "fagai", "name": "与单位同名"}, "id"),
        ("roles", "window", {"id": "window", "name": "专窗", "unit": "nirgends"}, "unit"),
        ("recurrences", "坐诊日", {"name": "坐诊日", "kind": "monthly_day", "day": "32"}, "day"),
        ("recurrences", "坐诊日", {"name": "坐诊日", "kind": "monthly_day", "day": "廿"}, "day"),
        ("recurrences", "", {"name": "甲", "kind": "täglich"}, "kind"),
        ("numbering", "case", {"id": "case", "pattern": "XW{seq}", "scope": "year"}, "pattern"),
        ("notice", "", {"number": "1", "date": "2024-13-01", "issuer": "x"}, "date"),
        ("deadlines", "", {"closes_at": "25:00"}, "closes_at"),
        ("deadlines", "", {"warning_share": "1.5"}, "warning_share"),
        ("columns.service_list", "", {"label": "x", "value": "if then"}, "value"),
        ("codes.refusal_ground", "", {"id": "又", "name": "x"}, "id"),
    ],
)
def test_what_will_not_do_is_said_at_its_field_and_nothing_is_saved(
    office: Office, admin: Actor, table: str, row: str, typed: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as error:
        save(office, admin, table, row, **typed)
    assert field in {problem.field for problem in error.value.problems}, error.value.problems
    assert rev(office) == 0


def test_what_is_used_is_not_deleted_and_says_where(office: Office, admin: Actor) -> None:
    office.person("li", unit="shuili")

    def refusal(table: str, row: str) -> str:
        with pytest.raises(Conflict) as error:
            tables.delete_row(office.context, admin, table, row, rev=0)
        return error.value.message

    assert "岗位“市发展和改革委员会“坐诊接诉”工作专班”属于它" in refusal("units", "fagai")
    assert "账号测试li" in refusal("units", "shuili")
    assert "流程图“" in refusal("roles", "leader")
    assert "坐诊日按它推算" in refusal("recurrences", "坐诊日")
    assert "流程图“" in refusal("recurrences", "排期日")
    assert "网上登记" in refusal("channels", "online")
    assert "挂号登记用它编号" in refusal("numbering", "case")
    with pytest.raises(Conflict):
        save(office, admin, "roles", "leader", id="boss", name="市政府分管领导")

    tables.delete_row(office.context, admin, "units", "caizheng", rev=0)
    assert "caizheng" not in str(manifest(office)["unit"])


def test_a_group_with_work_waiting_stays(office: Office, admin: Actor) -> None:
    registered = office.register()
    group = office.tokens(registered.case_id)[0].grp
    with pytest.raises(Conflict) as error:
        tables.delete_row(office.context, admin, "roles", group, rev=0)
    assert "在办任务" in error.value.message or "等 " in error.value.message


def test_the_second_to_save_is_told_and_may_save_on_top(office: Office, admin: Actor) -> None:
    before = rev(office)
    save(office, admin, "units", id="a", name="甲")
    colleague = office.person("kollege", admin="system")
    with pytest.raises(StaleDraft) as error:
        tables.save_row(office.context, colleague, "units", "", {"id": "b", "name": "乙"}, rev=before)
    assert error.value.by == admin.name
    tables.save_row(office.context, colleague, "units", "", {"id": "b", "name": "乙"}, rev=error.value.rev)
    units = manifest(office)["unit"]
    assert isinstance(units, list)
    assert [unit["id"] for unit in units[-2:]] == ["a", "b"]


def test_a_row_that_a_colleague_deleted_is_a_stale_draft_not_a_riddle(office: Office, admin: Actor) -> None:
    before = rev(office)
    tables.delete_row(office.context, admin, "units", "caizheng", rev=before)
    with pytest.raises(StaleDraft):
        tables.save_row(
            office.context, admin, "units", "caizheng", {"id": "caizheng", "name": "财政"}, rev=before
        )
    with pytest.raises(NotFound):
        save(office, admin, "units", "caizheng", id="caizheng", name="财政")


def test_code_lists_are_made_and_edited_in_order(office: Office, admin: Actor) -> None:
    name = tables.add_list(office.context, admin, "visit_reason", ("1", "咨询"), rev=0)
    save(office, admin, name, id="2", name="投诉")
    tables.move_row(office.context, admin, name, "2", -1, rev=rev(office))
    codes = manifest(office)["codes"]
    assert isinstance(codes, dict)
    assert list(codes["visit_reason"].items()) == [("2", "投诉"), ("1", "咨询")]
    for wrong in ("visit_reason", "Visit", "访", ""):
        with pytest.raises(Invalid):
            tables.add_list(office.context, admin, wrong, ("1", "x"), rev=rev(office))


def test_a_recurrence_shows_its_next_twelve_dates_and_why_they_moved(office: Office, admin: Actor) -> None:
    row = next(r for r in tables.table_view(office.context, TENANT, "recurrences").rows if r.name == "坐诊日")
    days = {coming.day: coming.moved for coming in row.upcoming}
    assert len(days) == 12
    assert days[date(2026, 9, 20)] == ""  # a worked Sunday
    assert days[date(2027, 2, 22)] == "2月20日（星期六）休息，顺延"
    assert [coming.provisional for coming in row.upcoming] == [c.day.year > 2026 for c in row.upcoming]

    typed = tables.preview_dates(
        office.context, TENANT, {"name": "x", "kind": "monthly_day", "day": "1", "roll": "backward"}
    )
    assert (typed.upcoming[1].day, typed.upcoming[1].moved) == (
        date(2026, 9, 30),
        "10月1日（国庆节）休息，提前",
    )
    assert tables.preview_dates(office.context, TENANT, {"kind": "monthly_day", "day": "0"}).upcoming == ()


def test_a_kind_keeps_only_its_own_fields(office: Office, admin: Actor) -> None:
    save(office, admin, "recurrences", "坐诊日", name="坐诊日", kind="last_workday", day="20", roll="forward")
    recurrences = manifest(office)["recurrence"]
    assert isinstance(recurrences, list)
    assert recurrences[0] == {"name": "坐诊日", "kind": "last_workday"}


def test_weeks_and_rotas_are_edited_on_the_page(office: Office, admin: Actor) -> None:
    save(
        office,
        admin,
        "recurrences",
        "",
        name="周三",
        kind="weekly",
        weekday="3",
        every="2",
        anchor="2026-09-02",
    )
    save(office, admin, "recurrences", "", name="轮值", kind="rota", of="周三", holders="fagai\ngongxin")
    recurrences = manifest(office)["recurrence"]
    assert isinstance(recurrences, list)
    assert recurrences[-2] == {
        "name": "周三",
        "kind": "weekly",
        "weekday": 3,
        "every": 2,
        "anchor": date(2026, 9, 2),
    }
    assert recurrences[-1] == {
        "name": "轮值",
        "kind": "rota",
        "of": ["周三"],
        "holders": ["fagai", "gongxin"],
    }
    row = next(r for r in tables.table_view(office.context, TENANT, "recurrences").rows if r.name == "轮值")
    assert len(row.upcoming) == 12 and row.upcoming[0].holders
    with pytest.raises(Invalid) as caught:
        save(office, admin, "recurrences", "", name="隔周", kind="weekly", every="2")
    assert "从哪一周数起" in caught.value.problems[0].message


def test_numbering_shows_the_numbers_that_come_next(office: Office) -> None:
    office.register()
    (row,) = tables.table_view(office.context, TENANT, "numbering").rows
    assert row.samples == ("XW2026-0002", "XW2026-0003", "XW2026-0004")


def test_a_draft_that_is_no_toml_closes_the_tables_with_a_word(office: Office, admin: Actor) -> None:
    workspace.save_file(office.context, admin, PATH, SOURCE.replace('slug = "', "slug = ").encode(), rev=0)
    with pytest.raises(Conflict):
        tables.table_view(office.context, TENANT, "units")
