"""Forms on paper: 附件2 and 附件4 of the notice cell by cell, and the generic rules."""

from __future__ import annotations

from typing import Any

import pytest
from tests.formjs.builders import XUANWEI, component, form, xuanwei

from zuozhen.formjs import display, print_form
from zuozhen.model.printing import Cell, PrintForm

UNITS = {"units": [("ziran", "市自然资源局"), ("gongxin", "市工业和信息化科技局")]}
TWO = [{"value": "a", "label": "甲"}, {"value": "b", "label": "乙"}]


def grid(printed: PrintForm) -> list[list[tuple[str, str, int]]]:
    return [[(cell.kind, cell.text, cell.span) for cell in row] for row in printed.rows]


def pair(label: str, value: str) -> list[tuple[str, str, int]]:
    return [("label", label, 12), ("value", value, 36)]


CONTACT = "反映诉求企业联系人（法定代表人或实际控制人或委托人）"


def test_attachment_2_filled_in() -> None:
    answers = {
        "enterprise_kind": "operating",
        "enterprise": "宣威市某某食品有限公司",
        "credit_code": "91440300708461136T",
        "address": "宣威市经开区凤凰路18号",
        "contact": "张三",
        "phone": "13800138000",
        "title": "关于道路通行事项的情况反映",
        "content": "一、\n二、",
        "consent": True,
    }
    printed = print_form(xuanwei("register"), answers)
    assert (printed.title, printed.attachment, printed.landscape) == ("企业“挂号”预约信息表", "附件2", False)
    assert grid(printed) == [
        pair("企业名称", "宣威市某某食品有限公司"),
        pair("统一社会信用代码", "91440300708461136T"),
        pair("企业所在地址", "宣威市经开区凤凰路18号"),
        [
            ("label", CONTACT, 12),
            ("value", "张三", 12),
            ("label", "联系电话", 12),
            ("value", "13800138000", 12),
        ],
        pair("诉求标题", "关于道路通行事项的情况反映"),
        pair("诉求内容", "一、\n二、"),
    ]
    assert printed.rows[5][1].height > 5 * printed.rows[0][1].height > 0
    assert printed.text["enterprise_kind"] == "在宣经营"
    assert printed.raw["consent"] is True


def test_attachment_2_blank_for_the_counter() -> None:
    printed = print_form(xuanwei("register"), {})
    assert grid(printed) == [
        pair("企业名称", ""),
        pair("统一社会信用代码", ""),
        pair("企业所在地址", ""),
        [("label", CONTACT, 12), ("value", "", 12), ("label", "联系电话", 12), ("value", "", 12)],
        pair("诉求标题", "关于 XXX 事项的情况反映"),
        pair("诉求内容", ""),
    ]


def test_attachment_4() -> None:
    answers = {
        "reception_unit_name": "市自然资源局",
        "clinic_date": "2024-12-20",
        "leader": "李四",
        "leader_post": "局长",
        "enterprise": "某某公司",
        "solved": "no",
        "handling": "joint",
        "lead_unit": "ziran",
        "joint_units": ["gongxin"],
        "appeal": "用地",
        "measure": "会商",
        "method": "联办",
        "result": None,
        "unsolved_reason": "需多部门研究",
        "promise": "15个工作日",
        "attendees": [{"name": "王五", "post": "股长"}],
        "recorder": "赵六",
    }
    printed = print_form(xuanwei("clinic_record"), answers, UNITS)
    assert (printed.title, printed.attachment) == ("“坐诊”服务工作记录表", "附件4")
    assert grid(printed) == [
        pair("“坐诊” 部门", "市自然资源局"),
        pair("“坐诊” 日期", "2024年12月20日"),
        [("label", "“坐诊” 领导", 12), ("value", "李四", 12), ("label", "职务", 12), ("value", "局长", 12)],
        pair("“挂号” 企业", "某某公司"),
        pair("现场是否解决 (是/否)", "否"),
        pair("牵头承办单位", "市自然资源局"),
        pair("会办单位", "市工业和信息化科技局"),
        pair("企业诉求", "用地"),
        pair("解决措施", "会商"),
        pair("解决方式", "联办"),
        pair("办理结果", ""),
        pair("不能现场解决的原因", "需多部门研究"),
        pair("承诺时限", "15个工作日"),
        pair("记录人", "赵六"),
    ]
    assert len(print_form(xuanwei("clinic_record"), {"solved": "yes"}, UNITS).rows) == 14


@pytest.mark.parametrize("key", sorted(path.stem for path in XUANWEI.glob("*.json")))
def test_every_row_fills_the_width(key: str) -> None:
    for row in print_form(xuanwei(key), {}).rows:
        assert sum(cell.span for cell in row) == 48
        assert all(cell.span > 0 for cell in row)


def test_what_does_not_apply_is_left_out_of_ordinary_forms() -> None:
    accepted = print_form(xuanwei("accept"), {"decision": "accept", "reply_method": "电话"})
    labels = [cell.text for row in accepted.rows for cell in row if cell.kind == "label"]
    assert "不予受理的情形" not in labels
    grounds = {"refusal_ground": [("1", "不符合政策"), ("2", "民事纠纷")]}
    refused = print_form(xuanwei("accept"), {"decision": "refuse", "refusal_ground": "2"}, grounds)
    assert ("value", "民事纠纷", 36) in [cell for row in grid(refused) for cell in row]


def test_boxes() -> None:
    printed = print_form(xuanwei("rate"), {"service_score": "basic"})
    assert printed.rows[0][1].choices == (("满意", False), ("基本满意", True), ("不满意", False))


def test_lists_groups_and_texts() -> None:
    people = component(
        "dynamiclist",
        "who",
        components=[component("textfield", "name"), component("select", "unit", valuesKey="units")],
        properties={"print.rows": "3"},
    )
    group = {"type": "group", "id": "G", "label": "组", "components": [component("textfield", "a")]}
    text = {"type": "text", "id": "T", "text": "说明：一", "properties": {"print.show": "true"}}
    silent = {"type": "text", "id": "U", "text": "只在网页上"}
    definition = form(
        people,
        group,
        text,
        silent,
        properties={"print.note.2": "二", "print.note.1": "一", "print.landscape": "true"},
    )
    printed = print_form(definition, {"who": [{"name": "张", "unit": "ziran"}], "a": "x"}, UNITS)
    assert grid(printed) == [
        [("heading", "标签who", 48)],
        [("label", "序号", 4), ("label", "标签name", 22), ("label", "标签unit", 22)],
        [("value", "1", 4), ("value", "张", 22), ("value", "市自然资源局", 22)],
        [("value", "", 4), ("value", "", 22), ("value", "", 22)],
        [("value", "", 4), ("value", "", 22), ("value", "", 22)],
        [("heading", "组", 48)],
        pair("标签a", "x"),
        [("note", "说明：一", 48)],
    ]
    assert printed.notes == ("一", "二")
    assert printed.landscape
    assert printed.text["who"] == "张，市自然资源局"


@pytest.mark.parametrize(
    ("columns", "spans"),
    [
        ((None,), [12, 36]),
        ((8, 8), [12, 12, 12, 12]),
        ((4, 12), [6, 6, 12, 24]),
        ((None, None, None), [8, 8, 8, 8, 8, 8]),
        ((5, None, None), [8, 8, 8, 8, 8, 8]),
        ((3, 3), [12, 12, 12, 12]),
    ],
)
def test_widths(columns: tuple[Any, ...], spans: list[int]) -> None:
    parts = [
        component("textfield", f"x{n}", layout={"row": "r", "columns": width})
        for n, width in enumerate(columns)
    ]
    assert [cell.span for cell in print_form(form(*parts), {}).rows[0]] == spans


def test_label_properties() -> None:
    properties = {
        "print.label": "诉求",
        "print.vertical": "true",
        "print.label_span": "4",
        "print.height": "120.5",
    }
    (row,) = print_form(form(component("textfield", "x", properties=properties)), {}).rows
    assert row == (Cell("label", "诉求", 4, 120.5, vertical=True), Cell("value", "", 44, 120.5))


def test_display_by_type_and_concealed() -> None:
    definition = form(
        component("datetime", "day"),
        component("datetime", "at", subtype="datetime"),
        component("checkbox", "tick"),
        component("checklist", "some", values=TWO),
        component("filepicker", "files"),
        component("textfield", "secret", properties={"mask": "true"}),
    )
    answers = {
        "day": "2024-11-05",
        "at": "2024-11-05T09:05:00+08:00",
        "tick": False,
        "some": ["b", "a"],
        "files": [{"name": "a.pdf", "size": 1}],
        "secret": "x",
    }
    texts = display(definition, answers)
    assert texts == {
        "day": "2024年11月5日",
        "at": "2024年11月5日9:05",
        "tick": "否",
        "some": "乙、甲",
        "files": "a.pdf",
        "secret": "x",
    }
    assert display(definition, answers, conceal=True)["secret"] == "（涉及商业秘密，不公开）"
    assert set(display(definition, {}).values()) == {""}
