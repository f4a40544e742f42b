"""Edits tables of a TOML text in place: comments, order and layout of everything else stay as written.

A comment belongs to the row or key that follows it; what stands after the last row of a list belongs to
the next section and stays there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import tomlkit
from tomlkit.container import Container, OutOfOrderTableProxy
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Comment, InlineTable, Item, Key, Null, Table, Whitespace

from zuozhen.model.errors import ContentError
from zuozhen.packs.tomlarrays import InlineRows, inline_rows

Path: TypeAlias = tuple[str | int, ...]
"""The way to a table: names, and the index within a list of tables, such as ``("register", 0, "columns")``."""

Row: TypeAlias = Mapping[str, Any]
Body: TypeAlias = list[tuple[Key | None, Item]]


@dataclass(slots=True)
class _Entry:
    """A key with its value, and the comments and blank lines before it."""

    key: Key
    item: Item
    lead: list[Item] = field(default_factory=list)


@dataclass(slots=True)
class _Part:
    """A row of a list, or a named sub-table: its entries, and the comments and blank lines before it."""

    entries: list[_Entry]
    table: Table
    lead: list[Item] = field(default_factory=list)
    name: Key | None = None


class TomlTables:
    """A TOML text under edit; :meth:`text` returns it. Rows and values are plain data.

    Raises ``ContentError`` for text that is no TOML and for lists that are not written as tables.
    """

    def __init__(self, text: str) -> None:
        try:
            self._document = tomlkit.parse(text)
        except (TOMLKitError, RecursionError, ValueError) as error:
            raise ContentError(
                "pack.toml 无法读取，不能按表修改。", hint="请先改正 pack.toml 的语法。"
            ) from error

    def text(self) -> str:
        """Return the text as it is now."""
        return tomlkit.dumps(self._document)

    # ------------------------------------------------------------ keys of one table

    def update(self, path: Path, values: Mapping[str, Any]) -> None:
        """Set keys of a table (``()`` is the root); ``None`` removes a key; a missing table is made."""
        body = self._body(path)
        plain = [pair for pair in body if not isinstance(pair[1], Table | AoT)]
        entries, tail = _entries(plain)
        entries = _updated(entries, values)
        first = body[len(plain) :] if plain == body[: len(plain)] else []
        if len(plain) + len(first) != len(body):
            raise _scattered(path)
        body[:] = [*_written(entries, tail), *first]
        self._reread()

    def arrange(self, path: Path, pairs: Sequence[tuple[str, str]]) -> None:
        """Give a table exactly these keys in this order; a key that stays keeps its comments."""
        body = self._body(path)
        entries, tail = _entries(body)
        known = {entry.key.key: entry for entry in entries}
        kept = [_updated([known[key]] if key in known else [], {key: value})[0] for key, value in pairs]
        body[:] = _written(kept, tail)
        self._reread()

    # ------------------------------------------------------------ rows of a list

    def insert_row(self, path: Path, row: Row, index: int | None = None) -> None:
        """Add a row to a list of tables, at its end unless ``index`` says where."""
        if (inline := self._inline(path)) is not None:
            inline.insert(row, index)
            self._reread()
            return
        parts, tail = self._parts(path)
        place = len(parts) if index is None else index
        parts.insert(place, _Part(_updated([], row), tomlkit.table(), [_blank()]))
        self._put_parts(path, parts, tail)

    def change_row(self, path: Path, index: int, values: Row) -> None:
        """Set keys of one row; ``None`` removes a key."""
        if (inline := self._inline(path)) is not None:
            inline.change(index, values)
            self._reread()
            return
        self.update((*path, index), values)

    def delete_row(self, path: Path, index: int) -> None:
        """Take a row out; comments before it stay."""
        if (inline := self._inline(path)) is not None:
            inline.delete(index)
            self._reread()
            return
        parts, tail = self._parts(path)
        gone = parts.pop(index)
        comments = [item for item in gone.lead if isinstance(item, Comment)]
        if comments and index < len(parts):
            parts[index].lead = gone.lead + [i for i in parts[index].lead if isinstance(i, Comment)]
        elif comments:
            tail = gone.lead + tail
        self._put_parts(path, parts, tail)

    def move_row(self, path: Path, index: int, to: int) -> None:
        """Move a row with its comments to another place of its list."""
        if (inline := self._inline(path)) is not None:
            inline.move(index, to)
            self._reread()
            return
        parts, tail = self._parts(path)
        parts.insert(to, parts.pop(index))
        self._put_parts(path, parts, tail)

    # ------------------------------------------------------------ named sub-tables

    def set_part(self, path: Path, name: str, values: Mapping[str, Any]) -> None:
        """Set keys of the sub-table ``name`` of ``path``; a new one comes last."""
        if isinstance(self._walk((*path, name)), InlineTable):
            raise ContentError(
                f"pack.toml 中的 {name} 写在一行里，不能在页面上修改。",
                hint=f"请在文件编辑页改写成 [{'.'.join(map(str, path))}.{name}] 一节。",
            )
        parts, tail = self._parts(path)
        part = next((part for part in parts if part.name is not None and part.name.key == name), None)
        if part is None:
            part = _Part([], tomlkit.table(), [_blank()], tomlkit.key(name))
            parts.append(part)
        part.entries = _updated(part.entries, values)
        self._put_parts(path, parts, tail)

    def delete_part(self, path: Path, name: str) -> None:
        """Take a named sub-table out."""
        parts, _ = self._parts(path)
        index = next(i for i, part in enumerate(parts) if part.name is not None and part.name.key == name)
        self.delete_row(path, index)

    # ------------------------------------------------------------ parts

    def _reread(self) -> None:
        """Begin again from the text: bodies were changed below the library's own bookkeeping."""
        self._document = tomlkit.parse(self.text())

    def _inline(self, path: Path) -> InlineRows | None:
        """Return the rows of a list that is written as an array of inline tables."""
        return inline_rows(self._walk(path))

    def _walk(self, path: Path) -> Any:
        node: Any = self._document
        for step in path:
            if isinstance(step, str) and step not in node:
                return None
            node = node[step]
            if isinstance(node, OutOfOrderTableProxy):
                raise _scattered(path)
        return node

    def _find(self, path: Path) -> Any:
        node = self._walk(path)
        if node is None:
            return None
        if not isinstance(node, Container | Table | AoT):
            raise _scattered(path)
        return node

    def _body(self, path: Path) -> Body:
        """Return the body of a table, made at the end of its parent if there is none."""
        node = self._find(path)
        if node is None:
            self._add(path, tomlkit.table())
            node = self._find(path)
        return node.body if isinstance(node, Container) else node.value.body

    def _add(self, path: Path, item: Table | AoT) -> None:
        """Put a new table or list of tables behind everything else of its parent."""
        *parents, name = path
        parent = self._find(tuple(parents))
        key = tomlkit.key(str(name))
        if parent is None:
            above = tomlkit.table(is_super_table=True)
            above.value.body.append((key, item))
            self._add(tuple(parents), above)
            return
        body = parent.body if isinstance(parent, Container) else parent.value.body
        last = _last_body(body)
        _, tail = _entries(last)
        if isinstance(parent, Container):
            body += [(None, _blank()), (key, item)]
        else:  # what follows the parent's last table belongs to the next section
            del last[len(last) - len(tail) :]
            last.append((None, _blank()))
            body.append((key, item))
            _last_body([(key, item)]).extend((None, one) for one in tail)
        self._reread()

    def _parts(self, path: Path) -> tuple[list[_Part], list[Item]]:
        """Return the rows of a list, or the sub-tables of a table, and what stands after the last."""
        node = self._find(path)
        if node is None:
            return [], []
        tables: list[tuple[Key | None, Table]]
        if isinstance(node, AoT):
            tables = [(None, table) for table in node.body]
        else:
            tables = [(key, item) for key, item in node.value.body if isinstance(item, Table)]
        parts: list[_Part] = []
        lead: list[Item] = []
        for name, table in tables:
            entries, after = _entries(table.value.body)
            parts.append(_Part(entries, table, lead, name))
            lead = after
        return parts, lead

    def _put_parts(self, path: Path, parts: list[_Part], tail: list[Item]) -> None:
        _settle_leads(parts)
        for index, part in enumerate(parts):
            after = parts[index + 1].lead if index + 1 < len(parts) else tail
            part.table.value.body[:] = _written(part.entries, after)
        node = self._find(path)
        if not parts:
            self._remove(path, tail)
        elif node is None:
            self._add_parts(path, parts)
        elif isinstance(node, AoT):
            node.body[:] = [part.table for part in parts]
        else:
            node.value.body[:] = [(part.name, part.table) for part in parts]
        self._reread()

    def _add_parts(self, path: Path, parts: list[_Part]) -> None:
        if all(part.name is None for part in parts):
            new = AoT([])
            new.body.extend(part.table for part in parts)
            return self._add(path, new)
        for part in parts:
            self._add((*path, str(part.name.key if part.name else "")), part.table)
        return None

    def _remove(self, path: Path, tail: list[Item]) -> None:
        """Take a list out that has no rows any more; comments after it stay."""
        *parents, name = path
        parent = self._find(tuple(parents))
        body = parent.body if isinstance(parent, Container) else parent.value.body
        at = next(i for i, (key, _) in enumerate(body) if key is not None and key.key == name)
        body[at : at + 1] = [(None, item) for item in tail]


def _last_body(body: Body) -> Body:
    """Return the body that holds the very last line of a table's text."""
    while body and isinstance(body[-1][1], Table | AoT):
        last = body[-1][1]
        body = (last.body[-1] if isinstance(last, AoT) else last).value.body
    return body


def _entries(body: Body) -> tuple[list[_Entry], list[Item]]:
    """Split a table's body into its keys, each with what stands before it, and what stands after the last."""
    entries: list[_Entry] = []
    lead: list[Item] = []
    for key, item in body:
        if isinstance(item, Null):
            continue
        if key is None:
            lead.append(item)
        else:
            entries.append(_Entry(key, item, lead))
            lead = []
    return entries, lead


def _written(entries: Iterable[_Entry], after: Iterable[Item]) -> Body:
    body: Body = []
    for entry in entries:
        body += [(None, item) for item in entry.lead]
        body.append((entry.key, entry.item))
    return [*body, *((None, item) for item in after)]


def _updated(entries: Sequence[_Entry], values: Mapping[str, Any]) -> list[_Entry]:
    """Return the entries with some values set; an unchanged value keeps the very way it is written."""
    result: list[_Entry] = []
    for entry in entries:
        name = entry.key.key
        if name not in values:
            result.append(entry)
        elif values[name] is not None:
            old = entry.item.unwrap()
            same = old == values[name] and type(old) is type(values[name])
            item = entry.item if same else _item(values[name], entry.item)
            result.append(_Entry(entry.key, item, entry.lead))
    known = {entry.key.key for entry in entries}
    result += [
        _Entry(tomlkit.key(name), _item(value))
        for name, value in values.items()
        if name not in known and value is not None
    ]
    return result


def _item(value: Any, old: Item | None = None) -> Item:
    """Return a value as TOML; texts of several lines are written so, a comment on the line stays."""
    item: Item = tomlkit.item(value)
    if isinstance(value, str) and "\n" in value:
        written = tomlkit.string(value, multiline=True).as_string().removeprefix('"""')
        item = tomlkit.value('"""' + (written if written.startswith("\n") else f"\n{written}"))
    if old is not None:
        item.trivia.comment_ws, item.trivia.comment = old.trivia.comment_ws, old.trivia.comment
    return item


def _settle_leads(parts: list[_Part]) -> None:
    """The first row can have nothing before its header; comments go inside. Others begin with a blank line."""
    if not parts:
        return
    first = parts[0]
    comments = [item for item in first.lead if isinstance(item, Comment)]
    if comments and first.entries:
        first.entries[0].lead = [*comments, *first.entries[0].lead]
    first.lead = []
    for part in parts[1:]:
        if not any("\n" in item.as_string() for item in part.lead if isinstance(item, Whitespace)):
            part.lead = [_blank(), *part.lead]


def _blank() -> Item:
    return tomlkit.nl()


def _scattered(path: Path) -> ContentError:
    name = ".".join(str(step) for step in path) or "pack.toml"
    return ContentError(
        f"pack.toml 中的 {name} 不是连续的表，不能在页面上修改。", hint=f"请把各个 [[{name}]] 写在一起。"
    )
