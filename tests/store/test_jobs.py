"""Due timers and outbox work: each is done, by one worker, also when workers die or fail."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from tests.store.running import in_threads
from tests.store.stepmaking import DAY, NOW, TENANT, a_case, a_step, a_task, a_timer, token

from zuozhen.store.database import Database, count_statements
from zuozhen.store.jobs import (
    Lag,
    NewJob,
    claim_job,
    fail_job,
    finish_job,
    insert_jobs,
    lag,
    next_due,
    next_timer_case,
    retry_job,
)
from zuozhen.store.steps import load_case, save_step
from zuozhen.store.tables import MAX_ATTEMPTS, Case, Job

MINUTE = timedelta(minutes=1)
LEASE = 5 * MINUTE


def put(database: Database, *jobs: NewJob) -> None:
    with database.write() as session:
        insert_jobs(session, TENANT, jobs)


def claim(database: Database, now: datetime, owner: str = "w1", **more: object) -> Job | None:
    with database.write() as session:
        return claim_job(session, now, owner, LEASE, **more)  # type: ignore[arg-type]


def claimed(database: Database, now: datetime, owner: str = "w1") -> Job:
    job = claim(database, now, owner)
    assert job is not None
    return job


# ---------------------------------------------------------------- timers


def test_the_longest_overdue_timer_comes_first(database: Database) -> None:
    late = a_case(database, a_timer(token(), NOW - DAY))
    a_case(database, a_timer(token(), NOW + DAY))
    later = a_case(database, a_timer(token(), NOW))
    with database.read() as session:
        assert next_timer_case(session, NOW - 2 * DAY) is None
        assert next_timer_case(session, NOW) == (TENANT, late)
        assert next_due(session) == NOW - DAY
        assert next_due(session, jobs_only=True) is None
    with database.write() as session:
        fire(session, late, NOW)
    with database.read() as session:
        assert next_timer_case(session, NOW) == (TENANT, later)
        assert next_due(session) == NOW


def fire(session: Session, case_id: UUID, now: datetime) -> None:
    """Fire the due timers of a case, as the engine's tick would."""
    found = load_case(session, TENANT, case_id)
    assert found is not None
    due = {row.token: "fired" for row in found.tokens if row.due_at is not None and row.due_at <= now}
    assert due
    waiting = [a_timer(row.token, row.due_at or now) for row in found.tokens if row.token not in due]
    fired = found.case.variables.get("fired", 0) + len(due)
    save_step(
        session,
        found.case,
        found.tokens,
        a_step(
            *(a_timer(row.token, row.due_at or now) for row in waiting),
            closed=due,
            variables={"fired": fired},
        ),
        at=now,
        actor_id=None,
        actor_name="系统",
        kind="fired",
        payload={},
    )


def test_several_workers_fire_every_timer_once(database: Database) -> None:
    cases = [a_case(database, a_timer(token(), NOW), a_timer(token(), NOW + DAY)) for _ in range(12)]

    def work(_: int) -> int:
        done = 0
        while True:
            with database.write() as session:
                place = next_timer_case(session, NOW)
                if place is None:
                    return done
                fire(session, place[1], NOW)
                done += 1

    assert sum(in_threads(4, work)) == 12
    with database.read() as session:
        for case_id in cases:
            found = load_case(session, TENANT, case_id)
            assert found is not None
            assert found.case.variables == {"fired": 1}
            assert [row.due_at for row in found.tokens] == [NOW + DAY]


def test_a_case_that_somebody_works_on_is_passed_over(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite has one writer at a time")
    busy, free = (a_case(database, a_timer(token(), NOW + number * MINUTE)) for number in range(2))
    holds, done = threading.Event(), threading.Event()

    def work(index: int) -> object:
        if index == 0:
            with database.write() as session:
                load_case(session, TENANT, busy)
                holds.set()
                done.wait(10)
            return None
        holds.wait(10)
        try:
            with database.write() as session:
                return next_timer_case(session, NOW + DAY)
        finally:
            done.set()

    assert in_threads(2, work) == [None, (TENANT, free)]


def test_a_file_can_be_added_while_somebody_works_on_the_case(database: Database) -> None:
    """The lock on the case must not stop rows that merely refer to it."""
    if database.is_sqlite:
        pytest.skip("SQLite has one writer at a time")
    case_id = a_case(database, a_task(token()))
    with database.write() as session:
        load_case(session, TENANT, case_id)
        outcome = in_threads(1, lambda _: put(database, NewJob(case_id, "print", "p", NOW)))
        assert outcome == [None]


# ---------------------------------------------------------------- effects


def test_a_job_is_claimed_by_one_worker_and_done_once(database: Database) -> None:
    case_id = a_case(database, a_task(token()))
    put(database, *(NewJob(case_id, "notify", token(), NOW) for _ in range(20)))

    def work(index: int) -> list[str]:
        names = []
        while (job := claim(database, NOW, f"w{index}")) is not None:
            names.append(job.token)
            with database.write() as session:
                assert finish_job(session, job, NOW)
        return names

    done = Counter(name for names in in_threads(4, work) for name in names)
    assert len(done) == 20
    assert set(done.values()) == {1}
    with database.read() as session:
        assert next_due(session) is None


def test_jobs_come_when_they_are_due_in_order_and_by_kind(database: Database) -> None:
    put(
        database,
        NewJob(None, "notify", "b", NOW + MINUTE, {"an": "B"}),
        NewJob(None, "print", "a", NOW),
        NewJob(None, "notify", "c", NOW + DAY),
    )
    assert claim(database, NOW - MINUTE) is None
    assert claim(database, NOW, kinds=["notify"]) is None
    first, second = claimed(database, NOW + MINUTE), claimed(database, NOW + MINUTE)
    assert (first.token, second.token, second.payload) == ("a", "b", {"an": "B"})
    assert claim(database, NOW + MINUTE) is None


def test_a_dead_workers_job_comes_back_after_its_lease(database: Database) -> None:
    put(database, NewJob(None, "print", "a", NOW))
    first = claimed(database, NOW)
    assert claim(database, NOW + LEASE - MINUTE, "w2") is None
    with database.read() as session:
        assert next_due(session) == NOW + LEASE
    second = claimed(database, NOW + LEASE, "w2")
    assert second.id == first.id
    assert second.attempts == 2
    with database.write() as session:
        assert not finish_job(session, first, NOW + LEASE)  # the first worker wakes up too late
        assert fail_job(session, first, error="zu spät", now=NOW) is None
        assert finish_job(session, second, NOW + LEASE)
    with database.read() as session:
        job = session.scalar(select(Job))
        assert job is not None
        assert (job.done_at, job.error, job.lease_owner) == (NOW + LEASE, None, None)


def test_even_the_same_owner_cannot_finish_an_older_try(database: Database) -> None:
    put(database, NewJob(None, "print", "a", NOW))
    first = claimed(database, NOW)
    claimed(database, NOW + LEASE)
    with database.write() as session:
        assert not finish_job(session, first, NOW + LEASE)


def test_a_failing_job_is_tried_again_later_and_later_and_then_rests(database: Database) -> None:
    put(database, NewJob(None, "notify", "a", NOW))
    now, pauses = NOW, []
    for _ in range(MAX_ATTEMPTS):
        job = claimed(database, now)
        with database.write() as session:
            again = fail_job(session, job, error="SMTP 451", now=now)
        if again is not None:
            assert claim(database, again - timedelta(seconds=1)) is None
            pauses.append((again - now).total_seconds())
            now = again
    assert pauses == [30, 120, 480, 1920]
    assert again is None
    assert claim(database, now + 365 * DAY) is None
    with database.read() as session:
        assert next_due(session) is None
        assert lag(session, now + DAY) == [Lag("notify", 0, None, 1)]
        job_id = session.scalar(select(Job.id))
        assert session.scalar(select(Job.error)) == "SMTP 451"
    assert job_id is not None
    with database.write() as session:
        assert retry_job(session, TENANT, job_id, now)
    assert claimed(database, now).attempts == 1


def test_a_hopeless_job_rests_at_once(database: Database) -> None:
    put(database, NewJob(None, "notify", "a", NOW))
    job = claimed(database, NOW)
    with database.write() as session:
        assert fail_job(session, job, error="no such template", now=NOW, final=True) is None
    assert claim(database, NOW + 365 * DAY) is None


def test_a_job_that_kills_its_worker_comes_to_rest(database: Database) -> None:
    put(database, NewJob(None, "print", "a", NOW))
    now = NOW
    for _ in range(MAX_ATTEMPTS):
        claimed(database, now)
        now += LEASE
    assert claim(database, now) is None
    with database.read() as session:
        assert lag(session, now)[0].stuck == 1


def test_lag_tells_what_waits_and_since_when(database: Database) -> None:
    a_case(database, a_timer(token(), NOW - DAY), a_timer(token(), NOW + DAY))
    put(
        database,
        NewJob(None, "notify", "a", NOW - MINUTE),
        NewJob(None, "notify", "b", NOW - 2 * MINUTE),
        NewJob(None, "print", "c", NOW + MINUTE),
    )
    with database.read() as session:
        assert lag(session, NOW - 2 * DAY) == []
        assert lag(session, NOW) == [
            Lag("notify", 2, NOW - 2 * MINUTE, 0),
            Lag("timer", 1, NOW - DAY, 0),
        ]


def test_many_jobs_are_one_statement(database: Database) -> None:
    case_id = a_case(database, a_task(token()))
    jobs = [NewJob(case_id, "notify", token(), NOW) for _ in range(200)]
    with count_statements(database) as counts:
        put(database, *jobs)
    assert len(counts.statements) == 1
    with count_statements(database) as counts:
        put(database)
    assert counts.statements == []


def test_workers_and_people_on_the_same_cases_never_deadlock(database: Database) -> None:
    """Both lock the case first; what was armed is afterwards fired or still armed, never both or neither."""
    cases = [a_case(database, a_timer(token(), NOW)) for _ in range(3)]

    def person(index: int) -> int:
        for number in range(15):
            case_id = cases[(index + number) % len(cases)]
            with database.write() as session:
                found = load_case(session, TENANT, case_id)
                assert found is not None
                places = [a_timer(row.token, row.due_at or NOW) for row in found.tokens]
                armed = found.case.data.get("armed", 1) + 1
                save_step(
                    session,
                    found.case,
                    found.tokens,
                    a_step(*places, a_timer(token(), NOW), variables=found.case.variables),
                    at=NOW,
                    actor_id=None,
                    actor_name="张三",
                    kind="acted",
                    payload={},
                    jobs=[NewJob(case_id, "notify", token(), NOW)],
                    data={"armed": armed},
                )
        return 0

    def worker(_: int) -> int:
        fired = 0
        for _attempt in range(20):
            with database.write() as session:
                place = next_timer_case(session, NOW)
                if place is not None:
                    fire(session, place[1], NOW)
                    fired += 1
            job = claim(database, NOW)
            if job is not None and job.case_id is not None:
                with database.write() as session:
                    load_case(session, TENANT, job.case_id)
                    finish_job(session, job, NOW)
        return fired

    outcomes = in_threads(6, lambda index: person(index) if index < 3 else worker(index))
    assert all(isinstance(outcome, int) for outcome in outcomes), outcomes
    with database.read() as session:
        for case_id in cases:
            found = load_case(session, TENANT, case_id)
            assert found is not None
            fired = found.case.variables.get("fired", 0)
            assert found.case.data["armed"] == fired + len(found.tokens)
        assert len(session.scalars(select(Case)).all()) == len(cases)
