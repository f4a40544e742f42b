"""A worker that is killed (-9) in the middle of a migration leaves every case whole, and another one finishes."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from tests.builders import Office
from tests.conftest import OfficeMaker
from tests.postgresql import PostgresqlServer
from tests.servers import ServerProcess
from tests.services import smallpack
from tests.services.migrations import ADMIN

from zuozhen.model.clock import system_clock
from zuozhen.model.migration import Order
from zuozhen.services.actors import Actor
from zuozhen.services.deployment import deploy
from zuozhen.services.registration import Registered
from zuozhen.services.studio import migrating
from zuozhen.store.tables import ITEM_WAITING

SECRET = "a-secret-of-a-test-that-is-long-enough"
CASES = 120
TENANT = smallpack.TENANT
PERSON = Actor(TENANT, ADMIN.name, id=ADMIN.id)
OLD = smallpack.pack(smallpack.straight_case(smallpack.task("ready"), ids=("ready",)))
NEW = smallpack.pack(
    smallpack.straight_case(smallpack.task("ready"), smallpack.task("after"), ids=("ready", "after"))
)


def statuses(office: Office, migration_id: UUID) -> dict[str, int]:
    return migrating.progress(office.context, TENANT, migration_id).counts


def register(office: Office) -> UUID:
    outcome = office.try_register({"title": "诉求", "enterprise": "甲公司", "session": "甲场"})
    assert isinstance(outcome, Registered)
    return outcome.case_id


def kill_in_the_middle(office: Office, server: ServerProcess, migration_id: UUID) -> dict[str, int]:
    """Let a server work until a part is done, and kill it; returns what it has left behind."""
    server.start()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        counts = statuses(office, migration_id)
        if counts.get(ITEM_WAITING, 0) <= CASES * 3 // 4:
            break
        time.sleep(0.005)
    server.kill()
    return statuses(office, migration_id)


def kinds(office: Office, case_id: UUID) -> Counter[str]:
    return Counter(event.kind for event in office.events(case_id))


def finish(office: Office) -> None:
    office.clock.move_to(max(office.clock(), system_clock()) + timedelta(minutes=1))  # the lease has run out
    office.drain()


def migrate_and_return(office: Office, server: ServerProcess) -> None:
    cases = [register(office) for _ in range(CASES)]
    office.drain()
    old = office.case(cases[0]).release_id
    deploy(office.context, NEW)
    migration_id = migrating.start(office.context, PERSON, None, Order(), "all", "")
    left = kill_in_the_middle(office, server, migration_id)
    assert left["done"] > 0
    done = 0
    for case_id in cases:
        assert office.problems_of(case_id) == []
        moved = office.case(case_id).release_id != old
        assert kinds(office, case_id)["migrated"] == moved
        done += moved
    assert done == left["done"]  # the case and its line in the report are one transaction
    finish(office)
    assert statuses(office, migration_id) == {"done": CASES}
    assert {kinds(office, case_id)["migrated"] for case_id in cases} == {1}

    migrating.roll_back(office.context, PERSON, migration_id, None, "试验")
    office.drain()
    info = migrating.progress(office.context, TENANT, migration_id)
    assert (info.status, info.counts) == ("rolled_back", {"rolled_back": CASES})
    for case_id in cases:
        assert office.problems_of(case_id) == []
        assert office.case(case_id).release_id == old
        assert kinds(office, case_id)["migration_rolled_back"] == 1


@pytest.mark.slow
def test_kill_a_migration_sqlite(make_office: OfficeMaker, tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'killed.db'}"
    office = make_office(database=database, secret=SECRET, start=system_clock(), files=OLD)
    migrate_and_return(office, ServerProcess(tmp_path / "server", database=database, secret=SECRET))


@pytest.mark.slow
@pytest.mark.postgresql
def test_kill_a_migration_postgresql(
    make_office: OfficeMaker, postgresql_server: PostgresqlServer, tmp_path: Path
) -> None:
    database = postgresql_server.new_database()
    office = make_office(database=database, secret=SECRET, start=system_clock(), files=OLD)
    migrate_and_return(office, ServerProcess(tmp_path / "server", database=database, secret=SECRET))
