"""Telephone numbers as they are printed in notices and typed by people."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zuozhen.formjs import normalize_phone, phone_problem
from zuozhen.formjs.phones import mobile_problem


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("13800138000", "13800138000"),
        ("138 0013 8000", "13800138000"),
        ("138-0013-8000", "13800138000"),
        ("+86 138 0013 8000", "13800138000"),
        ("008613800138000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("0473—8991510", "0473-8991510"),
        ("08747160000", "0874-7160000"),
        ("（0874）7160000", "0874-7160000"),
        ("(010) 6655 1234", "010-66551234"),
        ("0874-7160000转801", "0874-7160000-801"),
        ("400 812 3456", "400-812-3456"),
        ("8008123456", "800-812-3456"),
        ("+852 2123 4567", "+85221234567"),
    ],
)
def test_valid_numbers_are_normalised(typed: str, kept: str) -> None:
    assert normalize_phone(typed) == kept
    assert phone_problem(kept) == ""
    assert normalize_phone(kept) == kept


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("1380013800", "现在是 10 位"),
        ("138001380001", "现在是 12 位"),
        ("12800138000", "13 至 19"),
        ("7160000", "带区号"),
        ("张三", "带区号"),
        ("12345", "现在是 5 位"),
        ("0874-0160000", "带区号"),
    ],
)
def test_invalid_numbers_say_why(typed: str, part: str) -> None:
    assert part in phone_problem(normalize_phone(typed))


def test_mobile_only() -> None:
    assert mobile_problem("13800138000") == ""
    assert "手机号应为 11 位" in mobile_problem("0874-7160000")


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40))
def test_any_text_gets_an_answer(text: str) -> None:
    number = normalize_phone(text)
    assert isinstance(phone_problem(number), str)
    assert isinstance(mobile_problem(number), str)
