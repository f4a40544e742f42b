"""Reads TOML tables key by key and collects everything wrong, with the line it stands on."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final, TypeAlias

from zuozhen.model.errors import Finding

_LARGEST: Final = 500_000
_HEADER = re.compile(r"\s*\[{1,2}([^\[\]]+)\]{1,2}\s*(?:#.*)?")
_KEY = re.compile(r"\s*([A-Za-z0-9_.-]+|\"[^\"]*\"|'[^']*')\s*=")
_AT_LINE = re.compile(r"at line (\d+)")
_TYPES: Final[dict[type, str]] = {
    str: "文字",
    int: "整数",
    float: "数字",
    list: "列表",
    dict: "一组键值",
    bool: "true 或 false",
}

Place: TypeAlias = tuple[tuple[str, int], ...]
"""The way to a table: names with their index, such as (("register", 1), ("columns", 0))."""


def parse_toml(data: bytes, file: str) -> tuple[Mapping[str, Any], list[Finding]]:
    """Return the table of a TOML file, or an empty one and the finding that says why not.

    The table is shared with whoever reads the same bytes: nobody may change it.
    """
    table, findings = _parsed(data, file)
    return table, list(findings)


@lru_cache(
    maxsize=64
)  # a check reads each file of a pack several times, a live check at every change of another
def _parsed(data: bytes, file: str) -> tuple[Mapping[str, Any], tuple[Finding, ...]]:
    if len(data) > _LARGEST:
        return {}, (Finding("error", "toml", f"文件超过 {_LARGEST // 1000} KB", file=file),)
    try:
        return tomllib.loads(data.decode("utf-8")), ()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        hint = "用 UTF-8 编码另存"
        return {}, (Finding("error", "toml", "不是 UTF-8 文字", file=file, line=line, hint=hint),)
    except (ValueError, RecursionError) as error:
        found = _AT_LINE.search(str(error))
        place = int(found[1]) if found else data.count(b"\n") + 1
        hint = "检查引号、括号和等号是否成对"
        return {}, (Finding("error", "toml", "TOML 语法错误", file=file, line=place, hint=hint),)


class Lines:
    """Where keys stand in a TOML text, found by reading its lines; good enough to point at."""

    def __init__(self, text: str) -> None:
        self._at: dict[tuple[Place, str], int] = {}
        self._opened: dict[tuple[Place, str], int] = {}
        place: Place = ()
        for number, line in enumerate(text.splitlines(), 1):
            if match := _HEADER.fullmatch(line):
                place = self._open([part.strip(" \"'") for part in match[1].split(".")])
                self._at.setdefault((place, ""), number)
            elif match := _KEY.match(line):
                self._at.setdefault((place, match[1].strip("\"'")), number)

    def find(self, place: Place, key: str) -> int | None:
        """Return the line of a key, else of its table's header, else of the table around that."""
        while True:
            for wanted in ((place, key), ((*place, (key, 0)), ""), (place, "")):
                if (line := self._at.get(wanted)) is not None:
                    return line
            if not place:
                return None
            key, place = place[-1][0], place[:-1]

    def _open(self, parts: Sequence[str]) -> Place:
        """Enter the next table of that name, inside the last opened tables around it."""
        around: Place = ()
        for part in parts[:-1]:
            around = (*around, (part, max(0, self._opened.get((around, part), 0) - 1)))
        index = self._opened.get((around, parts[-1]), 0)
        self._opened[around, parts[-1]] = index + 1
        return (*around, (parts[-1], index))


class TableReader:
    """One table: ask for its keys, then call :meth:`close` to report the ones nobody asked for."""

    def __init__(
        self, table: Mapping[str, Any], findings: list[Finding], lines: Lines, file: str, place: Place = ()
    ) -> None:
        self.table = table
        self.findings = findings
        self.lines = lines
        self.file = file
        self.place = place
        self.fill: Callable[[str], str] = str
        """What is done to every text that is read; rows and sections of this table do the same."""
        self._asked: set[str] = set()

    def report(self, key: str, message: str, hint: str = "") -> None:
        """Add a finding that points at a key of this table."""
        line = self.lines.find(self.place, key)
        where = f"{self._name()}{message}"
        self.findings.append(Finding("error", "manifest", where, self.file, key[:80], line, hint))

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; required and not blank unless there is a default."""
        value = self._get(key, str, default)
        if value is None or (default is None and not value.strip()):
            if key in self.table and value is not None:
                self.report(key, f"{key} 不能为空", hint="填写文字")
            return ""
        return self.fill(value)

    def date(self, key: str) -> str:
        """Return a required day as ISO text; the file may hold a TOML date or text."""
        if type(self.table.get(key)) is date:
            self._asked.add(key)
            return str(self.table[key])
        value = self.text(key)
        try:
            return value and date.fromisoformat(value).isoformat()
        except ValueError:
            self.report(key, f"{key} “{value[:40]}”不是日期", hint="写成 2024-11-05 的样子")
            return ""

    def choice(self, key: str, choices: Sequence[str], default: str | None = None) -> str:
        """Return a text that is one of ``choices``."""
        value = self.text(key, default)
        if value and value not in choices:
            self.report(key, f"{key} 不能是“{value}”", hint=f"可选：{'、'.join(choices)}")
        return value

    def integer(self, key: str, low: int, high: int) -> int:
        """Return a required whole number between two bounds (0 if it is not)."""
        value = self._get(key, int, None)
        return 0 if value is None or self._outside(key, value, low, high) else int(value)

    def number(self, key: str, low: float, high: float, default: float) -> float:
        """Return a number between two bounds."""
        value = self._get(key, float, default)
        return default if self._outside(key, value, low, high) else float(value)

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return a yes or no."""
        return bool(self._get(key, bool, default))

    def texts(self, key: str) -> tuple[str, ...]:
        """Return an optional list of texts."""
        items = self._get(key, list, [])
        if items is not None and not all(isinstance(item, str) for item in items):
            self.report(key, f"{key} 应为文字列表", hint='写成 ["第一条", "第二条"] 的样子')
            return ()
        return tuple(self.fill(item) for item in items or ())

    def section(self, key: str, *, required: bool = False) -> TableReader:
        """Return the reader of a sub-table; an absent one reads as empty."""
        value = self._get(key, dict, None if required else {})
        return self._sub(value or {}, key, 0)

    def sections(self, key: str) -> Iterator[TableReader]:
        """Yield the readers of an array of tables."""
        for index, item in enumerate(self._get(key, list, []) or []):
            if isinstance(item, dict):
                yield self._sub(item, key, index)
            else:
                self.report(key, f"{key} 第{index + 1}项应为一组键值", hint=f"写成 [[{key}]]")

    def text_map(self) -> dict[str, str]:
        """Return this whole table as texts by key."""
        return {key: self.text(key, "") for key in self.table}

    def close(self, also: Sequence[str] = ()) -> None:
        """Report every key that was not asked for and is not among ``also``."""
        known = self._asked.union(also)
        for key in self.table:
            if key not in known:
                self.report(key, f"不认识的键 {key[:80]}", hint=f"可用的键：{'、'.join(sorted(known))}")

    def _get(self, key: str, kind: type, default: Any) -> Any:
        self._asked.add(key)
        if key not in self.table:
            if default is None:
                self.report(key, f"缺少 {key}", hint=f"应为{_TYPES[kind]}")
            return default
        value = self.table[key]
        accepted = (int, float) if kind is float else kind
        if isinstance(value, bool) != (kind is bool) or not isinstance(value, accepted):
            self.report(key, f"{key} 应为{_TYPES[kind]}", hint=f"现为{_TYPES.get(type(value), '其他类型')}")
            return default
        return value

    def _outside(self, key: str, value: float, low: float, high: float) -> bool:
        if low <= value <= high:
            return False
        self.report(key, f"{key} 应在 {low} 至 {high} 之间")
        return True

    def _sub(self, table: Mapping[str, Any], key: str, index: int) -> TableReader:
        inner = TableReader(table, self.findings, self.lines, self.file, (*self.place, (key, index)))
        inner.fill = self.fill
        return inner

    def _name(self) -> str:
        """Name this table for people: its header, and its own id or its number among its like."""
        if not self.place:
            return ""
        header = ".".join(name for name, _ in self.place)
        own = next((self.table[key] for key in ("id", "name", "key") if key in self.table), None)
        if isinstance(own, str):
            return f"[{header}] “{own[:40]}”："
        index = self.place[-1][1]
        return f"[{header}] 第{index + 1}项：" if index else f"[{header}] "
