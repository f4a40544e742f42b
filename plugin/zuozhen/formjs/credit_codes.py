"""统一社会信用代码 by GB 32100-2015: normalising and checking, a message for each way to get it wrong."""

from __future__ import annotations

import re

from zuozhen.formjs.cleaning import narrow

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""31 characters; I, O, S, V and Z are left out because they look like digits."""

LENGTH = 18

REGISTRARS = "123456789ANY"
"""First character: the registering authority (1 机构编制 … 9 市场监管, A 军队, N 农业农村, Y 其他)."""

_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_WEIGHTS = tuple(pow(3, place, 31) for place in range(LENGTH - 1))
_LOOK_ALIKES = {"I": "1", "O": "0", "S": "5", "V": "U 或 Y", "Z": "2"}
_FILLERS = re.compile(r"[\s\-—–]+")


def normalize_credit_code(text: str) -> str:
    """Return the code in half width and upper case without spaces and hyphens."""
    return _FILLERS.sub("", narrow(text)).upper()


def check_character(body: str) -> str:
    """Return the 18th character for the first 17; ``KeyError`` for characters outside the alphabet."""
    total = sum(_VALUES[character] * weight for character, weight in zip(body, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def credit_code_problem(code: str) -> str:
    """Return what is wrong with a normalised code as a Chinese sentence, empty if nothing is."""
    for place, character in enumerate(code[:LENGTH], start=1):
        if character in _LOOK_ALIKES:
            return (
                f"第 {place} 位是字母“{character}”，统一社会信用代码不使用 I、O、S、V、Z，"
                f"请核对是否应为 {_LOOK_ALIKES[character]}"
            )
        if character not in _VALUES:
            return f"第 {place} 位“{character}”不是数字或大写字母，请按营业执照逐位核对"
    if len(code) != LENGTH:
        return f"统一社会信用代码应为 {LENGTH} 位，现在是 {len(code)} 位，请按营业执照核对"
    if code[0] not in REGISTRARS or not code[2:8].isdigit():
        return "统一社会信用代码前 8 位不符合编码规则（第 1 位为登记部门，第 3 至 8 位为行政区划），请核对"
    if check_character(code[:-1]) != code[-1]:
        return "统一社会信用代码的校验位不对，通常是有一位输错或相邻两位颠倒，请按营业执照逐位核对"
    return ""
