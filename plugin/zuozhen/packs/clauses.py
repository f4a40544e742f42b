"""The clauses of a notice (``clauses.toml``), and how diagrams cite them.

A row id such as ``XW-3.3-b`` stands for one rule of the notice: prefix, section, letter or number. Several
are written ``XW-2.2-1..5``, ``XW-13.2-a/b/c`` or ``XW-3.3-b、3.3-c`` (the prefix is inherited). A diagram cites
``XW-3.3-b、3.3-c 三（三）；XW-2.2-1..5 二（二）``: parts by ``；``, in each the ids, a blank and the section.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from zuozhen.model.errors import Finding
from zuozhen.packs.reader import Lines, TableReader, parse_toml

MOST_ROWS: Final = 200
"""Ids that one range may stand for, and rows that one table may hold."""
_ID: Final = re.compile(
    r"(?:(?P<prefix>[A-Z]{2,4})-)?(?P<section>[0-9]+(?:\.[0-9]+)*)"
    r"(?:-(?P<tail>[0-9]+|[a-z]))?(?P<more>\.\.(?:[0-9]+|[a-z])|(?:/(?:[0-9]+(?:\.[0-9]+)*|[a-z]))+)?"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """One rule of the notice in our words.

    ``id`` may stand for several (``XW-2.2-1..5``: ``ids``). ``by`` names what carries it besides the
    elements that cite it; ``not_software`` says why no software can. ``line`` is where the row stands.
    """

    id: str
    ids: tuple[str, ...]
    section: str
    text: str
    by: tuple[str, ...]
    not_software: str
    line: int | None


@dataclass(frozen=True, slots=True)
class Citation:
    """One part of what an element cites: single ids, and the section of the notice in its words."""

    ids: tuple[str, ...]
    section: str


def clauses_path(slug: str) -> str:
    """Return where the clauses of a pack lie."""
    return f"processes/{slug}/clauses.toml"


def read_clauses(files: Mapping[str, bytes], slug: str) -> tuple[tuple[Clause, ...], list[Finding]]:
    """Return the rows in the order of the notice, and everything wrong with the table; none if there is no table."""
    path = clauses_path(slug)
    if path not in files:
        return (), []
    table, findings = parse_toml(files[path], path)
    if findings:
        return (), findings
    reader = TableReader(table, findings, Lines(files[path].decode("utf-8")), path)
    seen: set[str] = set()
    rows = tuple(_row(item, seen) for item in reader.sections("clause"))
    reader.close()
    if len(rows) > MOST_ROWS:
        reader.report("clause", f"条款多于 {MOST_ROWS} 条")
    return rows, findings


def _row(item: TableReader, seen: set[str]) -> Clause:
    row = item.text("id")
    ids = expand(row)
    if row and not ids:
        item.report("id", f"条款编号“{row[:40]}”不合规", hint="写成 XW-3.3-b、XW-2.2-1..5 的样子")
    for known in sorted(seen.intersection(ids)):
        item.report("id", f"条款编号 {known} 重复", hint="每一条只列一次")
    seen.update(ids)
    clause = Clause(
        row,
        ids,
        item.text("section"),
        item.text("text"),
        item.texts("by"),
        item.text("not_software", ""),
        item.lines.find(item.place, "id"),
    )
    if clause.by and clause.not_software:
        item.report("not_software", "by 和 not_software 只能写一个", hint="有内容承载的条款不写 not_software")
    item.close()
    return clause


def expand(text: str, prefix: str = "") -> tuple[str, ...]:
    """Return the single ids that one id stands for; ``()`` if it is none.

    ``prefix`` is inherited by an id without one.
    """
    found = _ID.fullmatch(text.strip())
    if found is None or not (found["prefix"] or prefix):
        return ()
    stem, first = f"{found['prefix'] or prefix}-{found['section']}", found["tail"]
    if first is None:  # LC-25/26 and CG-4.2/4.3: whole sections
        stem, _, first = stem.partition("-")
    return tuple(f"{stem}-{each}" for each in _several(first, found["more"] or ""))


def _several(first: str, more: str) -> tuple[str, ...]:
    """Return ``1 2 3`` for ``1`` and ``..3``, ``a b c`` for ``a`` and ``/b/c``; nothing for a senseless range."""
    if more.startswith(".."):
        last = more[2:]
        if first.isdecimal() and last.isdecimal() and 0 <= int(last) - int(first) < MOST_ROWS:
            return tuple(str(number) for number in range(int(first), int(last) + 1))
        if first.isalpha() and last.isalpha() and first <= last:
            return tuple(chr(code) for code in range(ord(first), ord(last) + 1))
        return ()
    return (first, *(each for each in more.split("/") if each))


def citations(text: str) -> Iterator[Citation]:
    """Yield the parts of what an element cites; a part that begins with no id has only a section."""
    prefix = ""
    for part in filter(None, map(str.strip, text.split("；"))):
        head, _, section = part.partition(" ")
        ids: list[str] = []
        for item in head.split("、"):
            found = expand(item, prefix)
            if not found:
                ids.clear()
                break
            ids += found
            prefix = found[0].partition("-")[0]
        yield Citation(tuple(ids), section.strip()) if ids else Citation((), part)
