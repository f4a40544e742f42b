"""How values are shown within a sentence."""

from __future__ import annotations

from typing import Any, Final

LONGEST_TEXT: Final = 80
_INNER: Final = str.maketrans("“”", "‘’")


def said(text: str) -> str:
    """Return a text on one line and bounded; ``（无）`` for nothing."""
    line = " ".join(text.split())
    return (line if len(line) <= LONGEST_TEXT else f"{line[:LONGEST_TEXT]}…") or "（无）"


def quoted(value: Any) -> str:
    """Put a name into quotation marks; quotes in it become the inner ones."""
    return f"“{said(str(value)).translate(_INNER)}”"


def changed(old: str, new: str) -> str:
    """Return ``旧 → 新``; long texts only by their first words, where they still differ."""
    before, after = said(old), said(new)
    return f"{before} → {after}" if before != after else f"{before}（后文有改动）"
