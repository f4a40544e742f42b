"""Conditions in Chinese, and when two texts are the same expression."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zuozhen.feel import bare, in_words, parse, same
from zuozhen.model.errors import FeelError

LABELS = {"decision": "处理意见", "decision=accept": "受理", "amount": "金额", "units": "会办单位"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('decision = "accept"', "处理意见为“受理”"),
        ('=decision != "accept"', "处理意见不为“受理”"),
        ('"accept" = decision', "处理意见为“受理”"),
        ('${decision = "accept" and amount >= 5}', "处理意见为“受理”，且金额不小于 5"),
        ('decision = "x" and (a = 1 or b = true)', "处理意见为“x”，且（a为 1，或b为“是”）"),
        ("decision = null", "没有填写“处理意见”"),
        ("decision != null", "已填写“处理意见”"),
        ('decision in ("accept", "refuse")', "处理意见为“受理”或“refuse”"),
        ('list contains(units, "ziran")', "会办单位中有“ziran”"),
        ("not(amount > 3)", "不是（金额大于 3）"),
        ('accept.decision = "accept"', "处理意见为“受理”"),
        ("true", "总是成立"),
        ("count(units) > 3", "count(units) > 3"),
        ("=amount + 1 = 3", "amount + 1 = 3"),
        ("decision =", "decision ="),
    ],
)
def test_a_condition_in_words(text: str, words: str) -> None:
    assert in_words(text, LABELS) == words


@pytest.mark.parametrize(
    ("old", "new", "equal"),
    [
        ('decision = "a"', '${ decision="a" }', True),
        ("workdays( 10 )", "=workdays(10)", True),
        ("(a + b)", "a+b", True),
        ("1.0", "1", True),
        ("a", "b", False),
        ("x = true", "x = 1", False),
        ("before(x, days: 3)", "before(x, workdays: 3)", False),
        ("not FEEL (", "not FEEL (", True),
        ("not FEEL (", "a", False),
    ],
)
def test_the_same_expression(old: str, new: str, equal: bool) -> None:
    assert same(old, new) is equal
    assert same(new, old) is equal


def test_every_text_of_the_corpus_is_itself_and_can_be_said() -> None:
    corpus = json.loads((Path(__file__).parent / "corpus.json").read_text())
    texts = [case["expression"] for case in corpus["cases"] if _parses(case["expression"])]
    assert len(texts) > 50
    for text in texts:
        assert same(text, f" {text} // so")
        assert in_words(text, {})


def _parses(text: str) -> bool:
    try:
        return bool(parse(text))
    except FeelError:
        return False


@given(st.text(max_size=60))
def test_any_text_can_be_said(text: str) -> None:
    assert isinstance(in_words(text, LABELS), str)
    assert isinstance(bare(text), str)
    assert same(text, text)
