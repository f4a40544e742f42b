"""The tasks of many cases as plain data: who had what, until when, and whether it was late."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from zuozhen.model.clock import LOCAL, due_date, local_date
from zuozhen.services.actors import ENTERPRISE
from zuozhen.services.casebook import unit_names
from zuozhen.services.releases import Release
from zuozhen.store.tables import TOKEN_OPEN, Case, Token


def task_rows(session: Session, cases: Sequence[Case]) -> Mapping[UUID, list[Any]]:
    """Return the tasks of cases of one jurisdiction, open and closed, in order of entry: one statement."""
    found: dict[UUID, list[Any]] = defaultdict(list)
    columns = (
        Token.case_id,
        Token.element_id,
        Token.name,
        Token.grp,
        Token.assignee,
        Token.entered_at,
        Token.due_at,
        Token.closed_at,
        Token.status,
    )
    rows = session.execute(
        select(*columns)
        .where(
            Token.tenant == cases[0].tenant,
            Token.case_id.in_([case.id for case in cases]),
            Token.kind == "task",
        )
        .order_by(Token.entered_at, Token.token)
    )
    for row in rows:
        found[row.case_id].append(row)
    return found


def task_facts(rows: Iterable[Any], release: Release, today: date) -> list[dict[str, Any]]:
    """Return tasks as FEEL sees them; ``late`` is a matter of days, as everywhere (D-3)."""
    names = {**unit_names(release), ENTERPRISE: "企业"}
    return [_task(row, names, today) for row in rows]


def _task(row: Any, names: Mapping[str, str], today: date) -> dict[str, Any]:
    due = due_date(row.due_at) if row.due_at else None
    done = local_date(row.closed_at) if row.closed_at else today
    return {
        "element": row.element_id,
        "name": row.name,
        "group": row.grp,
        "group_name": names.get(row.grp, row.grp),
        "entered": _local(row.entered_at),
        "due": due.isoformat() if due else None,
        "closed": _local(row.closed_at),
        "late": due is not None and done > due,
        "open": row.status == TOKEN_OPEN,
    }


def _local(instant: datetime | None) -> str | None:
    return instant.astimezone(LOCAL).isoformat(timespec="seconds") if instant else None
