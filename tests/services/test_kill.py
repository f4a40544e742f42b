"""A server that is killed (-9) at any moment leaves no half-done case and loses nothing it has acknowledged."""

from __future__ import annotations

import contextlib
import http.client
import random
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from tests.builders import ACCEPT, ASSIGN, REGISTER, TENANT, Office
from tests.conftest import OfficeMaker
from tests.postgresql import PostgresqlServer
from tests.servers import ApiClient, ServerProcess

from zuozhen import engine
from zuozhen.model.clock import system_clock
from zuozhen.model.step import Environment, Tick
from zuozhen.services import accounts
from zuozhen.store.tables import Case

SECRET = "a-secret-of-a-test-that-is-long-enough"
CLIENTS = 3
STEPS: tuple[tuple[str, dict[str, Any]], ...] = (("Task_accept", dict(ACCEPT)), ("Task_assign", dict(ASSIGN)))


class Clerk(threading.Thread):
    """Registers cases and completes their first tasks until nobody answers any more."""

    def __init__(self, api: ApiClient) -> None:
        super().__init__(daemon=True)
        self.api = api
        self.numbers: dict[str, str] = {}
        """case → number, as acknowledged."""
        self.completed: list[tuple[str, str]] = []
        """(case, element) acknowledged."""
        self.problems: list[str] = []

    def run(self) -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            while True:
                self._one_case()

    def _one_case(self) -> None:
        status, answer = self.api.call("POST", "/cases", {"answers": dict(REGISTER), "channel": "window"})
        if status != 201:
            self.problems.append(f"{status} {answer}")
            return
        case_id = answer["id"]
        self.numbers[case_id] = answer["number"]
        for element, answers in STEPS:
            _, view = self.api.call("GET", f"/cases/{case_id}")
            token = next(task["token"] for task in view["tasks"] if task["element"] == element)
            status, answer = self.api.call("POST", f"/tasks/{token}/complete", {"answers": answers})
            if status == 200:
                self.completed.append((case_id, element))
            else:
                self.problems.append(f"{element} {status} {answer}")


def engine_places(office: Office, case: Case) -> set[str]:
    """Return what the engine says is open, from the case's stored state alone."""
    if case.status == "ended":
        return set()
    with office.context.database.read() as session:
        release = office.context.releases.get(session, TENANT, case.release_id)
    env = Environment(case.updated_at, release.functions)
    step = engine.advance(release.diagram, case.process_id, case.state, Tick(), env)
    return {place.token for place in (*step.tasks, *step.timers, *step.waits)}


def check(office: Office, clerks: list[Clerk]) -> int:
    """Hold the store against what was acknowledged and against itself; returns the number of cases."""
    with office.context.database.read() as session:
        cases = list(session.scalars(select(Case)))
    for case in cases:
        assert office.problems_of(case.id) == []
        rows = {token.token for kind in ("task", "timer", "wait") for token in office.tokens(case.id, kind)}
        assert rows == engine_places(office, case)
    numbers = {case.id: case.number for case in cases if case.process_id == "case"}
    assert max(Counter(numbers.values()).values()) == 1
    for clerk in clerks:
        assert clerk.problems == []
        for case_id, number in clerk.numbers.items():
            assert numbers[UUID(case_id)] == number
        for case_id, element in clerk.completed:
            done = {token.element_id for token in office.tokens(UUID(case_id), status=2)}
            assert element in done
    return len(numbers)


def kill_again_and_again(office: Office, folder: Path, database: str, rounds: int) -> None:
    environ = {"secret": SECRET, "database": database}
    account = office.account("robot", groups=("lead_office",))
    token = accounts.new_api_token(office.context, account, "测试")
    moments = random.Random(20261121)
    clerks: list[Clerk] = []
    for _ in range(rounds):
        server = ServerProcess(folder, **environ)
        server.start()
        at_work = [Clerk(ApiClient(server.url, token)) for _ in range(CLIENTS)]
        for clerk in at_work:
            clerk.start()
        deadline = time.monotonic() + 60
        while sum(len(clerk.completed) for clerk in at_work) < 5 and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(moments.uniform(0.05, 0.6))
        helpers = server.children()
        server.kill()
        for clerk in at_work:
            clerk.join(30)
        clerks += at_work
        check(office, clerks)
        until = time.monotonic() + 60
        while any(Path(f"/proc/{pid}").exists() for pid in helpers) and time.monotonic() < until:
            time.sleep(0.05)
        assert [pid for pid in helpers if Path(f"/proc/{pid}").exists()] == []  # no orphan goes on printing
    assert sum(len(clerk.completed) for clerk in clerks) >= 5 * rounds

    office.clock.move_to(max(office.clock(), system_clock()))  # leases of dead workers run out by then
    assert check(office, clerks) >= 3 * rounds


@pytest.mark.slow
def test_kill_at_any_moment_sqlite(make_office: OfficeMaker, tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'killed.db'}"
    office = make_office(database=database, secret=SECRET)
    kill_again_and_again(office, tmp_path / "server", database, rounds=2)


@pytest.mark.slow
@pytest.mark.postgresql
def test_kill_at_any_moment_postgresql(
    make_office: OfficeMaker, postgresql_server: PostgresqlServer, tmp_path: Path
) -> None:
    database = postgresql_server.new_database()
    office = make_office(database=database, secret=SECRET)
    kill_again_and_again(office, tmp_path / "server", database, rounds=2)
