"""Procedures, numbers by form, registers, reports and reference data, edited on the pages of tables."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from tests.builders import SLUG, TENANT, Office, pack_files
from tests.packs_content.packs import SLUGS

from zuozhen.model.errors import Conflict, Invalid
from zuozhen.packs import Pack
from zuozhen.services.actors import Actor
from zuozhen.services.studio import tables, workspace
from zuozhen.services.studio.tables.catalogue import tables_of
from zuozhen.services.studio.tables.sources import with_choices
from zuozhen.services.studio.tables.values import shown, typed_values

PATH = f"processes/{SLUG}/pack.toml"


@pytest.fixture
def admin(office: Office) -> Actor:
    return office.person("admin", admin="system")


def manifest(office: Office) -> dict[str, Any]:
    return tomllib.loads(workspace.read_file(office.context, TENANT, PATH).content.decode())


def save(office: Office, admin: Actor, table: str, row: str = "", **typed: str) -> None:
    rev = workspace.read_file(office.context, TENANT, PATH).rev
    tables.save_row(office.context, admin, table, row, typed, rev=rev)


def delete(office: Office, admin: Actor, table: str, row: str) -> None:
    rev = workspace.read_file(office.context, TENANT, PATH).rev
    tables.delete_row(office.context, admin, table, row, rev=rev)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_row_of_every_pack_is_typed_again_as_it_is(slug: str) -> None:
    """What a page shows is what it saves: no section of a pack is lost or changed by opening it."""
    files = pack_files(slug)
    written = tomllib.loads(files[f"processes/{slug}/pack.toml"].decode())
    seen = 0
    for known in tables_of(written).values():
        table = with_choices(known, written, files)
        for row in table.read(written):
            values, problems = typed_values(table, shown(table, row))
            assert not problems, (table.name, problems)
            assert {key: value for key, value in values.items() if value is not None} == {
                column.key: row[column.key]
                if column.kind != "texts" or isinstance(row[column.key], list)
                else [row[column.key]]
                for column in table.columns
                if row.get(column.key) not in (None, "")
            }, table.name
            unknown = row.keys() - {column.key for column in table.columns}
            inner = {one.path[2] for one in tables_of(written).values() if len(one.path) == 3}
            assert not {key for key in unknown if key not in inner}, (table.name, unknown)
            seen += 1
    assert seen > 100


def test_a_register_is_made_on_pages_alone(office: Office, admin: Actor) -> None:
    save(office, admin, "registers", key="typical", title="典型案例", by="period", open_to="window\nleader",
         filter="signoff.typical_case", notes="每季度更新。\n只列已办结的。")  # fmt: skip
    save(office, admin, "columns.typical", key="enterprise", label="企业", value="register.enterprise")
    save(office, admin, "filters.typical", key="outcome", label="结果", value="case.outcome")
    assert manifest(office)["register"][-1] == {
        "key": "typical", "title": "典型案例", "by": "period", "filter": "signoff.typical_case",
        "notes": ["每季度更新。", "只列已办结的。"], "open_to": ["window", "leader"],
        "columns": [
            {"key": "row", "label": "序号", "value": "row"},
            {"key": "enterprise", "label": "企业", "value": "register.enterprise"},
        ],
        "filters": [{"key": "outcome", "label": "结果", "value": "case.outcome"}],
    }  # fmt: skip
    pack = Pack.from_files(workspace.files(office.context, TENANT))
    assert pack.registers[-1].open_to == ("window", "leader")

    rows = tables.table_view(office.context, TENANT, "registers").rows
    assert rows[-1].mark == "new" and [name for name, _, _ in rows[-1].inner] == [
        "columns.typical",
        "filters.typical",
    ]
    assert "服务专窗" in rows[-1].texts["open_to"]
    with pytest.raises(Conflict, match="由它打开或发起"):
        delete(office, admin, "roles", "window")
    delete(office, admin, "registers", "typical")
    assert manifest(office) == tomllib.loads(pack_files()[PATH].decode())


def test_a_report_written_on_the_spot_keeps_its_lines(office: Office, admin: Actor) -> None:
    """宣威's figures stand in one array; a new one is one more line, all others stay."""
    save(
        office,
        admin,
        "figures.results",
        key="urged",
        label="督办过",
        where='count(tasks[group = "supervision"]) > 0',
    )
    save(office, admin, "groups.results", "outcome", key="outcome", title="按结果", group="case.outcome",
         columns="ended\nurged", chart="bar")  # fmt: skip
    text = workspace.read_file(office.context, TENANT, PATH).content.decode()
    before = pack_files()[PATH].decode().splitlines()
    assert len([line for line in text.splitlines() if line not in before]) == 2
    report = next(one for one in manifest(office)["report"] if one["key"] == "results")
    assert report["tables"][0]["columns"] == ["ended", "urged"]
    row = tables.table_view(office.context, TENANT, "groups.results").rows[1]
    save(
        office,
        admin,
        "groups.results",
        "life_stage",
        **{**row.values, "columns": "ended\nlate\nrated\nclosed"},
    )
    report = next(one for one in manifest(office)["report"] if one["key"] == "results")
    assert report["tables"][1]["columns"] == ["ended", "closed", "late", "rated"]  # boxes have no order
    with pytest.raises(Invalid, match="按提示改正"):
        delete(office, admin, "figures.results", "urged")  # a table lists it


def test_a_report_with_a_parameter(office: Office, admin: Actor) -> None:
    save(office, admin, "reports", key="monthly", title="月报")
    save(office, admin, "parameter.monthly", key="unit", label="单位", codes="units",
         filter="contact.lead_unit = unit")  # fmt: skip
    report = Pack.from_files(workspace.files(office.context, TENANT)).reports[-1]
    assert report.parameter is not None and report.parameter.codes == "units"
    assert [figure.label for figure in report.figures] == ["合计（件）"]
    with pytest.raises(Invalid) as error:
        save(office, admin, "figures.monthly", key="share", label="率", of="nothing")
    assert [problem.field for problem in error.value.problems] == ["of"]


def test_a_reference_table_has_the_columns_that_were_given_to_it(office: Office, admin: Actor) -> None:
    save(office, admin, "tables", key="rota", title="轮值表", public="true")
    save(office, admin, "headings.rota", key="unit", label="单位")
    save(office, admin, "rows.rota", name="第一周", unit="市发展和改革委员会\n市财政局")
    save(office, admin, "rows.rota", name="第二周")
    save(office, admin, "rows.rota", "#2", name="第二周", unit="市住建局")
    save(office, admin, "rows.rota", "#2", name="第二周", unit="市住建局")  # once more: nothing changes
    assert manifest(office)["table"][0]["rows"] == [
        {"name": "第一周", "unit": "市发展和改革委员会\n市财政局"},
        {"name": "第二周", "unit": "市住建局"},
    ]
    with pytest.raises(Conflict, match="2 行填有内容"):
        delete(office, admin, "headings.rota", "unit")
    for row, name in (("#1", "第一周"), ("#2", "第二周")):
        save(office, admin, "rows.rota", row, name=name)
    delete(office, admin, "headings.rota", "unit")
    table = Pack.from_files(workspace.files(office.context, TENANT)).tables[0]
    assert table.public and [row["name"] for row in table.rows] == ["第一周", "第二周"]


def test_what_a_procedure_says_is_added_to_a_process(office: Office, admin: Actor) -> None:
    save(office, admin, "procedures", id="clinic", label="坐诊", open_to="lead_office", private="false",
         bookable="session.clinic_plan.clinic_date > today")  # fmt: skip
    assert manifest(office)["procedure"] == {
        "clinic": {
            "label": "坐诊", "open_to": ["lead_office"], "private": False,
            "bookable": "session.clinic_plan.clinic_date > today",
        }
    }  # fmt: skip
    with pytest.raises(Conflict, match="“事项”表中有它"):
        delete(office, admin, "processes", "clinic")
    for typed in (
        {"id": "nothing", "label": "x"},
        {"id": "clinic", "open_to": "nobody"},
        {"id": "case", "title": "if"},
    ):
        with pytest.raises(Invalid):
            save(office, admin, "procedures", "", **typed)


def test_a_number_by_form_shows_what_comes_next(office: Office, admin: Actor) -> None:
    save(office, admin, "numbering", id="dispatch", pattern="{prefix}交办（{year}）第{seq:02d}号", scope="year",
         form="contact", field="dispatch_number", prefix='"市"')  # fmt: skip
    row = tables.table_view(office.context, TENANT, "numbering").rows[-1]
    assert row.samples == ("〔字头〕交办（2026）第01号",)
    with pytest.raises(Invalid) as error:
        save(office, admin, "numbering", "dispatch", id="dispatch", pattern="办{year}{seq}", form="contact")
    assert {problem.field for problem in error.value.problems} == {"form"}


def test_a_booking_window_and_a_quota_hold_their_rules(office: Office, admin: Actor) -> None:
    save(
        office,
        admin,
        "recurrences",
        name="挂号期",
        kind="last_workdays",
        days="5",
        opens_at="09:00",
        closes_at="17:00",
    )
    save(office, admin, "portal", **shown_row(office, "portal") | {"window": "挂号期"})
    save(office, admin, "recurrences", name="全年次数", kind="quota", period="year", times="10")
    save(
        office, admin, "quotas", name="全年不少于10次", recurrence="全年次数", process="clinic", warn_from="9"
    )
    for row, place in (("挂号期", "门户的挂号期按它推算"), ("全年次数", "次数要求“全年不少于10次”按它计数")):
        with pytest.raises(Conflict, match=place):
            delete(office, admin, "recurrences", row)
    with pytest.raises(Invalid):
        save(office, admin, "quotas", name="又一个", recurrence="没有的规则")
    pack = Pack.from_files(workspace.files(office.context, TENANT))
    assert pack.quotas[0].warn_from == 9 and pack.portal.window == "挂号期"


def shown_row(office: Office, table: str) -> dict[str, str]:
    return dict(tables.table_view(office.context, TENANT, table).rows[0].values)
