"""What an expression will give, told before it runs; where it can only be null it is said."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zuozhen.feel import compile_expression
from zuozhen.feel.inference import infer
from zuozhen.feel.lifting import lift_as
from zuozhen.feel.values import kind_of
from zuozhen.model.errors import FeelError
from zuozhen.model.types import (
    BOOLEAN,
    DATE,
    DATE_TIME,
    MOMENTS,
    NUMBER,
    TEXT,
    Type,
    choice,
    context_of,
    list_of,
)
from zuozhen.workdays import SIGNATURES

NAMES = {
    "title": TEXT,
    "n": NUMBER,
    "flag": BOOLEAN,
    "day": DATE,
    "at": DATE_TIME,
    "grade": choice({"good", "fair"}),
    "units": list_of(TEXT),
    "rows": list_of(context_of({"name": TEXT, "score": NUMBER})),
    "form": context_of({"day": DATE, "title": TEXT}),
}


def mistakes(text: str) -> list[str]:
    return [mistake.message for mistake in infer(text, NAMES, SIGNATURES).mistakes]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('grade = "good"', "boolean"),
        ("workdays(10)", "date"),
        ("hours(2)", "date and time"),
        ("day + duration(\"P1D\")", "date"),
        ("(day - form.day).days", "number"),
        ('string(n) + title', "string"),
        ("count(rows[score > 3])", "number"),
        ("rows[1].name", "string"),
        ("rows.score", "list"),
        ("max(rows.score)", "number"),
        ("for u in units return u", "list"),
        ('if flag then "x" else grade', "string"),
        ("unknown", "any"),
        ('"a" + unknown', "string"),
        ("unknown + 1", "number"),
        ("unknown - day", "days and time duration"),
        ("2 * unknown", "any"),
        ("unknown - duration(\"P1D\")", "any"),
        ("window(\"期\").closes", "date and time"),
        ("before(day, workdays: 3) < day", "boolean"),
        ("sum(for r in rows return r.score)", "number"),
    ],
)  # fmt: skip
def test_types(text: str, kind: str) -> None:
    found = infer(text, NAMES, SIGNATURES)
    assert (found.type.kind, found.mistakes) == (kind, ())


def test_a_choice_between_literals_is_a_choice() -> None:
    found = infer('if flag then "x" else grade', NAMES, SIGNATURES).type
    assert found.values == {"x", "good", "fair"}


@pytest.mark.parametrize(
    "text",
    [
        'title > 3',
        'day > "2026-01-01"',
        'flag = "true"',
        'units = "a"',
        'contains(title, 5)',
        'workdays("10")',
        'workdays(3, title)',
        'workdays(3, until: day)',
        'before(title, workdays: 3)',
        'day of week(title)',
        'title + n',
        'title + unknown + n',
        'unknown + title + day',
        '-title',
        'if title then 1 else 2',
        'not(flag) and title',
        'some u in title satisfies true',
        'every r in rows satisfies r.score',
        'rows[title]',
        'n between 1 and "2"',
        'n in ("1", "2")',
        'day in [1..2]',
        'title.day',
        'form.dya = day',
        'rows[score > "3"]',
        'grade = "godo"',
        'grade in ("best", "good", "gut")',
        'max(1, "2") > title.x',
    ],
)  # fmt: skip
def test_what_can_only_be_null_is_said(text: str) -> None:
    assert mistakes(text)


@pytest.mark.parametrize(
    "text",
    [
        'title = null', 'grade = ""', 'unknown > 3', 'day > at', 'units[1] = "a"', 'rows[name = title][1].score > 2',
        'list contains(units, title)', 'if unknown then 1 else "2"', 'form.day = null or form.day < day',
        'cases(status: "open")[1].x.y = 1', '[day, form.day][item != null][1] < at', 'string join(units, "、") = title',
        '{a: 1, b: a + 1}.b > 0', '(function(x) x + 1)(2)', 'get value(form, "day") > day', 'n in [1..5]', 'n in (> 3)',
    ],
)  # fmt: skip
def test_what_may_be_right_passes(text: str) -> None:
    assert mistakes(text) == []


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('grade = "godo"', "是不是“good”"),
        ('day > "2026-01-01"', 'date("2026-01-01")'),
        ('flag = "true"', "flag = true"),
        ('units = "a"', "list contains"),
        ("title + n", "string(x)"),
    ],
)
def test_it_is_said_what_to_write(text: str, hint: str) -> None:
    assert hint in infer(text, NAMES, SIGNATURES).mistakes[0].hint


VALUES = {"title": "标题", "n": 5, "flag": True, "day": "2026-03-02", "at": "2026-03-02T09:00:00+08:00", "grade": "good",
          "units": ["a", "b"], "rows": [{"name": "甲", "score": 4}], "form": {"day": "2026-03-01", "title": "旧"}}  # fmt: skip
ATOMS = st.sampled_from(
    [*NAMES, '"good"', "3", 'date("2026-03-02")', "rows[1].score", "form.day", 'duration("P1D")']
)
OPERATORS = st.sampled_from(["=", "!=", "<", ">=", "+", "-", "*"])
EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: (
        st.builds("({} {} {})".format, inner, OPERATORS, inner)
        | st.builds("(if {} = {} then {} else {})".format, inner, inner, inner, inner)
        | st.builds("count([{}, {}])".format, inner, inner)
        | st.builds("string({})".format, inner)
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(EXPRESSIONS)
def test_the_type_foretold_is_the_type_that_comes(text: str) -> None:
    """What the interpreter gives is of the inferred type or null; and where a kind is foretold, it is that."""
    found = infer(text, NAMES, {})
    known = {name: lift_as(value, NAMES[name]) for name, value in VALUES.items()}
    try:
        value = compile_expression(text).evaluate(known)
    except FeelError:
        return
    if value is not None and found.type.known:
        assert kind_of(value) == found.type.kind or {kind_of(value), found.type.kind} == MOMENTS
    if value is not None and found.type.values is not None:
        assert value in found.type.values


def test_a_text_that_is_no_date_stays_a_text() -> None:
    assert lift_as("2026-12-15 gongshanglian", DATE) == "2026-12-15 gongshanglian"
    assert lift_as({"day": "2026-12-15"}, Type("context", entries={"day": DATE}))["day"].year == 2026
