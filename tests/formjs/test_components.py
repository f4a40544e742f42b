"""Every component type: what is accepted, what is refused, what hostile input does."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from tests.formjs.builders import answer, component, form, submit
from werkzeug.datastructures import FileStorage, MultiDict

from zuozhen.formjs import COMPONENTS, REFUSED, bind, display

TWO = [{"value": "a", "label": "甲"}, {"value": "b", "label": "乙"}]


@pytest.mark.parametrize(
    ("kind", "more", "typed", "expected"),
    [
        ("textfield", {}, "  宣威\t市\n", "宣威 市"),
        ("textfield", {}, "a\x00b\u202ec", "abc"),
        ("textfield", {"properties": {"check": "credit_code"}}, "91440300 708461136t", "91440300708461136T"),
        ("textfield", {"properties": {"check": "phone"}}, "0473—8991510", "0473-8991510"),
        ("textfield", {"validate": {"validationType": "email"}}, "a@b.cn", "a@b.cn"),
        ("textfield", {"validate": {"pattern": "^关于.+反映$"}}, "关于路的反映", "关于路的反映"),
        ("textarea", {}, " 一\r\n二\r三 ", "一\n二\n三"),
        ("number", {"decimalDigits": 0}, "１２", 12),
        ("number", {}, "1,234.50", 1234.5),
        ("number", {"serializeToString": True}, "0.10", "0.10"),
        ("number", {"increment": "0.5"}, "2.5", 2.5),
        ("datetime", {"subtype": "date"}, "2024-11-05", "2024-11-05"),
        ("datetime", {"subtype": "date"}, "2024年11月5日", "2024-11-05"),
        ("datetime", {"subtype": "date"}, "20241105", "2024-11-05"),
        ("datetime", {"subtype": "time"}, "9:00", "09:00"),
        ("datetime", {"subtype": "datetime"}, "2024-11-05T09:00", "2024-11-05T09:00:00+08:00"),
        ("checkbox", {}, "true", True),
        ("radio", {"values": TWO}, "a", "a"),
        ("select", {"values": TWO}, "b", "b"),
        ("checklist", {"values": TWO}, "a", ["a"]),
        ("taglist", {"values": TWO}, "b", ["b"]),
    ],
)
def test_good_input(kind: str, more: dict[str, Any], typed: str, expected: Any) -> None:
    value, messages = answer(kind, typed, **more)
    assert messages == []
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    ("kind", "more", "typed", "part"),
    [
        ("textfield", {"validate": {"maxLength": 3}}, "一二三四", "最多 3 个字，现在是 4 个字"),
        ("textfield", {"validate": {"minLength": 3}}, "一", "至少 3 个字"),
        ("textfield", {}, "字" * 501, "最多 500 个字"),
        ("textfield", {"validate": {"maxLength": 10**9}}, "字" * 3_000, "超过 2000"),
        ("textfield", {"validate": {"validationType": "email"}}, "a@b", "电子邮箱格式不对"),
        (
            "textfield",
            {"validate": {"pattern": "^[0-9]+$", "patternErrorMessage": "只填数字"}},
            "a",
            "只填数字",
        ),
        (
            "textfield",
            {"validate": {"pattern": "^[0-9]+$"}, "properties": {"pattern.hint": "四位数字"}},
            "a",
            "四位数字",
        ),
        ("textfield", {"properties": {"check": "mobile"}}, "123", "手机号"),
        ("textarea", {}, "字" * 5_001, "最多 5000 个字"),
        ("number", {}, "abc", "请填写数字"),
        ("number", {}, "NaN", "请填写数字"),
        ("number", {}, "1e400", "请填写数字"),
        ("number", {}, "9" * 400, "请填写数字"),
        ("number", {"decimalDigits": 0}, "1.5", "请填写整数"),
        ("number", {"decimalDigits": 1}, "1.55", "小数最多 1 位"),
        ("number", {"validate": {"min": 1, "max": 9}}, "10", "不能大于 9"),
        ("number", {"validate": {"min": 1}}, "0", "不能小于 1"),
        ("number", {"increment": "0.5"}, "1.2", "0.5 的倍数"),
        ("datetime", {}, "2024-02-30", "没有 2024 年 2 月 30 日"),
        ("datetime", {}, "0001-01-01", "年份"),
        ("datetime", {}, "明天", "日期格式不对"),
        ("datetime", {"subtype": "time"}, "25:00", "时间格式不对"),
        ("datetime", {"subtype": "datetime"}, "2024-11-05", "同时填写日期和时间"),
        ("datetime", {"properties": {"date.min": '="2024-11-05"'}}, "2024-11-04", "不能早于2024年11月5日"),
        ("datetime", {"properties": {"date.max": '="2024-11-05"'}}, "2024-11-06", "不能晚于2024年11月5日"),
        ("radio", {"values": TWO}, "c", "请从给出的选项中选择"),
        ("select", {"values": TWO}, "甲", "请从给出的选项中选择"),
        ("checklist", {"values": TWO}, "c", "请从给出的选项中选择"),
        ("taglist", {"values": TWO}, "c", "请从给出的选项中选择"),
    ],
)
def test_bad_input_is_kept_and_explained(kind: str, more: dict[str, Any], typed: str, part: str) -> None:
    definition = form(component(kind, "x", **more))
    bound = submit(definition, ("x", typed))
    assert not bound.validate()
    assert [problem.field for problem in bound.problems] == ["x"]
    assert part in bound.problems[0].message
    assert bound.problems[0].label == "标签x"
    kept = bound.draft()["x"]
    assert kept == ([typed] if kind in ("checklist", "taglist") else typed)
    again = bind(definition, initial=bound.draft())
    if kind not in ("checklist", "taglist"):
        assert again.rows[0][0].value == typed


@pytest.mark.parametrize(
    "kind", sorted(set(COMPONENTS) - {"group", "text", "separator", "spacer", "expression"})
)
def test_required(kind: str) -> None:
    more: dict[str, Any] = {"values": TWO} if kind in ("radio", "select", "checklist", "taglist") else {}
    if kind == "dynamiclist":
        more = {"components": [component("textfield", "y")]}
    definition = form(component(kind, "x", validate={"required": True}, **more))
    bound = submit(definition)
    assert not bound.validate()
    (problem,) = bound.problems
    assert problem.field == "x"
    assert "标签x" in problem.message
    assert submit(form(component(kind, "x", **more))).validate()


@pytest.mark.parametrize(
    "kind", sorted(set(COMPONENTS) - {"group", "text", "separator", "spacer", "dynamiclist"})
)
def test_several_values_for_one_field(kind: str) -> None:
    more: dict[str, Any] = {"values": TWO} if kind in ("radio", "select", "checklist", "taglist") else {}
    if kind == "expression":
        more = {"expression": "=1 + 1"}
    bound = submit(
        form(component(kind, "x", **more)), ("x", "a"), ("x", "b"), ("x", ""), ("x", "c" * 100_000)
    )
    bound.validate()
    assert all(isinstance(problem.message, str) for problem in bound.problems)
    if kind == "expression":
        assert bound.answers == {"x": 2}


@pytest.mark.parametrize(
    "stored", [5, True, None, [], {}, "x", ["x", 5, None], [{"name": 5}], {"a": {"b": 1}}, 1e300]
)
@pytest.mark.parametrize("kind", sorted(set(COMPONENTS) - {"group", "text", "separator", "spacer"}))
def test_stored_values_of_any_type_are_shown_without_error(kind: str, stored: Any) -> None:
    more: dict[str, Any] = {"values": TWO} if kind in ("radio", "select", "checklist", "taglist") else {}
    if kind == "dynamiclist":
        more = {"components": [component("number", "y")]}
    if kind == "expression":
        more = {"expression": "=y"}
    definition = form(component(kind, "x", **more))
    bound = bind(definition, initial={"x": stored})
    bound.validate()
    assert bound.rows
    assert isinstance(display(definition, {"x": stored})["x"], str)


def test_blank_answers_by_type() -> None:
    definition = form(
        component("textfield", "text"),
        component("number", "number"),
        component("checkbox", "tick"),
        component("checklist", "several", values=TWO),
        component("datetime", "day"),
    )
    assert submit(definition).answers == {
        "text": None,
        "number": None,
        "tick": False,
        "several": [],
        "day": None,
    }


def test_options_handed_in_computed_and_stored_under_a_lost_option() -> None:
    definition = form(
        component("select", "unit", valuesKey="units"),
        component("select", "other", valuesExpression='=["甲", "乙"]'),
    )
    options = {"units": [("ziran", "自然资源局")]}
    bound = submit(definition, ("unit", "ziran"), ("other", "乙"), options=options)
    assert bound.validate()
    assert display(definition, bound.answers, options) == {"unit": "自然资源局", "other": "乙"}
    assert display(definition, {"unit": "abolished"}, options)["unit"] == "abolished"
    assert not submit(definition, ("unit", "ziran"), ("other", "丙"), options={}).validate()


def test_not_before_today_needs_the_day_handed_in() -> None:
    definition = form(component("datetime", "day", disallowPassedDates=True))
    assert submit(definition, ("day", "2024-11-04")).validate()
    assert submit(definition, ("day", "2024-11-05"), today=date(2024, 11, 5)).validate()
    late = submit(definition, ("day", "2024-11-04"), today=date(2024, 11, 5))
    assert not late.validate()
    assert "不能早于今天（2024年11月5日）" in late.problems[0].message


def upload(name: str, content: bytes = b"x") -> FileStorage:
    return FileStorage(io.BytesIO(content), filename=name)


def test_uploads_are_handed_out_and_described() -> None:
    definition = form(component("filepicker", "files", accept=".pdf,image/*", multiple=True))
    sent = MultiDict(
        [("files", upload("..\\a/证照.PDF", b"123")), ("files", upload("图.png")), ("files", upload(""))]
    )
    bound = submit(definition, files=sent, initial={"files": [{"name": "旧.pdf", "size": 1}]})
    assert bound.validate()
    assert [item["name"] for item in bound.answers["files"]] == ["旧.pdf", "证照.PDF", "图.png"]
    assert bound.answers["files"][1]["size"] == 3
    assert [file.read() for file in bound.uploads["files"]] == [b"123", b"x"]
    assert "files" not in bound.draft()


@pytest.mark.parametrize(
    ("names", "content", "more", "part"),
    [
        (["a.exe"], b"x", {"accept": ".pdf"}, "类型不对"),
        (["a.pdf"], b"", {"accept": ".pdf"}, "是空的"),
        (["a.pdf", "b.pdf"], b"x", {}, "最多上传 1 个"),
        (["a.pdf"], b"x" * (1024 * 1024 + 1), {"properties": {"file.max_mb": "1"}}, "超过 1 MB"),
        (["b.pdf"] * 3, b"x", {"multiple": True, "properties": {"file.max_count": "2"}}, "最多上传 2 个"),
    ],
)
def test_uploads_refused(names: list[str], content: bytes, more: dict[str, Any], part: str) -> None:
    definition = form(component("filepicker", "files", **more))
    bound = submit(definition, files=MultiDict([("files", upload(name, content)) for name in names]))
    assert not bound.validate()
    assert any(part in problem.message for problem in bound.problems)


def test_files_for_a_field_that_accepts_none_are_not_handed_out() -> None:
    definition = form(
        component("textfield", "a"),
        component("filepicker", "hidden", conditional={"hide": '=a != "yes"'}),
        component("filepicker", "locked", readonly=True),
    )
    files = MultiDict([("hidden", upload("a.pdf")), ("locked", upload("b.pdf"))])
    bound = submit(definition, files=files, initial={"locked": [{"name": "旧.pdf", "size": 1}]})
    assert bound.uploads == {}
    assert bound.answers == {"a": None, "locked": [{"name": "旧.pdf", "size": 1}]}
    assert set(submit(definition, ("a", "yes"), files=files).uploads) == {"hidden"}


def test_a_text_never_becomes_a_file() -> None:
    bound = submit(form(component("filepicker", "files")), ("files", "../../etc/passwd"))
    assert bound.answers == {"files": []}
    assert not bound.uploads


def test_nested_group_answers_lie_under_its_path() -> None:
    group = {
        "type": "group",
        "id": "G",
        "label": "企业",
        "path": "firm",
        "components": [component("number", "size")],
    }
    bound = submit(form(group), ("firm-size", "12"), ("size", "99"))
    assert bound.validate()
    assert bound.answers == {"firm": {"size": 12}}
    assert bound.draft() == {"firm": {"size": "12"}}
    wrong = submit(form(group), ("firm-size", "x"))
    assert not wrong.validate()
    assert (wrong.problems[0].field, wrong.problems[0].label) == ("firm-size", "企业“标签size”")


def test_all_types_are_known_or_refused() -> None:
    typed = {"textfield", "textarea", "number", "datetime", "filepicker"}
    chosen = {"checkbox", "checklist", "radio", "select", "taglist"}
    others = {"group", "dynamiclist", "text", "separator", "spacer", "expression"}
    assert set(COMPONENTS) == typed | chosen | others
    assert {"html", "iframe", "button"} <= set(REFUSED)


def test_keys_named_like_parts_of_wtforms_are_ordinary() -> None:
    keys = ["data", "errors", "validate", "process", "meta", "populate_obj", "typename", "字段"]
    definition = form(*(component("textfield", key) for key in keys))
    bound = submit(definition, *((key, f"值{key}") for key in keys))
    assert bound.validate()
    assert bound.answers == {key: f"值{key}" for key in keys}


def test_the_generated_class_is_an_ordinary_cached_wtforms_class() -> None:
    definition = form(
        component("select", "x", values=TWO), component("textfield", "y"), component("textarea", "z")
    )
    assert definition.wtform_class is definition.wtform_class
    bound = submit(definition, ("x", "b"), ("y", '"<'))
    assert not bound.wtform.errors
    assert '<option value="b" selected>乙</option>' in str(bound.wtform.field("x")())
    assert "&#34;&lt;" in str(bound.wtform.field("y")())
