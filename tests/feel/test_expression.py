"""Compiling and evaluating: wrappers, names, registered functions, errors with a place, limits."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from zuozhen.feel import BUILTINS, Months, Prepared, compile_expression, compile_unary, to_json
from zuozhen.model.errors import FeelError


def evaluate(text: str, **variables: Any) -> Any:
    return compile_expression(text).evaluate(variables)


# ---------------------------------------------------------------- wrappers


@pytest.mark.parametrize("text", ["1 + 1", "=1 + 1", " = 1 + 1 ", "${1 + 1}", "#{1 + 1}", " ${ 1 + 1 } "])
def test_wrappers(text: str) -> None:
    expression = compile_expression(text)
    assert expression.evaluate({}) == Decimal(2)
    assert expression.text == text


@pytest.mark.parametrize("text", ["", "   ", "=", "${}", "${1", "#{ }"])
def test_broken_or_empty_wrapper(text: str) -> None:
    with pytest.raises(FeelError):
        compile_expression(text)


def test_positions_count_in_the_text_as_written() -> None:
    with pytest.raises(FeelError) as caught:
        compile_expression("${甲 +  )}")
    assert caught.value.position == 7
    assert "第 8 个字符" in caught.value.message
    assert caught.value.text == "${甲 +  )}"


# ---------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('满意度 >= 4 and 类别 = "政策"', {"满意度", "类别"}),
        ("register.enterprise.name", {"register"}),
        ("for i in xs, j in i.parts return i + j + k", {"xs", "k"}),
        ("some i in xs satisfies i = partial", {"xs", "partial"}),
        ("function(x) x + y", {"y"}),
        ("{a: x, b: a + c}", {"x", "c"}),
        ("xs[q > limit]", {"xs", "q", "limit"}),
        ("count(xs) + workdays(n: m)", {"xs", "m"}),
        ("`甲 乙` + 1", {"甲 乙"}),
        ("if a then b else c", {"a", "b", "c"}),
        ("a between b and c", {"a", "b", "c"}),
        ("date and time(x)", {"x"}),
    ],
)
def test_names_are_the_free_variables(text: str, names: set[str]) -> None:
    assert compile_expression(text).names == names


def test_names_in_filters_may_belong_to_items() -> None:
    expression = compile_expression("xs[q > limit] or limit")
    assert expression.names == {"xs", "q", "limit"}
    assert expression.item_names == {"q"}


def test_functions_and_paths_are_listed() -> None:
    expression = compile_expression(
        'if workdays(10) > date(register.filed.on) then f.g(1) else string length("x")'
    )
    assert expression.functions == {"workdays", "date", "string length"}
    assert expression.paths == {"register.filed.on", "register.filed", "f.g"}


def test_unary_tests_read_the_question_mark() -> None:
    expression = compile_unary('> 5, ? = "x"')
    assert expression.evaluate({"?": 6}) is True
    assert expression.evaluate({"?": 5}) is False
    assert expression.evaluate({"?": "x"}) is True
    assert "?" in expression.names


# ---------------------------------------------------------------- registered functions


def test_registered_functions_get_positional_and_named_arguments_and_win() -> None:
    calls: list[Any] = []

    def before(*args: Any, **named: Any) -> date:
        calls.append((args, named))
        return date(2026, 1, 2)

    expression = compile_expression("before(at, workdays: 3)")
    variables = {"at": "2026-01-05", "before": "no function"}
    assert expression.evaluate(variables, {"before": before}) == date(2026, 1, 2)
    assert calls == [(("2026-01-05",), {"workdays": Decimal(3)})]
    assert compile_expression("before(1, 2)").evaluate({}) is True


def test_results_of_registered_functions_become_values() -> None:
    functions = {"answer": lambda: {"n": 0.1, "list": (1, 2)}}
    assert compile_expression("answer().n + 0.2").evaluate({}, functions) == Decimal("0.3")
    with pytest.raises(FeelError, match="object"):
        compile_expression("bad()").evaluate({}, {"bad": object})


def test_wrong_arguments_of_a_registered_function_are_reported() -> None:
    with pytest.raises(FeelError, match="workdays") as caught:
        compile_expression("1 + workdays()").evaluate({}, {"workdays": lambda n: n})
    assert caught.value.position == 4


def test_unknown_functions() -> None:
    compile_expression("工作日(10)")
    with pytest.raises(FeelError, match="工作日") as caught:
        evaluate("1 + 工作日(10)")
    assert caught.value.position == 4
    with pytest.raises(FeelError, match="工作日"):
        compile_expression("工作日(10)", known_functions={"workdays"})
    compile_expression("workdays(count(xs))", known_functions={"workdays"})


def test_there_is_no_clock() -> None:
    assert not {"today", "now"} & BUILTINS.keys()
    with pytest.raises(FeelError, match="today"):
        evaluate("today()")
    assert compile_expression("today()").evaluate({}, {"today": lambda: date(2026, 1, 1)}) == date(2026, 1, 1)


# ---------------------------------------------------------------- values


def test_values_from_python_and_back_to_json() -> None:
    moment = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    variables = {"i": 3, "f": 0.1, "d": date(2026, 1, 2), "m": moment, "xs": [1, {"a": 2.5}], "t": (1,)}
    whole = compile_expression('{i: i, f: f + 0.2, d: d, m: m, xs: xs, t: t, p: @"P1M", s: @"PT26H"}')
    assert to_json(whole.evaluate(variables)) == {
        "i": 3,
        "f": 0.3,
        "d": "2026-01-02",
        "m": "2026-01-02T03:04:00Z",
        "xs": [1, {"a": 2.5}],
        "t": [1],
        "p": "P1M",
        "s": "P1DT2H",
    }


def test_numbers_are_exact_and_integers_stay_integers() -> None:
    assert to_json(evaluate("9007199254740993 + 0")) == 9007199254740993
    assert type(to_json(evaluate("4 / 2"))) is int
    assert to_json(evaluate("10 / 4")) == 2.5


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400])
def test_numbers_json_cannot_hold_are_null(value: Any) -> None:
    assert evaluate("x", x=value) is None


def test_python_objects_do_not_get_in() -> None:
    class Secret:
        password = "x"

    for text in ("s", "s.password", "s.__class__", "count(s)"):
        with pytest.raises(FeelError, match="Secret"):
            evaluate(text, s=Secret())
    for text in ('"x".__class__', "xs.append", "d.__init__", "n.real", "f.gi_frame"):
        assert to_json(evaluate(text, xs=[], d={}, n=1, f=None)) in (None, [])


def test_a_function_is_no_result() -> None:
    with pytest.raises(FeelError):
        to_json(evaluate("function(x) x"))


def test_dates_move_by_durations() -> None:
    assert evaluate('date("2024-02-29") + duration("P1Y")') == date(2025, 2, 28)
    assert evaluate('date("2024-03-31") - duration("P1M")') == date(2024, 2, 29)
    assert evaluate('date("9999-12-31") + duration("P1D")') is None
    assert evaluate('date("0001-01-01") - duration("P1M")') is None
    assert evaluate('@"2024-03-01" - @"2024-02-01"') == timedelta(days=29)
    assert evaluate('duration("P1Y6M") / 2') == Months(9)
    assert evaluate('time("23:00:00") + duration("PT2H") = time("01:00:00")') is True


def test_an_instant_compares_with_its_local_day() -> None:
    evening = datetime(2026, 1, 1, 17, tzinfo=UTC)  # 01:00 on 2 January in Shanghai
    assert evaluate("date(m)", m=evening) == date(2026, 1, 2)
    assert evaluate('m >= date("2026-01-02")', m=evening) is True
    assert evaluate('m < date("2026-01-02")', m=evening) is False


# ---------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("text", "position", "hint"),
    [
        ("a ＝ 1", 2, "半角"),
        ("a = “是”", 4, "半角"),
        ("a == 1", 3, "="),
        ("a && b", 2, "and"),
        ("!a", 0, "not"),
        ("a = 'x'", 4, '"'),
        ('a = "x', 4, "双引号"),
        ("1 < x < 3", 6, "and"),
        ("if a then b", 11, ""),
        ("count(xs", 8, ""),
        ("[1, 2", 5, ""),
        ("a b", 2, ""),
        ("{a: 1, a: 2}", 10, ""),
        ('@"2024-02-30"', 1, "P10D"),
        ("x instance of 日期", 14, ""),
        ("f(a: 1, 2)", 8, ""),
        ("x in [1..", 9, ""),
    ],
)
def test_mistakes_name_the_place_and_help(text: str, position: int, hint: str) -> None:
    with pytest.raises(FeelError) as caught:
        compile_expression(text)
    assert caught.value.position == position
    assert hint in caught.value.hint
    assert caught.value.message.endswith("。")


def test_errors_at_evaluation_name_the_place_too() -> None:
    with pytest.raises(FeelError) as caught:
        evaluate('a = 1 or matches("x", "(")', a=2)
    assert caught.value.position == 9
    assert caught.value.text.startswith("a = 1")


# ---------------------------------------------------------------- limits

_DEEP = 5000
_GROWING = 'replace(string join(for i in 1..5000 return "a"), "a", "' + "$0" * 70 + '")'
_HOSTILE = {
    "parentheses": "(" * _DEEP + "1" + ")" * _DEEP,
    "open parentheses": "(" * _DEEP,
    "lists": "[" * _DEEP + "]" * _DEEP,
    "negations": "-" * _DEEP + "1",
    "ifs": "if a then " * 900,
    "elses": "if a then 1 else " * 500 + "1",
    "paths": "a" + ".b" * 4000,
    "filters": "a" + "[1]" * 3000,
    "calls": "f(" * 3000,
    "functions": "function(x) " * 800 + "1",
    "contexts": "{a:" * 3000,
    "endless range": "for i in 1..100000000000 return i",
    "wide range": "count(for i in 1..1e300 return 1)",
    "nested loops": "for a in 1..9999, b in 1..9999, c in 1..9999 return 1",
    "doubling text": 'for i in 1..100 return if i = 1 then "xx" else partial[-1] + partial[-1]',
    "doubling list": "count(flatten(for i in 1..60 return [partial[-1], partial[-1]]))",
    "doubling text of a list": "string(for i in 1..60 return [partial[-1], partial[-1]])",
    "deep list": "count(flatten((for i in 1..900 return [partial[-1]])[-1]))",
    "self application": "(function(f) f(f))(function(f) f(f))",
    "recursion through a context": "{f: function(x) f(x + 1), y: f(1)}.y",
    "join": 'string join(for i in 1..100000 return "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "")',
    "growing replacement": _GROWING,
    "distinct": "distinct values(for i in 1..20000 return i)",
    "sort": "sort(for i in 1..100000 return -i, function(x, y) x < y)",
    "large program": 'matches("a", "((a{400}){400}){400}")',
    "long": "1" * 20_000,
}


@pytest.mark.parametrize("text", _HOSTILE.values(), ids=_HOSTILE.keys())
def test_hostile_texts_end_soon_with_an_error(text: str) -> None:
    started = time.perf_counter()
    with pytest.raises(FeelError):
        evaluate(text)
    assert time.perf_counter() - started < 5


def test_values_that_share_parts_are_not_written_out_endlessly() -> None:
    tangled = evaluate("for i in 1..40 return [partial[-1], partial[-1]]")
    with pytest.raises(FeelError):
        to_json(tangled)


def test_long_but_flat_expressions_are_fine() -> None:
    assert evaluate(" or ".join(["x = 1"] * 900), x=1) is True
    assert evaluate("+".join(["1"] * 3000)) == Decimal(3000)
    assert evaluate("if x = 0 then 0 else " * 40 + "1", x=5) == Decimal(1)
    assert evaluate("(" * 90 + "1" + ")" * 90) == Decimal(1)


def test_compiling_is_cached_and_evaluation_is_quick() -> None:
    assert compile_expression('decision = "accept"') is compile_expression('decision = "accept"')
    expression = compile_expression('decision = "accept"')
    variables = {"decision": "accept"}
    rounds = 2000
    best = 1.0
    for _ in range(5):
        started = time.perf_counter()
        for _ in range(rounds):
            expression.evaluate(variables)
        best = min(best, (time.perf_counter() - started) / rounds)
    assert best < 20e-6, f"{best * 1e6:.1f} µs"


def test_prepared_variables_are_turned_into_values_once_and_give_the_same_answers() -> None:
    variables = {"a": {"b": [1, 2, {"c": "x"}]}, "n": 3}
    prepared = Prepared(variables, {"n": Decimal(4)})
    sums = compile_expression("a.b[1] + n")
    assert sums.evaluate(variables) == 4
    assert sums.evaluate(prepared) == sums.evaluate({**variables, "n": 4}) == 5
    first = prepared.lifted["a"]
    assert compile_expression("a.b[3].c").evaluate(prepared) == "x"
    assert prepared.lifted["a"] is first
