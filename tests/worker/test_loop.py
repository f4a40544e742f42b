"""The worker: does what is due, sleeps, wakes, survives errors; several of them share the work."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from tests.builders import Office
from tests.conftest import OfficeMaker
from tests.store.running import in_threads

from zuozhen.app import build_worker
from zuozhen.model.clock import system_clock
from zuozhen.services import outbox
from zuozhen.services.outbox import LEASE
from zuozhen.store.jobs import claim_job
from zuozhen.store.tables import Document, Job
from zuozhen.worker import Worker

pytestmark = pytest.mark.paper


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def test_a_running_worker_prints_and_fires_without_being_asked(office: Office) -> None:
    worker = build_worker(office.context)
    worker.start()
    try:
        case_id = office.register().case_id
        worker.wake()
        wait_until(lambda: len(office.documents(case_id, "form")) == 1)
        office.clock.move_to(office.clock() + timedelta(days=5))
        worker.wake()
        wait_until(lambda: office.open_tasks(case_id) == ["Task_accept", "Task_urge"])
    finally:
        worker.stop()
    assert not worker._thread or not worker._thread.is_alive()
    assert office.problems_of(case_id) == []


def test_it_sleeps_until_the_next_is_due_and_wakes_at_once() -> None:
    calls: list[float] = []
    done = threading.Event()

    def run_once(_owner: str) -> bool:
        calls.append(time.monotonic())
        if len(calls) == 2:
            done.set()
        return False

    worker = Worker(run_once, lambda: None, system_clock, idle_seconds=60)
    worker.start()
    wait_until(lambda: len(calls) == 1)
    time.sleep(0.2)
    assert len(calls) == 1  # asleep, not turning in circles
    worker.wake()
    assert done.wait(2)
    worker.stop()


def test_it_is_on_time_for_a_timer() -> None:
    due = system_clock() + timedelta(seconds=0.5)
    calls: list[bool] = []

    def run_once(_owner: str) -> bool:
        calls.append(system_clock() >= due)
        return False

    worker = Worker(run_once, lambda: due if not any(calls) else None, system_clock, idle_seconds=60)
    worker.start()
    wait_until(lambda: any(calls), 5)
    late = (system_clock() - due).total_seconds()
    worker.stop()
    assert late < 2
    assert len(calls) < 30


def test_an_error_of_the_store_is_not_the_end(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("zuozhen.worker.loop.ERROR_SECONDS", 0.01)
    calls = 0

    def run_once(_owner: str) -> bool:
        nonlocal calls
        calls += 1
        if calls < 3:
            raise OSError("no database")
        return False

    worker = Worker(run_once, lambda: None, system_clock, idle_seconds=60)
    worker.start()
    wait_until(lambda: calls == 3)
    worker.stop()
    assert caplog.text.count("OSError: no database") == 2


@pytest.mark.postgresql
def test_many_workers_fire_and_print_everything_once(postgresql_office: OfficeMaker) -> None:
    office = postgresql_office()
    cases = [office.register().case_id for _ in range(6)]
    office.clock.move_to(office.clock() + timedelta(days=5))

    def work(index: int) -> int:
        return outbox.drain(office.context)

    in_threads(4, work)
    office.drain()
    for case_id in cases:
        assert office.open_tasks(case_id) == ["Task_accept", "Task_urge"]
        assert [event.kind for event in office.events(case_id)] == ["registered", "fired"]
        assert len(office.documents(case_id, "form")) == 1
        assert office.problems_of(case_id) == []
    assert office.jobs("print", "notify", "send", "match", "deliver") == []


def test_work_of_a_dead_worker_is_taken_over_after_its_lease(any_office: Office) -> None:
    office = any_office
    case_id = office.register().case_id
    with office.context.database.write() as session:
        job = claim_job(session, office.clock(), "dead", LEASE)
    assert job is not None and job.kind == "print"
    office.drain()
    assert office.documents(case_id) == []
    office.clock.move_to(office.clock() + LEASE + timedelta(seconds=1))
    office.drain()
    assert len(office.documents(case_id, "form")) == 1


def test_a_print_that_was_done_but_not_marked_is_not_done_twice(any_office: Office) -> None:
    office = any_office
    case_id = office.register().case_id
    office.drain()
    with office.context.database.write() as session:
        job = session.scalar(select(Job).where(Job.kind == "print"))
        assert job is not None
        job.done_at, job.lease_until = None, None
    office.drain()
    with office.context.database.read() as session:
        assert len(session.scalars(select(Document).where(Document.case_id == case_id)).all()) == 1
    assert office.jobs("print") == []


def test_one_job_that_always_fails_does_not_hold_up_the_others(office: Office) -> None:
    stuck, fine = office.register().case_id, office.register().case_id
    with office.context.database.write() as session:
        for job in session.scalars(select(Job).where(Job.kind == "print", Job.case_id == stuck)):
            job.payload = {"form": "no_such_form"}
    office.pass_time(office.clock() + timedelta(hours=12))
    assert len(office.documents(fine, "form")) == 1
    (job,) = office.jobs("print")
    assert job.case_id == stuck and job.attempts == outbox.MAX_ATTEMPTS and job.error
