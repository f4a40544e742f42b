"""Rows of a list that is written on the spot, ``columns = [{…}, {…}]``, instead of as ``[[…]]`` tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tomlkit
from tomlkit.items import Array, InlineTable


class InlineRows:
    """An array of inline tables under edit; rows that are not touched stay as they are written."""

    def __init__(self, array: Array) -> None:
        self._array = array

    def insert(self, row: Mapping[str, Any], index: int | None = None) -> None:
        """Add a row, at the end unless ``index`` says where."""
        self._array.insert(len(self._array) if index is None else index, _inline(row))

    def change(self, index: int, values: Mapping[str, Any]) -> None:
        """Set keys of a row; ``None`` removes a key."""
        old = self._array[index].unwrap()
        new = {key: value for key, value in {**old, **values}.items() if value is not None}
        if new != old:
            self._array[index] = _inline(new)

    def delete(self, index: int) -> None:
        """Take a row out."""
        del self._array[index]

    def move(self, index: int, to: int) -> None:
        """Move a row to another place."""
        row = self._array[index].unwrap()
        del self._array[index]
        self._array.insert(to, _inline(row))


def inline_rows(node: Any) -> InlineRows | None:
    """Return the rows of an array of inline tables; ``None`` for anything else."""
    if isinstance(node, Array) and all(isinstance(item, InlineTable) for item in node):
        return InlineRows(node)
    return None


def _inline(row: Mapping[str, Any]) -> InlineTable:
    table = tomlkit.inline_table()
    table.update(row)
    return table
