"""The literal cases of the public decision-model test kit: at least 97 % right, the rest listed with a reason.

The kit is no part of the project: it is read from ``../shared/tck`` (or from the folder that ZUOZHEN_SHARED
names) and the test is skipped where it is not there. ``tck_differences.json`` holds the ids of the cases
that we answer otherwise, and why.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from zuozhen.feel import compile_expression
from zuozhen.model.errors import FeelError

_HERE = Path(__file__).parent
_SHARED = Path(os.environ.get("ZUOZHEN_SHARED") or _HERE.parents[1].parent / "shared")
_KIT = _SHARED / "tck" / "literal.json"
_DIFFERENCES = json.loads((_HERE / "tck_differences.json").read_text(encoding="utf-8"))
_PLAIN_NAME = re.compile(r"[^\W\d]\w*")
_TEXT = r'"(?:[^"\\]|\\.)*"'
_CLOCK = {"today": lambda: date(2026, 1, 31), "now": lambda: datetime(2026, 1, 31, tzinfo=UTC)}
"""Whoever evaluates provides the clock, as the engine does."""


def _name(case: Mapping[str, Any]) -> str:
    return f"{case['suite']}/{case['id']}/{case['node']}"


def _quoted(text: str, names: Iterable[str]) -> str:
    """Put the names that are no single word (``Full Name``) into backticks, as our texts have them."""
    odd = sorted((name for name in names if not _PLAIN_NAME.fullmatch(name)), key=len, reverse=True)
    pattern = "|".join([_TEXT, *(rf"(?<!\w){re.escape(name)}(?!\w)" for name in odd)])
    return re.sub(pattern, lambda found: found[0] if found[0][0] == '"' else f"`{found[0]}`", text)


def _typed(case: Mapping[str, Any]) -> Mapping[str, Any]:
    """Undo what the collection did to a few cases whose values have no type: ``"true"`` stands for true."""
    if "bool" not in (case["chain"][-1][2] or "").lower() or '"' not in case["expected"]:
        return case
    bare = {name: text.strip('"') for name, text in case["ctx"].items()}
    expected = case["expected"].replace('"true"', "true").replace('"false"', "false")
    return {**case, "ctx": bare, "expected": expected}


def _answer(case: Mapping[str, Any]) -> Any:
    variables = {name: compile_expression(text).evaluate({}) for name, text in case["ctx"].items()}
    for name, text, _ in case["chain"]:
        variables[name] = compile_expression(_quoted(text, variables)).evaluate(variables, _CLOCK)
    return variables[case["node"]]


def _same(left: Any, right: Any) -> bool:
    """Equal in kind and value; numbers to eight digits, which is what the kit writes of roots and logarithms."""
    if type(left) is not type(right):
        return False
    if isinstance(left, Decimal):
        return bool(abs(left - right) <= Decimal("1e-8") * max(1, abs(right)))
    if isinstance(left, list):
        return len(left) == len(right) and all(map(_same, left, right))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    if hasattr(left, "utcoffset") and left.utcoffset() != right.utcoffset():
        return False
    return bool(left == right)


def _right(case: Mapping[str, Any]) -> bool:
    case = _typed(case)
    try:
        answer = _answer(case)
    except FeelError:
        return bool(case["error"])
    if case["error"]:
        return answer is None
    return _same(answer, compile_expression(case["expected"]).evaluate({}))


@pytest.mark.skipif(not _KIT.is_file(), reason="the decision-model test kit is not beside the repository")
def test_the_share_of_the_test_kit() -> None:
    cases = json.loads(_KIT.read_text(encoding="utf-8"))
    wrong = {_name(case) for case in cases if not _right(case)}
    share = 1 - len(wrong) / len(cases)
    print(f"{len(cases) - len(wrong)} of {len(cases)} literal cases right: {share:.1%}")
    listed = {name for group in _DIFFERENCES for name in group["cases"]}
    assert len({_name(case) for case in cases}) == len(cases)
    assert sorted(wrong - listed) == [], "wrong, but not listed"
    assert sorted(listed - wrong) == [], "listed, but right"
    assert share >= 0.97


def test_every_difference_has_a_reason_and_is_listed_once() -> None:
    listed = [name for group in _DIFFERENCES for name in group["cases"]]
    assert len(listed) == len(set(listed))
    assert all(len(group["reason"]) > 30 and group["cases"] for group in _DIFFERENCES)
