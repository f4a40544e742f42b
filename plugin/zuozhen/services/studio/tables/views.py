"""What the pages of tables show: rows as text, with what the draft changes against the live release."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, TypeAlias

from zuozhen.packs.reader import parse_toml
from zuozhen.services.studio.tables.shapes import Table
from zuozhen.services.studio.tables.values import shown

Mark: TypeAlias = Literal["", "new", "changed"]


@dataclass(frozen=True, slots=True)
class Upcoming:
    """A coming date of a recurrence; ``moved`` says in Chinese why it is not the planned day."""

    day: date
    moved: str = ""
    provisional: bool = False
    holders: str = ""
    """Whose session it is, by name; empty if nobody's in particular."""


@dataclass(frozen=True, slots=True)
class RowView:
    """One row: ``name`` identifies it, ``values`` is what its form holds, ``texts`` what people read.

    ``used`` are the places that read it, ``inner`` are the (name, label, rows) of the tables within it.
    """

    name: str
    values: Mapping[str, str]
    texts: Mapping[str, str]
    mark: Mark = ""
    upcoming: tuple[Upcoming, ...] = ()
    samples: tuple[str, ...] = ()
    used: tuple[str, ...] = ()
    inner: tuple[tuple[str, str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class TableView:
    """One table of the draft. ``rev`` has to be named by a save; ``removed`` are rows that only the live has."""

    table: Table
    rows: tuple[RowView, ...]
    removed: tuple[str, ...]
    rev: int
    path: str
    changed: bool
    updated_by: str
    updated_at: datetime | None
    parent: str = ""
    """What the table is called that this one lies within."""


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """One line of the index of tables."""

    table: Table
    count: int
    changed: bool


def plain_manifest(content: bytes) -> dict[str, Any]:
    """Return a manifest as plain data; what cannot be read is empty."""
    try:
        return tomllib.loads(content.decode())
    except (ValueError, RecursionError):
        return {}


def readable(content: bytes, path: str) -> bool:
    """Say whether a manifest is TOML at all."""
    return not parse_toml(content, path)[1]


def rows_of(table: Table, manifest: Mapping[str, Any], live: Mapping[str, Any]) -> tuple[RowView, ...]:
    """Return the rows of a table as text, marked where they differ from the live manifest's."""
    known = {table.name_of(row, index): row for index, row in enumerate(table.read(live))}
    views = []
    for index, row in enumerate(table.read(manifest)):
        name = table.name_of(row, index)
        values = shown(table, row)
        mark: Mark = "new" if name not in known else "" if known[name] == row else "changed"
        views.append(RowView(name, values, _texts(table, values), "" if table.shape == "fields" else mark))
    return tuple(views)


def removed_rows(table: Table, manifest: Mapping[str, Any], live: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what rows of the live table, by their readable names, the draft has no more."""
    if table.shape == "fields":
        return ()
    kept = {table.name_of(row, index) for index, row in enumerate(table.read(manifest))}
    return tuple(
        str(row.get("name") or row.get("label") or row.get("title") or name)
        for index, row in enumerate(table.read(live))
        if (name := table.name_of(row, index)) not in kept
    )


def _texts(table: Table, values: Mapping[str, str]) -> dict[str, str]:
    texts = {}
    for column in table.columns:
        known, value = dict(column.choices), values[column.key]
        if column.kind == "texts":
            value = "、".join(known.get(line, line) for line in value.split("\n"))
        texts[column.key] = known.get(value, value)
    return texts
