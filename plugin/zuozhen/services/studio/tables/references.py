"""Where the sections of a manifest name each other: procedures, registers, reports, quotas, settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

from zuozhen.services.studio.tables.shapes import Table

Row: TypeAlias = Mapping[str, Any]
_NOUNS: Final = {"register": "台账", "report": "统计", "quota": "次数要求"}


def in_lists(table: Table, name: str, manifest: Row) -> Iterator[str]:
    """Yield in Chinese what else of the manifest names this row of a table."""
    match table.ids:
        case "unit" | "role":
            for label, row in _sections(manifest):
                if name in _list(row.get("open_to")):
                    yield f"{label}由它打开或发起"
        case "process":
            for label, row in _sections(manifest):
                if row.get("process") == name:
                    yield f"{label}列的是它的办件"
            if name in _mapping(manifest.get("procedure")):
                yield "“事项”表中有它"
        case "recurrence":
            yield from _of_recurrence(name, manifest)
        case "heading":
            rows = [row for row in _rows(table.path, manifest) if row.get(name)]
            if rows:
                yield f"{len(rows)} 行填有内容"


def _of_recurrence(name: str, manifest: Row) -> Iterator[str]:
    if manifest.get("session_recurrence") == name:
        yield "坐诊日按它推算（名称和关联）"
    if _mapping(manifest.get("portal")).get("window") == name:
        yield "门户的挂号期按它推算（门户文字）"
    for quota in _list(manifest.get("quota")):
        if isinstance(quota, Mapping) and quota.get("recurrence") == name:
            yield f"次数要求“{quota.get('name', '')}”按它计数"


def _sections(manifest: Row) -> Iterator[tuple[str, Row]]:
    """Yield what may be opened, or lists cases of a process, each with what people call it."""
    for alias, procedure in _mapping(manifest.get("procedure")).items():
        if isinstance(procedure, Mapping):
            yield f"事项“{procedure.get('label') or alias}”", procedure
    for key, noun in _NOUNS.items():
        for row in _list(manifest.get(key)):
            if isinstance(row, Mapping):
                yield f"{noun}“{row.get('title') or row.get('name') or ''}”", row


def _rows(path: tuple[str | int, ...], manifest: Row) -> list[Row]:
    """Return the rows of the reference table whose columns lie at ``path``."""
    section, index, _ = path
    entry = manifest[str(section)][index]
    return [row for row in _list(_mapping(entry).get("rows")) if isinstance(row, Mapping)]


def _mapping(value: Any) -> Row:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
