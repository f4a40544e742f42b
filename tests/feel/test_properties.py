"""Whatever the text: a value or a FeelError, the same every time, and only listed names are read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from zuozhen.feel import compile_expression, compile_unary, to_json
from zuozhen.model.errors import FeelError

_NAMES = ["a", "b", "甲", "items", "诉求"]
_WORDS = [
    *_NAMES,
    *(
        "1",
        "2.5",
        '"x"',
        '"中"',
        "true",
        "false",
        "null",
        "+",
        "-",
        "*",
        "/",
        "**",
        "=",
        "!=",
        "<",
        ">=",
        "(",
        ")",
    ),
    *(
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        ".",
        "..",
        "?",
        "@",
        '"P1D"',
        '"2024-02-29"',
        "and",
        "or",
        "not(",
        "in",
        "if",
    ),
    *(
        "then",
        "else",
        "for",
        "return",
        "some",
        "every",
        "satisfies",
        "between",
        "function",
        "instance of",
        "item",
    ),
    *(
        "partial",
        "count(",
        "sum(",
        "date(",
        "string(",
        "duration(",
        "matches(",
        "sort(",
        "substring(",
        "min(",
    ),
    *("get value(", "flatten(", "number(", "before(", "date and time(", "string join(", "split(", "list"),
]
_SOUP = st.lists(st.sampled_from(_WORDS), max_size=25).map(" ".join)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_NAMES), inner, max_size=3),
    max_leaves=8,
)
_VARIABLES = st.dictionaries(st.sampled_from([*_NAMES, "?"]), _JSON, max_size=5)


def _outcome(text: str, variables: Mapping[str, Any], *, unary: bool = False) -> str:
    try:
        expression = compile_unary(text) if unary else compile_expression(text)
        return json.dumps(to_json(expression.evaluate(variables)), allow_nan=False)
    except FeelError as error:
        assert error.message
        assert error.position is None or 0 <= error.position <= len(text)
        return f"error {error.position} {error.message}"


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60), _VARIABLES, st.booleans())
def test_any_text(text: str, variables: dict[str, Any], unary: bool) -> None:
    first = _outcome(text, variables, unary=unary)
    assert _outcome(text, variables, unary=unary) == first


@settings(max_examples=100, deadline=None)
@given(_SOUP, _VARIABLES, st.booleans())
def test_any_words(text: str, variables: dict[str, Any], unary: bool) -> None:
    first = _outcome(text, variables, unary=unary)
    assert _outcome(text, variables, unary=unary) == first


# ---------------------------------------------------------------- well-formed expressions


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["+", "-", "*", "/", "=", "!=", "<", ">=", "and", "or", "in"])
    functions = st.sampled_from(
        ["count", "sum", "string", "not", "min", "flatten", "string length", "date", "abs"]
    )
    return st.one_of(
        st.tuples(inner, operators, inner).map(lambda parts: "({} {} {})".format(*parts)),
        st.tuples(functions, inner).map(lambda parts: "{}({})".format(*parts)),
        st.tuples(inner, inner, inner).map(lambda parts: "(if {} then {} else {})".format(*parts)),
        st.tuples(inner, inner).map(lambda parts: "(for x in {} return {})".format(*parts)),
        st.tuples(inner, inner).map(lambda parts: "(some x in {} satisfies {})".format(*parts)),
        st.tuples(inner, inner).map(lambda parts: "{}[{}]".format(*parts)),
        st.tuples(inner, st.sampled_from(_NAMES)).map(lambda parts: "({}).{}".format(*parts)),
        st.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)}]"),
        inner.map(lambda part: f"{{k: {part}, m: k}}"),
    )


_LEAVES = st.sampled_from(
    [*_NAMES, "x", "1", "2", '"x"', "true", "null", 'date("2024-02-29")', "[1, 2, 3]", "[1..4]"]
)
_EXPRESSIONS = st.recursive(_LEAVES, _grow, max_leaves=8)


class _Spy(Mapping[str, Any]):
    """Variables that remember which names were asked for."""

    def __init__(self, variables: dict[str, Any]) -> None:
        self.variables = variables
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.read.add(name)
        return self.variables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.variables)

    def __len__(self) -> int:
        return len(self.variables)


@settings(max_examples=100, deadline=None)
@given(_EXPRESSIONS, _VARIABLES)
def test_well_formed_expressions_evaluate_and_read_only_listed_names(
    text: str, variables: dict[str, Any]
) -> None:
    spy = _Spy(variables)
    expression = compile_expression(text)
    value = expression.evaluate(spy)
    assert spy.read <= expression.names
    assert expression.functions <= {
        "count",
        "sum",
        "string",
        "not",
        "min",
        "flatten",
        "string length",
        "date",
        "abs",
    }
    assert to_json(value) == to_json(expression.evaluate(variables))


_ARITHMETIC = st.recursive(
    st.sampled_from([*_NAMES, "1"]),
    lambda inner: st.tuples(inner, st.sampled_from("+-*/<="), inner).map(
        lambda parts: "({} {} {})".format(*parts)
    ),
    max_leaves=10,
)


@settings(max_examples=100, deadline=None)
@given(_ARITHMETIC, _VARIABLES)
def test_where_nothing_is_skipped_every_listed_name_is_read(text: str, variables: dict[str, Any]) -> None:
    spy = _Spy(variables)
    expression = compile_expression(text)
    expression.evaluate(spy)
    assert spy.read == expression.names
