"""The list of migrations and the result of one, case by case; also as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from zuozhen.model.clock import LOCAL
from zuozhen.model.errors import Invalid
from zuozhen.model.migration import Order
from zuozhen.services.context import Context
from zuozhen.services.migrating.control import load
from zuozhen.services.migrating.lines import counts_of
from zuozhen.services.migrating.outlook import DueLine, Outlook, from_json, order_from
from zuozhen.services.migrating.preview import CaseOutlook, Preview
from zuozhen.store.tables import (
    ITEM_DONE,
    ITEM_FAILED,
    ITEM_KEPT,
    ITEM_REFUSED,
    ITEM_RETURNING,
    ITEM_ROLLED_BACK,
    ITEM_WAITING,
    MIGRATION_ROLLING_BACK,
    MIGRATION_RUNNING,
    Case,
    Migration,
    MigrationCase,
)
from zuozhen.store.tables import Release as ReleaseRow

PAGE = 100
BATCH = 500
BOM = "\ufeff"
"""Tells Excel that the file is UTF-8."""

STATUS_TEXT: Final = {
    ITEM_WAITING: "待迁移",
    ITEM_DONE: "已迁移",
    ITEM_REFUSED: "不能迁移",
    ITEM_FAILED: "出错",
    ITEM_RETURNING: "待回退",
    ITEM_ROLLED_BACK: "已回退",
    ITEM_KEPT: "未回退",
}
DUE_TEXT: Final = {
    "same": "不变",
    "later": "推后",
    "earlier": "提前",
    "added": "新增",
    "removed": "取消",
    "kept": "保留原期限",
}


@dataclass(frozen=True, slots=True)
class MigrationInfo:
    """One migration: where to, by whom, how far."""

    id: UUID
    kind: str
    status: str
    version: int
    order: Order
    note: str
    by: str
    at: datetime
    finished_at: datetime | None
    counts: dict[str, int]
    back: dict[str, str]
    """Why and by whom it was rolled back last; empty if it was not."""

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def at_work(self) -> bool:
        return self.status in (MIGRATION_RUNNING, MIGRATION_ROLLING_BACK)

    @property
    def dealt_with(self) -> int:
        return self.total - self.counts.get(ITEM_WAITING, 0) - self.counts.get(ITEM_RETURNING, 0)

    @property
    def percent(self) -> int:
        return 100 * self.dealt_with // self.total if self.total else 100

    @property
    def returnable(self) -> int:
        return self.counts.get(ITEM_DONE, 0) + self.counts.get(ITEM_KEPT, 0)


@dataclass(frozen=True, slots=True)
class ReportLine:
    """What became of one case."""

    case_id: UUID
    number: str
    title: str
    enterprise: str
    status: str
    error: str
    at: datetime | None
    outlook: Outlook
    returnable: bool

    @property
    def status_text(self) -> str:
        return STATUS_TEXT[self.status]


@dataclass(frozen=True, slots=True)
class Report:
    """One page of a migration's lines; ``next_key`` continues it."""

    info: MigrationInfo
    lines: tuple[ReportLine, ...]
    next_key: str


def migrations(context: Context, tenant: int) -> tuple[MigrationInfo, ...]:
    """Return the migrations of a jurisdiction, newest first (at most 100)."""
    with context.database.read() as session:
        rows = session.execute(
            _with_version().where(Migration.tenant == tenant).order_by(Migration.id.desc()).limit(PAGE)
        ).all()
        counts: dict[UUID, dict[str, int]] = {}
        for migration_id, status, count in session.execute(
            select(MigrationCase.migration_id, MigrationCase.status, func.count())
            .where(
                MigrationCase.tenant == tenant,
                MigrationCase.migration_id.in_([migration.id for migration, _ in rows]),
            )
            .group_by(MigrationCase.migration_id, MigrationCase.status)
        ):
            counts.setdefault(migration_id, {})[status] = count
    return tuple(_info(migration, version, counts.get(migration.id, {})) for migration, version in rows)


def progress(context: Context, tenant: int, migration_id: UUID) -> MigrationInfo:
    """Return how far a migration is. Raises ``NotFound``."""
    with context.database.read() as session:
        return _progress(session, tenant, migration_id)


def report(context: Context, tenant: int, migration_id: UUID, *, status: str = "", after: str = "") -> Report:
    """Return one page of what became of the cases; ``status`` narrows, ``after`` continues.

    Raises:
        NotFound: no such migration.
    """
    with context.database.read() as session:
        info = _progress(session, tenant, migration_id)
        query = _lines(tenant, migration_id, status).limit(PAGE + 1)
        if after:
            query = query.where(MigrationCase.case_id > _uuid(after))
        rows = session.execute(query).all()
    lines = tuple(_line(item, case) for item, case in rows[:PAGE])
    return Report(info, lines, lines[-1].case_id.hex if len(rows) > PAGE else "")


def report_csv(context: Context, tenant: int, migration_id: UUID) -> bytes:
    """Return the whole report as CSV that Excel opens. Raises ``NotFound``."""
    with context.database.read() as session:
        _progress(session, tenant, migration_id)
        return _csv(_report_rows(session, tenant, migration_id))


def preview_csv(found: Preview) -> bytes:
    """Return a preview as CSV that Excel opens: one row for each open deadline of each case."""
    head = ("编号", "标题", "企业", "流程", "现版本", "所在环节", "结果", *_DUE_HEAD, "说明")
    return _csv((head, *_preview_rows(found)))


# ---------------------------------------------------------------- reading


def _with_version() -> Select[Migration, int]:
    return select(Migration, ReleaseRow.version).join(
        ReleaseRow, (ReleaseRow.tenant == Migration.tenant) & (ReleaseRow.id == Migration.release_id)
    )


def _progress(session: Session, tenant: int, migration_id: UUID) -> MigrationInfo:
    migration = load(session, tenant, migration_id)
    version = session.scalar(
        select(ReleaseRow.version).where(ReleaseRow.tenant == tenant, ReleaseRow.id == migration.release_id)
    )
    return _info(migration, version or 0, counts_of(session, tenant, migration_id))


def _info(migration: Migration, version: int, counts: dict[str, int]) -> MigrationInfo:
    return MigrationInfo(
        migration.id,
        migration.kind,
        migration.status,
        version,
        order_from(migration.plan),
        migration.note,
        migration.created_name,
        migration.created_at,
        migration.finished_at,
        counts,
        dict(migration.plan.get("back", {})),
    )


def _lines(tenant: int, migration_id: UUID, status: str) -> Select[MigrationCase, Case]:
    query = (
        select(MigrationCase, Case)
        .join(Case, (Case.tenant == MigrationCase.tenant) & (Case.id == MigrationCase.case_id))
        .where(MigrationCase.tenant == tenant, MigrationCase.migration_id == migration_id)
        .order_by(MigrationCase.case_id)
    )
    return query.where(MigrationCase.status == status) if status in STATUS_TEXT else query


def _line(item: MigrationCase, case: Case) -> ReportLine:
    return ReportLine(
        case.id,
        case.number or case.business_key,
        case.title,
        case.enterprise,
        item.status,
        item.error or "",
        item.at,
        from_json(item.result),
        item.status in (ITEM_DONE, ITEM_KEPT) and item.seq is not None,
    )


def _uuid(text: str) -> UUID:
    try:
        return UUID(hex=text)
    except ValueError as error:
        raise Invalid("翻页参数不正确，请从第一页重新查看。") from error


# ---------------------------------------------------------------- as CSV

_DUE_HEAD = ("期限所属任务", "原期限", "新期限", "变化（天）", "期限变化", "是否将立即逾期")


def _report_rows(session: Session, tenant: int, migration_id: UUID) -> Iterator[tuple[Any, ...]]:
    yield ("编号", "标题", "企业", "结果", "时间", *_DUE_HEAD, "说明")
    last: UUID | None = None
    while True:
        query = _lines(tenant, migration_id, "").limit(BATCH)
        rows = session.execute(query.where(MigrationCase.case_id > last) if last else query).all()
        if not rows:
            return
        for item, case in rows:
            line = _line(item, case)
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
