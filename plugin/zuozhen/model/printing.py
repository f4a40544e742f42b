"""A filled-in form as a plain table for paper: made by the form floor, drawn by the documents floor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; ``span`` and ``height`` are in 1/48 of the width and in points (0 = natural)."""

    kind: Literal["label", "value", "heading", "note"]
    text: str
    span: int
    height: float = 0
    rowspan: int = 1
    vertical: bool = False
    choices: tuple[tuple[str, bool], ...] = ()
    """All choices with their tick, where the paper form prints boxes."""


@dataclass(frozen=True, slots=True)
class PrintForm:
    """A form on paper. ``raw`` are the typed answers, ``text`` the same as display text, by field key."""

    key: str
    title: str
    attachment: str
    landscape: bool
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict)
    text: Mapping[str, str] = field(default_factory=dict)
