"""Keys of sessions: an ISO date, or an ISO date, one blank and the id of a unit, role or code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from zuozhen.model.clock import chinese_date
from zuozhen.services.releases import Release

WEEKDAYS: Final = "一二三四五六日"


def session_label(key: str, names: Mapping[str, str] | None = None) -> str:
    """Return ``2026年12月15日（星期二）某局`` for ``2026-12-15 mouju``; other text unchanged."""
    day = session_day(key)
    if day is None:
        return key
    whose = key[10:].strip()
    label = f"{chinese_date(day)}（星期{WEEKDAYS[day.weekday()]}）"
    return f"{label}{(names or {}).get(whose, whose)}"


def session_day(key: str) -> date | None:
    """Return the day of a session, ``None`` where the key does not begin with one."""
    text, _, _whose = key.partition(" ")
    try:
        return date.fromisoformat(text) if len(text) == len("2026-12-15") else None
    except ValueError:
        return None


def key_names(release: Release) -> dict[str, str]:
    """Return what people call the ids that a key may end in: codes of any list, units, roles."""
    names: dict[str, str] = {}
    for labels in release.pack.codes.values():
        names |= labels
    names |= {unit.id: unit.name for unit in release.known_units}
    return names | {role.id: role.name for role in release.pack.roles}


def label_of(release: Release, key: str) -> str:
    """Return what people call a session of this pack."""
    return session_label(key, key_names(release))
