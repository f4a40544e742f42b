"""A pack's own calendar files: one JSON table a year (and local days), read but not yet counted with."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from zuozhen.model.errors import Finding

_NAME: Final = re.compile(r"(20[0-9]{2}|2100)(-[a-z][a-z0-9-]{0,30})?\.json")
_LARGEST: Final = 200_000


def calendar_path(slug: str, year: int, part: str = "") -> str:
    """Return where the arrangement of a year lies; ``part`` names further days of that year (``local``)."""
    return f"processes/{slug}/calendar/{year}{f'-{part}' if part else ''}.json"


def read_calendars(
    files: Mapping[str, bytes], slug: str
) -> tuple[tuple[tuple[str, Mapping[str, Any]], ...], list[Finding]]:
    """Return (path, table) of every calendar file by path, and what is wrong with their names and JSON.

    What the tables say is judged by the floor that counts days.
    """
    folder = f"processes/{slug}/calendar/"
    tables: list[tuple[str, Mapping[str, Any]]] = []
    findings: list[Finding] = []
    for path in sorted(files):
        if path.startswith(folder):
            mistake, table = _read(path.removeprefix(folder), files[path])
            if mistake:
                hint = "文件名为 2027.json 或 2027-local.json，内容与工作日历数据同一写法"
                findings.append(Finding("error", "calendar", mistake, file=path, hint=hint))
            else:
                tables.append((path, table))
    return tuple(tables), findings


def _read(name: str, content: bytes) -> tuple[str, Mapping[str, Any]]:
    """Return (what is wrong, the table)."""
    named = _NAME.fullmatch(name)
    if named is None:
        return "日历文件名不合规", {}
    if len(content) > _LARGEST:
        return f"日历文件超过 {_LARGEST // 1000} KB", {}
    try:
        table = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        return "日历文件不是 UTF-8 的 JSON", {}
    if not isinstance(table, dict):
        return "日历文件应为一组键值", {}
    if table.get("year") != int(named[1]):
        return f"year 应与文件名一致（{named[1]}）", {}
    if not named[2] and table.get("local") is True:
        return f"本地节假日应另存为 {named[1]}-local.json，以免取代全国安排", {}
    if named[2] and table.get("local") is not True:
        return "此文件应写 local = true；全国安排一年一个文件", {}
    return "", table
