"""Telephone numbers as people in China write them: mobile, landline, 400/800, and numbers abroad."""

from __future__ import annotations

import re

from zuozhen.formjs.cleaning import narrow

_DASHES = re.compile(r"[\u2010-\u2015\u2212\uff0d—–_]+")
_MAINLAND = re.compile(r"^(?:\+|00)86-?")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_SERVICE = re.compile(r"([48]00)-?([0-9]{3})-?([0-9]{4})")
_LANDLINE = re.compile(
    r"(010|02[0-9]|0[3-9][0-9]{2})-?([2-9][0-9]{6,7})(?:(?:-|转|ext\.?)([0-9]{1,6}))?", re.I
)
_ABROAD = re.compile(r"(?:\+|00)(?!86)([1-9][0-9]{6,14})")


def normalize_phone(text: str) -> str:
    """Return the number in one written form; text that is no number comes back only tidied.

    ``138 0013 8000`` → ``13800138000``; ``（0874）7160000`` → ``0874-7160000``;
    ``4008123456`` → ``400-812-3456``; ``+852 2123 4567`` → ``+85221234567``.
    """
    tidy = _DASHES.sub("-", narrow(text)).replace(" ", "")
    tidy = re.sub(r"^\(([0-9]{3,4})\)-?", r"\1-", tidy)
    tidy = _MAINLAND.sub("", tidy)
    digits = tidy.replace("-", "")
    if _MOBILE.fullmatch(digits):
        return digits
    if match := _SERVICE.fullmatch(tidy):
        return "-".join(match.groups())
    if match := _LANDLINE.fullmatch(tidy):
        return "-".join(part for part in match.groups() if part)
    if match := _ABROAD.fullmatch(digits):
        return f"+{match[1]}"
    return tidy


def is_mobile(number: str) -> bool:
    """Tell whether a normalised number is a mainland mobile number."""
    return _MOBILE.fullmatch(number) is not None


def phone_problem(number: str) -> str:
    """Return what is wrong with a normalised number of any kind, empty if nothing is."""
    if any(kind.fullmatch(number) for kind in (_MOBILE, _SERVICE, _LANDLINE, _ABROAD)):
        return ""
    digits = number.replace("-", "")
    if digits.startswith("1") and digits.isdigit():
        return _mobile_complaint(digits)
    return "电话号码格式不对，请填 11 位手机号，或带区号的座机（如 0874-7160000）"


def mobile_problem(number: str) -> str:
    """Return what is wrong with a normalised number that must be a mobile number, empty if nothing is."""
    if is_mobile(number):
        return ""
    return _mobile_complaint(number.replace("-", ""))


def _mobile_complaint(digits: str) -> str:
    if digits.isdigit() and len(digits) != 11:
        return f"手机号应为 11 位数字，现在是 {len(digits)} 位，请核对"
    return "手机号应为 11 位数字，以 13 至 19 开头，请核对"
