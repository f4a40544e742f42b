"""统一社会信用代码: every single slip of the finger is found, and the message says which."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zuozhen.formjs import credit_code_problem, normalize_credit_code
from zuozhen.formjs.credit_codes import ALPHABET, REGISTRARS, check_character

# Published codes of well-known companies.
PUBLISHED = ["914403001922038216", "91440300708461136T", "91330100799655058B"]


def random_code(chance: random.Random) -> str:
    region = "".join(chance.choice("0123456789") for _ in range(6))
    body = chance.choice(REGISTRARS) + "1" + region + "".join(chance.choice(ALPHABET) for _ in range(9))
    return body + check_character(body)


@pytest.mark.parametrize("code", PUBLISHED)
def test_published_codes_pass(code: str) -> None:
    assert credit_code_problem(code) == ""


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False))
def test_every_substitution_and_transposition_is_found(chance: random.Random) -> None:
    code = random_code(chance)
    assert credit_code_problem(code) == ""
    for place, right in enumerate(code):
        for wrong in ALPHABET:
            if wrong != right:
                assert credit_code_problem(code[:place] + wrong + code[place + 1 :])
    for place in range(len(code) - 1):
        if code[place] != code[place + 1]:
            swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
            assert credit_code_problem(swapped)


def test_messages_are_distinct() -> None:
    good = "91440300708461136T"
    assert "现在是 17 位" in credit_code_problem(good[:-1])
    assert "现在是 19 位" in credit_code_problem(good + "1")
    assert "第 4 位是字母“O”" in credit_code_problem("914O0300708461136T")
    assert "不使用 I、O、S、V、Z" in credit_code_problem("9144030070846113ZT")
    assert "第 18 位“中”不是数字或大写字母" in credit_code_problem(good[:-1] + "中")
    assert "校验位" in credit_code_problem(good[:-1] + "A")
    assert "前 8 位" in credit_code_problem("B1440300708461136T")
    assert credit_code_problem("")


@pytest.mark.parametrize("letter", "IOSVZ")
def test_each_letter_that_is_never_used(letter: str) -> None:
    assert f"第 10 位是字母“{letter}”" in credit_code_problem("914403007" + letter + "8461136T")


@pytest.mark.parametrize(
    "typed",
    [
        "９１４４０３００７０８４６１１３６Ｔ",
        "91440300708461136t",
        " 9144 0300 7084 6113 6T ",
        "9144-0300-708461136T",
        "914403\u3000 00708461136T",
    ],
)
def test_writings_of_one_code_are_one(typed: str) -> None:
    assert normalize_credit_code(typed) == "91440300708461136T"


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40))
def test_any_text_gets_an_answer(text: str) -> None:
    code = normalize_credit_code(text)
    assert isinstance(credit_code_problem(code), str)
