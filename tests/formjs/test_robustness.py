"""Whatever a browser sends: no exception, JSON answers, Chinese messages, and drafts that come back."""

from __future__ import annotations

import json
import re
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.formjs.builders import XUANWEI, xuanwei
from werkzeug.datastructures import MultiDict

from zuozhen.formjs import bind, display, print_form

KEYS = sorted(path.stem for path in XUANWEI.glob("*.json"))
OPTIONS = {
    "units": [("ziran", "市自然资源局"), ("gongxin", "市工业和信息化科技局")],
    "clinics": [("2024-12-20", "2024年12月20日")],
}
VALUES = st.sampled_from(
    ["", "x", "yes", "no", "refuse", "accept", "true", "ziran", "2024-11-05", "2024-13-45", "１２", "\x00",
     "\ud800", "=1", "{{ 1 }}", "<script>", "9" * 50, "²", "joint", "onsite", "13800138000", "𠮷" * 600]
) | st.text(max_size=30)  # fmt: skip


@st.composite
def submissions(draw: Any) -> tuple[str, list[tuple[str, str]]]:
    key = draw(st.sampled_from(KEYS))
    fields = xuanwei(key).fields
    names = [path.replace(".", "-0-") for path in fields] + [path.replace(".", "-99-") for path in fields]
    names += (
        [f"_add:{path}" for path in fields]
        + [f"_remove:{path}:0" for path in fields]
        + ["_refresh", "csrf_token", ""]
    )
    name = st.sampled_from(names) | st.text(max_size=10)
    return key, draw(st.lists(st.tuples(name, VALUES), max_size=25))


@settings(max_examples=100, deadline=None)
@given(submissions())
@example(("accept", [("decision", "\ud800")]))
def test_any_submission(sent: tuple[str, list[tuple[str, str]]]) -> None:
    key, pairs = sent
    definition = xuanwei(key)
    bound = bind(definition, formdata=MultiDict(pairs), options=OPTIONS)
    bound.validate()
    answers = json.loads(json.dumps(bound.answers, ensure_ascii=False).encode())
    assert answers == bound.answers
    assert set(answers) <= definition.field_keys
    json.dumps(bound.draft(), ensure_ascii=False).encode()
    for problem in bound.problems:
        assert re.search(r"[\u4e00-\u9fff]", problem.message)
        assert not re.search(r"(?i)invalid|required|not a valid|must be", problem.message)
    display(definition, answers, OPTIONS)
    print_form(definition, answers, OPTIONS)
    if not bound.problems:
        assert bind(definition, formdata=MultiDict(pairs), options=OPTIONS, initial=answers).validate()


@settings(max_examples=60, deadline=None)
@given(submissions())
def test_a_draft_shows_again_what_was_typed(sent: tuple[str, list[tuple[str, str]]]) -> None:
    key, pairs = sent
    bound = bind(xuanwei(key), formdata=MultiDict(pairs), options=OPTIONS)
    draft = json.loads(json.dumps(bound.draft()))
    again = bind(xuanwei(key), initial=draft, options=OPTIONS)
    assert typed_on(bound.rows) == typed_on(again.rows)


def typed_on(rows: Any) -> list[tuple[str, str, frozenset[str]]]:
    """What is in the inputs of a page; an empty list may come back with a blank row to type into."""
    return [(item.name, item.value, item.chosen) for item in inputs(rows) if item.value or item.chosen]


def inputs(rows: Any) -> list[Any]:
    found = []
    for row in rows:
        for item in row:
            found.append(item)
            found.extend(inputs(item.rows))
            for entry in item.entries:
                found.extend(inputs(entry))
    return [item for item in found if item.control not in ("group", "list")]


def test_values_that_are_no_text_are_ignored() -> None:
    pairs: list[tuple[str, Any]] = [
        ("enterprise", 5),
        ("title", None),
        ("content", ["x"]),
        ("phone", {"a": 1}),
    ]
    bound = bind(xuanwei("register"), formdata=MultiDict(pairs))
    assert not bound.validate()
    assert bound.answers["enterprise"] is None


def test_the_total_is_limited() -> None:
    definition = xuanwei("clinic_run")
    pairs = [
        (f"attendance-{number}-{name}", "长" * 2_000) for number in range(100) for name in ("name", "post")
    ]
    bound = bind(definition, formdata=MultiDict(pairs), options=OPTIONS)
    assert any("合计超过" in problem.message for problem in bound.problems)
