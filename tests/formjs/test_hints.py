"""The form editor offers exactly the properties that the code obeys, for exactly the components it serves."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

from tests.formjs.builders import form

import zuozhen.formjs
from zuozhen.formjs import COMPONENTS, REFUSED, bind
from zuozhen.formjs.hints import FORM, HINTS, palette
from zuozhen.formjs.samples import sample_answers

SOURCE = Path(zuozhen.formjs.__file__).parent
READS = re.compile(
    r'(?:properties\.get|hints\.rule|hints\.text|reader\.flag)\(\s*"([a-z_]+(?:\.[a-z_]+)*)"'
    r'|_limit\(hints, "([a-z_.]+)"|"(print\.attachment)" in'
)
COMPOSED = {"date.min", "date.max", "print.note"}
"""Names that the code puts together from pieces."""
FOR_PEOPLE = {"clause"}
"""Kept with the form for whoever checks it against the notice; no code obeys it."""
FORM_JS_OWN = {"disabled", "disallowPassedDates", "allowAddRemove", "serializeToString"}


def names_in_code() -> set[str]:
    texts = [
        path.read_text("utf-8")
        for path in SOURCE.rglob("*.py")
        if path.name not in ("hints.py", "samples.py")
    ]
    found = {next(filter(None, match)) for text in texts for match in READS.findall(text)}
    return found - FORM_JS_OWN


def test_every_property_the_code_reads_is_offered_and_no_other() -> None:
    assert {hint.name for hint in HINTS} == names_in_code() | COMPOSED | FOR_PEOPLE


def test_hints_are_for_components_that_exist() -> None:
    for hint in HINTS:
        assert hint.on, hint.name
        assert hint.on <= COMPONENTS.keys() | {FORM}, hint.name
        assert bool(hint.choices) == (hint.kind == "choice"), hint.name


def test_the_palette_is_the_registry() -> None:
    assert set(palette()) == COMPONENTS.keys()
    assert not set(palette()) & REFUSED.keys()


def test_samples_fit_every_kind_of_component() -> None:
    components: list[dict[str, Any]] = [
        {"type": "textfield", "key": "code", "label": "代码", "properties": {"check": "credit_code"}},
        {"type": "textfield", "key": "tel", "label": "电话", "properties": {"check": "phone"}},
        {"type": "textfield", "key": "short", "label": "很长的名称很长的名称", "validate": {"maxLength": 4}},
        {"type": "textarea", "key": "long", "label": "内容", "validate": {"minLength": 60}},
        {"type": "number", "key": "amount", "label": "金额", "increment": "5", "validate": {"min": 10}},
        {"type": "datetime", "key": "day", "subtype": "date", "dateLabel": "日期"},
        {"type": "datetime", "key": "moment", "subtype": "datetime", "dateLabel": "时刻"},
        {"type": "checkbox", "key": "yes", "label": "同意", "validate": {"required": True}},
        {"type": "radio", "key": "one", "label": "选", "values": [{"value": "a", "label": "甲"}]},
        {"type": "taglist", "key": "many", "label": "多", "valuesKey": "units"},
        {"type": "filepicker", "key": "files", "label": "附件", "accept": ".jpg"},
        {
            "type": "dynamiclist",
            "path": "rows",
            "label": "行",
            "components": [{"type": "textfield", "key": "name", "label": "姓名"}],
        },
        {"type": "expression", "key": "sum", "label": "合计", "expression": "=amount * 2"},
    ]
    definition = form(*components)
    options = {"units": [("u1", "甲局"), ("u2", "乙局"), ("u3", "丙局")]}
    answers = sample_answers(definition, options, date(2026, 9, 1))
    bound = bind(definition, initial=answers, options=options)
    assert bound.validate(), bound.problems
    assert bound.answers["many"] == ["u1", "u2"]
    assert len(bound.answers["rows"]) == 2
    assert bound.answers["sum"] == 20
