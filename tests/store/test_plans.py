"""The frequent questions are answered from an index, on both databases, whatever the parameters are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, insert
from sqlalchemy.orm import Session
from tests.store.stepmaking import NOW, TENANT, a_release, token

from zuozhen.model.ids import new_id
from zuozhen.store.cases import waits_for
from zuozhen.store.database import Database
from zuozhen.store.jobs import claim_job, next_due, next_timer_case
from zuozhen.store.steps import load_by_token, load_case
from zuozhen.store.tables import Case, Event, Job, Release, Token

Question = Callable[[Session], Any]
OTHER = TENANT + 1
PERSON = new_id()
RELEASE = {"slug": "s", "version": 1, "sha256": "0" * 64, "bundle": b"", "note": "", "deployed_at": NOW}
EVENT = {
    "seq": 1,
    "at": NOW,
    "actor": None,
    "actor_name": "",
    "kind": "registered",
    "rev": 1,
    "payload": {},
    "state": None,
    "hash": bytes(32),
}
JOB = {"kind": "notify", "due_at": NOW, "payload": {}, "attempts": 0, "done_at": NOW}

QUESTIONS: dict[str, tuple[Question, set[str]]] = {
    "load_case": (lambda s: load_case(s, TENANT, PERSON), {"cases", "token"}),
    "load_by_token": (lambda s: load_by_token(s, TENANT, "a"), {"ix_token_token", "cases"}),
    "message": (lambda s: waits_for(s, TENANT, "m", "k"), {"ix_token_wait"}),
    "timer": (lambda s: next_timer_case(s, NOW), {"ix_token_timer"}),
    "sleep": (lambda s: next_due(s), {"ix_job_due", "ix_token_timer"}),
    "claim": (lambda s: claim_job(s, NOW, "w", timedelta(minutes=1)), {"ix_job_due"}),
}


@pytest.fixture
def full(database: Database) -> Database:
    """A database with 2,000 cases in each of two jurisdictions, three tokens and one job each."""
    with database.write() as session:
        release_id = a_release(session)
        session.execute(insert(Release), [{**RELEASE, "tenant": OTHER, "id": release_id}])
        places = [(tenant, new_id(), number) for tenant in (TENANT, OTHER) for number in range(2000)]
        session.execute(insert(Case.__table__), [a_case_row(*place, release_id) for place in places])
        session.execute(insert(Token.__table__), [row for place in places for row in token_rows(*place)])
        jobs = [
            {**JOB, "tenant": tenant, "id": new_id(), "case_id": case_id, "token": token()}
            for tenant, case_id, _ in places
        ]
        session.execute(insert(Job.__table__), jobs)
        events = [{**EVENT, "tenant": tenant, "case_id": case_id} for tenant, case_id, _ in places]
        session.execute(insert(Event.__table__), events)
    if not database.is_sqlite:  # PostgreSQL does this by itself; SQLite's plans must be right without
        with database.engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE")
    return database


def a_case_row(tenant: int, case_id: UUID, number: int, release_id: UUID) -> dict[str, Any]:
    texts = dict.fromkeys(("title", "enterprise", "channel", "stage", "outcome", "end_element"), "")
    return {
        **texts,
        "tenant": tenant,
        "id": case_id,
        "release_id": release_id,
        "process_id": "Process_case",
        "business_key": f"2026-{number % 100}",
        "status": "open" if number % 10 == 0 else "ended",
        "confidential": False,
        "rev": 1,
        "state": b"",
        "variables": {},
        "data": {},
        "seq": 1,
        "head": bytes(32),
        "created_at": NOW,
        "updated_at": NOW,
    }


def token_rows(tenant: int, case_id: UUID, number: int) -> list[dict[str, Any]]:
    common = {
        **dict.fromkeys(("element_id", "name", "form_key", "due_rule", "activity"), ""),
        **dict.fromkeys(("grp", "message", "key", "trigger"), ""),
        "tenant": tenant,
        "case_id": case_id,
        "status": 1 if number % 10 == 0 else 2,
        "entered_at": NOW,
        "due_at": NOW + timedelta(minutes=number),
        "due_why": [],
        "properties": {},
        "variables": {},
        "assignee": None,
    }
    person = new_id() if number % 5 == 0 else None
    return [
        {**common, "token": token(), "kind": "task", "grp": f"g{number % 17}", "assignee": person},
        {**common, "token": token(), "kind": "timer"},
        {**common, "token": token(), "kind": "wait", "message": "m", "key": f"k{number}"},
    ]


def plans(database: Database, question: Question) -> str:
    """Ask, and return how the database answers each statement."""
    sent: list[tuple[str, Any]] = []

    def remember(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            sent.append((statement, parameters))

    with database.write() as session:
        session.connection()
        event.listen(database.engine, "before_cursor_execute", remember)
        question(session)
        event.remove(database.engine, "before_cursor_execute", remember)
        raw = session.connection().connection.driver_connection
        assert raw is not None
        explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
        rows = [row for sql, values in sent for row in raw.execute(f"{explain} {sql}", values)]
        return "\n".join(str(row[-1]) for row in rows)


@pytest.mark.parametrize("name", QUESTIONS)
def test_an_index_answers(full: Database, name: str) -> None:
    answered_by_index(full, *QUESTIONS[name])


def answered_by_index(full: Database, question: Question, indexes: set[str]) -> None:
    """Fail unless every statement of ``question`` is answered from an index, among them ``indexes``."""
    plan = plans(full, question)
    assert plan
    for line in plan.splitlines():
        assert "Seq Scan" not in line, plan
        assert not line.startswith("SCAN") or "INDEX" in line, plan
        # A primary key used by its first column only is a walk through a whole jurisdiction.
        assert "sqlite_autoindex_cases_1 (tenant=?)" not in line, plan
    for index in indexes:
        primary = f"sqlite_autoindex_{index}_1" if full.is_sqlite else f"pk_{index}"
        assert index in plan if "_" in index else primary in plan, plan
