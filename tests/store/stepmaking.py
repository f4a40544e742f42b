"""Steps as the engine would hand them over, made by hand; and a release and a case to use them on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from zuozhen.model.ids import new_id
from zuozhen.model.step import End, LogEntry, Step, Task, Timer, Wait
from zuozhen.store.database import Database
from zuozhen.store.steps import insert_case
from zuozhen.store.tables import Case, Release

TENANT = 990001
NOW = datetime(2026, 3, 2, 1, 30, 0, 123456, tzinfo=UTC)
DAY = timedelta(days=1)
_versions = count(1)


def token() -> str:
    return uuid4().hex


def a_task(token: str, **changes: Any) -> Task:
    values: dict[str, Any] = {
        "token": token,
        "element_id": "Activity_handle",
        "name": "办理反馈",
        "form_key": "handle",
        "group": "gongxin",
        "assignee": "",
        "entered_at": NOW,
        "due_at": NOW + 10 * DAY,
        "due_rule": "workdays(10)",
        "due_why": ({"function": "workdays", "n": 10},),
        "properties": {"zz:stage": "办理"},
        "variables": {"lead_unit": "gongxin"},
    }
    return Task(**{**values, **changes})


def a_timer(token: str, due_at: datetime, **changes: Any) -> Timer:
    return Timer(
        **{"token": token, "element_id": "Boundary_due", "due_at": due_at, "rule": "workdays(10)", **changes}
    )


def a_wait(token: str, **changes: Any) -> Wait:
    values = {
        "token": token,
        "element_id": "Catch_clinic",
        "label": "等待坐诊",
        "message": "clinic_held",
        "key": "k1",
    }
    return Wait(**{**values, **changes})


def a_step(*open_places: Task | Timer | Wait, closed: dict[str, Any] | None = None, **changes: Any) -> Step:
    values: dict[str, Any] = {
        "state": b"state",
        "variables": {"decision": "accept"},
        "tasks": tuple(p for p in open_places if isinstance(p, Task)),
        "timers": tuple(p for p in open_places if isinstance(p, Timer)),
        "waits": tuple(p for p in open_places if isinstance(p, Wait)),
        "closed": closed or {},
        "messages": (),
        "actions": (),
        "log": (LogEntry("entered", "Activity_handle", "办理反馈", "t", {"zz:stage": "办理"}),),
        "ended": None,
    }
    return Step(**{**values, **changes})


THE_END = End("End_closed", "办结销号")


def a_release(session: Session) -> UUID:
    release = Release(
        tenant=TENANT,
        slug="990001-test",
        version=next(_versions),
        sha256="0" * 64,
        bundle=b"zip",
        deployed_at=NOW,
    )
    session.add(release)
    session.flush()
    return release.id


def a_case(database: Database, *open_places: Task | Timer | Wait, **columns: Any) -> UUID:
    """Write a case that waits at ``open_places`` and return its id."""
    with database.write() as session:
        values = {"tenant": TENANT, "id": new_id(), "process_id": "Process_case", **columns}
        case = Case(release_id=a_release(session), **values)
        insert_case(
            session,
            case,
            a_step(*open_places),
            at=NOW,
            actor_id=None,
            actor_name="某企业",
            kind="registered",
            payload={"form": "register", "answers": {"title": "关于用电事项的情况反映"}},
        )
        return case.id
