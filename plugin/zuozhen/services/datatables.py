"""Reference data of a pack (时间安排表、轮值表) as a page and as paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zuozhen.documents import RenderInput
from zuozhen.model.errors import NotFound
from zuozhen.packs import DataTable
from zuozhen.packs.parameters import values_of
from zuozhen.services.context import Context
from zuozhen.services.releases import Release

PLAIN = '{% extends "reference.html" %}'
"""How a table without a print template of its own is printed."""


def public_tables(release: Release) -> tuple[DataTable, ...]:
    """Return the tables that stand on the portal."""
    return tuple(table for table in release.pack.tables if table.public)


def public_table(release: Release, key: str) -> DataTable:
    """Return one table of the portal.

    Raises:
        NotFound: there is none of this name, or it is not public.
    """
    for table in public_tables(release):
        if table.key == key:
            return table
    raise NotFound("没有这张表。", hint="请从首页重新选择。")


def rows_of(table: DataTable) -> list[tuple[str, ...]]:
    """Return the rows as text in the order of the columns; several values in a cell are joined by 、."""
    return [tuple(_text(row.get(column.key)) for column in table.columns) for row in table.rows]


def table_source(context: Context, release: Release, table: DataTable) -> RenderInput:
    """Return what is to be rendered to print a table, by its own print template or as a plain list."""
    template = release.print_template(table.print) if table.print else None
    return RenderInput(
        parameters=values_of(release.pack.parameters),
        template=template or PLAIN,
        form=None,
        data={
            "title": table.title,
            "cells": [list(row) for row in rows_of(table)],
            "labels": [column.label for column in table.columns],
            "widths": _widths(table),
            "rows": [dict(zip((c.key for c in table.columns), row, strict=True)) for row in rows_of(table)],
            "notes": list(table.notes),
        },
        meta={"title": table.title, "pack": release.pack.name, "notice": release.pack.notice.number},
        created=context.clock(),
    )


def _widths(table: DataTable) -> list[float]:
    """Return the share of each column in per cent; a column without a width takes an even share."""
    even = 100 / max(1, len(table.columns))
    shares = [column.width or even for column in table.columns]
    return [round(share * 100 / sum(shares), 2) for share in shares]


def _text(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "、".join(str(item) for item in value)
    return str(value or "")
