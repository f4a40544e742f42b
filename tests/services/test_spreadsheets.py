"""Workbooks, read back by another library."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from zuozhen.services.spreadsheets import LONGEST_TEXT, Share, Sheet, typed, workbook


def read(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def sheet(rows: Sequence[Sequence[Any]], **more: Any) -> Sheet:
    return Sheet("台账", "办件台账", ("期间：2026年9月",), ("序号", "企业名称"), rows, **more)


def test_title_and_period_stand_above_a_frozen_heading_and_notes_below() -> None:
    found = read(workbook([sheet([(1, "甲")], below=("说明一",))]))["台账"]
    rows = [[cell.value for cell in row] for row in found.iter_rows()]
    assert rows[:4] == [["办件台账", None], ["期间：2026年9月", None], ["序号", "企业名称"], [1, "甲"]]
    assert rows[-1][0] == "说明一"
    assert found.freeze_panes == "A4"
    assert found.print_title_rows == "$3:$3"


def test_cells_keep_their_kind() -> None:
    values = [
        Decimal("12.5"),
        date(2026, 9, 20),
        Share(Decimal("0.857")),
        datetime(2026, 9, 20, 1, 30, tzinfo=UTC),
    ]
    row = next(read(workbook([sheet([values])]))["台账"].iter_rows(min_row=4))
    assert [cell.value for cell in row] == [
        12.5,
        datetime.fromisoformat("2026-09-20"),
        0.857,
        datetime.fromisoformat("2026-09-20T09:30"),
    ]
    assert [cell.number_format for cell in row] == ["General", "yyyy-mm-dd", "0.0%", "yyyy-mm-dd hh:mm"]


def test_no_text_becomes_a_formula_a_link_or_a_number() -> None:
    hostile = ["=1+1", "+A1", "-2", "@SUM(A1)", "http://example.com/x", '=HYPERLINK("x")', "007", "{=A1}"]
    found = read(workbook([sheet([(text,) for text in hostile])]))["台账"]
    cells = [row[0] for row in found.iter_rows(min_row=4)]
    assert [cell.value for cell in cells] == hostile
    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(cell.hyperlink for cell in cells)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.text(max_size=60), max_size=4), st.text(max_size=60))
@example(texts=["\ufffe", "\x00"], name="\ufffe")
@example(texts=[], name="𐀀" * 20)
def test_any_text_can_be_written(texts: list[str], name: str) -> None:
    texts = [text.encode("utf-8", "replace").decode() for text in texts]
    name = name.encode("utf-8", "replace").decode()
    sheets = [Sheet(name, name, (), tuple(texts), [texts]) for _ in range(2)]
    book = read(workbook(sheets))
    assert len({one.title.lower() for one in book}) == 2


def test_a_text_too_long_for_a_cell_is_cut() -> None:
    found = read(workbook([sheet([("长" * (LONGEST_TEXT + 10),)])]))["台账"]
    assert len(found["A4"].value) == LONGEST_TEXT


def test_what_becomes_a_date_or_a_number() -> None:
    assert typed("2026-09-20", "2026-09-20") == date(2026, 9, 20)
    assert typed("2026-02-30", "2026-02-30") == "2026-02-30"
    assert typed("13887400001", "13887400001") == "13887400001"
    assert typed(Decimal(3), "3") == Decimal(3)
    assert typed([1, 2], "1、2") == "1、2"
