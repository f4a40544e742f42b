"""Our regular expressions agree with Python's ``re`` where both apply, and never blow up."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zuozhen.feel.limits import Meter
from zuozhen.feel.regex import compile_pattern
from zuozhen.model.errors import FeelError

_ATOMS = st.sampled_from(
    ["a", "b", "中", ".", "[ab]", "[^a]", "\\d", "\\w", "[0-9a]", "(a)", "(?:b|ab)", "(a|ab)"]
)
_SUFFIX = st.sampled_from(["", "", "", "*", "+", "?", "{2}", "{1,2}", "{1,}", "*?", "+?", "??"])
_PIECES = st.lists(st.tuples(_ATOMS, _SUFFIX).map("".join), min_size=1, max_size=5).map("".join)
_PATTERNS = st.one_of(
    _PIECES, st.tuples(_PIECES, _PIECES).map("|".join), _PIECES.map("^{}$".format), _PIECES.map("({})".format)
)
_TEXTS = st.text(alphabet="ab0中 ", max_size=12)


@settings(max_examples=100, deadline=None)
@given(_PATTERNS, _TEXTS)
def test_agrees_with_python(pattern: str, text: str) -> None:
    theirs = re.search(pattern, text, re.ASCII)
    ours = compile_pattern(pattern).search(text, 0, Meter())
    if theirs is None:
        assert ours is None
    else:
        spans = [theirs.span(group) for group in range((theirs.re.groups) + 1)]
        assert ours == tuple(end for span in spans for end in span)


@settings(max_examples=100, deadline=None)
@given(_PATTERNS, _TEXTS)
def test_replaces_like_python(pattern: str, text: str) -> None:
    compiled = compile_pattern(pattern)
    if any(spans[0] == spans[1] for spans in compiled.matches(text, Meter())):
        return  # languages differ about empty matches right after another match
    assert compiled.replace(text, "<$0>", Meter()) == re.sub(pattern, r"<\g<0>>", text, flags=re.ASCII)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="ab(){}[]|*+?\\^$.,-0123dwspu:中", max_size=30), st.text(max_size=5))
def test_any_pattern_works_or_is_refused(pattern: str, text: str) -> None:
    try:
        compile_pattern(pattern).search(text, 0, Meter())
    except FeelError as error:
        assert error.message


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("(a+)+$", "a" * 2000 + "b"),
        ("(a|a)*$", "a" * 2000 + "b"),
        ("(a|aa)+$", "a" * 2000 + "b"),
        ("a*a*a*a*a*a*c", "a" * 2000),
        ("(.*)(.*)(.*)(.*)x", "投诉" * 1000),
        ("(a?){100}a{100}", "a" * 100),
    ],
)
def test_patterns_that_blow_up_elsewhere(pattern: str, text: str) -> None:
    started = time.perf_counter()
    try:
        compile_pattern(pattern).search(text, 0, Meter())
    except FeelError as error:
        assert "计算量" in error.message  # the budget is the other way to end
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    ("pattern", "flags", "text", "found"),
    [
        (r"\p{L}+", "", "12甲a", "甲a"),
        (r"\P{L}+", "", "甲12", "12"),
        (r"中", "", "在中国", "中"),
        (r"ABC", "i", "xabc", "abc"),
        (r"[A-C]+", "i", "xabc", "abc"),
        (r"^b", "m", "a\nb", "b"),
        (r"a$", "m", "a\nb", "a"),
        (r"\bcd\b", "", "ab cd ef", "cd"),
        (r"\.\*\(", "", "x.*(", ".*("),
        (r"[\]\-]+", "", "a]-", "]-"),
        (r"[^\d\s]+", "", "1 ab", "ab"),
        (r"a{2,3}?", "", "aaaa", "aa"),
        (r"(19|20)\d{2}", "", "于2024年", "2024"),
    ],
)
def test_the_supported_syntax(pattern: str, flags: str, text: str, found: str) -> None:
    spans = compile_pattern(pattern, flags).search(text, 0, Meter())
    assert spans is not None
    assert text[spans[0] : spans[1]] == found


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        ")",
        "[a",
        "a**",
        "*a",
        "a{3,1}",
        "a{999999}",
        r"\1",
        "(?=a)",
        "(?<n>a)",
        "[z-a]",
        r"\q",
        r"\u12",
        "\\",
        "^*",
    ],
)
def test_what_is_not_understood_is_refused_with_a_place(pattern: str) -> None:
    with pytest.raises(FeelError, match="个字符处"):
        compile_pattern(pattern)


def test_flags_and_length_are_checked() -> None:
    with pytest.raises(FeelError, match="标志"):
        compile_pattern("a", "q")
    with pytest.raises(FeelError, match="500"):
        compile_pattern("a" * 501)
