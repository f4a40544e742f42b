"""Broken and hostile form files become findings, never other exceptions."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formjs.builders import component, form, source

from zuozhen.formjs import COMPONENTS, load_form
from zuozhen.formjs.patterns import UnsafePattern, compile_pattern
from zuozhen.model.errors import ContentError, Finding


def findings(raw: Any) -> tuple[Finding, ...]:
    text = raw if isinstance(raw, (str, bytes)) else json.dumps(raw, ensure_ascii=False, indent=1)
    with pytest.raises(ContentError) as caught:
        load_form(text, key="test", file="forms/test.json")
    assert caught.value.findings
    for finding in caught.value.findings:
        assert finding.file == "forms/test.json"
        assert any("\u4e00" <= character <= "\u9fff" for character in finding.message)
        assert finding.hint
    return caught.value.findings


def deep(levels: int) -> dict[str, Any]:
    inner = component("textfield", "x")
    for level in range(levels):
        inner = {"type": "group", "id": f"G{level}", "components": [inner]}
    return source(inner)


LONG_LABEL = component("textfield", "x", label="长" * 3_000)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "form-json"),
        ("{", "form-json"),
        ("[]", "form-json"),
        ("null", "form-json"),
        ("[" * 100_000, "form-json"),
        ('{"a":' * 50_000, "form-json"),
        (b"\xff\xfe{}", "form-json"),
        ('{"type":"default","components":[],"n":NaN}', "form-json"),
        ('{"type":"default","components":[],"n":1e999}', "form-json"),
        ('{"type":"default","components":[],"n":' + "9" * 5_000 + "}", "form-json"),
        ('{"type":"default","components":[],"n":"\\ud800"}', "form-json"),
        (" " * 600_000, "form-size"),
        ({}, "form-type"),
        ({"type": "default", "components": {}}, "form-type"),
        ({"type": "default", "components": [5, None, []]}, "form-type"),
        (source(schemaVersion=20), "form-version"),
        (source(schemaVersion="19"), "form-type"),
        (source({"type": "html", "content": "<b>"}), "form-refused"),
        (source({"type": "iframe", "url": "x"}), "form-refused"),
        (source({"type": "button", "label": "提交"}), "form-refused"),
        (source({"type": "marquee"}), "form-unknown"),
        (source({"type": ["textfield"]}), "form-type"),
        (source(component("textfield", "")), "form-key"),
        (source(component("textfield", "a.b")), "form-key"),
        (source(component("textfield", "1a")), "form-key"),
        (source(component("textfield", "_add:x")), "form-key"),
        (source(component("textfield", "x"), component("number", "x", id="other")), "form-key"),
        (source(component("textfield", "x"), component("number", "y", id="Field_x")), "form-id"),
        (source(component("textfield", "x", label=5)), "form-type"),
        (source(LONG_LABEL), "form-limit"),
        (source(component("textfield", "x", conditional={"hide": "=1 +"})), "form-feel"),
        (source(component("textfield", "x", label="{{ 1 + }}")), "form-feel"),
        (source(component("textfield", "x", description="{{ a")), "form-feel"),
        (source(component("textfield", "x", validate={"pattern": "("})), "form-pattern"),
        (source(component("textfield", "x", validate={"pattern": "(a+)+$"})), "form-pattern"),
        (source(component("textfield", "x", properties={"check": "iban"})), "form-check"),
        (source(component("textfield", "x", properties={"a": {"b": 1}})), "form-type"),
        (source(component("textfield", "x", conditional={"hide": "=x = 1"})), "form-circle"),
        (source(component("radio", "x")), "form-choices"),
        (source(component("radio", "x", values=[{"label": "无值"}])), "form-choices"),
        (source(component("number", "x", increment="-1")), "form-type"),
        (source(component("number", "x", decimalDigits=True)), "form-type"),
        (source(component("datetime", "x", subtype="week")), "form-type"),
        (source(component("textfield", "x", layout={"row": "r", "columns": 17})), "form-type"),
        (source(component("filepicker", "x", properties={"file.max_mb": "lots"})), "form-type"),
        (source(component("dynamiclist", "x", components=[])), "form-nesting"),
        (source(component("dynamiclist", "x", components=[component("filepicker", "y")])), "form-nesting"),
        (source(component("expression", "x")), "form-feel"),
        (source(properties={"rule.1": "=true"}), "form-rule"),
        (source(properties={"rule.1": "=true", "rule.1.message": "x", "rule.1.field": "no"}), "form-rule"),
        (deep(20), "form-limit"),
        (source(*(component("textfield", f"x{n}") for n in range(500))), "form-limit"),
    ],
)
def test_what_is_refused(raw: Any, code: str) -> None:
    assert code in [finding.code for finding in findings(raw)]


def test_two_fields_that_hide_each_other() -> None:
    first = component("textfield", "a", conditional={"hide": "=b = 1"})
    second = component("textfield", "b", conditional={"hide": "=a = 1"})
    (finding,) = findings(source(first, second))
    assert finding.code == "form-circle"
    assert "“标签a”、“标签b”" in finding.message


def test_a_row_that_is_too_wide() -> None:
    wide = [component("textfield", key, layout={"row": "r", "columns": 9}) for key in "ab"]
    (finding,) = findings(source(*wide))
    assert (finding.code, finding.element) == ("form-layout", "b")


def test_findings_name_line_and_element_and_come_all_at_once() -> None:
    raw = source(
        component("textfield", "good"), component("html", "bad"), component("number", "worse", increment="x")
    )
    text = json.dumps(raw, ensure_ascii=False, indent=1)
    both = findings(text)
    assert [(finding.element, finding.code) for finding in both] == [
        ("bad", "form-refused"),
        ("worse", "form-type"),
    ]
    for finding in both:
        assert finding.line is not None
        assert f'"{finding.element}"' in text.splitlines()[finding.line - 1]
    assert "forms/test.json" in str(both[0])


def test_broken_json_names_the_line() -> None:
    (finding,) = findings('{\n "type": "default",\n "components": [,]\n}')
    assert finding.line == 3


def test_a_parsed_mapping_loads_like_its_text() -> None:
    raw = source(component("textfield", "x"))
    assert (
        load_form(raw, key="a", file="a.json").sha256
        == load_form(json.dumps(raw, ensure_ascii=False), key="a", file="a.json").sha256
    )
    circular: dict[str, Any] = {"type": "default"}
    circular["components"] = [circular]
    with pytest.raises(ContentError):
        load_form(circular, key="a", file="a.json")


def test_equal_sources_are_loaded_once() -> None:
    text = json.dumps(source(component("textfield", "x")))
    assert load_form(text, key="a", file="a.json") is load_form(text, key="a", file="a.json")


def test_names_and_keys() -> None:
    definition = form(
        component("textfield", "a", properties={"required.if": "=stage = 1"}),
        component(
            "dynamiclist",
            "rows",
            components=[component("textfield", "name", conditional={"hide": "=a = city"})],
        ),
    )
    assert definition.field_keys == {"a", "rows"}
    assert set(definition.fields) == {"a", "rows", "rows.name"}
    assert definition.names == {"stage", "city"}


@pytest.mark.parametrize(
    "text",
    [
        "(a+)+$",
        "(a*)*",
        "(a|a)*$",
        "(a|ab)+c",
        "(.*)*",
        r"(x)\1",
        ".*.*.*.*x",
        "((a{0,50}){0,50})",
        "a" * 301,
        "[z-a]",
        "(?P<n",
    ],
)
def test_patterns_that_could_be_slow_are_refused(text: str) -> None:
    with pytest.raises(UnsafePattern):
        compile_pattern(text)


@pytest.mark.parametrize(
    "text",
    [
        r"^1[3-9]\d{9}$",
        "^关于.+的情况反映$",
        r"^\d{4}-\d{2}$",
        r"^[A-Z]+-[0-9]+$",
        "^(甲|乙)$",
        r"^(\d{3},){2}\d$",
    ],
)
def test_usual_patterns_are_allowed_and_fast(text: str) -> None:
    pattern = compile_pattern(text)
    started = time.perf_counter()
    for hostile in ("1" * 500, "关于" + "的情况反" * 120, "A" * 499 + "!", "-" * 500):
        pattern.search(hostile)
    assert time.perf_counter() - started < 0.5


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 50)
    | st.floats(allow_nan=False)
    | st.text(max_size=12)
    | st.sampled_from(["=a", "={", "=1", "{{ a }}", "{{", "textfield", "group", "x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = [
    "key",
    "path",
    "label",
    "description",
    "values",
    "valuesKey",
    "valuesExpression",
    "validate",
    "conditional",
    "properties",
    "layout",
    "components",
    "readonly",
    "disabled",
    "defaultValue",
    "increment",
    "decimalDigits",
    "subtype",
    "text",
    "expression",
    "multiple",
    "accept",
    "id",
]


@st.composite
def components(draw: Callable[..., Any]) -> dict[str, Any]:
    kind = draw(st.sampled_from([*COMPONENTS, "html", "nonsense"]))
    raw = component(
        kind, draw(st.sampled_from(["a", "b", "c", ""])), id=draw(st.sampled_from(["1", "2", "3"]))
    )
    raw.update(draw(st.dictionaries(st.sampled_from(NAMES), JSON, max_size=5)))
    return raw


@settings(max_examples=100, deadline=None)
@given(st.lists(components(), max_size=4), JSON)
def test_any_json_loads_or_is_refused_with_findings(parts: list[dict[str, Any]], properties: Any) -> None:
    try:
        definition = load_form(source(*parts, properties=properties), key="k", file="f.json")
    except ContentError as refused:
        assert refused.findings
    else:
        assert definition.wtform_class is not None
