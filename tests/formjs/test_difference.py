"""What differs between two forms, field by field."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders import pack_files

from zuozhen.formjs.difference import compare_forms, form_labels, form_title
from zuozhen.formjs.difference.order import longest_rising
from zuozhen.model.errors import ContentError

FILE = "forms/530381-xuanwei/handle.json"
HANDLE = json.loads(pack_files()[FILE])
REGISTER = json.loads(pack_files()["forms/530381-xuanwei/register.json"])
TITLE = "表单“办理情况反馈表”："


def changed(edit: Any, form: dict[str, Any] = HANDLE) -> list[tuple[str, str, str, str]]:
    new = copy.deepcopy(form)
    edit(new)
    return told(form, new)


def told(old: Any, new: Any) -> list[tuple[str, str, str, str]]:
    changes = compare_forms(json.dumps(old).encode(), json.dumps(new).encode(), file=FILE)
    assert {change.file for change in changes} <= {FILE}
    return [(c.kind, c.area, c.element, c.sentence) for c in changes]


def field(form: dict[str, Any], number: int) -> dict[str, Any]:
    found: dict[str, Any] = form["components"][number]
    return found


LAW = {"type": "textarea", "id": "Field_law", "key": "law", "label": "法制审核意见",
       "validate": {"required": True}}  # fmt: skip

EDITS: dict[str, tuple[Any, tuple[str, str, str]]] = {
    "added": (lambda f: f["components"].append(LAW),
              ("added", "law", "新增字段“法制审核意见”（多行文本，必填）")),
    "removed": (lambda f: f["components"].pop(2), ("removed", "reply", "删除字段“答复企业内容”")),
    "label": (lambda f: field(f, 2).update(label="答复企业的内容"),
              ("changed", "reply", "字段“答复企业内容”的名称改为“答复企业的内容”")),
    "type": (lambda f: field(f, 2).update(type="textfield"),
             ("changed", "reply", "字段“答复企业内容”的类型：多行文本 → 单行文本")),
    "optional": (lambda f: field(f, 2)["validate"].pop("required"),
                 ("changed", "reply", "字段“答复企业内容”不再必填")),
    "required-if": (lambda f: field(f, 2).update(properties={"required.if": '=completion = "done"'}),
                    ("changed", "reply", "字段“答复企业内容”的何时必填：（无） → 办结情况为“已办结”")),
    "longest": (lambda f: field(f, 2)["validate"].update(maxLength=500),
                ("changed", "reply", "字段“答复企业内容”的最多字数：2000 → 500")),
    "pattern": (lambda f: field(f, 0)["validate"].update(pattern="^关于"),
                ("changed", "progress", "字段“诉求办理进展情况”的格式要求：（无） → ^关于")),
    "options": (lambda f: field(f, 1).update(values=[{"label": "办结", "value": "done"},
                                                     {"label": "转出", "value": "out"}]),
                ("changed", "completion", "字段“办结情况”的选项：新增“转出”，删除“正在推进”，“已办结”改为“办结”")),
    "option-order": (lambda f: field(f, 1)["values"].reverse(),
                     ("changed", "completion", "字段“办结情况”的选项：调整了顺序")),
    "hide": (lambda f: field(f, 2).update(conditional={"hide": '=completion = "ongoing"'}),
             ("changed", "reply", "字段“答复企业内容”的何时隐藏：（无） → 办结情况为“正在推进”")),
    "default": (lambda f: field(f, 1).update(defaultValue="done"),
                ("changed", "completion", "字段“办结情况”的默认值：（无） → 已办结")),
    "description": (lambda f: field(f, 2).update(description="公开"),
                    ("changed", "reply", "字段“答复企业内容”的填写说明：企业可在查询页面看到。 → 公开")),
    "order": (lambda f: f["components"].insert(0, f["components"].pop(2)),
              ("moved", "reply", "字段“答复企业内容”移到最前")),
    "order-after": (lambda f: f["components"].insert(2, f["components"].pop(0)),
                    ("moved", "progress", "字段“诉求办理进展情况”移到字段“答复企业内容”之后")),
    "print": (lambda f: field(f, 2).update(properties={"print.height": "40"}),
              ("changed", "reply", "字段“答复企业内容”的打印高度：（无） → 40")),
    "readonly": (lambda f: field(f, 2).update(readonly=True),
                 ("changed", "reply", "字段“答复企业内容”改为只读")),
    "key": (lambda f: field(f, 2).update(key="answer"),
            ("changed", "answer", "字段“答复企业内容”的字段名：reply → answer")),
    "mate": (lambda f: field(f, 2)["layout"].update(columns=8),
             ("moved", "reply", "字段“答复企业内容”的行列位置有调整")),
    "unknown": (lambda f: field(f, 2).update(zzNew={"deep": 1}),
                ("changed", "reply", "字段“答复企业内容”的设置 zzNew.deep：（无） → 1")),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_is_one_sentence(name: str) -> None:
    edit, (kind, element, sentence) = EDITS[name]
    assert changed(edit) == [(kind, "form", element, TITLE + sentence)]


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_is_seen_in_both_directions(name: str) -> None:
    new = copy.deepcopy(HANDLE)
    EDITS[name][0](new)
    assert len(told(new, HANDLE)) == 1


def test_the_title_and_the_clause_of_the_form() -> None:
    def edit(form: dict[str, Any]) -> None:
        form["properties"] |= {"title": "反馈表", "clause": "三（六）"}

    assert changed(edit) == [
        ("changed", "form", "", "表单“反馈表”：表单标题：办理情况反馈表 → 反馈表"),
        ("changed", "clause", "", "表单“反馈表”：依据条款：XW-3.5-c 三（五）；XW-3.5-d 三（五） → 三（六）"),
    ]


def test_fields_in_groups_and_lists() -> None:
    def edit(form: dict[str, Any]) -> None:
        group = form["components"][0]
        form["components"].append(group["components"].pop(0))

    assert changed(edit, REGISTER) == [
        (
            "moved",
            "form",
            "enterprise_kind",
            "表单“企业“挂号”预约信息表”：字段“企业类型”移出分组".replace("企业“挂号”", "企业‘挂号’"),
        )
    ]


def test_a_whole_form() -> None:
    source = json.dumps(HANDLE).encode()
    (added,) = compare_forms(None, source, file=FILE)
    assert (added.kind, added.sentence) == (
        "added", "新增表单“办理情况反馈表”（3 个字段：“诉求办理进展情况”、“办结情况”、“答复企业内容”）",
    )  # fmt: skip
    (removed,) = compare_forms(source, None, file=FILE)
    assert (removed.kind, removed.sentence) == ("removed", "删除表单“办理情况反馈表”")


def test_labels_for_conditions() -> None:
    labels = form_labels(json.dumps(HANDLE).encode())
    assert labels["completion"] == "办结情况"
    assert labels["completion=done"] == "已办结"
    assert form_title(json.dumps(HANDLE).encode(), "handle") == "办理情况反馈表"
    assert form_labels(b"{") == {}
    assert form_title(b"{", "handle") == "handle"


@pytest.mark.parametrize("source", [b"{", b"[]", b"\xff", b'{"a": NaN}'])
def test_what_is_no_json_object_is_a_content_error(source: bytes) -> None:
    with pytest.raises(ContentError):
        compare_forms(source, b"{}", file=FILE)


@pytest.mark.parametrize(
    "form", [{}, {"components": 3}, {"components": [1, {}, {"components": [{"key": 5}]}], "properties": []},
             {"components": [{"type": "radio", "key": "a", "values": [1, "b", None], "conditional": [], "layout": 1}]}]
)  # fmt: skip
def test_any_json_object_is_compared(form: dict[str, Any]) -> None:
    assert told(form, form) == []
    told(form, HANDLE)
    told(HANDLE, form)


@given(
    st.sampled_from(sorted(path for path in pack_files() if path.startswith("forms/"))), st.integers(0, 10**6)
)
@settings(max_examples=40, deadline=None)
def test_the_same_written_otherwise_is_no_difference(path: str, seed: int) -> None:
    chance = random.Random(seed)

    def shuffled(value: Any) -> Any:
        if isinstance(value, dict):
            items = [(key, shuffled(inner)) for key, inner in value.items()]
            chance.shuffle(items)
            return dict(items)
        return [shuffled(inner) for inner in value] if isinstance(value, list) else value

    source = pack_files()[path]
    other = shuffled(json.loads(source)) | {"exporter": {"name": "form-js", "version": "9"}}
    text = json.dumps(other, ensure_ascii=chance.random() < 0.5, indent=chance.choice([None, 1, 4]))
    assert compare_forms(source, text.encode(), file=path) == ()


@given(st.permutations(range(7)))
def test_as_few_moves_as_possible(order: list[int]) -> None:
    kept = longest_rising(order)
    chosen = [order[index] for index in sorted(kept)]
    assert chosen == sorted(chosen)
    best = 0
    for mask in range(1 << len(order)):
        picked = [number for index, number in enumerate(order) if mask >> index & 1]
        if picked == sorted(picked):
            best = max(best, len(picked))
    assert len(kept) == best
