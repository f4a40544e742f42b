"""Parameters on the page of tables: added, changed, refused; and what a difference says of them."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest
from tests.builders import SLUG, TENANT, Office
from tests.services.test_parameters import DIAGRAM, with_days

from zuozhen.model.errors import Conflict, ContentError, Invalid
from zuozhen.packs.tomltables import TomlTables
from zuozhen.services.actors import Actor
from zuozhen.services.deployment import deploy
from zuozhen.services.studio import tables, workspace
from zuozhen.services.studio.comparing import compare

PATH = f"processes/{SLUG}/pack.toml"
ROW = {"key": "answer_days", "label": "答复期限", "value": "3", "unit": "个工作日"}


@pytest.fixture
def admin(office: Office) -> Actor:
    deploy(office.context, with_days(3))
    return office.person("admin", admin="system")


def save(office: Office, admin: Actor, row: str = "", **typed: str) -> None:
    rev = workspace.read_file(office.context, TENANT, PATH).rev
    tables.save_row(office.context, admin, "parameters", row, typed, rev=rev)


def parameters(office: Office) -> dict[str, dict[str, object]]:
    content = workspace.read_file(office.context, TENANT, PATH).content.decode()
    found: dict[str, dict[str, object]] = tomllib.loads(content)["parameters"]
    return found


def test_the_page_says_where_a_parameter_is_used_and_keeps_it(office: Office, admin: Actor) -> None:
    [row] = tables.table_view(office.context, TENANT, "parameters").rows
    assert row.used[0] == "表单“诉求受理意见表”的“受理意见”" and len(row.used) == 2
    assert row.used[1].startswith("流程图“")
    rev = workspace.read_file(office.context, TENANT, PATH).rev
    with pytest.raises(Conflict, match="正在使用，不能删除：表单“诉求受理意见表”"):
        tables.delete_row(office.context, admin, "parameters", "answer_days", rev=rev)
    with pytest.raises(Conflict, match="不能改代号"):
        save(office, admin, "answer_days", **{**ROW, "key": "reply_days"})


@pytest.mark.parametrize(
    ("typed", "value"),
    [("5", 5), ("0.5", 0.5), ("是", True), ("2026-12-01", date(2026, 12, 1)), ("三楼", "三楼")],
)
def test_a_new_value_is_what_it_looks_like_and_keeps_its_kind(
    office: Office, admin: Actor, typed: str, value: object
) -> None:
    save(office, admin, key="extra", label="其他", value=typed)
    assert parameters(office)["extra"] == {"label": "其他", "value": value}
    if value == "三楼":
        save(office, admin, "extra", key="extra", label="其他", value="3")
        assert parameters(office)["extra"]["value"] == "3"
    else:
        with pytest.raises(Invalid) as caught:
            save(office, admin, "extra", key="extra", label="其他", value="三楼")
        assert "值：原来是" in caught.value.problems[0].message
    [row] = [
        row for row in tables.table_view(office.context, TENANT, "parameters").rows if row.name == "extra"
    ]
    assert row.values["value"] == ("3" if value == "三楼" else typed)
    tables.delete_row(
        office.context,
        admin,
        "parameters",
        "extra",
        rev=workspace.read_file(office.context, TENANT, PATH).rev,
    )
    assert list(parameters(office)) == ["answer_days"]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"value": ""}, "value"),
        ({"key": "Answer-Days"}, "key"),
        ({"key": "answer_days"}, "key"),
        ({"label": ""}, "label"),
    ],
)
def test_a_row_that_will_not_do_is_refused(
    office: Office, admin: Actor, typed: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as caught:
        save(office, admin, **{"key": "extra", "label": "其他", "value": "5", **typed})
    assert caught.value.problems
    assert field in {problem.field for problem in caught.value.problems} or field == "key"


def test_a_parameter_on_one_line_is_not_doubled() -> None:
    toml = TomlTables('[parameters]\nx = { label = "x", value = 3 }\n')
    with pytest.raises(ContentError, match="写在一行里"):
        toml.set_part(("parameters",), "x", {"value": 4})


def test_a_difference_says_the_value_and_what_follows_it() -> None:
    [change] = compare(with_days(3), with_days(5)).changes
    assert change.area == "deadline"
    assert change.sentence.startswith(
        "参数“答复期限”：3 → 5 个工作日（随之改变：表单“诉求受理意见表”的“受理意见”、流程图“"
    )
    renamed = {**with_days(3), PATH: with_days(3)[PATH].replace("答复期限".encode(), "受理期限".encode())}
    [change] = compare(with_days(3), renamed).changes
    assert change.sentence == "参数“受理期限”的名称：答复期限 → 受理期限"
    without = {**with_days(3), PATH: with_days(3)[PATH].partition(b"\n[parameters")[0]}
    assert [c.sentence for c in compare(without, with_days(3)).changes] == ["新增参数“答复期限”：3 个工作日"]
    assert [c.sentence for c in compare(with_days(3), without).changes] == ["删除参数“答复期限”：3 个工作日"]
    assert DIAGRAM not in {c.file for c in compare(with_days(3), with_days(5)).changes}
