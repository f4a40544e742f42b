"""Changes one row of one table of the draft's manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zuozhen.model.errors import Conflict, Invalid, NotFound, Problem
from zuozhen.packs.tomltables import TomlTables
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.studio import workspace
from zuozhen.services.studio.tables.catalogue import code_list
from zuozhen.services.studio.tables.judging import save_edit
from zuozhen.services.studio.tables.reading import Draft, open_draft
from zuozhen.services.studio.tables.shapes import Table, find_table
from zuozhen.services.studio.tables.sources import with_choices
from zuozhen.services.studio.tables.usages import usages
from zuozhen.services.studio.tables.values import keep_kinds, typed_values


def save_row(
    context: Context, actor: Actor, name: str, row: str, typed: Mapping[str, str], *, rev: int
) -> None:
    """Change the row named ``row`` of a table, or add one (``row`` empty). Nothing is saved unless all is right.

    Raises:
        Invalid: ``problems`` name the columns. StaleDraft: the manifest has been saved since ``rev``.
        NotFound: no such table or row.
    """
    draft = open_draft(context, actor.tenant)
    table = with_choices(find_table(draft.tables, name), draft.manifest, draft.files, draft.today)
    rows = table.read(draft.manifest)
    at = _place(context, actor, draft, table, rows, row, rev) if row else len(rows)
    values, problems = typed_values(table, typed)
    if row:
        values |= _as_before(table, rows[at], values)
        problems += keep_kinds(table, rows[at], values, typed)
    problems += _doubles(table, rows, values, at)
    new_name = values.get(table.key)
    if row and not row.startswith("#") and table.shape != "fields" and new_name not in (None, row):
        _refuse_used(context, actor, draft, table, row, "改代号")
    if problems:
        raise Invalid("没有保存，请按提示改正。", problems)

    def edit(toml: TomlTables) -> None:
        _write(toml, table, rows, values, at, is_new=not row)

    note = f"{table.label}：{'修改' if row else '增加'}{new_name or ''}"
    save_edit(context, actor, draft.file, table, edit, rev=rev, note=note)


def delete_row(context: Context, actor: Actor, name: str, row: str, *, rev: int) -> None:
    """Delete a row that nothing uses.

    Raises:
        Conflict: it is used; the message says where. StaleDraft, NotFound: as :func:`save_row`.
    """
    draft = open_draft(context, actor.tenant)
    table = find_table(draft.tables, name)
    rows = table.read(draft.manifest)
    at = _place(context, actor, draft, table, rows, row, rev)
    if table.fixed or table.shape == "fields":
        raise NotFound("这张表的各项只能修改。")
    _refuse_used(context, actor, draft, table, row, "删除")

    def edit(toml: TomlTables) -> None:
        match table.shape:
            case "rows":
                toml.delete_row(table.path, at)
                if table.ids == "heading":
                    _drop_cells(toml, table, draft.manifest, row)
            case "parts":
                toml.delete_part(table.path, row)
            case _:
                toml.arrange(table.path, [(r["id"], r["name"]) for r in rows if r["id"] != row])

    save_edit(context, actor, draft.file, table, edit, rev=rev, note=f"{table.label}：删除{row}")


def move_row(context: Context, actor: Actor, name: str, row: str, step: int, *, rev: int) -> None:
    """Move a row up (``step`` -1) or down (1); at an end it stays.

    Raises:
        StaleDraft, NotFound: as :func:`save_row`.
    """
    draft = open_draft(context, actor.tenant)
    table = find_table(draft.tables, name)
    rows = table.read(draft.manifest)
    at = _place(context, actor, draft, table, rows, row, rev)
    to = min(max(at + (1 if step > 0 else -1), 0), len(rows) - 1)
    if to == at or table.shape not in ("rows", "pairs"):
        return

    def edit(toml: TomlTables) -> None:
        if table.shape == "rows":
            toml.move_row(table.path, at, to)
        else:
            pairs = [(r["id"], r["name"]) for r in rows]
            pairs.insert(to, pairs.pop(at))
            toml.arrange(table.path, pairs)

    save_edit(context, actor, draft.file, table, edit, rev=rev, note=f"{table.label}：调整{row}的顺序")


def add_list(context: Context, actor: Actor, name: str, first: tuple[str, str], *, rev: int) -> str:
    """Add a code list with its first entry; returns the name of its table.

    Raises:
        Invalid: the name or the entry will not do. StaleDraft: as :func:`save_row`.
    """
    draft = open_draft(context, actor.tenant)
    table = code_list(name.strip())
    column = Problem("list", "代码表名", "代码表名：小写字母开头，只用小写字母、数字和 _")
    if not name.strip().isidentifier() or not name.strip().isascii() or not name.strip().islower():
        raise Invalid("没有保存，请按提示改正。", (column,))
    if table.name in draft.tables:
        raise Invalid("没有保存，请按提示改正。", (Problem("list", "代码表名", "已有同名的代码表"),))
    values, problems = typed_values(table, {"id": first[0], "name": first[1]})
    if problems:
        raise Invalid("没有保存，请按提示改正。", problems)

    def edit(toml: TomlTables) -> None:
        toml.arrange(table.path, [(values["id"], values["name"])])

    save_edit(context, actor, draft.file, table, edit, rev=rev, note=f"增加代码表 {name.strip()}")
    return table.name


# ---------------------------------------------------------------- parts


def _place(
    context: Context,
    actor: Actor,
    draft: Draft,
    table: Table,
    rows: list[dict[str, Any]],
    row: str,
    rev: int,
) -> int:
    """Return where a row stands.

    Raises:
        StaleDraft: it is gone, because somebody saved since ``rev``. NotFound: there never was one.
    """
    if table.shape == "fields":
        return 0
    for index, data in enumerate(rows):
        if table.name_of(data, index) == row:
            return index
    if rev != draft.file.rev:
        raise workspace.stale(context, actor.tenant, draft.file.path)
    raise NotFound("这一项不在表中。", hint="请刷新页面后重试。")


def _as_before(table: Table, old: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return lists in the order and the way they stood before: boxes are ticked in no order of their own."""
    kept: dict[str, Any] = {}
    for column in table.columns:
        now, before = values.get(column.key), old.get(column.key)
        if column.kind != "texts" or now is None:
            continue
        if now == [before]:
            kept[column.key] = before
        elif column.choices and isinstance(before, list):
            kept[column.key] = [one for one in before if one in now] + [
                one for one in now if one not in before
            ]
    return kept


def _doubles(table: Table, rows: list[dict[str, Any]], values: Mapping[str, Any], at: int) -> list[Problem]:
    column = table.column(table.key)
    value = values.get(table.key)
    if table.shape == "fields" or column is None or value is None:
        return []
    taken = any(data.get(table.key) == value for index, data in enumerate(rows) if index != at)
    return [Problem(column.key, column.label, f"{column.label}：“{value}”已有")] if taken else []


def _write(
    toml: TomlTables,
    table: Table,
    rows: list[dict[str, Any]],
    values: dict[str, Any],
    at: int,
    *,
    is_new: bool,
) -> None:
    match table.shape:
        case "fields":
            if any(rows) or any(value is not None for value in values.values()):
                toml.update(table.path, values)
        case "rows" if is_new:
            toml.insert_row(table.path, {key: value for key, value in values.items() if value is not None})
            if table.starter is not None:
                toml.insert_row((*table.path, at, table.starter[0]), table.starter[1])
        case "rows":
            toml.change_row(table.path, at, values)
        case "parts":
            name, rest = values[table.key], {k: v for k, v in values.items() if k != table.key}
            if not is_new and rows[at][table.key] != name:
                toml.delete_part(table.path, rows[at][table.key])
            toml.set_part(table.path, name, rest)
        case _:
            pairs = [(row["id"], row["name"]) for row in rows]
            pairs[at : at + (0 if is_new else 1)] = [(values["id"], values["name"])]
            toml.arrange(table.path, pairs)


def _drop_cells(toml: TomlTables, table: Table, manifest: Mapping[str, Any], key: str) -> None:
    """Take the cells of a column that goes out of the rows of its table."""
    section, index, _ = table.path
    for number, row in enumerate(manifest[str(section)][index].get("rows", ())):
        if key in row:
            toml.change_row((section, index, "rows"), number, {key: None})


def _refuse_used(context: Context, actor: Actor, draft: Draft, table: Table, row: str, act: str) -> None:
    with context.database.read() as session:
        used = usages(session, actor.tenant, table, row, draft.files, draft.manifest)
    if used:
        raise Conflict(
            f"“{row}”正在使用，不能{act}：{'；'.join(used)}。",
            hint="请先在这些地方改用别的，再来删除；只改名称不受影响。",
        )
