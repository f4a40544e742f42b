"""Between what is typed into a row's form and what stands in the file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from zuozhen import feel
from zuozhen.model.errors import FeelError, Problem
from zuozhen.services.studio.tables.shapes import Column, Table

LONGEST: Final = 4000
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,40}")


def typed_values(table: Table, typed: Mapping[str, str]) -> tuple[dict[str, Any], list[Problem]]:
    """Return the row's values by column (``None`` = leave out) and what is wrong with what was typed."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    kind = typed.get("kind", "")
    for column in table.columns:
        text = typed.get(column.key, "").replace("\r\n", "\n").strip()
        if column.only and kind not in column.only:
            text = ""
        if not text:
            values[column.key] = None
            if column.required:
                problems.append(Problem(column.key, column.label, f"请填写{column.label}"))
            continue
        values[column.key], mistake = _value(column, text)
        if table.shape == "pairs" and column.key == "id" and not _KEY.fullmatch(text):
            mistake = "只用字母、数字、点、_ 和 -"
        if mistake:
            problems.append(Problem(column.key, column.label, f"{column.label}：{mistake}"))
    return values, problems


def shown(table: Table, row: Mapping[str, Any]) -> dict[str, str]:
    """Return a row as text by column, ready for its form."""
    return {
        column.key: "" if row.get(column.key) is None else _text(row[column.key], column.kind)
        for column in table.columns
    }


def keep_kinds(
    table: Table, old: Mapping[str, Any], values: dict[str, Any], typed: Mapping[str, str]
) -> list[Problem]:
    """Return what is of another kind than before: what reads it counts on a number, a date, a yes or no.

    What was a text stays one, whatever it looks like.
    """
    problems = []
    for column in table.columns:
        now, before = values.get(column.key), old.get(column.key)
        if column.kind != "value" or None in (now, before):
            continue
        if isinstance(before, str):
            values[column.key] = typed.get(column.key, "").strip()
        elif _kind(now) != _kind(before):
            text = (
                f"{column.label}：原来是{_kind(before)}，读它的地方按{_kind(before)}用，请填{_kind(before)}"
            )
            problems.append(Problem(column.key, column.label, text))
    return problems


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "是或否"
    if isinstance(value, str):
        return "文字"
    return "日期" if isinstance(value, date) else "数字"


def _text(value: Any, kind: str = "") -> str:
    if isinstance(value, bool) and kind == "value":
        return "是" if value else "否"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "\n".join(str(item) for item in value) if isinstance(value, list) else str(value)


def _value(column: Column, text: str) -> tuple[Any, str]:
    """Return (the value, what is wrong with it)."""
    if len(text) > LONGEST or any(unicodedata.category(sign) == "Cc" for sign in text.replace("\n", "")):
        return None, f"超过 {LONGEST} 个字或含有控制字符"
    if column.kind in ("whole", "number"):
        return _number(column, text)
    if column.kind == "texts":
        return _list(column, text)
    if column.choices and text not in dict(column.choices):
        return None, "请从列表中选择"
    match column.kind:
        case "flag":
            return text == "true", ""
        case "clock" if not _CLOCK.fullmatch(text):
            return None, "写成 17:30 的样子"
        case "date":
            return _date(text)
        case "value":
            return _any(text)
        case "feel":
            try:
                feel.compile_expression(text)
            except FeelError as error:
                return None, error.message
        case "text" | "id" | "choice" if "\n" in text:
            return None, "只能写一行"
    return text, ""


def _any(text: str) -> tuple[Any, str]:
    """Return a number, date, yes or no, or text, by what was typed."""
    if text in ("是", "否", "true", "false"):
        return text in ("是", "true"), ""
    if re.fullmatch(r"-?[0-9]{1,12}", text):
        return int(text), ""
    if re.fullmatch(r"-?[0-9]{1,12}\.[0-9]{1,6}", text):
        return float(text), ""
    if re.fullmatch(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}", text):
        return _date(text)
    return text, ""


def _number(column: Column, text: str) -> tuple[Any, str]:
    whole = column.kind == "whole"
    try:
        value = int(text) if whole else float(text)
    except ValueError:
        return None, "应为整数" if whole else "应为数字"
    if not column.low <= value <= column.high or (whole and value == 0):
        return None, f"应在 {column.low:g} 至 {column.high:g} 之间"
    return (int(value) if value == int(value) and column.kind == "number" else value), ""


def _list(column: Column, text: str) -> tuple[list[str], str]:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    known = dict(column.choices)
    wrong = bool(known or column.source) and any(line not in known for line in lines)
    return lines, "请从列表中选择" if wrong else ""


def _date(text: str) -> tuple[Any, str]:
    try:
        return date.fromisoformat(text), ""
    except ValueError:
        return None, "写成 2024-11-05 的样子"
