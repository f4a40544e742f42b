"""Reference tables (资料表) whose rows staff keep up to date while the procedure runs, with history."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NoReturn

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from zuozhen.model.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from zuozhen.packs import DataTable, Pack
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.releases import Release
from zuozhen.store.tablerows import add_edit, edits_of, present_rows
from zuozhen.store.tables import TableEdit

MOST_ROWS: Final = 500
LONGEST_CELL: Final = 1000
SHOWN_EDITS: Final = 100
_ACTS: Final = {"added": "新增", "changed": "修改", "deleted": "删除", "reset": "恢复为流程包中的内容"}
Cells = dict[str, Any]


class RowGone(Conflict):
    """The row that somebody edited is not there as it was: a colleague changed or deleted it meanwhile."""


@dataclass(frozen=True, slots=True)
class RowLine:
    """One row: ``name`` stands for its content, ``values`` are its cells as typed (a list one a line)."""

    name: str
    values: Mapping[str, str]
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EditLine:
    """One change: when, who, and in Chinese what."""

    at: datetime
    who: str
    act: str
    text: str


@dataclass(frozen=True, slots=True)
class TableRows:
    """A table as its editors see it. ``many`` are the columns whose cells are lists; ``live`` says that staff
    changed it, so that the rows of the release do not count."""

    table: DataTable
    rows: tuple[RowLine, ...]
    many: frozenset[str]
    edits: tuple[EditLine, ...]
    live: bool


def tables_for(context: Context, actor: Actor) -> tuple[DataTable, ...]:
    """Return the tables that an actor may change."""
    with context.database.read() as session:
        release = context.releases.live(session, actor.tenant)
    return tuple(t for t in release.pack.tables if not actor.groups.isdisjoint(t.editable_by))


def table_rows(context: Context, actor: Actor, key: str) -> TableRows:
    """Return a table with its history.

    Raises:
        NotFound: there is none of this name. Forbidden: others keep it.
    """
    with context.database.read() as session:
        _, table = _open(context, session, actor, key)
        edits = edits_of(session, actor.tenant, key, SHOWN_EDITS)
        live = key in present_rows(session, actor.tenant)
    many = _many(table)
    labels = {column.key: column.label for column in table.columns}
    return TableRows(
        table,
        tuple(
            RowLine(
                name,
                {column.key: _typed_text(row.get(column.key)) for column in table.columns},
                {column.key: _text(row.get(column.key)) for column in table.columns},
            )
            for name, row in zip(_names(table.rows), table.rows, strict=True)
        ),
        many,
        tuple(EditLine(e.at, e.actor_name, _ACTS.get(e.act, e.act), _told(e, labels)) for e in edits),
        live,
    )


def save_row(context: Context, actor: Actor, key: str, row: str, typed: Mapping[str, str]) -> None:
    """Change the row named ``row``, or add one (``row`` empty).

    A row is found by its content: what others did to other rows meanwhile stays and is no conflict.

    Raises:
        Invalid: ``problems`` name the columns. RowGone: somebody changed this row. NotFound, Forbidden.
    """
    with context.database.write() as session:
        _, table = _open(context, session, actor, key)
        rows = [dict(known) for known in table.rows]
        new = _cells(table, typed)
        if not row:
            if len(rows) >= MOST_ROWS:
                raise Invalid(f"一张表最多 {MOST_ROWS} 行。", (Problem("", table.title, "行数已满"),))
            _write(session, context, actor, table, "added", None, new, [*rows, new])
            return
        at = _place(table, row)
        old = rows[at]
        if old != new:
            rows[at] = new
            _write(session, context, actor, table, "changed", old, new, rows)


def delete_row(context: Context, actor: Actor, key: str, row: str) -> None:
    """Delete a row. Raises as :func:`save_row`."""
    with context.database.write() as session:
        _, table = _open(context, session, actor, key)
        rows = [dict(known) for known in table.rows]
        old = rows.pop(_place(table, row))
        _write(session, context, actor, table, "deleted", old, None, rows)


def reset_rows(context: Context, actor: Actor, key: str) -> None:
    """Let the rows of the release count again. Raises as :func:`save_row`."""
    with context.database.write() as session:
        _, table = _open(context, session, actor, key)
        if key in present_rows(session, actor.tenant):
            _write(session, context, actor, table, "reset", None, None, None)


def what_becomes(session: Session, live: Pack, new: Pack) -> tuple[str, ...]:
    """Return in Chinese what a deployment does to the rows that staff keep."""
    return tuple(_becomes(present_rows(session, live.code), live, new))


def _becomes(kept: Mapping[str, Sequence[Any]], live: Pack, new: Pack) -> Iterator[str]:
    before, after = ({table.key: table for table in pack.tables} for pack in (live, new))
    for key, rows in kept.items():
        old, table = before.get(key), after.get(key)
        name = f"资料表“{(table or old).title if table or old else key}”"  # type: ignore[union-attr]
        if table is None:
            yield f"{name}在新版中没有了：工作人员维护的 {len(rows)} 行不再使用，历史保留。"
        elif not table.editable_by:
            yield f"{name}不再由工作人员维护：改用流程包中的 {len(table.rows)} 行。"
        else:
            columns = [{column.key: column.label for column in one.columns} for one in (old, table) if one]
            fresh = [label for id_, label in columns[-1].items() if id_ not in columns[0]]
            gone = [label for id_, label in columns[0].items() if id_ not in columns[-1]]
            parts = [f"沿用工作人员维护的 {len(rows)} 行，流程包中的行不用"]
            parts += [f"新增的列“{'”“'.join(fresh)}”为空，请部署后补填"] if fresh else []
            parts += [f"去掉的列“{'”“'.join(gone)}”不再显示"] if gone else []
            yield f"{name}：{'；'.join(parts)}。"


# ---------------------------------------------------------------- parts


def _open(context: Context, session: Session, actor: Actor, key: str) -> tuple[Release, DataTable]:
    release = context.releases.live(session, actor.tenant)
    table = next((one for one in release.pack.tables if one.key == key and one.editable_by), None)
    if table is None:
        raise NotFound("没有这张可以修改的资料表。", hint="请从“台账”页进入。")
    if actor.groups.isdisjoint(table.editable_by):
        raise Forbidden(f"“{table.title}”不由您维护。", hint="需要修改时请联系维护这张表的岗位。")
    return release, table


def _place(table: DataTable, row: str) -> int:
    names = _names(table.rows)
    if row not in names:
        raise RowGone(
            "同事刚刚改过或删掉了这一行，您的修改没有存入。",
            hint="请核对下面的最新内容，再决定修改哪一行；您填写的保留如下。",
        )
    return names.index(row)


def _names(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a name for each row that stands for what is in it; of equal rows each has its own."""
    seen: dict[str, int] = {}
    names = []
    for row in rows:
        text = json.dumps(dict(row), ensure_ascii=False, sort_keys=True, default=list)
        digest = hashlib.sha256(text.encode()).hexdigest()[:20]
        seen[digest] = seen.get(digest, 0) + 1
        names.append(f"{digest}-{seen[digest]}")
    return names


def _many(table: DataTable) -> frozenset[str]:
    return frozenset(
        column.key
        for column in table.columns
        if any(isinstance(row.get(column.key), list | tuple) for row in table.rows)
    )


def _cells(table: DataTable, typed: Mapping[str, str]) -> Cells:
    """Return a row as typed.

    Raises:
        Invalid: a cell is too long or not of its type, or nothing was typed.
    """
    many, cells, problems = _many(table), {}, []
    for column in table.columns:
        text = typed.get(column.key, "").replace("\r\n", "\n").strip()
        mistake = _mistake(text, column.type)
        if mistake:
            problems.append(Problem(column.key, column.label, f"{column.label}：{mistake}"))
        lines = [line.strip() for line in text.split("\n") if line.strip()]
        cells[column.key] = lines if column.key in many else "\n".join(lines)
    if not any(cells.values()):
        problems.append(Problem(table.columns[0].key, table.columns[0].label, "请至少填写一项"))
    if problems:
        raise Invalid("没有保存，请按提示改正。", problems)
    return cells


def _mistake(text: str, kind: str) -> str:
    if len(text) > LONGEST_CELL:
        return f"超过 {LONGEST_CELL} 个字"
    if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in text.replace("\n", "")):
        return "含有控制字符"
    if text and kind == "date":
        try:
            date.fromisoformat(text)
        except ValueError:
            return "写成 2026-12-01 的样子"
    if text and kind == "number":
        try:
            return "" if abs(float(text)) < float("inf") else "应为数字"
        except ValueError:
            return "应为数字"
    return ""


def _write(
    session: Session,
    context: Context,
    actor: Actor,
    table: DataTable,
    act: str,
    old: Cells | None,
    new: Cells | None,
    rows: list[Cells] | None,
) -> None:
    doing = actor.serving(table.editable_by)
    edit = TableEdit(
        tenant=actor.tenant,
        table_key=table.key,
        act=act,
        old=old,
        new=new,
        rows=rows,
        actor_id=actor.id,
        actor_name=doing.name,
        at=context.clock(),
    )
    try:
        add_edit(session, edit)
    except IntegrityError as error:
        _taken(error)


def _taken(error: IntegrityError) -> NoReturn:
    raise RowGone(
        "同事正好在同一时刻改了这张表，您的修改没有存入。", hint="您填写的保留如下，请再存一次。"
    ) from error


def _told(edit: TableEdit, labels: Mapping[str, str]) -> str:
    old, new = edit.old or {}, edit.new or {}
    if edit.act == "changed":
        keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
        ordered = [*(key for key in labels if key in keys), *(key for key in keys if key not in labels)]
        return "；".join(
            f"{labels.get(key, key)}：{_text(old.get(key)) or '（空）'} → {_text(new.get(key)) or '（空）'}"
            for key in ordered
        )
    row = new or old
    return "；".join(f"{label}：{_text(row[key])}" for key, label in labels.items() if row.get(key))


def _text(value: Any) -> str:
    return "、".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "")


def _typed_text(value: Any) -> str:
    return "\n".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "")
