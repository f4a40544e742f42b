"""The list of migrations and the result of one, case by case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from zuozhen.model.errors import Invalid
from zuozhen.model.migration import Order
from zuozhen.services.context import Context
from zuozhen.services.migrating.control import load
from zuozhen.services.migrating.lines import counts_of
from zuozhen.services.migrating.outlook import Outlook, from_json, order_from
from zuozhen.services.privacy import PRIVATE, private_processes
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
        return progress_of(session, tenant, migration_id)


def report(context: Context, tenant: int, migration_id: UUID, *, status: str = "", after: str = "") -> Report:
    """Return one page of what became of the cases; ``status`` narrows, ``after`` continues.

    Raises:
        NotFound: no such migration.
    """
    with context.database.read() as session:
        info = progress_of(session, tenant, migration_id)
        query = lines_of(tenant, migration_id, status).limit(PAGE + 1)
        if after:
            query = query.where(MigrationCase.case_id > _uuid(after))
        rows = session.execute(query).all()
        private = private_processes(context.releases.live(session, tenant).pack)
    lines = tuple(line_of(item, case, private) for item, case in rows[:PAGE])
    return Report(info, lines, lines[-1].case_id.hex if len(rows) > PAGE else "")


# ---------------------------------------------------------------- reading


def _with_version() -> Select[Migration, int]:
    return select(Migration, ReleaseRow.version).join(
        ReleaseRow, (ReleaseRow.tenant == Migration.tenant) & (ReleaseRow.id == Migration.release_id)
    )


def progress_of(session: Session, tenant: int, migration_id: UUID) -> MigrationInfo:
    """Return how far a migration is. Raises ``NotFound``."""
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


def lines_of(tenant: int, migration_id: UUID, status: str) -> Select[MigrationCase, Case]:
    """Return the query for the lines of a migration with their cases, oldest case first."""
    query = (
        select(MigrationCase, Case)
        .join(Case, (Case.tenant == MigrationCase.tenant) & (Case.id == MigrationCase.case_id))
        .where(MigrationCase.tenant == tenant, MigrationCase.migration_id == migration_id)
        .order_by(MigrationCase.case_id)
    )
    return query.where(MigrationCase.status == status) if status in STATUS_TEXT else query


def line_of(item: MigrationCase, case: Case, private: frozenset[str]) -> ReportLine:
    """Return a line for people; what cases of ``private`` processes are about is left out."""
    secret = case.process_id in private
    return ReportLine(
        case.id,
        case.number or case.business_key,
        PRIVATE if secret else case.title,
        "" if secret else case.enterprise,
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
