"""What the page is told about a rule: a tree over the answers on it, the rest worked out; or that it has to ask."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from tests.formjs.builders import ROOT, component, form

from zuozhen.formjs.expressions import Surroundings, compile_condition, compile_rule
from zuozhen.formjs.portable import CALLS, NotPortable, tree_of
from zuozhen.formjs.typing import field_types, rule_mistakes

PAGE = frozenset({"a", "n", "day", "who"})
AROUND = Surroundings(
    {"limit": 3, "secret": "甲", "units": [{"office": "x"}], "today": date(2026, 1, 31), "open": True},
    {"workdays": lambda days: date(2026, 2, int(days))},
)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ('a = "x"', ["compare", "=", ["name", "a"], ["is", "x"]]),
        ("n > limit + 1", ["compare", ">", ["name", "n"], ["is", {"number": "4"}]]),
        ("day < workdays(5)", ["compare", "<", ["name", "day"], ["is", {"date": "2026-02-05"}]]),
        ("day > today", ["compare", ">", ["name", "day"], ["is", {"date": "2026-01-31"}]]),
        ('secret = "甲" and open', ["is", True]),
        (
            "n in [1..limit)",
            ["in", ["name", "n"], [None, ["range", ["is", {"number": "1"}], ["is", {"number": "3"}], True, False]]],
        ),
        ('a in ["x", "y"]', ["in", ["name", "a"], [None, ["is", ["x", "y"]]]]),
        ("some w in who satisfies w.n = n", ["some", "w", ["name", "who"], ["compare", "=", ["path", ["name", "w"], "n"], ["name", "n"]]]),
    ],
)  # fmt: skip
def test_trees(text: str, tree: Any) -> None:
    assert tree_of(compile_rule(text), PAGE, AROUND) == tree


def test_a_condition_holds_only_where_it_is_true() -> None:
    assert tree_of(compile_condition("=not(n > 3)"), PAGE, AROUND) == [
        "holds", True, [None, ["compare", ">", ["name", "n"], ["is", {"number": "3"}]]],
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "a = secret",  # what other forms hold as text stays on the server
        "count(units[office = a]) > 0",
        "workdays(n) > day",
        'day + duration("P1D") > today',
        'matches(a, "x+")',
        "a = missing_function()",
        "{x: a}.x = 1",
        "count(a, n) > 1",
    ],
)
def test_only_the_server_knows(text: str) -> None:
    with pytest.raises(NotPortable):
        tree_of(compile_rule(text), PAGE, AROUND)


def test_the_page_knows_every_function_that_is_handed_over() -> None:
    script = (ROOT / "plugin" / "studio" / "src" / "page" / "feel.js").read_text()
    calls = script[script.index("const CALLS = {") :]
    for name in CALLS:
        assert any(f"\n  {key}{end}" in calls for key in (name, f"'{name}'") for end in (":", ",")), name


@pytest.mark.parametrize(
    "rule",
    ["=stars >= 3", '=stars = 3 or title = "x"', "=title > begins", "=begins = title", "=amount = title", "=title in [1..3]"],
)  # fmt: skip
def test_the_check_refuses_what_no_side_can_tell(rule: str) -> None:
    definition = form(
        component("select", "stars", values=[{"value": str(n), "label": str(n)} for n in range(1, 6)]),
        component("textfield", "title"),
        component("number", "amount"),
        component("datetime", "begins", subtype="time"),
        component("textfield", "x", conditional={"hide": rule}),
    )
    (found,) = rule_mistakes(definition, field_types(definition, {}, {}, {}), {}, {}, {})
    assert (found.path, found.purpose) == ("x", "隐藏条件")
    assert found.mistake.hint
