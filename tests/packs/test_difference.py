"""What differs between two versions of a pack's tables, calendars, scenarios and templates."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zuozhen.model.errors import ContentError
from zuozhen.packs import Library, builtin_root
from zuozhen.packs.difference import (
    compare_calendars,
    compare_manifests,
    compare_scenarios,
    compare_templates,
)

SLUG = "530381-xuanwei"
FILES = Library(builtin_root()).files(SLUG)
FILE = f"processes/{SLUG}/pack.toml"
TEXT = FILES[FILE].decode()

EDITS: dict[str, tuple[str, str, list[tuple[str, str, str]]]] = {
    "notice": ('number = "宣办通〔2024〕43号"', 'number = "宣办通〔2026〕12号"',
               [("changed", "table", "文号：宣办通〔2024〕43号 → 宣办通〔2026〕12号")]),
    "date": ("date = 2024-11-05", "date = 2026-01-05",
             [("changed", "table", "发文日期：2024-11-05 → 2026-01-05")]),
    "unit-added": ('[[unit]]\nid = "gongxin"', '[[unit]]\nid = "xinfang"\nname = "市信访局"\n[[unit]]\nid = "gongxin"',
                   [("added", "table", "新增单位“市信访局”")]),
    "unit-removed": ('[[unit]]\nid = "gongdian"\nname = "宣威供电局"\n', "",
                     [("removed", "table", "删除单位“宣威供电局”")]),
    "unit-renamed": ('name = "市财政局"', 'name = "市财政和国资局"',
                     [("changed", "table", "单位“市财政局”改名为“市财政和国资局”")]),
    "unit-ended": ('name = "市财政局"', 'name = "市财政局"\nuntil = 2027-01-01\nsuccessor = "gongxin"',
                   [("changed", "table", "单位“市财政局”的撤销日期：（无） → 2027-01-01"),
                    ("changed", "table", "单位“市财政局”的承接单位：（无） → “市工业和信息化科技局”")]),
    "unit-split": ('name = "市财政局"',
                   'name = "市财政局"\nsuccessors = [{ id = "gongxin", when = "a" }, { id = "fagai" }]',
                   [("added", "table", "单位“市财政局”：新增承接单位“市工业和信息化科技局”"),
                    ("added", "table", "单位“市财政局”：新增承接单位“市发展和改革委员会”")]),
    "role-unit": ('unit = "zhengwu"\nsees = "own"', 'unit = "gongxin"\nsees = "own"',
                  [("changed", "table",
                    "岗位“‘局长坐诊接诉’服务专窗”的所属单位：“市政务服务管理局” → “市工业和信息化科技局”")]),
    "role-sees": ('unit = "zhengwu"\nsees = "own"', 'unit = "zhengwu"\nsees = "all"',
                  [("changed", "table", "岗位“‘局长坐诊接诉’服务专窗”的查看范围：本岗位、本单位办件 → 全部办件")]),
    "recurrence": ("day = 20", "day = 15", [("changed", "table", "周期规则“坐诊日”的日期：20 → 15")]),
    "roll": ('roll = "forward"', 'roll = "backward"',
             [("changed", "table", "周期规则“坐诊日”的遇节假日：顺延 → 提前")]),
    "numbering": ('pattern = "XW{year}-{seq:04d}"', 'pattern = "XW{year}{seq:05d}"',
                  [("changed", "table", "编号规则 case 的格式：XW{year}-{seq:04d} → XW{year}{seq:05d}")]),
    "channel": ('[[channel]]\nid = "visit"\nname = "走访联系"\n', "",
                [("removed", "table", "删除受理渠道“走访联系”")]),
    "code": ('2 = "属于经营主体之间的民事纠纷问题的"', '2 = "属于民事纠纷的"\n6 = "重复反映的"',
             [("changed", "table", "代码表 refusal_ground 的 2：“属于经营主体之间的民事纠纷问题的” → “属于民事纠纷的”"),
              ("added", "table", "代码表 refusal_ground：新增 6 “重复反映的”")]),
    "portal": ('hotline = "12345"', 'hotline = "0874-12345"',
               [("changed", "table", "门户的咨询电话：12345 → 0874-12345")]),
    "deadlines": ('count_from = "next_day"', 'count_from = "same_day"',
                  [("changed", "deadline", "时限口径：从哪天起算：次日 → 当日")]),
    "column": ('label = "企业所在地"', 'label = "企业地址"',
               [("changed", "table", "清单“‘局长坐诊接诉’服务事项清单”：列“企业所在地”改名为“企业地址”")]),
    "column-value": ('value = "register.address"', 'value = "register.address_full"',
                     [("changed", "table",
                       "清单“‘局长坐诊接诉’服务事项清单”：列“企业所在地”的取值：register.address → register.address_full")]),
    "text": ('clinic_time = "上午9:00"', 'clinic_time = "上午9:30"',
             [("changed", "table", "用语clinic_time：上午9:00 → 上午9:30")]),
    "office": ('name = "市财政局"', 'name = "市财政局"\noffice = "city"',
               [("changed", "table", "单位“市财政局”的所属县区、层级：（无） → city")]),
    "window": ('hotline = "12345"', 'hotline = "12345"\nwindow = "坐诊日"',
               [("changed", "table", "门户的挂号期所用的周期规则：（无） → 坐诊日")]),
    "number-by-form": ('pattern = "XW{year}-{seq:04d}"', 'pattern = "XW{year}-{seq:04d}"\nform = "accept"',
                       [("changed", "table", "编号规则 case 在提交哪张表单时给号：（无） → accept")]),
    "register-by": ('by = "period"', 'by = "session"\nopen_to = ["window"]',
                    [("changed", "table", "清单“‘局长坐诊接诉’办件台账”的列法：按时段查询 → 每个场次一份"),
                     ("changed", "table", "清单“‘局长坐诊接诉’办件台账”的谁可以打开：（无） → “‘局长坐诊接诉’服务专窗”")]),
    "figure": ('{ key = "closed", label = "办结", where = \'case.end = "End_closed"\' }', '{ key = "closed", label = "办结" }',
               [("changed", "table", "统计“‘局长坐诊接诉’办理结果统计”：数字“办结”的条件：case.end = \"End_closed\" → （无）")]),
    "report-period": ('period = "quarter"', 'period = "year"',
                      [("changed", "table", "统计“‘局长坐诊接诉’坐诊出席统计”的多久一期：每季度 → 每年")]),
    "chart": ('columns = ["ended"], chart = "pie"', 'columns = ["ended", "late"], chart = "bar"',
              [("changed", "table", "统计“‘局长坐诊接诉’办理结果统计”：分组表“按办理结果”的所列数字：ended → ended；late"),
               ("changed", "table", "统计“‘局长坐诊接诉’办理结果统计”：分组表“按办理结果”的图：饼图 → 条形图")]),
    "procedure": ('[notice]', '[procedure.clinic]\nlabel = "坐诊"\nprivate = true\nopen_to = ["leader", "gongxin"]\n[notice]',
                  [("changed", "table", "事项“坐诊”的名称：（无） → 坐诊"),
                   ("changed", "table", "事项“坐诊”的只有经办人能看：（无） → 是"),
                   ("changed", "table", "事项“坐诊”的谁可以发起：（无） → “市政府分管领导”；“市工业和信息化科技局”")]),
    "comment": ("# ---- 编号 ----", "# ---- 编号规则 ----", []),
    "blanks": ("day = 20", "day    =    20  # 每月", []),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_of_the_manifest(name: str) -> None:
    old, new, expected = EDITS[name]
    assert old in TEXT
    changes = compare_manifests(TEXT.encode(), TEXT.replace(old, new, 1).encode(), file=FILE)
    assert [(change.kind, change.area, change.sentence) for change in changes] == expected


def test_rows_of_reference_data_are_told_by_their_place() -> None:
    table = """
[[table]]
key = "rota"
title = "轮值表"
columns = [{key = "month", label = "月份"}, {key = "unit", label = "单位"}]
rows = [%s]
"""
    one, two, three = (
        '{month = "一月", unit = "甲"}',
        '{month = "二月", unit = "乙"}',
        '{month = "三月", unit = "丙"}',
    )
    old, new = (
        TEXT + table % ", ".join(rows) for rows in ((one, two), (one, two.replace("乙", "丁"), three))
    )
    changes = compare_manifests(old.encode(), new.encode(), file=FILE)
    assert [change.sentence for change in changes] == [
        "资料表“轮值表”：第2行：month=二月；unit=乙 → month=二月；unit=丁",
        "资料表“轮值表”：新增第3行：month=三月；unit=丙",
    ]
    gone = compare_manifests(new.encode(), TEXT.encode(), file=FILE)
    assert [change.sentence for change in gone] == ["删除资料表“轮值表”"]


@pytest.mark.parametrize("name", [name for name in EDITS if EDITS[name][2]])
def test_an_edit_is_seen_in_both_directions(name: str) -> None:
    old, new, expected = EDITS[name]
    changes = compare_manifests(TEXT.replace(old, new, 1).encode(), TEXT.encode(), file=FILE)
    assert len(changes) == len(expected)


def test_the_order_of_a_list_is_one_change() -> None:
    tables = TEXT.split("[[channel]]")
    tables[1], tables[2] = tables[2], tables[1]
    changes = compare_manifests(TEXT.encode(), "[[channel]]".join(tables).encode(), file=FILE)
    assert [(change.kind, change.sentence) for change in changes] == [("moved", "受理渠道的排列顺序有调整")]


def test_a_broken_manifest_is_a_content_error() -> None:
    with pytest.raises(ContentError):
        compare_manifests(TEXT.encode(), b"slug = ", file=FILE)


@given(st.dictionaries(st.sampled_from(["unit", "role", "notice", "codes", "numbering", "register", "x", "deadlines"]),
                       st.recursive(st.integers(0, 3) | st.sampled_from(["a", "b"]),
                                    lambda inner: st.lists(inner, max_size=2)
                                    | st.dictionaries(st.sampled_from(["id", "name", "columns", "a"]), inner, max_size=2),
                                    max_leaves=6), max_size=4))  # fmt: skip
@settings(max_examples=100, deadline=None)
def test_any_table_is_compared(table: dict[str, object]) -> None:
    """A draft may hold anything under the right keys."""
    import tomlkit

    text = tomlkit.dumps(table).encode()
    assert compare_manifests(text, text, file=FILE) == ()
    assert compare_manifests(text, TEXT.encode(), file=FILE)


# ------------------------------------------------------------------ calendars

CALENDAR = f"processes/{SLUG}/calendar/2027.json"


def year(*holidays: dict[str, object], source: str = "国办发明电〔2026〕7号") -> bytes:
    return json.dumps({"year": 2027, "source": source, "holiday": list(holidays)}).encode()


SPRING = {"name": "春节", "off": ["2027-02-05", "2027-02-11"], "work": ["2027-01-30"]}


def calendar_sentences(old: bytes | None, new: bytes | None) -> list[str]:
    return [change.sentence for change in compare_calendars(old, new, file=CALENDAR)]


def test_a_new_year() -> None:
    assert calendar_sentences(None, year(SPRING)) == ["新增2027年节假日安排：放假 7 天，调休上班 1 天"]
    assert calendar_sentences(year(SPRING), None) == ["删除2027年节假日安排：放假 7 天，调休上班 1 天"]


def test_changed_days_are_told_as_runs() -> None:
    longer = {**SPRING, "off": ["2027-02-05", "2027-02-13"], "work": ["2027-01-31"]}
    assert calendar_sentences(year(SPRING), year(longer)) == [
        "2027年1月30日不再另行安排（原为上班“春节”）",
        "2027年1月31日改为上班“春节”",
        "2027年2月12日至2027年2月13日改为放假“春节”",
    ]
    assert calendar_sentences(year(SPRING), year({**SPRING, "name": "新春"})) == [
        "2027年1月30日的节日名称：春节 → 新春",
        "2027年2月5日至2027年2月11日的节日名称：春节 → 新春",
    ]
    assert calendar_sentences(year(SPRING), year(SPRING, source="新文")) == [
        "2027年节假日安排的依据：国办发明电〔2026〕7号 → 新文"
    ]
    assert calendar_sentences(year(SPRING), year({**SPRING, "off": ["2027-02-05", "bad"]}))


def test_a_broken_year_is_a_content_error() -> None:
    with pytest.raises(ContentError):
        calendar_sentences(b"{", year(SPRING))


# ------------------------------------------------------------------ texts


def test_scenarios_by_name() -> None:
    path = f"processes/{SLUG}/scenarios.toml"
    old = b'[[scenario]]\nname = "A"\n[[scenario.step]]\nat = 1\n[[scenario]]\nname = "B"\n'
    new = b'[[scenario]]\nname = "A"\n[[scenario.step]]\nat = 1\n[[scenario.step]]\nat = 2\n[[scenario]]\nname = "C"\n'
    changes = compare_scenarios(old, new, file=path)
    assert [(change.kind, change.area, change.sentence) for change in changes] == [
        ("changed", "scenario", "情景“A”有改动（1 → 2 步）"),
        ("added", "scenario", "新增情景“C”（0 步）"),
        ("removed", "scenario", "删除情景“B”"),
    ]
    assert compare_scenarios(old, b"# comment\n" + old, file=path) == ()
    assert len(compare_scenarios(old, b"[[", file=path)) == 1
    assert compare_scenarios(FILES[path], FILES[path], file=path) == ()


def test_templates_by_lines() -> None:
    def sentence(old: bytes | None, new: bytes | None) -> list[str]:
        return [
            change.sentence
            for change in compare_templates(old, new, file="templates/x", name="消息模板“受理”")
        ]

    assert sentence(b"a\nb\nc\n", b"a\nB\nc\nd\n") == ["消息模板“受理”：增加 2 行，删去 1 行"]
    assert sentence(b"a\n", b"a\nb\n") == ["消息模板“受理”：增加 1 行"]
    assert sentence(None, b"a") == ["新增消息模板“受理”"]
    assert sentence(b"a", None) == ["删除消息模板“受理”"]
    assert sentence(b"a", b"a") == []
    assert sentence(b"a\n", b"a") == ["消息模板“受理”有改动"]
    assert sentence(b"\n" * 6000, b"x") == ["消息模板“受理”有改动"]
