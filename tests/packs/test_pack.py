"""Reading a manifest: values, findings with their line, and nothing but ContentError for broken ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zuozhen.model.errors import ContentError
from zuozhen.packs import Numbering, Pack
from zuozhen.packs.manifest import CLOCK_SWITCHES, RECURRENCE_KEYS, RECURRENCE_KINDS, SWITCHES
from zuozhen.workdays import CHOICES, KINDS, Recurrence, Rules, national

SLUG = "999999-shifan"
PATH = f"processes/{SLUG}/pack.toml"
Change = Callable[[str, str], dict[str, bytes]]


def test_reads_every_section(files: dict[str, bytes]) -> None:
    pack = Pack.from_files(files)
    assert (pack.slug, pack.code, pack.name, pack.title) == (SLUG, 999_999, "示范县", "局长坐诊接诉")
    assert pack.files[pack.diagram_path] == files[f"processes/{SLUG}/{SLUG}.bpmn"]
    assert (pack.notice.number, pack.notice.date) == ("示办通〔2024〕1号", "2024-11-05")
    assert pack.processes == {"case": "Process_case", "clinic": "Process_clinic"}
    assert [unit.id for unit in pack.units] == ["fagai", "gongxin"]
    assert [(role.id, role.unit, role.sees) for role in pack.roles] == [
        ("lead_office", "fagai", "all"),
        ("leader", "", "own"),
    ]
    assert pack.groups == {"fagai", "gongxin", "lead_office", "leader", "enterprise"}
    assert pack.numberings["registration"].format(date(2026, 9, 18), 7) == "SF2026-0007"
    assert (pack.session_recurrence, pack.business_key) == ("坐诊日", "clinic_key")
    assert pack.codes == {"refusal_ground": {"1": "违反法律法规", "2": "民事纠纷"}}
    assert (pack.channels[0].id, pack.counters[0].name) == ("online", "政务大厅")
    assert (pack.portal.venue, pack.portal.hotline) == ("二楼接待室", "")
    assert pack.deadlines.warning_share == 0.3
    assert [column.width for column in pack.registers[0].columns] == [3, 0]
    assert pack.registers[0].notes == ("由坐诊部门填写",)
    assert pack.text == {"greeting": "您好"}
    assert pack.forms == {"register": f"forms/{SLUG}/register.json", "rate": "forms/_common/rate.json"}
    assert pack.print_templates == {"service_list": f"templates/print/{SLUG}/service_list.html"}
    assert pack.message_templates == {"accepted": f"templates/message/{SLUG}/accepted.txt"}
    assert len(pack.sha256) == 64
    with pytest.raises(dataclasses.FrozenInstanceError):
        pack.name = "x"  # type: ignore[misc]


def test_the_counting_floor_takes_what_the_manifest_says(files: dict[str, bytes]) -> None:
    pack = Pack.from_files(files)
    rules = Rules.from_tables(national(), pack.deadlines.switches, (spec.table for spec in pack.recurrences))
    assert rules.closes_at.hour == 17
    assert rules.recurrences["坐诊日"].next_dates(date(2026, 9, 1), national(), 1) == [date(2026, 9, 20)]


def test_both_floors_know_the_same_switches_and_kinds() -> None:
    """They may not import each other, so the two lists are kept equal here."""
    assert dict(SWITCHES) == dict(CHOICES)
    assert set(RECURRENCE_KINDS) == set(KINDS)
    assert set(RECURRENCE_KEYS) == {field.name for field in dataclasses.fields(Recurrence)} - {"members"}
    assert set(CLOCK_SWITCHES) | set(SWITCHES) | {"calendar", "recurrences", "office_hours"} == {
        field.name for field in dataclasses.fields(Rules)
    }


MISTAKES = [
    ('name = "示范县"', "nam = '示范县'", "缺少 name", None),
    ('name = "示范县"', "nam = '示范县'", "不认识的键 nam", 3),
    ('name = "示范县"', "name = 3", "name 应为文字", 3),
    ('name = "示范县"', 'name = " "', "name 不能为空", 3),
    ("code = 999999", "code = 99", "code 应在", 2),
    ("code = 999999", "code = true", "code 应为整数", 2),
    ("code = 999999", "code = 530381", "应以行政区划代码", 2),
    ('slug = "999999-shifan"', 'slug = "示范"', "不合规", 1),
    ('slug = "999999-shifan"', 'slug = "999999-other"', "与文件夹", 1),
    ('diagram = "999999-shifan.bpmn"', 'diagram = "../x.bpmn"', "不存在", 5),
    ('case = "Process_case"', 'case = "Process_x"', "流程图中没有流程“Process_x”", 16),
    ('case = "Process_case"', 'other = "Process_case"', "缺少 case", 15),
    ("date = 2024-11-05", "date = '五月'", "不是日期", 11),
    ("date = 2024-11-05", "date = 10:00:00", "date 应为文字", 11),
    ('id = "gongxin"', 'id = "fagai"', "重复", 24),
    ('id = "gongxin"', 'id = "工信"', "不合规", 24),
    ('id = "gongxin"', 'id = "enterprise"', "保留字", 24),
    ('session_recurrence = "坐诊日"', 'session_recurrence = "例会"', "周期规则“例会”未在", 6),
    ('name = "工业和信息化局"', "", "“gongxin”：缺少 name", 23),
    ('unit = "fagai"', 'unit = "jiaoyu"', "单位“jiaoyu”不存在", 30),
    ('sees = "all"', 'sees = "some"', "sees 不能是", 31),
    ('id = "leader"', 'id = "fagai"', "与单位重复", 34),
    ('kind = "monthly_day"', 'kind = "hourly"', "kind 不能是", 39),
    ("day = 20", "dai = 20", "不认识的键 dai", 40),
    ("{seq:04d}", "{number}", "不认识 {number}", 44),
    ("{seq:04d}", "{seq:>9}", "宽度应写成", 44),
    ("{seq:04d}", "{seq!r}", "宽度应写成", 44),
    ("{seq:04d}", "{seq.real}", "不认识 {seq.real}", 44),
    ("{seq:04d}", "{seq", "花括号不成对", 44),
    ("SF{year}", "SF", "缺少 {year}", 44),
    ('scope = "year"', 'scope = "week"', "scope 不能是", 45),
    ('1 = "违反法律法规"', "1 = 1", "1 应为文字", 56),
    ('venue = "二楼接待室"', 'place = "二楼"', "不认识的键 place", 61),
    ("warning_share = 0.3", "warning_share = 3", "warning_share 应在", 65),
    ('closes_at = "17:30"', 'closes_at = "五点半"', "不是时刻", 66),
    ('form = "service_list"', 'form = "nothing"', "表单“nothing”不存在", 71),
    ('form = "service_list"', 'process = "other"', "流程“other”未在", 71),
    ('value = "contact.appeal"', "valu = 1", "不认识的键 valu", 72),
    ('notes = ["由坐诊部门填写"]', "notes = [1]", "应为文字列表", 73),
    ("[text]", "[[text]]", "text 应为一组键值", 75),
    ("[portal]", "[portals]", "不认识的键 portals", 59),
]


@pytest.mark.parametrize(("old", "new", "message", "line"), MISTAKES, ids=lambda value: str(value)[:30])
def test_each_mistake_is_named_with_its_line(
    manifest: Change, old: str, new: str, message: str, line: int | None
) -> None:
    with pytest.raises(ContentError) as error:
        Pack.from_files(manifest(old, new))
    found = [finding for finding in error.value.findings if message in finding.message]
    assert found, [str(finding) for finding in error.value.findings]
    assert (found[0].file, found[0].line) == (PATH, line)
    assert len(set(error.value.findings)) == len(error.value.findings)


def test_all_mistakes_are_told_at_once(files: dict[str, bytes]) -> None:
    text = files[PATH].decode().replace("code = 999999", "code = 1").replace("day = 20", "dai = 20")
    text = text.replace('sees = "all"', 'sees = "x"')
    with pytest.raises(ContentError, match="有 4 处错误") as error:
        Pack.from_files(files | {PATH: text.encode()})
    assert [finding.line for finding in error.value.findings] == [2, 2, 31, 40]


def test_lines_of_nested_tables_belong_to_the_right_parent(manifest: Change) -> None:
    second = """
[[register]]
key = "second"
title = "第二"
[[register.columns]]
label = "甲"
value = "a"
[[register.columns]]
label = "乙"
[text]"""
    with pytest.raises(ContentError) as error:
        Pack.from_files(manifest("[text]", second))
    assert [(finding.line, finding.element) for finding in error.value.findings] == [(82, "value")]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"slug = ", "TOML 语法错误"),
        (b"a = 1\nb = \xff", "不是 UTF-8"),
        (b"a = " + b"[" * 100_000, "TOML 语法错误"),
        (b"#" * 600_000, "文件超过"),
        (b"a = " + b"9" * 10_000, "TOML 语法错误"),
    ],
)
def test_unreadable_manifests(files: dict[str, bytes], data: bytes, message: str) -> None:
    with pytest.raises(ContentError) as error:
        Pack.from_files(files | {PATH: data})
    assert message in error.value.findings[0].message


@pytest.mark.parametrize(
    "data",
    [
        b"code = 0x" + b"f" * 50_000,
        b"[deadlines]\nwarning_share = 0x" + b"f" * 50_000,
        b"[deadlines]\nwarning_share = nan",
        b"a" + b".a" * 5_000 + b" = 1",
        b"name" + b".a" * 5_000 + b" = 1",
        b"unit = 1\nrole = [1]\nregister = [{columns = 3}]\ncodes = [[]]\nnumbering = {a = 1}",
        b"processes = []\nnotice = 2024-01-01\ntext = 1\ncounter = [[]]",
        b'"" = 1\n"\\u0000" = 2',
        b"",
    ],
)
def test_hostile_manifests_raise_content_errors_only(files: dict[str, bytes], data: bytes) -> None:
    with pytest.raises(ContentError) as error:
        Pack.from_files(files | {PATH: data})
    assert all(str(finding) for finding in error.value.findings)


TOML_VALUES = st.recursive(
    st.sampled_from(['"x"', "1", "-1", "1.5", "inf", "true", "2024-01-01", '""', '"{seq"', "[]", "{}"]),
    lambda inner: st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
    max_leaves=4,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_value_anywhere_is_accepted_or_a_content_error(files: dict[str, bytes], data: Any) -> None:
    lines = files[PATH].decode().splitlines()
    index = data.draw(st.sampled_from([n for n, line in enumerate(lines) if " = " in line]))
    lines[index] = f"{lines[index].partition(' = ')[0]} = {data.draw(TOML_VALUES)}"
    try:
        assert Pack.from_files(files | {PATH: "\n".join(lines).encode()}).slug == SLUG
    except ContentError as error:
        assert error.findings


@pytest.mark.parametrize(
    ("diagram", "message"),
    [
        (b"", "不是完整的 XML"),
        (b"<a>", "不是完整的 XML"),
        (b"<a/>", "不是 BPMN 2.0"),
        (b"<!DOCTYPE a><a/>", "DOCTYPE"),
        (b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', "DOCTYPE"),
        (b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>', "DOCTYPE"),
        (b"<a>" * 10_000, "不是完整的 XML"),
        (b'<?xml version="1.0" encoding="nonsense"?><a/>', "流程图"),
        (b" " * (2 * 1024 * 1024 + 1), "流程图文件超过"),
    ],
)
def test_broken_and_hostile_diagrams(files: dict[str, bytes], diagram: bytes, message: str) -> None:
    path = f"processes/{SLUG}/{SLUG}.bpmn"
    with pytest.raises(ContentError) as error:
        Pack.from_files(files | {path: diagram})
    assert [finding.file for finding in error.value.findings] == [path]
    assert message in error.value.findings[0].message


def test_broken_scenarios_are_found(files: dict[str, bytes]) -> None:
    path = f"processes/{SLUG}/scenarios.toml"
    with pytest.raises(ContentError) as error:
        Pack.from_files(files | {path: b"ok = 1\n[["})
    assert (error.value.findings[0].file, error.value.findings[0].line) == (path, 2)


def test_there_is_exactly_one_manifest(files: dict[str, bytes]) -> None:
    second = {"processes/888888-other/pack.toml": files[PATH]}
    for wrong, message in (
        (files | second, "只能有一个"),
        ({"forms/_common/a.json": b""}, "缺少 pack.toml"),
        ({}, "缺少"),
    ):
        with pytest.raises(ContentError, match=message):
            Pack.from_files(wrong)


@pytest.mark.parametrize(
    "path",
    [
        "/etc/x.toml",
        "../x.toml",
        "forms/../../x.json",
        "forms/./x.json",
        "forms//x.json",
        "forms/a\\b.json",
        "C:/forms/x.json",
        "other/x.json",
        "templates/web/x.html",
        "forms/x.py",
        "forms/x.js",
        "forms/x",
        "forms/x.html.exe",
        "forms/a\0.json",
        "forms/\ud800.json",
        f"forms/{'a' * 300}.json",
    ],
)
def test_paths_no_pack_may_have(files: dict[str, bytes], path: str) -> None:
    with pytest.raises(ContentError) as error:
        Pack.from_files(files | {path: b""})
    str(error.value.findings[0]).encode("utf-8")


def test_numbers_and_their_scopes() -> None:
    day = date(2026, 9, 8)
    assert Numbering("n", "XW{year}-{seq:04d}").format(day, 12) == "XW2026-0012"
    assert Numbering("n", "{year}{month}{day}第{seq}号", "month").format(day, 3) == "20260908第3号"
    assert Numbering("n", "{seq:3}", "none").format(day, 12_345) == "12345"
    keys = [Numbering("n", "", scope).scope_key(day) for scope in ("year", "month", "none")]
    assert keys == ["n/2026", "n/2026-09", "n/"]
