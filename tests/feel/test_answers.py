"""Where a person expects an answer there is one, and what is shown is what was written."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from zuozhen.feel import BUILTINS, Months, compile_expression, compile_unary, to_json
from zuozhen.feel.inference import infer
from zuozhen.feel.signatures import ACCEPTED
from zuozhen.feel.values import kind_of
from zuozhen.model.errors import FeelError


def evaluate(text: str, **variables: Any) -> Any:
    return compile_expression(text).evaluate(variables)


_ANSWERS: list[tuple[str, Any]] = [
    ('abs(duration("-P1DT2H"))', timedelta(days=1, hours=2)),
    ('abs(duration("-P1Y"))', Months(12)),
    ("[1, 2, 3] in [[1, 2, 3], [4]]", True),
    ("[1, 2] in [[1, 2, 3], [4]]", False),
    ("1 in [[1, 2], 3]", False),
    ("3 in [[1..2], [3..4]]", True),
    ("[1..2] in [[1..2], [3..4]]", True),
    ('sum([@"P1D", @"PT2H"])', timedelta(days=1, hours=2)),
    ('mean(@"P1D", @"P2D")', timedelta(hours=36)),
    ('sum([@"P1Y", @"P1M"])', Months(13)),
    ('sum([@"P1Y", @"P1D"])', None),
    ("before(1, (> 5))", True),
    ("[5] > 3", True),
    ("[5, 6] > 3", None),
    ("[5] in [1..9]", True),
    ("before((< 5), (> 5))", True),
    ("after((> 5), 1)", True),
    ("before((> 5), 1)", False),
    ("overlaps((< 5), [1..9])", True),
    ("overlaps((< 5), [6..9])", False),
    ("includes((< 10), [1..9])", True),
    ("includes((< 10), (< 9))", True),
    ("includes([1..9], (< 9))", False),
    ("during([1..9], (> 3))", False),
    ("starts((< 3), (< 9))", True),
    ("coincides((< 3), (< 3))", True),
    ("meets((< 3), [3..5])", False),
    ("meets((<= 3), [3..5])", True),
    ("5 in (< 10)", True),
    ("(< 10) = (< 10)", True),
    ("12 in [(< 10), (> 11)]", True),
    ('string((>= @"2026-01-01"))', "(>= 2026-01-01)"),
    ("(> 10).start", 10),
    ("(> 10).end", None),
    ("get entries(m: {a: 1})[1].value", 1),
    ('2 in range("[1..3]")', True),
    ('range("[3..1]")', None),
    ('string({"a:b": 1, 甲: 2})', '{"a:b": 1, 甲: 2}'),
    ("{a+b: 1}.`a+b`", 1),
    ('matches("中文", "^\\p{IsCJKUnifiedIdeographs}+$")', True),
    ('matches("b", "[a-z-[aeiou]]")', True),
    ('matches("e", "[a-z-[aeiou]]")', False),
    ('matches("q", "[^Q]", "i")', False),
    ('matches("ab", "a b", "x")', True),
    ("[1, 2] instance of list<number>", True),
    ('[1, "a"] instance of list<number>', False),
    ("{a: [1]} instance of context<a: list<number>>", True),
    ("[1..2] instance of range<number>", True),
    ("(function(n: number) n + 1)([2])", 3),
    ('(function(n: number) n + 1)("2")', None),
]


@pytest.mark.parametrize(("text", "answer"), _ANSWERS)
def test_answers(text: str, answer: Any) -> None:
    assert evaluate(text) == answer


def test_a_loop_runs_over_the_days_of_a_range() -> None:
    days = 'for d in @"2024-02-28"..@"2024-03-01" return string(d)'
    assert evaluate(days) == ["2024-02-28", "2024-02-29", "2024-03-01"]
    assert evaluate('for d in @"2026-01-02"..@"2026-01-01" return d') == [date(2026, 1, 2), date(2026, 1, 1)]
    assert evaluate("for d in (a..b) return day of week(d)", a=date(2026, 1, 1), b=date(2026, 1, 3)) == [
        "Friday"
    ]
    assert evaluate('some d in [@"2026-01-01"..@"2026-01-31"] satisfies day of week(d) = "Sunday"') is True
    with pytest.raises(FeelError, match="计算量"):
        evaluate('for d in @"0001-01-01"..@"9999-12-31" return d')


def test_an_absent_limit_lets_nothing_through() -> None:
    for text in (
        "5 in (null..10]",
        "5 in [1..null)",
        "5 in [low..10]",
        "5 between low and 10",
        "5 in (< low)",
    ):
        assert evaluate(text) is None, text
    assert evaluate("5 in (<= 10)") is evaluate("5 in (> 1)") is True


@pytest.mark.parametrize(
    "text",
    [
        *("2026-01-31T09:30:00", "2026-01-31T09:30:00.5", "2026-01-31T09:30:00.000001"),
        *("2026-01-31T09:30:00Z", "2026-01-31T09:30:00+08:00", "2026-01-31T09:30:00@Europe/Paris"),
        *("2026-01-31T09:30:00@Asia/Shanghai", "2026-01-31T09:30:00.25-03:30"),
    ],
)
def test_a_date_time_is_shown_as_it_was_written(text: str) -> None:
    assert evaluate(f'string(date and time("{text}"))') == text
    assert evaluate(f'string(@"{text}")') == text
    assert evaluate(f'string(time("{text[11:]}"))') == text[11:]


def test_local_time_has_no_offset_but_is_an_instant() -> None:
    assert evaluate('string(date and time("2026-01-31"))') == "2026-01-31T00:00:00"
    assert evaluate('@"2026-01-31T09:30:00".time offset') is None
    assert evaluate('@"2026-01-31T09:30:00@Asia/Shanghai".timezone') == "Asia/Shanghai"
    assert evaluate('@"2026-01-31T09:30:00" = @"2026-01-31T01:30:00Z"') is True
    assert evaluate('is(@"2026-01-31T09:30:00", @"2026-01-31T09:30:00+08:00")') is False
    assert to_json(evaluate('@"2026-01-31T09:30:00.5"')) == "2026-01-31T09:30:00.5+08:00"
    assert evaluate("string(m)", m=datetime(2026, 1, 31, 1, 30, tzinfo=UTC)) == "2026-01-31T01:30:00Z"


@pytest.mark.parametrize(
    "text",
    ["2012-12-25T", "2012-12-25T24:00:01", "2012-12-25T10:00:00+19:00", "2012-12-25T10:00:00@Mars/Olympus"],
)
def test_no_date_time(text: str) -> None:
    assert evaluate(f'date("{text}")') is None
    assert evaluate(f'date and time("{text}")') is None


def test_the_end_of_a_day_is_the_next_days_start() -> None:
    assert evaluate('@"2026-01-31T24:00:00" = @"2026-02-01T00:00:00"') is True


# ---------------------------------------------------------------- null in rules


@pytest.mark.parametrize(
    "rule",
    [
        "stars > 3",
        "not(stars > 3)",
        "missing",
        "not(missing)",
        "null",
        "a and b",
        "[null]",
    ],
)
def test_a_rule_that_cannot_tell_is_not_true(rule: str) -> None:
    assert compile_unary(rule).evaluate({"stars": "5"}) is False


def test_a_rule_that_can_tell_answers() -> None:
    assert compile_unary("not(stars > 3)").evaluate({"stars": 2}) is True
    assert compile_unary('not(kind = "a")').evaluate({}) is True
    assert compile_unary("stars > 3, stars = 1").evaluate({"stars": 1}) is True
    assert compile_unary('not("a", "b")').evaluate({"?": "c"}) is True
    assert compile_unary("null").evaluate({"?": None}) is True


# ---------------------------------------------------------------- years beyond Python's


@pytest.mark.parametrize(
    "text",
    [
        *(
            'date("2026-1-5")',
            'date("2026年1月5日")',
            'date("2026-02-30")',
            "date(2026, 2, 30)",
            'time("9:30")',
        ),
        *('duration("1D")', 'duration("P1Y2M3D")', 'date and time("2026-01-31 09:30:00")', 'number("1,5")'),
        *('substring("abc", 0)', "modulo(5, 0)"),
    ],
)
def test_constants_that_only_give_null_are_a_mistake(text: str) -> None:
    mistakes = infer(f"x = {text}", {}, {}).mistakes
    assert [each.position for each in mistakes] == [4]
    assert "总是空" in mistakes[0].message
    assert mistakes[0].hint.startswith(("日期写成", "时间写成", "时长写成", "数字写成", "写成", "写法："))


def test_constants_that_give_a_value_are_none() -> None:
    for text in (
        'date("2026-01-05")',
        'duration("P3D")',
        "get or else(null, 1)",
        "date(x)",
        "count([])",
        "sum([])",
    ):
        assert infer(text, {}, {}).mistakes == (), text


_FAR: list[tuple[str, Any]] = [
    ('string(date("-2021-03-01") - @"P1D")', "-2021-02-28"),
    ('string(date("-2020-03-01") - @"P1D")', "-2020-02-29"),
    ('string(date("10000-01-01") - @"P1D")', "9999-12-31"),
    ('string(@"-0001-12-31T23:00:00+01:00" + @"PT1H")', "0000-01-01T00:00:00+01:00"),
    ('date("99999-01-01").year', 99999),
    ('date("99999-01-01") > date("2026-01-01")', True),
    ('date("-0400-01-01") < date("-0399-01-01")', True),
    ('date("12000-02-29") = date(12000, 2, 29)', True),
    ('date("12000-01-01") - date("8000-01-01") = duration("P1460970D")', True),
    ('date("9999-12-31") in [date("2026-01-01")..date("10000-01-01")]', True),
    ('date("-999999999-01-01") - date("999999999-01-01")', None),
    ('date("10001-02-29")', None),
    ('day of week(date("10001-02-28"))', None),
    ('date("10000-01-01") instance of date', True),
]


@pytest.mark.parametrize(("text", "answer"), _FAR)
def test_years_before_1_and_after_9999(text: str, answer: Any) -> None:
    assert evaluate(text) == answer
    assert to_json(evaluate(text)) == answer


@pytest.mark.parametrize("case", _ANSWERS + _FAR, ids=lambda case: case[0])
def test_typing_knows_every_form_and_contradicts_no_answer(case: tuple[str, Any]) -> None:
    text, answer = case
    found = infer(text, {}, {}).type
    value = evaluate(text)
    if answer is not None and found.known:
        assert found.kind == kind_of(value)


def test_typing_knows_the_kinds_of_all_parameters() -> None:
    taken = {each.kind for ways in BUILTINS.values() for way in ways for each in way.parameters}
    assert taken - {"any", "list"} <= ACCEPTED.keys()
