"""What the parts of a manifest have in common: ids, and rows that must differ."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from zuozhen.packs.reader import TableReader
from zuozhen.packs.values import ENTERPRISE

_ID = re.compile(r"[a-z][a-z0-9_-]{0,40}")


def read_id(reader: TableReader, key: str = "id") -> str:
    """Read an id; it becomes a group, a file name and part of addresses."""
    value = reader.text(key)
    if value == ENTERPRISE:
        reader.report(key, f"{key} “{ENTERPRISE}”是保留字，代表企业本身", hint="请另取一个")
    elif value and not _ID.fullmatch(value):
        reader.report(key, f"{key} “{value[:40]}”不合规", hint="小写字母开头，只用小写字母、数字、_ 和 -")
    return value


def unique(readers: Iterable[TableReader], key: str) -> Iterator[TableReader]:
    """Yield every row; one whose ``key`` stood before gets a finding."""
    seen: set[str] = set()
    for reader in readers:
        value = reader.table.get(key)
        if isinstance(value, str):
            if value in seen:
                reader.report(key, f"{key} “{value[:40]}”重复", hint="每一项须不同")
            seen.add(value)
        yield reader
