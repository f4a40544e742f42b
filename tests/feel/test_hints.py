"""What people write who come from SQL, JavaScript, Excel or Chinese: the error says where, and what to write."""

from __future__ import annotations

import pytest

from zuozhen.feel import compile_expression
from zuozhen.model.errors import FeelError

_SLIPS = [
    ("a = 1 AND b = 2", 6, "请写 and"),
    ("(a = 1 Or b = 2)", 7, "请写 or"),
    ("NOT a", 4, "请写 not(a)"),
    ("not a = 1", 4, "请写 not(a = 1)"),
    ("IF a THEN 1 ELSE 2", 3, "请写 if"),
    ("if a then 1 ELSE 2", 12, "请写 else"),
    ("x is null", 2, "请写 x = null"),
    ("x is not null", 2, "请写 x != null"),
    ("a.b IS NOT NULL", 4, "请写 a.b != null"),
    ("登记.企业 is empty", 6, "请写 登记.企业 = null"),
    ("xs[1].n is 5", 8, "请写 xs[1].n = 5"),
    ("a <> b", 3, "请写 a != b"),
    ("f.a <> -1", 5, "请写 f.a != -1"),
    ("a == 1", 3, "请写 a = 1"),
    ("a === b.c", 3, "请写 a = b.c"),
    ("a => 5", 3, "请写 a >= 5"),
    ("a =< 5", 3, "请写 a <= 5"),
    ("a := 5", 2, "请写 a = 5"),
    ('x not in ("a", "b")', 2, '请写 not(x in ("a", "b"))'),
    ('x NOT IN ("a", "b")', 2, '请写 not(x in ("a", "b"))'),
    ("a > 5 and < 10", 10, "请写 a > 5 and a < 10"),
    ("count(xs) > 5 or <= 2", 17, "请写 count(xs) > 5 or count(xs) <= 2"),
    ("a && b", 2, "请写 and"),
    ("a || b", 2, "请写 or"),
    ("!x", 0, "请写 not(x)"),
    ("!f.x and y", 0, "请写 not(f.x)"),
    ("total amount > 5", 6, "请写 `total amount`"),
    ("sum(my total amount)", 7, "请写 `my total amount`"),
    ("a = 'x'", 4, '请写 "x"'),
    ("a = “是”", 4, '请写 "是"'),
    ("a = ‘x’", 4, '请写 "x"'),
    ("a = 「甲」", 4, '请写 "甲"'),
    ("a ＝ 1", 2, "半角符号 ="),
    ("a ≥ 5", 2, "半角符号 >="),
    ("a ≠ 5", 2, "半角符号 !="),
    ("（a + 1）", 0, "半角符号 ("),
    ("f(a，b)", 3, "半角符号 ,"),
    ("a × 2", 2, "半角符号 *"),
    ("a > ５", 4, "半角数字 5"),
    ("a 且 b", 2, "请写 and"),
    ("a 大于 5", 2, "请写 >"),
    ('类别 包含 "政策"', 3, '请写 contains(类别, "政策")'),
    ('x starts with "a"', 2, '请写 starts with(x, "a")'),
    ("flag = True", 7, "请写 true"),
    ("x = NULL", 4, "请写 null"),
    ("a ? 1 : 2", 2, "if 条件 then"),
    ("for x in xs retrun x", 12, "请写 return"),
    ("5 % 2", 2, "modulo(a, b)"),
]


@pytest.mark.parametrize(("text", "position", "hint"), _SLIPS, ids=[text for text, _, _ in _SLIPS])
def test_a_slip_gets_a_place_and_what_to_write(text: str, position: int, hint: str) -> None:
    with pytest.raises(FeelError) as caught:
        compile_expression(text)
    assert caught.value.position == position
    assert f"第 {position + 1} 个字符" in caught.value.message
    assert hint in caught.value.hint


def test_what_a_hint_says_to_write_is_an_expression() -> None:
    whole = [hint.removeprefix("请写 ") for text, _, hint in _SLIPS if " " in hint.removeprefix("请写 ")]
    written = [text for text in whole if not text.startswith(("半角", "if 条件"))]
    assert len(written) > 20
    for text in written:
        compile_expression(text)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("NOT(a)", "请写 not(…)"),
        ("Count(xs)", "请写 count(…)"),
        ("upperCase(x)", "upper case(…)"),
        ("string_length(x)", "string length(…)"),
        ("len(xs)", "count(…)"),
        ("isNull(x)", "x = null"),
        ("today()", "today()、now()"),
    ],
)
def test_an_unknown_function_gets_the_name_that_was_meant(text: str, hint: str) -> None:
    with pytest.raises(FeelError) as caught:
        compile_expression(text, known_functions=())
    assert caught.value.position == 0
    assert hint in caught.value.hint
