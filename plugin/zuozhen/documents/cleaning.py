"""Typed text made safe for the layout engine: plain data only, bounded, without control characters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

TEXT_LIMIT = 20_000
"""Characters of one value that are laid out (about a second); the rest is in the attached data."""

LINE_LIMIT = 800
"""Lines of one value that are laid out: short lines take as much room as full ones."""

SOLID_LIMIT = 960
"""ASCII characters without a blank after which a line ends by force: longer ones take quadratic time."""

TOTAL_LIMIT = 200_000
LIST_LIMIT = 5_000
DEPTH_LIMIT = 12

_DROPPED = dict.fromkeys(
    (
        *range(0x09),
        0x0B,
        0x0C,
        *range(0x0E, 0x20),
        *range(0x7F, 0xA0),
        *(0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)),  # bidi overrides
        *(0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF),
    )
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_BLANK_LINES = re.compile(r"\n{4,}")
_STACKED_MARKS = re.compile("([\u0300-\u036f]{3})[\u0300-\u036f]+")
_UNBROKEN = re.compile(r"([!-~]{48})(?=[!-~])")
_SOLID = re.compile(rf"([!-~]{{{SOLID_LIMIT}}})(?=[!-~])")


def cut_position(text: str, limit: int, lines: int) -> int:
    """Return where to cut ``text`` so that at most ``limit`` characters and ``lines`` lines are left."""
    position = -1
    for _ in range(lines):
        position = text.find("\n", position + 1)
        if position < 0:
            return min(limit, len(text))
    return min(limit, position)


def clean_text(text: str, limit: int = TEXT_LIMIT) -> str:
    """Return ``text`` fit for layout.

    Lone surrogates become U+FFFD; an unbroken run of ASCII gets break points every 48 characters,
    without which line breaking takes quadratic time; the text is cut after ``limit`` characters.
    """
    whole = len(text)
    text = text[: limit + 1000].replace("\r\n", "\n").replace("\r", "\n").translate(_DROPPED)
    text = _SURROGATE.sub("\ufffd", text)
    text = _BLANK_LINES.sub("\n\n\n", text)
    text = _STACKED_MARKS.sub(r"\1", text)
    position = cut_position(text, limit, LINE_LIMIT)
    if position < len(text):
        text = text[:position] + f"……（全文{whole}字，见本文件所附电子数据）"
    text = _SOLID.sub("\\1\n", text)
    return _UNBROKEN.sub("\\1\u200b", text)


def without_breaks(text: str) -> str:
    """Return cleaned ``text`` as it was typed: addresses must not contain our break points."""
    return text.replace("\u200b", "")


class Cleaner:
    """Cleans one document's data; remembers the names of the values it had to cut."""

    def __init__(self) -> None:
        self.truncated: list[str] = []
        self._left = TOTAL_LIMIT

    def mapping(self, values: Mapping[str, Any], name: str = "") -> dict[str, Any]:
        """Return a plain, cleaned copy of ``values``; ``TypeError`` for what is not plain data."""
        cleaned = self._value(values, name, 0)
        assert isinstance(cleaned, dict)  # noqa: S101 - a mapping stays one
        return cleaned

    def text(self, text: str, name: str = "") -> str:
        """Return one cleaned text."""
        limit = max(0, min(TEXT_LIMIT, self._left))
        if len(text) > limit or text.count("\n") > LINE_LIMIT:
            self.truncated.append(name)
        cleaned = clean_text(text, limit)
        self._left -= min(len(cleaned), limit)
        return cleaned

    def names(self) -> tuple[str, ...]:
        """Return the names of the cut values, each once; the same value may stand in several views."""
        names = (name.removeprefix("t.") for name in self.truncated)
        return tuple(dict.fromkeys(name for name in names if not name.startswith("form")))

    def _value(self, value: Any, name: str, depth: int) -> Any:
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, str):
            return self.text(value, name)
        if isinstance(value, date | datetime):
            return value.isoformat()
        if isinstance(value, Decimal | UUID):
            return str(value)
        if depth >= DEPTH_LIMIT:
            self.truncated.append(name)
            return ""
        if isinstance(value, Mapping):
            pairs = self._bounded(value.items(), name)
            return {clean_text(str(k), 200): self._value(v, _join(name, str(k)), depth + 1) for k, v in pairs}
        if isinstance(value, list | tuple | set | frozenset):
            items = self._bounded(sorted(value) if isinstance(value, set | frozenset) else value, name)
            return [
                self._value(item, _join(name, str(number)), depth + 1) for number, item in enumerate(items, 1)
            ]
        raise TypeError(f"{name}: {type(value).__name__} is not plain data")

    def _bounded(self, items: Iterable[Any], name: str) -> list[Any]:
        bounded = list(items)
        if len(bounded) > LIST_LIMIT:
            self.truncated.append(name)
        return bounded[:LIST_LIMIT]


def _join(name: str, part: str) -> str:
    return f"{name}.{part}" if name else part
