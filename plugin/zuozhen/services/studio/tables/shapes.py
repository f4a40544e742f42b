"""What a table of the manifest looks like, as a description that one set of pages and one editor serve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from zuozhen.model.errors import NotFound
from zuozhen.packs.tomltables import Path

Kind: TypeAlias = Literal[
    "id", "text", "long", "feel", "whole", "number", "clock", "date", "choice", "flag", "texts", "value"
]
"""``flag`` is a yes or no that may be left open, ``texts`` a list of texts, one a line; ``value`` is a number, date,
yes or no, or text, by what is typed."""
Shape: TypeAlias = Literal["rows", "parts", "pairs", "fields"]
"""A list of tables, named sub-tables, keys with texts, or one table of fields."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``choices`` are (value, label), or come from elsewhere in the draft (``source``).

    ``only`` names the kinds of row (values of the column ``kind``) that use this column; empty for all.
    """

    key: str
    label: str
    kind: Kind = "text"
    required: bool = True
    choices: tuple[tuple[str, str], ...] = ()
    source: str = ""
    hint: str = ""
    only: frozenset[str] = frozenset()
    low: float = 0
    high: float = 1_000_000


@dataclass(frozen=True, slots=True)
class Table:
    """One table: where it lies, what it holds. ``key`` is the column that names a row.

    ``fixed`` tables have rows that are only changed, never added or removed; ``ids`` says what else may
    refer to a row (see ``usages``). ``brief`` are the columns shown below a row's name. A new row is given
    ``starter``, the first row of a list within it. ``parent`` names the table whose row this one belongs to.
    """

    name: str
    label: str
    section: str
    shape: Shape
    path: Path
    columns: tuple[Column, ...]
    key: str = "id"
    about: str = ""
    fixed: bool = False
    ids: str = ""
    brief: tuple[str, ...] = ()
    starter: tuple[str, Mapping[str, Any]] | None = None
    parent: str = ""

    def column(self, key: str) -> Column | None:
        return next((column for column in self.columns if column.key == key), None)

    def read(self, manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the rows as plain data; what is not of the expected shape reads as absent."""
        node: Any = manifest
        for step in self.path:
            if isinstance(step, str) and isinstance(node, Mapping):
                node = node.get(step)
            elif isinstance(step, int) and isinstance(node, list) and step < len(node):
                node = node[step]
            else:
                return []
        return _rows(self, node)

    def name_of(self, row: Mapping[str, Any], index: int) -> str:
        """Return what identifies a row: its key, or its number where the file gives none."""
        value = row.get(self.key)
        return value if isinstance(value, str) and value else f"#{index + 1}"


def _rows(table: Table, node: Any) -> list[dict[str, Any]]:
    match table.shape:
        case "rows":
            return [dict(row) for row in node if isinstance(row, Mapping)] if isinstance(node, list) else []
        case "fields":
            wanted = {column.key for column in table.columns}
            known = node if isinstance(node, Mapping) else {}
            return [{key: value for key, value in known.items() if key in wanted}]
        case "parts":
            known = node if isinstance(node, Mapping) else {}
            return [{table.key: name, **part} for name, part in known.items() if isinstance(part, Mapping)]
        case _:
            known = node if isinstance(node, Mapping) else {}
            return [{"id": key, "name": value} for key, value in known.items() if isinstance(value, str)]


def find_table(tables: Mapping[str, Table], name: str) -> Table:
    """Return a table by name.

    Raises:
        NotFound: there is none.
    """
    if name not in tables:
        raise NotFound("没有这张表。", hint="请从“单位、日历和代码”的目录进入。")
    return tables[name]
