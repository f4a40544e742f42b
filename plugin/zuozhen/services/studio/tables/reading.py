"""Reads the tables of the draft's manifest for the pages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from zuozhen.model.clock import local_date
from zuozhen.model.errors import Conflict
from zuozhen.services.context import Context
from zuozhen.services.studio import workspace
from zuozhen.services.studio.drafts import DraftFile
from zuozhen.services.studio.tables import coming
from zuozhen.services.studio.tables.catalogue import RECURRENCES, tables_of
from zuozhen.services.studio.tables.shapes import Table, find_table
from zuozhen.services.studio.tables.sources import holder_names, with_choices
from zuozhen.services.studio.tables.usages import components, readers
from zuozhen.services.studio.tables.values import typed_values
from zuozhen.services.studio.tables.views import (
    IndexEntry,
    RowView,
    TableView,
    plain_manifest,
    readable,
    removed_rows,
    rows_of,
)


@dataclass(frozen=True, slots=True)
class Draft:
    """The manifest of the draft with what stands around it."""

    file: DraftFile
    files: Mapping[str, bytes]
    manifest: Mapping[str, Any]
    live: Mapping[str, Any]
    tables: Mapping[str, Table]
    slug: str
    today: date


def index_of_tables(context: Context, tenant: int) -> tuple[IndexEntry, ...]:
    """Return every table with its number of rows and whether the draft changes it.

    Raises:
        Conflict: the draft's pack.toml cannot be read.
    """
    draft = open_draft(context, tenant)
    return tuple(
        IndexEntry(
            _titled(table, draft.files),
            len(table.read(draft.manifest)),
            table.read(draft.manifest) != table.read(draft.live),
        )
        for table in draft.tables.values()
    )


def table_view(context: Context, tenant: int, name: str) -> TableView:
    """Return one table of the draft with what its rules lead to.

    Raises:
        NotFound: there is no such table. Conflict: the draft's pack.toml cannot be read.
    """
    draft = open_draft(context, tenant)
    table = _titled(find_table(draft.tables, name), draft.files)
    table = with_choices(table, draft.manifest, draft.files, draft.today)
    rows = _with_consequences(context, tenant, draft, table, rows_of(table, draft.manifest, draft.live))
    return TableView(
        table,
        rows,
        removed_rows(table, draft.manifest, draft.live),
        draft.file.rev,
        draft.file.path,
        table.read(draft.manifest) != table.read(draft.live),
        draft.file.updated_by,
        draft.file.updated_at,
        draft.tables[table.parent].label if table.parent else "",
    )


def preview_dates(context: Context, tenant: int, typed: Mapping[str, str]) -> RowView:
    """Return the dates that a recurrence would have, as typed so far and without saving it."""
    draft = open_draft(context, tenant)
    table = with_choices(RECURRENCES, draft.manifest, draft.files, draft.today)
    values, problems = typed_values(table, {"name": "试算", **typed})
    if problems:
        return RowView("", dict(typed), {})
    row = {key: value for key, value in values.items() if value is not None}
    calendar = coming.draft_calendar(draft.files, draft.slug)
    others = [each for each in RECURRENCES.read(draft.manifest) if each.get("name") != row["name"]]
    upcoming = coming.next_dates(
        row, calendar, local_date(context.clock()), others, holder_names(draft.manifest)
    )
    return RowView(str(row.get("name", "")), dict(typed), {}, upcoming=upcoming)


def open_draft(context: Context, tenant: int) -> Draft:
    path = workspace.manifest_path(context, tenant)
    file = workspace.read_file(context, tenant, path)
    files = workspace.files(context, tenant)
    if not readable(file.content, path):
        raise Conflict(
            "草稿中的 pack.toml 有语法错误，各表暂时不能打开。", hint="请先在文件编辑页改正 pack.toml。"
        )
    manifest = plain_manifest(file.content)
    with context.database.read() as session:
        live = context.releases.live(session, tenant)
    today = local_date(context.clock())
    return Draft(
        file, files, manifest, plain_manifest(live.files[path]), tables_of(manifest), live.slug, today
    )


def _titled(table: Table, files: Mapping[str, bytes]) -> Table:
    """Name a code list after the form fields that offer it."""
    if table.ids != "code":
        return table
    name = table.path[-1]
    labels: dict[str, None] = {}
    for path, content in sorted(files.items()):
        if path.startswith("forms/") and path.endswith(".json"):
            try:
                form = json.loads(content)
            except (ValueError, RecursionError):
                continue
            found = [c for c in components(form) if c.get("valuesKey") == name]
            labels |= dict.fromkeys(str(c.get("label") or c.get("key") or "") for c in found)
    label = "、".join(label for label in labels if label)
    return replace(table, label=f"{label}（{name}）" if label else f"代码表 {name}")


def _with_consequences(
    context: Context, tenant: int, draft: Draft, table: Table, rows: tuple[RowView, ...]
) -> tuple[RowView, ...]:
    today = local_date(context.clock())
    data = table.read(draft.manifest)
    if table.ids == "recurrence":
        calendar = coming.draft_calendar(draft.files, draft.slug)
        names = holder_names(draft.manifest)
        return tuple(
            replace(view, upcoming=coming.next_dates(row, calendar, today, data, names))
            for view, row in zip(rows, data, strict=True)
        )
    if table.ids == "numbering":
        with context.database.read() as session:
            return tuple(
                replace(view, samples=coming.next_numbers(session, tenant, row, today))
                for view, row in zip(rows, data, strict=True)
            )
    if table.ids == "parameter":
        return tuple(replace(view, used=tuple(readers(view.name, draft.files))) for view in rows)
    if table.starter is not None or table.ids == "unit":
        return tuple(replace(view, inner=_inner(draft, table, index)) for index, view in enumerate(rows))
    return rows


def _inner(draft: Draft, table: Table, index: int) -> tuple[tuple[str, str, int], ...]:
    """Return the tables within a row."""
    return tuple(
        (inner.name, inner.label.rpartition("：")[2], len(inner.read(draft.manifest)))
        for inner in draft.tables.values()
        if inner.parent and inner.path[:2] == (*table.path, index)
    )
