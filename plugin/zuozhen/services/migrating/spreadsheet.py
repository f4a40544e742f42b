"""A preview and a report as CSV that Excel opens: one row for each open deadline of each case."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from zuozhen.model.clock import LOCAL
from zuozhen.services.context import Context
from zuozhen.services.migrating.outlook import DueLine, Outlook
from zuozhen.services.migrating.preview import CaseOutlook, Preview
from zuozhen.services.migrating.report import DUE_TEXT, line_of, lines_of, progress_of
from zuozhen.services.privacy import private_processes
from zuozhen.store.tables import MigrationCase

BATCH = 500
BOM = "\ufeff"
"""Tells Excel that the file is UTF-8."""


def report_csv(context: Context, tenant: int, migration_id: UUID) -> bytes:
    """Return the whole report as CSV that Excel opens. Raises ``NotFound``."""
    with context.database.read() as session:
        progress_of(session, tenant, migration_id)
        private = private_processes(context.releases.live(session, tenant).pack)
        return _csv(_report_rows(session, tenant, migration_id, private))


def preview_csv(found: Preview) -> bytes:
    """Return a preview as CSV that Excel opens: one row for each open deadline of each case."""
    head = ("编号", "标题", "企业", "流程", "现版本", "所在环节", "结果", *_DUE_HEAD, "说明")
    return _csv((head, *_preview_rows(found)))


_DUE_HEAD = ("期限所属任务", "原期限", "新期限", "变化（天）", "期限变化", "是否将立即逾期")


def _report_rows(
    session: Session, tenant: int, migration_id: UUID, private: frozenset[str]
) -> Iterator[tuple[Any, ...]]:
    yield ("编号", "标题", "企业", "结果", "时间", *_DUE_HEAD, "说明")
    last: UUID | None = None
    while True:
        query = lines_of(tenant, migration_id, "").limit(BATCH)
        rows = session.execute(query.where(MigrationCase.case_id > last) if last else query).all()
        if not rows:
            return
        for item, case in rows:
            line = line_of(item, case, private)
            at = line.at.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M") if line.at else ""
            head = (line.number, line.title, line.enterprise, line.status_text, at)
            yield from _rows(head, line.outlook, line.error)
        last = rows[-1][0].case_id
        session.expunge_all()


def _preview_rows(found: Preview) -> Iterator[tuple[Any, ...]]:
    for group in found.groups:
        places = "、".join(place.name or place.element_id for place in group.places)
        for case in group.cases:
            yield from _rows(
                (
                    *_who(case),
                    group.process_name,
                    group.version,
                    places,
                    "不能迁移" if group.refused else "可迁移",
                ),
                case.outlook,
                "；".join(f"{refusal.message}{refusal.hint}" for refusal in case.outlook.refusals),
            )


def _who(case: CaseOutlook) -> tuple[str, str, str]:
    return (case.number, case.title, case.enterprise)


def _rows(head: tuple[Any, ...], outlook: Outlook, text: str) -> Iterator[tuple[Any, ...]]:
    notes = "；".join(part for part in (text, *outlook.notes) if part)
    for due in outlook.dues:
        yield (*head, *_due_cells(due), notes)
    if not outlook.dues:
        yield (*head, *("",) * len(_DUE_HEAD), notes)


def _due_cells(due: DueLine) -> tuple[Any, ...]:
    return (
        due.name,
        _day(due.old),
        _day(due.new),
        "" if due.days is None else due.days,
        DUE_TEXT[due.kind],
        "是" if due.overdue else "",
    )


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _csv(rows: Any) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([[_harmless(cell) for cell in row] for row in rows])
    return (BOM + text.getvalue()).encode()


def _harmless(cell: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
