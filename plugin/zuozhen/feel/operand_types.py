"""Which kinds of values can be compared and calculated with each other, and what comes out."""

from __future__ import annotations

from typing import Final

from zuozhen.feel.signatures import ACCEPTED
from zuozhen.model import types
from zuozhen.model.types import ANY, DATE_TIME, DAYS, MOMENTS, NUMBER, SPANS, TEXT, Type

_ORDERED: Final = frozenset({"number", "string", "time", *MOMENTS, *SPANS})


def accepted(kind: str) -> frozenset[str]:
    """Return the kinds of values that fit a parameter's kind."""
    return ACCEPTED.get(kind, frozenset({kind}))


def comparable(left: Type, right: Type, *, ordered: bool) -> bool:
    """Say whether a comparison can answer anything but null, as far as the types tell."""
    if left.kind == "null" or right.kind == "null":
        return True  # "is there anything" is asked with = null
    if not (left.known and right.known):
        known = left if left.known else right
        return not ordered or not known.known or known.kind in _ORDERED
    same = left.kind == right.kind or {left.kind, right.kind} <= MOMENTS
    return same and (not ordered or left.kind in _ORDERED)


def comparing_hint(left: Type, right: Type) -> str:
    """Say how the comparison may be meant."""
    kinds = {left.kind, right.kind}
    if "list" in kinds:
        return '问列表里有没有，写 list contains(joint_units, "fagai")；问个数，写 count(joint_units) > 1'
    if kinds == {"boolean", "string"}:
        return "是或否直接写 flag = true，不加引号"
    if "number" in kinds and "string" in kinds:
        return "数字不加引号；文字要先变成数字：number(x)"
    if "string" in kinds and kinds & types.TEMPORAL:
        return '日期写成 date("2026-01-01")；日期字段本身就是日期'
    if kinds & MOMENTS and "number" in kinds:
        return '两个日期相差多少天，写 (a - b) / duration("P1D")'
    return "请检查两边的名称和写法"


def calculated(operator: str, left: Type, right: Type) -> Type | None:
    """Return the type of a calculation, ``None`` if it can only be null."""
    if not (left.known and right.known):
        return _half_known(operator, left, right)
    found = _CALCULATED.get((operator, _family(left), _family(right)))
    if found is not None:
        return left if found == "left" else right if found == "right" else _RESULTS[found]
    if operator in ("+", "-") and left.kind == right.kind and left.kind in SPANS:
        return left
    return None


def _half_known(operator: str, left: Type, right: Type) -> Type:
    """Return what comes out whatever the unknown side is, if that is one type: any text + something is a text."""
    if not (left.known or right.known):
        return ANY
    known, side = (left, 1) if left.known else (right, 2)
    found = {
        result for key, result in _CALCULATED.items() if key[0] == operator and key[side] == _family(known)
    }
    if len(found) != 1:
        return ANY
    [result] = found
    if result in _RESULTS:
        return _RESULTS[result]
    return known if (result == "left") == (side == 1) else ANY


def calculating_hint(operator: str, left: Type, right: Type) -> str:
    """Say how the calculation may be meant."""
    kinds = {left.kind, right.kind}
    if operator == "+" and "string" in kinds:
        return "文字只能与文字相连：把另一边写成 string(x)"
    if kinds & MOMENTS and "number" in kinds:
        return '日期加天数，写 date + duration("P3D")；工作日写 workdays(3, 日期)'
    return "请检查两边的名称和写法"


def _family(found: Type) -> str:
    if found.kind in MOMENTS:
        return "moment"
    return "span" if found.kind in SPANS else found.kind


_RESULTS: Final = {"number": NUMBER, "text": TEXT, "days": DAYS, "moment": DATE_TIME}
_CALCULATED: Final = {
    **{(operator, "number", "number"): "number" for operator in ("+", "-", "*", "/", "**", "^")},
    ("+", "string", "string"): "text",
    ("+", "moment", "span"): "left",
    ("+", "time", "span"): "left",
    ("+", "span", "moment"): "right",
    ("+", "span", "time"): "right",
    ("-", "moment", "span"): "left",
    ("-", "time", "span"): "left",
    ("-", "moment", "moment"): "days",
    ("-", "time", "time"): "days",
    ("*", "span", "number"): "left",
    ("*", "number", "span"): "right",
    ("/", "span", "number"): "left",
    ("/", "span", "span"): "number",
}
