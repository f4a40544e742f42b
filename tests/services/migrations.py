"""What the tests of migrations share: who asks, an edited pack, rows before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from tests.builders import DIAGRAM, TENANT, Office, edited, pack_files

from zuozhen.model.clock import due_date
from zuozhen.model.migration import Order
from zuozhen.services.actors import Actor
from zuozhen.services.studio import migrating
from zuozhen.store.tables import Token

ADMIN = Actor(TENANT, "系统管理员", id=uuid4(), admin=frozenset({"system"}))


def longer(files: Mapping[str, bytes] | None = None) -> dict[str, bytes]:
    """Return the pack with 3 instead of 2 days to accept and 12 instead of 10 to handle."""
    three = edited(files or pack_files(), DIAGRAM, "workdays(2)", "workdays(3)")
    return edited(three, DIAGRAM, "workdays(10, clock_from)", "workdays(12, clock_from)")


def renamed(files: Mapping[str, bytes], old: str, new: str, path: str = DIAGRAM) -> dict[str, bytes]:
    """Return ``files`` with every ``old`` in the diagram replaced."""
    assert old in files[path].decode()
    return {**files, path: files[path].decode().replace(old, new).encode()}


def migrate(office: Office, cases: Any = "all", order: Order | None = None, note: str = "") -> UUID:
    migration_id = migrating.start(office.context, ADMIN, None, order or Order(), cases, note)
    office.drain()
    return migration_id


def rows_of(office: Office, case_id: UUID) -> list[dict[str, Any]]:
    """Return the open token rows of a case, every column."""
    rows = [row for kind in ("task", "timer", "wait") for row in office.tokens(case_id, kind)]
    return [{name: getattr(row, name) for name in Token.__table__.columns.keys()} for row in rows]  # noqa: SIM118


def due(office: Office, case_id: UUID, element: str) -> str:
    due_at = office.token(case_id, element).due_at
    assert due_at is not None
    return due_date(due_at).isoformat()


def statuses(office: Office, migration_id: UUID) -> dict[str, int]:
    return migrating.progress(office.context, TENANT, migration_id).counts
