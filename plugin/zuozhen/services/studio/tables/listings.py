"""The tables of registers, reports and reference data: the lists themselves, and the lists within each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from zuozhen.services.studio.tables.shapes import Column, Kind, Table

SECTION: Final = "台账、统计和资料表"

_KEY = Column("key", "代号", "id", hint="小写字母开头，只用小写字母、数字、_ 和 -")
_TITLE = Column("title", "名称")
_LABEL = Column("label", "名称")
_NOTES = Column("notes", "备注", "texts", False, hint="每行一条，印在表下")
_OPEN_TO = Column("open_to", "谁可以打开", "texts", False, source="group", hint="都不选：全体工作人员")
_FILTER = Column("filter", "哪些办件列入", "feel", False, hint="FEEL 条件，空着为全部")
_PROCESS = Column("process", "哪个流程的办件", "choice", False, source="process", hint="不填为企业诉求")
_YES_NO = (("true", "是"), ("false", "否"))
_BY = (("session", "每个场次一份"), ("period", "按时段查询"))
_PERIODS = (("month", "每月"), ("quarter", "每季度"), ("year", "每年"))
_CHARTS = (("bar", "条形图"), ("line", "折线图"), ("pie", "饼图"))
_WIDTH = Column("width", "宽度", "number", False, high=1000, hint="相对宽度，空着为平均")

REGISTERS = Table(
    "registers", "台账、清单", SECTION, "rows", ("register",),
    (
        _KEY,
        _TITLE,
        Column("by", "怎么列", "choice", False, _BY, hint="不填为每个场次一份"),
        _PROCESS,
        _FILTER,
        Column("period", "按哪一天归入时段", "feel", False, hint="FEEL，不填为 case.registered_on（登记日期）"),
        Column("form", "纸质表样", "choice", False, source="paper", hint="打印模板或表单；不填用通用的列表"),
        Column("department", "表头部门", "feel", False, hint="FEEL"),
        _NOTES,
        _OPEN_TO,
    ),
    "key",
    ids="register",
    brief=("by", "process", "open_to"),
    starter=("columns", {"key": "row", "label": "序号", "value": "row"}),
    about="办件的清单。新增后再到“列”中写明每一列取什么。",
)  # fmt: skip
REPORTS = Table(
    "reports", "统计、通报", SECTION, "rows", ("report",),
    (
        _KEY,
        _TITLE,
        Column("period", "多久一期", "choice", False, _PERIODS, hint="不填为每月"),
        _PROCESS,
        Column("by", "按哪一天归入期间", "feel", False, hint="FEEL，不填为 case.registered_on（登记日期）"),
        _FILTER,
        Column("template", "打印模板", "choice", False, source="print", hint="不填用通用的版式"),
        _NOTES,
        _OPEN_TO,
    ),
    "key",
    ids="report",
    brief=("period", "process", "open_to"),
    starter=("figures", {"key": "total", "label": "合计（件）"}),
    about="一期之内的数字、分组表和图。新增后再写明有哪些数字和分组表。",
)  # fmt: skip
DATA_TABLES = Table(
    "tables", "资料表", SECTION, "rows", ("table",),
    (
        _KEY,
        _TITLE,
        Column("public", "在门户公开", "flag", False, _YES_NO, hint="不填为不公开"),
        Column("print", "打印模板", "choice", False, source="print", hint="不填用通用的表格"),
        _NOTES,
        Column("editable_by", "运行中由谁维护", "texts", False, source="group", hint="选中的单位、岗位在“台账”页改各行，即时生效"),
    ),
    "key",
    ids="datatable",
    brief=("public", "editable_by"),
    starter=("columns", {"key": "name", "label": "名称"}),
    about="轮值表、年度安排等资料，公开的显示在门户上。新增后先写各列，再填各行。",
)  # fmt: skip
LISTS: Final = (REGISTERS, REPORTS, DATA_TABLES)

_COLUMNS = (
    Column("key", "列代号", "id", False, hint="打印模板用"),
    Column("label", "列名"),
    Column("value", "取值", "feel", hint="FEEL，例如 register.enterprise"),
    _WIDTH,
)
_FILTERS = (
    _KEY,
    _LABEL,
    Column("value", "取值", "feel", hint="FEEL，办件按这个文字筛选，例如 case.stage"),
)
_FIGURES = (
    _KEY,
    _LABEL,
    Column("where", "数哪些办件", "feel", False, hint="FEEL 条件，空着为全部"),
    Column("of", "占哪个数字的百分比", "choice", False, hint="须是排在前面的数字；不填为件数"),
    Column("value", "加总什么", "feel", False, hint="FEEL 得出数字，例如 rate.score；不填为件数"),
    Column("average", "求平均", "flag", False, _YES_NO, hint="不填为合计"),
)
_REPORT_TABLES = (
    _KEY,
    _TITLE,
    Column("group", "按什么分组", "feel", hint="FEEL 得出文字或文字列表，例如 text.accept.category"),
    Column("columns", "列出哪些数字", "texts"),
    Column("chart", "图", "choice", False, _CHARTS, hint="不填只有表"),
)
_PARAMETER = (
    Column("key", "代号", "id", False, hint="条件中用它读取所选的代码；都不填：没有参数"),
    Column("label", "名称", "text", False),
    Column("codes", "从哪张代码表选", "choice", False, source="codes"),
    Column("filter", "选定后列入哪些办件", "feel", False, hint="FEEL，例如 register.county = county"),
)
_CELLS = Column(
    "type",
    "内容",
    "choice",
    False,
    (("text", "文字"), ("date", "日期"), ("number", "数字")),
    hint="不填为文字；日期、数字在 FEEL 里可以比较",
)
_HEADINGS = (Column("key", "列代号", "id", hint="模板和 FEEL 用"), Column("label", "列名"), _WIDTH, _CELLS)


def listings_of(manifest: Mapping[str, Any]) -> Iterator[Table]:
    """Yield the tables within every register, report and reference table."""
    for index, key, title, _ in _entries(manifest, REGISTERS):
        path = ("register", index)
        yield _rows(f"columns.{key}", f"{title}：列", (*path, "columns"), _COLUMNS, REGISTERS)
        yield _rows(f"filters.{key}", f"{title}：筛选项", (*path, "filters"), _FILTERS, REGISTERS)
    for index, key, title, entry in _entries(manifest, REPORTS):
        yield from _of_report(index, key, title, entry)
    for index, key, title, entry in _entries(manifest, DATA_TABLES):
        headings = _rows(
            f"headings.{key}", f"{title}：列", ("table", index, "columns"), _HEADINGS, DATA_TABLES
        )
        yield replace(headings, ids="heading")
        columns = tuple(_cells(entry))
        cells = _rows(f"rows.{key}", f"{title}：各行", ("table", index, "rows"), columns, DATA_TABLES)
        yield replace(cells, key="", brief=tuple(column.key for column in columns))


def _of_report(index: int, key: str, title: str, entry: Mapping[str, Any]) -> Iterator[Table]:
    path = ("report", index)
    figures = tuple(
        (str(figure.get("key")), str(figure.get("label", figure.get("key"))))
        for figure in _dicts(entry.get("figures"))
        if figure.get("key")
    )
    yield _rows(
        f"figures.{key}", f"{title}：数字", (*path, "figures"), _offer(_FIGURES, "of", figures), REPORTS
    )
    tables = _offer(_REPORT_TABLES, "columns", figures)
    yield _rows(f"groups.{key}", f"{title}：分组表", (*path, "tables"), tables, REPORTS)
    yield Table(
        f"parameter.{key}", f"{title}：参数", SECTION, "fields", (*path, "parameter"), _PARAMETER,
        about="需要按县区、单位等分别出报告时填写，打开时先选一个代码。", parent=REPORTS.name,
    )  # fmt: skip


def _rows(
    name: str, label: str, path: tuple[str | int, ...], columns: tuple[Column, ...], parent: Table
) -> Table:
    return Table(name, label, SECTION, "rows", path, columns, "key", parent=parent.name)


def _offer(columns: tuple[Column, ...], key: str, choices: tuple[tuple[str, str], ...]) -> tuple[Column, ...]:
    """Give one of the columns its choices."""
    return tuple(replace(column, choices=choices) if column.key == key else column for column in columns)


def _cells(entry: Mapping[str, Any]) -> Iterator[Column]:
    """Yield a column for each heading of a reference table; one that holds lists anywhere holds lists."""
    rows = _dicts(entry.get("rows"))
    for heading in _dicts(entry.get("columns")):
        key = heading.get("key")
        if not isinstance(key, str) or not key:
            continue
        lists = any(isinstance(row.get(key), list) for row in rows)
        kind: Kind = "texts" if lists else "long"
        yield Column(key, str(heading.get("label", key)), kind, False, hint="每行一项" if lists else "")


def _entries(manifest: Mapping[str, Any], table: Table) -> Iterator[tuple[int, str, str, Mapping[str, Any]]]:
    """Yield (index, key, title, entry) of a list; entries without a key are left out."""
    known = manifest.get(str(table.path[0]))
    for index, entry in enumerate(known if isinstance(known, list) else ()):
        if isinstance(entry, Mapping) and isinstance(key := entry.get("key"), str) and key:
            yield index, key, str(entry.get("title", key)), entry


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
