"""Whether branches overlap or leave gaps, compared with trying a dense grid of values."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zuozhen.engine.lint.branches import decide
from zuozhen.feel import compile_expression

GRID = [Decimal(each) / 4 for each in range(-8, 41)]
NUMBERS = st.integers(0, 8).map(str) | st.sampled_from(["2.5", "-1"])
ATOMS = (
    st.builds("n {} {}".format, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), NUMBERS)
    | st.builds("n in ({}, {})".format, NUMBERS, NUMBERS)
    | st.builds("n in [{}..{}]".format, st.integers(0, 4), st.integers(4, 8))
    | st.builds("{} < n".format, NUMBERS)
)
CONDITIONS = st.recursive(
    ATOMS,
    lambda inner: (
        st.builds("({} and {})".format, inner, inner)
        | st.builds("({} or {})".format, inner, inner)
        | st.builds("not({})".format, inner)
    ),
    max_leaves=3,
)


@settings(max_examples=100, deadline=None)
@given(st.lists(CONDITIONS, min_size=2, max_size=3))
def test_is_exact_for_one_number(texts: list[str]) -> None:
    conditions = [compile_expression(text) for text in texts]
    verdict = decide(conditions)
    assert verdict is not None
    truth = [[each.evaluate({"n": value}) is True for each in conditions] for value in GRID]
    nothing = [each.evaluate({}) is True for each in conditions]
    assert bool(verdict.overlaps) == any(sum(row) > 1 for row in [*truth, nothing])
    assert bool(verdict.gap) == any(not any(row) for row in truth)
    never = {column for column in range(len(texts)) if not any(row[column] for row in [*truth, nothing])}
    assert set(verdict.never) == never


@pytest.mark.parametrize(
    ("texts", "overlap", "gap"),
    [
        (['d = "a"', 'd = "b"'], "", "d = 其他值"),
        (['d = "a"', 'd != "a"'], "", ""),
        (['=d = "a"', '${d in ("a", "b")}'], 'd = "a"', "d = 其他值"),
        (["flag", "not(flag)"], "", ""),
        (["flag = true", "flag = false"], "", ""),
        (['a = "x"', 'b = "y"'], 'a = "x"、b = "y"', "a = 其他值、b = 其他值"),
        (['a = "x" and b = 1', 'a = "x" and b != 1'], "", "a = 其他值、b = 0"),
        (["d = null", "d != null"], "", ""),
    ],
)
def test_gives_examples(texts: list[str], overlap: str, gap: str) -> None:
    verdict = decide([compile_expression(text) for text in texts])
    assert verdict is not None
    assert [example for _first, _second, example in verdict.overlaps] == ([overlap] if overlap else [])
    assert verdict.gap == gap


@pytest.mark.parametrize(
    "text",
    [
        "a = b",
        "a + 1 > 3",
        'd < "b"',
        "count(list) > 1",
        "a.b = 1",
        'upper case(d) = "A"',
        "1 = 1",
        "n in list",
    ],
)
def test_leaves_other_shapes_undecided(text: str) -> None:
    assert decide([compile_expression(text), compile_expression('d = "a"')]) is None


def test_leaves_too_many_values_undecided() -> None:
    assert decide([compile_expression(f'd = "{each}"') for each in range(100)]) is None
