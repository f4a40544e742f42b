"""Tables of the studio: the draft of a pack, its revisions, runs on trial, migrations, stand-ins."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Date, ForeignKeyConstraint, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from zuozhen.model.ids import new_id
from zuozhen.store.base import Base, case_key

MIGRATION_RUNNING: Final = "running"
MIGRATION_STOPPED: Final = "stopped"
MIGRATION_DONE: Final = "done"
MIGRATION_ROLLING_BACK: Final = "rolling_back"
MIGRATION_ROLLED_BACK: Final = "rolled_back"

ITEM_WAITING: Final = "waiting"
ITEM_DONE: Final = "done"
ITEM_REFUSED: Final = "refused"
ITEM_FAILED: Final = "failed"
ITEM_RETURNING: Final = "returning"
"""Chosen to be rolled back, not done yet."""

ITEM_ROLLED_BACK: Final = "rolled_back"
ITEM_KEPT: Final = "kept"
"""Not rolled back because the case has moved on since."""


class StudioFile(Base):
    """One file of a jurisdiction's draft that differs from the live release.

    ``content`` is NULL for a file that the draft deletes. ``rev`` counts the saves of this path and never
    falls; ``base`` is the SHA-256 of the live file when the change began, empty for a new file.
    """

    __tablename__ = "studio_file"

    tenant: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    path: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    base: Mapped[str] = mapped_column(String(64), default="")
    rev: Mapped[int] = mapped_column(Integer)
    updated_by: Mapped[UUID | None]
    updated_name: Mapped[str]
    updated_at: Mapped[datetime]


class StudioRevision(Base):
    """One saved revision of a file of the draft: written once, so that nothing anybody saved is lost."""

    __tablename__ = "studio_revision"

    tenant: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    path: Mapped[str] = mapped_column(primary_key=True)
    rev: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    note: Mapped[str] = mapped_column(default="")
    saved_by: Mapped[UUID | None]
    saved_name: Mapped[str]
    saved_at: Mapped[datetime]


class StudioAutosave(Base):
    """What one person has not saved yet; ``base_rev`` is the revision it started from."""

    __tablename__ = "studio_autosave"
    __table_args__ = (ForeignKeyConstraint(["tenant", "account_id"], ["account.tenant", "account.id"]),)

    tenant: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    base_rev: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime]


class StudioRun(Base):
    """One run on trial: the scenario so far, replayed from its start whenever it is looked at."""

    __tablename__ = "studio_run"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "account_id"], ["account.tenant", "account.id"]),
        Index("ix_studio_run_account", "tenant", "account_id", "updated_at"),
    )

    tenant: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID]
    title: Mapped[str]
    scenario: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Migration(Base):
    """One migration of running cases to a release; ``plan`` is the mapping and the rule for deadlines."""

    __tablename__ = "migration"
    __table_args__ = (ForeignKeyConstraint(["tenant", "release_id"], ["release.tenant", "release.id"]),)

    tenant: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    release_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(16), default="release")  # release | calendar
    status: Mapped[str] = mapped_column(String(16))
    plan: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(default="")
    created_by: Mapped[UUID | None]
    created_name: Mapped[str]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class MigrationCase(Base):
    """What one migration does with one case.

    ``seq`` is the case's last event right after it was migrated: a case that has moved on since cannot be
    rolled back. ``before`` is the release, the event and the open token rows of before; ``result`` is what
    the preview and the report show.
    """

    __tablename__ = "migration_case"
    __table_args__ = (
        case_key(),
        ForeignKeyConstraint(["tenant", "migration_id"], ["migration.tenant", "migration.id"]),
        Index("ix_migration_case_status", "tenant", "migration_id", "status"),
        Index("ix_migration_case_case", "tenant", "case_id"),
    )

    tenant: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    migration_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(String(16))
    seq: Mapped[int | None] = mapped_column(Integer)
    before: Mapped[dict[str, Any] | None]
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    error: Mapped[str | None]
    at: Mapped[datetime | None]


class Substitution(Base):
    """Who stands in for whom (代班): from ``starts_on`` to ``ends_on``, both days included."""

    __tablename__ = "substitution"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "account_id"], ["account.tenant", "account.id"]),
        ForeignKeyConstraint(
            ["tenant", "substitute_id"],
            ["account.tenant", "account.id"],
            name="fk_substitution_substitute",
        ),
        Index("ix_substitution_substitute", "tenant", "substitute_id", "ends_on"),
    )

    tenant: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID]
    substitute_id: Mapped[UUID]
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    reason: Mapped[str]
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
