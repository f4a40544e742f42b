"""Workbooks (XLSX) of plain rows: typed cells, a frozen heading, title and period on top."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from zuozhen.model.clock import LOCAL

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

LONGEST_TEXT: Final = 32_000
"""Characters that a cell may hold (the format allows 32,767)."""
MAX_ROWS: Final = 1_000_000
WIDEST: Final = 48
_NAME: Final = re.compile(r"[\[\]:*?/\\'\t\r\n]")
_ISO_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML cannot hold."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share as a number from 0 to 1; shown in per cent."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: lines above the table, its heading, its rows. ``widths`` are in characters, 0 for plain ones."""

    name: str
    title: str
    above: tuple[str, ...]
    heading: tuple[str, ...]
    rows: Iterable[Sequence[Any]]
    widths: tuple[float, ...] = ()
    below: tuple[str, ...] = ()


def workbook(sheets: Iterable[Sheet]) -> bytes:
    """Return a workbook; numbers, shares and dates stay what they are, and no text becomes a formula.

    Rows are written away one by one, so that a long list costs no memory.
    """
    from xlsxwriter import Workbook  # a tenth of a second, which a server's start need not wait for

    content = BytesIO()
    book = Workbook(content, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"})
    styles = {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "heading": book.add_format({"bold": True, "text_wrap": True, "valign": "vcenter", "border": 1}),
        "text": book.add_format({"text_wrap": True, "valign": "top"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"}),
        "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm", "valign": "top"}),
        "number": book.add_format({"valign": "top"}),
        "share": book.add_format({"num_format": "0.0%", "valign": "top"}),
    }
    taken: set[str] = set()
    for sheet in sheets:
        _write(book.add_worksheet(_name(sheet.name, taken)), sheet, styles)
    book.close()
    return content.getvalue()


def _write(place: Worksheet, sheet: Sheet, styles: dict[str, Format]) -> None:
    for column, label in enumerate(sheet.heading):
        width = sheet.widths[column] if column < len(sheet.widths) else 0
        place.set_column(column, column, min(WIDEST, width or max(10, 2 * len(label) + 2)))
    place.write_string(0, 0, _plain(sheet.title), styles["title"])
    for number, line in enumerate(sheet.above, start=1):
        place.write_string(number, 0, _plain(line))
    top = 1 + len(sheet.above)
    for column, label in enumerate(sheet.heading):
        place.write_string(top, column, _plain(label), styles["heading"])
    place.freeze_panes(top + 1, 0)
    place.repeat_rows(top)
    place.set_landscape()
    place.fit_to_pages(1, 0)
    at = top + 1
    for row in sheet.rows:
        if at >= MAX_ROWS:
            break
        for column, value in enumerate(row):
            _cell(place, at, column, value, styles)
        at += 1
    for number, line in enumerate(sheet.below, start=1):
        place.write_string(at + number, 0, _plain(line))


def _cell(place: Worksheet, row: int, column: int, value: Any, styles: dict[str, Format]) -> None:
    if isinstance(value, Share):
        place.write_number(row, column, float(value.value), styles["share"])
    elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        place.write_number(row, column, float(value), styles["number"])
    elif isinstance(value, datetime):
        local = value.astimezone(LOCAL).replace(tzinfo=None) if value.tzinfo else value
        place.write_datetime(row, column, local, styles["moment"])
    elif isinstance(value, date) and value.year >= 1900:
        place.write_datetime(row, column, value, styles["day"])
    elif value not in (None, ""):
        place.write_string(row, column, _plain(str(value)), styles["text"])


def typed(value: Any, text: str) -> Any:
    """Return what a cell should hold: a number or a date where ``value`` is one, else the ``text`` people read."""
    if isinstance(value, Decimal | date):
        return value
    if isinstance(value, str) and _ISO_DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return text
    return text


def _plain(text: str) -> str:
    return _CONTROLS.sub("", text)[:LONGEST_TEXT]


def _name(wanted: str, taken: set[str]) -> str:
    """Return a name that a sheet may have: no special signs, at most 31 characters, different from the others."""
    units = _NAME.sub("", _plain(wanted)).strip().encode("utf-16-le")[: 2 * 28]  # Excel counts UTF-16 units
    base = units.decode("utf-16-le", "ignore") or "表"
    name, number = base, 2
    while name.lower() in taken:
        name, number = f"{base}{number}", number + 1
    taken.add(name.lower())
    return name
