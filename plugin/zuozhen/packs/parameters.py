"""Named values of a pack: a limit, a rank or a text that stands in one place and is read everywhere.

Expressions and templates read ``parameters.<key>``. Texts that people see and that hold no expression (pack.toml,
names and explanations in the diagram) say ``{{ parameters.<key> }}``; it is written out when the pack is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, TypeAlias
from xml.sax.saxutils import escape

from zuozhen.packs.reader import TableReader
from zuozhen.packs.values import Parameter

Plain: TypeAlias = str | int | float | bool | date

READ: Final = re.compile(r"(?<![\w.])parameters\s*\.\s*([^\W\d]\w*)")
"""A read of one parameter, in an expression or a template."""

_WRITTEN: Final = re.compile(r"\{\{\s*parameters\s*\.\s*([^\W\d]\w*)\s*\}\}")
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,40}")
_BARE: Final = 'value = 3、label = "答复期限"、unit = "个工作日"'


def read_parameters(reader: TableReader) -> dict[str, Parameter]:
    """Read ``[parameters.<key>]``: label, value (number, text, date, yes or no), unit and clause."""
    found = {}
    for key in reader.table:
        if not isinstance(reader.table[key], dict):
            reader.report(
                key, f"参数 {key[:40]} 应单独成一节", hint=f"写成 [parameters.{key[:40]}]，下面写 {_BARE}"
            )
            continue
        if not _KEY.fullmatch(key):
            reader.report(key, f"参数名“{key[:40]}”不合规", hint="小写字母开头，只用小写字母、数字和 _")
        item = reader.section(key)
        found[key] = Parameter(
            key, item.text("label"), _value(item), item.text("unit", ""), item.text("clause", "")
        )
        item.close(also=("value",))
    return found


def _value(reader: TableReader) -> Plain:
    value = reader.table.get("value")
    if isinstance(value, datetime) or not isinstance(value, str | int | float | bool | date):
        what = "缺少 value" if value is None else "value 不能用作参数的值"
        reader.report("value", what, hint='可以是数字 3、文字 "三楼"、日期 2026-12-01、true 或 false')
        return ""
    if isinstance(value, float) and not abs(value) < float("inf"):
        reader.report("value", "value 不是数", hint="写成 3 或 0.5 的样子")
        return 0
    if isinstance(value, str) and not value.strip():
        reader.report("value", "value 不能为空", hint="填写文字，或删去这个参数")
    return value


def values_of(parameters: Mapping[str, Parameter]) -> dict[str, Plain]:
    """Return what expressions and templates read as ``parameters``."""
    return {key: parameter.value for key, parameter in parameters.items()}


def shown(value: Plain) -> str:
    """Return a value as it stands in a text for people."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    return str(value)


def written_out(text: str, parameters: Mapping[str, Parameter]) -> str:
    """Return a text with ``{{ parameters.<key> }}`` replaced; unknown ones stay, the check speaks of them."""
    if "{{" not in text:
        return text

    def value(match: re.Match[str]) -> str:
        known = parameters.get(match[1])
        return match[0] if known is None else shown(known.value)

    return _WRITTEN.sub(value, text)


def file_written_out(path: str, content: bytes, parameters: Mapping[str, Parameter]) -> bytes:
    """Return a diagram or a form with the parameters in its texts written out; lines stay where they are."""
    if b"{{" not in content or not parameters:
        return content
    quote = _in_xml if path.endswith(".bpmn") else _in_json
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return content

    def value(match: re.Match[str]) -> str:
        known = parameters.get(match[1])
        return match[0] if known is None else quote(" ".join(shown(known.value).split()))

    return _WRITTEN.sub(value, text).encode()


def valued(rule: str, parameters: Mapping[str, Parameter]) -> str:
    """Return FEEL with the values of the parameters that it reads in their places, to be said in words."""

    def value(match: re.Match[str]) -> str:
        known = parameters.get(match[1])
        return match[0] if known is None else _in_feel(known.value)

    return READ.sub(value, rule)


def _in_xml(text: str) -> str:
    return escape(text, {'"': "&quot;", "'": "&apos;"})


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _in_feel(value: Plain) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return f'date("{value.isoformat()}")'
    return json.dumps(value, ensure_ascii=False)
