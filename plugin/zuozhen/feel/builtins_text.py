"""Built-in functions on texts (DMN 1.3, 10.3.4.3). Positions count from 1, negative ones from the end."""

from __future__ import annotations

from decimal import Decimal

from zuozhen.feel.frame import Frame
from zuozhen.feel.regex import compile_pattern
from zuozhen.feel.registry import builtin
from zuozhen.feel.values import Value


def slice_start(position: Decimal, length: int) -> int | None:
    """Return the Python index of a FEEL position, or ``None`` for position 0 or one outside."""
    place = int(position)
    if place == 0 or abs(place) > length:
        return None
    return place - 1 if place > 0 else length + place


@builtin("substring", "string: string", "start position: number", "length: number?")
def _substring(text: str, position: Decimal, length: Decimal | None) -> str | None:
    start = slice_start(position, len(text))
    if start is None:
        return "" if position else None
    if length is None:
        return text[start:]
    return text[start : start + max(int(length), 0)]


@builtin("string length", "string: string")
def _string_length(text: str) -> Decimal:
    return Decimal(len(text))


@builtin("upper case", "string: string")
def _upper_case(text: str) -> str:
    return text.upper()


@builtin("lower case", "string: string")
def _lower_case(text: str) -> str:
    return text.lower()


@builtin("substring before", "string: string", "match: string")
def _substring_before(text: str, match: str) -> str:
    head, found, _ = text.partition(match) if match else ("", "", "")
    return head if found else ""


@builtin("substring after", "string: string", "match: string")
def _substring_after(text: str, match: str) -> str:
    return text.partition(match)[2] if match else text


@builtin("contains", "string: string", "match: string")
def _contains(text: str, match: str) -> bool:
    return match in text


@builtin("starts with", "string: string", "match: string")
def _starts_with(text: str, match: str) -> bool:
    return text.startswith(match)


@builtin("ends with", "string: string", "match: string")
def _ends_with(text: str, match: str) -> bool:
    return text.endswith(match)


@builtin("string join", "list: list", "delimiter: string?", metered=True)
def _string_join(frame: Frame, items: list[Value], delimiter: str | None) -> str | None:
    texts = [item for item in items if item is not None]
    if not all(isinstance(text, str) for text in texts):
        return None
    separator = delimiter or ""
    frame.charge_text(sum(map(len, texts)) + len(separator) * len(texts))
    return separator.join(texts)


@builtin("matches", "input: string", "pattern: string", "flags: string?", metered=True)
def _matches(frame: Frame, text: str, pattern: str, flags: str | None) -> bool:
    return compile_pattern(pattern, flags or "").search(text, 0, frame) is not None


@builtin("replace", "input: string", "pattern: string", "replacement: string", "flags: string?", metered=True)
def _replace(frame: Frame, text: str, pattern: str, replacement: str, flags: str | None) -> str:
    return compile_pattern(pattern, flags or "").replace(text, replacement, frame)


@builtin("split", "string: string", "delimiter: string", metered=True)
def _split(frame: Frame, text: str, delimiter: str) -> list[Value]:
    return list(compile_pattern(delimiter, "").split(text, frame))


# ---------------------------------------------------------------- extensions of Camunda 8


@builtin("trim", "string: string")
def _trim(text: str) -> str:
    return text.strip()


@builtin("is blank", "string: string")
def _is_blank(text: str) -> bool:
    return not text.strip()
