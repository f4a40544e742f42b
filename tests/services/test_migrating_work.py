"""A migration at work: case by case, stopped and resumed, past cases that are held, over or broken."""

from __future__ import annotations

import threading

import pytest
from tests.builders import SLUG, TENANT, Office, edited
from tests.conftest import OfficeMaker
from tests.services.migrations import ADMIN, due, longer, migrate, statuses

from zuozhen.model.errors import Conflict
from zuozhen.model.migration import Order
from zuozhen.services.deployment import deploy
from zuozhen.services.migrating import run_slice
from zuozhen.services.studio import migrating
from zuozhen.store.database import count_statements
from zuozhen.store.steps import load_case
from zuozhen.store.tables import Token


def test_a_case_that_ends_before_its_turn_is_left_alone(office: Office) -> None:
    case_id, other = office.register().case_id, office.register().case_id
    deploy(office.context, longer())
    migration_id = migrating.start(office.context, ADMIN, None, Order(), "all", "")
    office.submit(case_id, "Catch_withdraw", {"reason": "已自行解决", "withdraw_reason": "已自行解决"})
    events = len(office.events(case_id))
    assert office.case(case_id).status == "ended"
    office.drain()
    assert len([e for e in office.events(case_id) if e.kind == "migrated"]) == 0 and events
    [line] = migrating.report(office.context, TENANT, migration_id, status="refused").lines
    assert line.case_id == case_id and "已经结束" in line.error
    assert due(office, other, "Task_accept") == "2026-09-03"


def test_one_broken_case_does_not_stop_the_others(any_office: Office) -> None:
    office = any_office
    first, broken, last = (office.register().case_id for _ in range(3))
    row = office.token(broken, "Task_accept")
    with office.context.database.write() as session:  # a row that the engine does not know of
        values = {name: getattr(row, name) for name in Token.__table__.columns.keys()}  # noqa: SIM118
        session.add(Token(**{**values, "token": "f" * 32}))
    deploy(office.context, longer())
    migration_id = migrate(office)
    assert statuses(office, migration_id) == {"done": 2, "failed": 1}
    [line] = migrating.report(office.context, TENANT, migration_id, status="failed").lines
    assert line.case_id == broken and "ValueError" in line.error
    assert [office.problems_of(case_id) for case_id in (first, broken, last)] == [[], [], []]
    assert office.case(broken).release_id != office.case(last).release_id


def test_only_one_at_a_time_and_it_stops_and_goes_on(any_office: Office) -> None:
    office = any_office
    cases = [office.register().case_id for _ in range(4)]
    deploy(office.context, longer())
    migration_id = migrating.start(office.context, ADMIN, None, Order(), "all", "")
    with pytest.raises(Conflict):
        migrating.start(office.context, ADMIN, None, Order(), "all", "")
    assert not run_slice(office.context, TENANT, migration_id, 0)
    assert statuses(office, migration_id) == {"done": 1, "waiting": 3}
    migrating.stop(office.context, ADMIN, migration_id)
    office.drain()
    assert statuses(office, migration_id) == {"done": 1, "waiting": 3}
    with pytest.raises(Conflict):
        migrating.stop(office.context, ADMIN, migration_id)
    migrating.resume(office.context, ADMIN, migration_id)
    office.drain()
    info = migrating.progress(office.context, TENANT, migration_id)
    assert (info.status, info.counts, info.percent) == ("done", {"done": 4}, 100)
    assert {due(office, case_id, "Task_accept") for case_id in cases} == {"2026-09-03"}
    assert office.jobs("migrate") == []


def test_a_case_that_somebody_holds_is_tried_again(postgresql_office: OfficeMaker) -> None:
    office = postgresql_office()
    held, free = office.register().case_id, office.register().case_id
    deploy(office.context, longer())
    migration_id = migrating.start(office.context, ADMIN, None, Order(), "all", "")
    locked, enough = threading.Event(), threading.Event()

    def hold() -> None:
        with office.context.database.write() as session:
            load_case(session, TENANT, held)
            locked.set()
            enough.wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    locked.wait(30)
    try:
        office.drain()
    finally:
        enough.set()
        holder.join()
    assert statuses(office, migration_id) == {"done": 1, "waiting": 1}
    assert due(office, free, "Task_accept") == "2026-09-03"
    office.pass_to("2026-08-31 09:01")
    assert statuses(office, migration_id) == {"done": 2}
    assert office.problems_of(held) == []


def test_a_case_moves_with_five_statements_and_one_commit(any_office: Office) -> None:
    office = any_office
    for _ in range(5):
        office.register()
    office.drain()
    deploy(office.context, longer())
    migration_id = migrating.start(office.context, ADMIN, None, Order(), "all", "")
    run_slice(office.context, TENANT, migration_id, 0)
    run_slice(office.context, TENANT, migration_id, 0)
    with count_statements(office.context.database) as counts:
        run_slice(office.context, TENANT, migration_id, 0)
    writes = [text for text in counts.statements if not text.startswith("SELECT")]
    assert len(writes) == 4  # case, event, tokens, line
    assert (
        len(counts.statements) - len(writes) <= 4
    )  # the migration, the live version, the next lines; the case
    assert counts.commits <= 2  # PostgreSQL ends a reading by a commit too


def test_a_migration_keeps_a_case_in_its_session(office: Office) -> None:
    registered = office.register()
    office.to_session(registered)
    assert office.case(registered.case_id).business_key == "2026-09-20"
    manifest = f"processes/{SLUG}/pack.toml"
    deploy(office.context, edited(longer(), manifest, 'business_key = "clinic_date"', 'business_key = ""'))
    migrate(office)
    assert office.case(registered.case_id).business_key == "2026-09-20"
