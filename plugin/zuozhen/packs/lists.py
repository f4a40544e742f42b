"""Reads the lists and figures of a manifest: registers, reports, reference tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from zuozhen.packs.reader import TableReader
from zuozhen.packs.rows import read_id, unique
from zuozhen.packs.values import (
    Column,
    DataTable,
    Figure,
    Register,
    RegisterFilter,
    Report,
    ReportParameter,
    ReportTable,
)

PERIODS: Final = ("month", "quarter", "year")
CHARTS: Final = ("bar", "line", "pie", "")
CELLS: Final = ("text", "date", "number")
BY: Final = ("session", "period")


def read_registers(reader: TableReader) -> Iterator[Register]:
    """Yield the registers (台账、清单)."""
    for item in unique(reader.sections("register"), "key"):
        columns = tuple(_columns(item))
        if not columns:
            item.report(
                "columns",
                "台账至少要有一列",
                hint='columns = [{label = "企业名称", value = "register.enterprise"}]',
            )
        yield Register(
            key=read_id(item, "key"),
            title=item.text("title"),
            columns=columns,
            form=item.text("form", ""),
            process=item.text("process", "case"),
            filter=item.text("filter", ""),
            notes=item.texts("notes"),
            department=item.text("department", ""),
            by=item.choice("by", BY, "session"),
            period=item.text("period", "case.registered_on"),
            filters=tuple(_filters(item)),
            open_to=item.texts("open_to"),
        )
        item.close()


def _columns(reader: TableReader) -> Iterator[Column]:
    for number, item in enumerate(reader.sections("columns"), start=1):
        key = item.text("key", f"c{number}")
        yield Column(item.text("label"), item.text("value"), item.number("width", 0, 1000, 0), key)
        item.close()


def _filters(reader: TableReader) -> Iterator[RegisterFilter]:
    for item in unique(reader.sections("filters"), "key"):
        yield RegisterFilter(read_id(item, "key"), item.text("label"), item.text("value"))
        item.close()


def read_reports(reader: TableReader) -> Iterator[Report]:
    """Yield the reports (通报、简报)."""
    for item in unique(reader.sections("report"), "key"):
        figures = tuple(_figures(item))
        if not figures:
            item.report("figures", "报告至少要有一个数字", hint="写一节 [[report.figures]]")
        yield Report(
            key=read_id(item, "key"),
            title=item.text("title"),
            figures=figures,
            tables=tuple(_report_tables(item, {figure.key for figure in figures})),
            process=item.text("process", "case"),
            period=item.choice("period", PERIODS, "month"),
            by=item.text("by", "case.registered_on"),
            filter=item.text("filter", ""),
            parameter=_parameter(item.section("parameter")),
            template=item.text("template", ""),
            notes=item.texts("notes"),
            open_to=item.texts("open_to"),
        )
        item.close()


def _figures(reader: TableReader) -> Iterator[Figure]:
    known: set[str] = set()
    for item in unique(reader.sections("figures"), "key"):
        figure = Figure(
            read_id(item, "key"),
            item.text("label"),
            item.text("where", ""),
            item.text("of", ""),
            item.text("value", ""),
            item.flag("average"),
        )
        if figure.of and figure.of not in known:
            item.report("of", f"前面没有名为“{figure.of[:40]}”的数字", hint="占比的分母须先列出")
        known.add(figure.key)
        yield figure
        item.close()


def _report_tables(reader: TableReader, figures: set[str]) -> Iterator[ReportTable]:
    for item in unique(reader.sections("tables"), "key"):
        columns = item.texts("columns")
        for unknown in sorted(set(columns) - figures):
            item.report("columns", f"没有名为“{unknown[:40]}”的数字", hint="写成 figures 中的 key")
        yield ReportTable(
            read_id(item, "key"),
            item.text("title"),
            item.text("group"),
            columns,
            item.choice("chart", CHARTS, ""),
        )
        item.close()


def _parameter(reader: TableReader) -> ReportParameter | None:
    if not reader.table:
        return None
    parameter = ReportParameter(
        read_id(reader, "key"), reader.text("label"), reader.text("codes"), reader.text("filter")
    )
    reader.close()
    return parameter


def read_tables(reader: TableReader) -> Iterator[DataTable]:
    """Yield the reference tables (时间安排表、轮值表)."""
    for item in unique(reader.sections("table"), "key"):
        columns = tuple(_headings(item))
        types = {column.key: column.type for column in columns}
        yield DataTable(
            key=read_id(item, "key"),
            title=item.text("title"),
            columns=columns,
            rows=tuple(_data_rows(item, types)),
            public=item.flag("public"),
            print=item.text("print", ""),
            notes=item.texts("notes"),
            editable_by=item.texts("editable_by"),
        )
        item.close()


def _headings(reader: TableReader) -> Iterator[Column]:
    for item in unique(reader.sections("columns"), "key"):
        yield Column(
            item.text("label"),
            "",
            item.number("width", 0, 1000, 0),
            item.text("key"),
            item.choice("type", CELLS, "text"),
        )
        item.close()


def _data_rows(reader: TableReader, types: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    for item in reader.sections("rows"):
        row = {
            key: item.texts(key) if isinstance(item.table.get(key), list) else item.text(key, "")
            for key in types
        }
        for key, kind in types.items():
            if row[key] and cell_value(row[key], kind) is None:
                hint = "写成 2026-12-01 的样子" if kind == "date" else "写成 3 或 0.5 的样子"
                item.report(
                    key, f"“{str(row[key])[:40]}”不是{'日期' if kind == 'date' else '数字'}", hint=hint
                )
        yield row
        item.close()


def cell_value(cell: Any, kind: str) -> Any:
    """Return what FEEL reads of a cell; ``None`` for one that is empty or not of its column's type."""
    if kind == "text":
        return cell
    if not isinstance(cell, str) or not cell:
        return None
    try:
        return (
            date.fromisoformat(cell)
            if kind == "date"
            else Decimal(cell)
            if Decimal(cell).is_finite()
            else None
        )
    except (ValueError, InvalidOperation):
        return None
