"""Reading JSON as what it is: dates and times live as ISO text, and only the type of their name tells them from text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any, Final

from zuozhen.feel.values import Value, lift
from zuozhen.model.types import TEMPORAL, Type

_READ: Final[Mapping[str, Callable[[str], Any]]] = {
    "date": lambda text: (
        date.fromisoformat(text) if len(text) <= len("2026-12-15") else datetime.fromisoformat(text)
    ),
    "time": time.fromisoformat,
    "date and time": lambda text: (
        date.fromisoformat(text) if len(text) <= len("2026-12-15") else datetime.fromisoformat(text)
    ),
}


def temporal_part(kind: Type) -> Type | None:
    """Return a type as far as it holds dates or times, ``None`` if it holds none: all else is read as it stands."""
    if kind.kind in TEMPORAL:
        return kind
    if kind.kind == "list" and kind.item is not None:
        item = temporal_part(kind.item)
        return None if item is None else Type("list", item)
    if kind.kind == "context" and kind.entries is not None:
        entries = temporal_parts(kind.entries)
        return Type("context", entries=entries) if entries else None
    return None


def temporal_parts(types: Mapping[str, Type]) -> dict[str, Type]:
    """Return the types that hold dates or times, reduced to those."""
    parts = ((name, temporal_part(kind)) for name, kind in types.items())
    return {name: part for name, part in parts if part is not None}


def lift_as(value: object, kind: Type) -> Value:
    """Turn a JSON value into a FEEL value: texts that ``kind`` says are dates or times become such.

    A text that is none (a session's key that names more than a day, a draft) stays a text.
    """
    if isinstance(value, str):
        return _moment(value, kind.kind) if kind.kind in TEMPORAL else value
    if kind.kind == "list" and kind.item is not None and isinstance(value, (list, tuple)):
        return [lift_as(item, kind.item) for item in value]
    if kind.kind == "context" and kind.entries and isinstance(value, Mapping):
        known = kind.entries
        return {
            str(name): lift_as(item, known[name]) if name in known else lift(item, 1)
            for name, item in value.items()
        }
    return lift(value)


def _moment(text: str, kind: str) -> Value:
    try:
        return lift(_READ[kind](text))
    except (ValueError, OverflowError):
        return text
