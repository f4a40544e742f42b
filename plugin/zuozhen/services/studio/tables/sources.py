"""Where the choices of a table's columns come from: other tables of the manifest, forms, templates, the diagram."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import PurePosixPath
from typing import Any, Final, TypeAlias

from zuozhen.model.errors import ContentError
from zuozhen.packs.safexml import read_xml
from zuozhen.services.studio.tables.shapes import Table

Choices: TypeAlias = Iterable[tuple[str, str]]
"""(value, label) pairs."""
BPMN: Final = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"


_OF_UNITS: Final = frozenset({"unit", "group", "holder"})


def with_choices(
    table: Table, manifest: Mapping[str, Any], files: Mapping[str, bytes], today: date | None = None
) -> Table:
    """Return the table with the choices of its columns as the draft has them.

    A unit that is over by ``today`` is offered only where a row names it already.
    """
    gone = _over(manifest, today) - _said(table, manifest) if today else frozenset[str]()
    columns = tuple(
        replace(
            column,
            choices=tuple(
                choice
                for choice in _source(column.source, manifest, files)
                if column.source not in _OF_UNITS or choice[0] not in gone
            ),
        )
        if column.source
        else column
        for column in table.columns
    )
    return replace(table, columns=columns)


def _over(manifest: Mapping[str, Any], today: date) -> frozenset[str]:
    """Return the ids of the units whose day of abolition has come; a day that cannot be read does not."""
    rows = manifest.get("unit")
    return frozenset(
        str(row.get("id"))
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, Mapping) and "" < str(row.get("until", "")) <= today.isoformat()
    )


def _said(table: Table, manifest: Mapping[str, Any]) -> frozenset[str]:
    keys = [column.key for column in table.columns if column.source in _OF_UNITS]
    values = [row.get(key) for row in table.read(manifest) for key in keys]
    return frozenset(str(one) for value in values for one in (value if isinstance(value, list) else [value]))


def _source(source: str, manifest: Mapping[str, Any], files: Mapping[str, bytes]) -> Choices:
    match source:
        case "group":
            return (*_rows(manifest, "role"), *_rows(manifest, "unit"))
        case "holder":
            return holder_names(manifest).items()
        case "process":
            return _processes(manifest, dict(_drawn(files)))
        case "codes":
            codes = manifest.get("codes")
            return (
                ("units", "单位"),
                *((name, name) for name in (codes if isinstance(codes, Mapping) else ())),
            )
        case "form":
            return _forms(files)
        case "print":
            return _prints(files)
        case "paper":
            return {**dict(_forms(files)), **dict(_prints(files))}.items()
        case "diagram_process":
            return _drawn(files)
        case _:
            return _rows(manifest, source)


def holder_names(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return who may hold a session, by id: the codes of any list, units, roles."""
    codes = manifest.get("codes")
    lists = codes.values() if isinstance(codes, Mapping) else ()
    names = {
        str(key): str(name) for known in lists if isinstance(known, Mapping) for key, name in known.items()
    }
    return {**names, **dict(_rows(manifest, "unit")), **dict(_rows(manifest, "role"))}


def _rows(manifest: Mapping[str, Any], key: str, kind: str = "") -> Iterator[tuple[str, str]]:
    rows = manifest.get(key)
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, Mapping) and kind in ("", row.get("kind")):
            yield str(row.get("id", row.get("name", ""))), str(row.get("name", ""))


def _processes(manifest: Mapping[str, Any], drawn: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    known, procedures = manifest.get("processes"), manifest.get("procedure")
    for alias, process in known.items() if isinstance(known, Mapping) else ():
        said = procedures.get(alias) if isinstance(procedures, Mapping) else None
        label = said.get("label") if isinstance(said, Mapping) else ""
        yield alias, f"{label}（{alias}）" if label else drawn.get(str(process), alias)


def _forms(files: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    for path in sorted(files):
        if path.startswith("forms/") and path.endswith(".json"):
            key = PurePosixPath(path).stem
            yield key, f"{_title(files[path]) or key}（{key}）"


def _title(content: bytes) -> str:
    try:
        form = json.loads(content)
    except (ValueError, RecursionError):
        return ""
    properties = form.get("properties") if isinstance(form, Mapping) else None
    title = properties.get("title") if isinstance(properties, Mapping) else ""
    return title if isinstance(title, str) else ""


def _prints(files: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    for path in sorted(files):
        if path.startswith("templates/print/") and path.endswith(".html"):
            yield PurePosixPath(path).stem, PurePosixPath(path).stem


def _drawn(files: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """Yield the processes of the diagrams, named after their pools."""
    for path, content in files.items():
        if not path.endswith(".bpmn"):
            continue
        try:
            root = read_xml(content, path)
        except ContentError:
            continue
        pools = {pool.get("processRef"): pool.get("name") for pool in root.iter(f"{BPMN}participant")}
        for process in root.iter(f"{BPMN}process"):
            id_ = process.get("id", "")
            name = process.get("name") or pools.get(id_)
            yield id_, f"{name}（{id_}）" if name else id_
