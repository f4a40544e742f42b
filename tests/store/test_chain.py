"""The history of a case cannot be changed unnoticed."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from tests.store.stepmaking import NOW, TENANT, a_case, a_step, a_task, token

from zuozhen.model.ids import new_id
from zuozhen.store.cases import history
from zuozhen.store.chain import event_hash, verify_chain
from zuozhen.store.database import Database
from zuozhen.store.steps import load_case, save_step
from zuozhen.store.tables import NO_HEAD, Case, Event

AWKWARD: dict[str, Any] = {
    "form": "handle",
    "answers": {
        "答复": "“已办结”\n<b>&\u2028\\",
        "n": 1.0,
        "big": 1e22,
        "small": 1e-7,
        "list": (1, 2),
        3: "three",
    },
}


@pytest.fixture
def case_id(database: Database) -> UUID:
    """A case with five events, whose payloads hold what JSON storage likes to change."""
    task = token()
    case_id = a_case(database, a_task(task))
    for number in range(4):
        with database.write() as session:
            found = load_case(session, TENANT, case_id)
            assert found is not None
            save_step(
                session,
                found.case,
                found.tokens,
                a_step(a_task(task), state=f"state {number}".encode()),
                at=NOW,
                actor_id=new_id(),
                actor_name="李四",
                kind="completed",
                payload=AWKWARD,
            )
    return case_id


def problems(database: Database, case_id: UUID) -> list[str]:
    with database.read() as session:
        case = session.get(Case, (TENANT, case_id))
        assert case is not None
        return verify_chain(history(session, TENANT, case_id, states=True), head=case.head)


def tamper(database: Database, statement: str, **values: object) -> None:
    with database.write() as session:
        assert session.execute(text(statement), values).rowcount == 1  # type: ignore[attr-defined]


def test_an_untouched_history_is_sound(database: Database, case_id: UUID) -> None:
    assert problems(database, case_id) == []


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        ("UPDATE event SET payload = :value WHERE seq = 3", {"value": '{"form": "handle"}'}),
        ("UPDATE event SET actor_name = :value WHERE seq = 3", {"value": "王五"}),
        ("UPDATE event SET actor = NULL WHERE seq = 3", {}),
        ("UPDATE event SET kind = :value WHERE seq = 3", {"value": "acted"}),
        ("UPDATE event SET at = :value WHERE seq = 3", {"value": "2026-03-02 01:30:00.123457"}),
        ("UPDATE event SET rev = rev + 1 WHERE seq = 3", {}),
        ("UPDATE event SET state = :value WHERE seq = 3", {"value": b"state x"}),
        ("UPDATE event SET hash = :value WHERE seq = 3", {"value": b"x" * 32}),
    ],
)
def test_a_changed_line_is_found(
    database: Database, case_id: UUID, statement: str, values: dict[str, object]
) -> None:
    tamper(database, statement, **values)
    assert any("第 3 条" in problem for problem in problems(database, case_id))


def test_a_missing_line_is_found(database: Database, case_id: UUID) -> None:
    tamper(database, "DELETE FROM event WHERE seq = 3")
    assert any("第 3 条起缺失" in problem for problem in problems(database, case_id))


def test_a_missing_end_is_found(database: Database, case_id: UUID) -> None:
    tamper(database, "DELETE FROM event WHERE seq = 5")
    assert any("末尾" in problem for problem in problems(database, case_id))


def test_who_changes_a_line_and_its_hash_is_betrayed_by_the_next(database: Database, case_id: UUID) -> None:
    with database.write() as session:
        events = history(session, TENANT, case_id, states=True)
        events[2].actor_name = "王五"
        events[2].hash = event_hash(events[1].hash, events[2])
    found = problems(database, case_id)
    assert len(found) == 1
    assert "第 4 条" in found[0]


def test_the_documented_rule_is_enough_to_verify(database: Database, case_id: UUID) -> None:
    """As an auditor would write it, from the module's text and the raw columns alone."""
    previous = NO_HEAD
    with database.read() as session:
        events = history(session, TENANT, case_id, states=True)
        for event in events:
            content = {
                "tenant": event.tenant,
                "case_id": str(event.case_id),
                "seq": event.seq,
                "at": event.at.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00"),
                "actor": None if event.actor is None else str(event.actor),
                "actor_name": event.actor_name,
                "kind": event.kind,
                "rev": event.rev,
                "payload": event.payload,
            }
            spelled = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            state = hashlib.sha256(event.state or b"").digest()
            previous = hashlib.sha256(previous + state + spelled.encode()).digest()
            assert previous == event.hash
    assert len(events) == 5


def test_the_hash_does_not_depend_on_the_database() -> None:
    event = Event(
        tenant=TENANT,
        case_id=UUID(int=1),
        seq=1,
        at=NOW,
        actor=None,
        actor_name="某企业",
        kind="registered",
        rev=1,
        payload={"b": 1, "a": "诉求"},
        state=b"state",
    )
    expected = "8de6618a15238c1594779ddf731acbc73b2a491b1d6831dccd0c0aed229e629e"
    assert event_hash(NO_HEAD, event).hex() == expected
