"""Messages between cases: early ones wait, ``one`` reaches one case, ``all`` each case once, old ones expire."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from tests.builders import Office
from tests.conftest import OfficeMaker
from tests.services import smallpack
from tests.store.running import in_threads

from zuozhen.services import outbox
from zuozhen.services.actors import Actor
from zuozhen.services.registration import Registered, start_by_hand
from zuozhen.services.tasks import as_formdata


def waiting_case(office: Office, session: str = "甲场", *, ready: bool = True) -> UUID:
    outcome = office.try_register({"title": "诉求", "enterprise": "甲公司", "session": session})
    assert isinstance(outcome, Registered)
    if ready:
        office.submit(outcome.case_id, "ready")
        office.drain()
    return outcome.case_id


def hold(office: Office, session: str = "甲场", note: str = "九点开始") -> None:
    staff = Actor(smallpack.TENANT, "专班", groups=frozenset({"office"}), sees_all=True)
    started = start_by_hand(office.context, staff, as_formdata({"session": session, "note": note}))
    assert isinstance(started, UUID)


@pytest.fixture
def one(make_office: OfficeMaker) -> Office:
    return make_office(files=smallpack.talking("one"))


@pytest.fixture
def everybody(make_office: OfficeMaker) -> Office:
    return make_office(files=smallpack.talking("all"))


def test_a_message_reaches_who_waits_and_brings_its_payload(one: Office) -> None:
    case_id = waiting_case(one)
    assert one.open_tasks(case_id) == []
    hold(one)
    one.drain()
    assert one.open_tasks(case_id) == ["after"]
    assert one.case(case_id).variables["note"] == "九点开始"
    delivered = one.events(case_id)[-1]
    assert (delivered.kind, delivered.payload["message"], delivered.payload["key"]) == (
        "delivered",
        "开始",
        "甲场",
    )
    assert one.problems_of(case_id) == []


def test_another_key_is_another_conversation(everybody: Office) -> None:
    case_id = waiting_case(everybody, "乙场")
    hold(everybody, "甲场")
    everybody.drain()
    assert everybody.open_tasks(case_id) == []
    hold(everybody, "乙场")
    everybody.drain()
    assert everybody.open_tasks(case_id) == ["after"]


@pytest.mark.parametrize("kind", ["one", "everybody"])
def test_a_message_that_comes_early_waits(kind: str, request: pytest.FixtureRequest) -> None:
    office: Office = request.getfixturevalue(kind)
    case_id = waiting_case(office, ready=False)
    hold(office)
    office.drain()
    assert office.open_tasks(case_id) == ["ready"]
    office.submit(case_id, "ready")
    office.drain()
    assert office.open_tasks(case_id) == ["after"]


def test_one_reaches_the_longest_waiting_case_only(one: Office) -> None:
    cases = []
    for _ in range(3):
        cases.append(waiting_case(one))
        one.clock.move_to(one.clock() + timedelta(minutes=1))
    hold(one)
    one.drain()
    assert [one.open_tasks(case_id) for case_id in cases] == [["after"], [], []]
    late = waiting_case(one)  # the message is used up
    assert one.open_tasks(late) == []


@pytest.mark.paper
def test_all_reaches_every_case_once_those_of_later_too(everybody: Office) -> None:
    first, second = waiting_case(everybody), waiting_case(everybody)
    hold(everybody)
    everybody.drain()
    later = waiting_case(everybody)
    for case_id in (first, second, later):
        assert everybody.open_tasks(case_id) == ["after"]
        kinds = [event.kind for event in everybody.events(case_id)]
        assert kinds == ["registered", "completed", "delivered"]
    everybody.drain()
    assert everybody.jobs() == []


def test_a_second_worker_that_carries_the_same_message_changes_nothing(everybody: Office) -> None:
    """At least once: the mark of a job is lost, its effect is not repeated."""
    case_id = waiting_case(everybody)
    hold(everybody)
    while outbox.run_once(everybody.context):
        pass
    with everybody.context.database.write() as session:
        for job in everybody.jobs_done("send", "match", "deliver"):
            session.merge(job)
            session.get_one(type(job), (job.tenant, job.id)).done_at = None
    everybody.drain()
    assert [event.kind for event in everybody.events(case_id)] == ["registered", "completed", "delivered"]


def test_an_expired_message_reaches_nobody(make_office: OfficeMaker) -> None:
    office = make_office(files=smallpack.talking("all", "P2D"))
    hold(office)
    office.drain()
    office.clock.move_to(office.clock() + timedelta(days=2, minutes=1))
    assert office.open_tasks(waiting_case(office)) == []


def test_two_messages_find_two_waiting_cases(one: Office) -> None:
    cases = [waiting_case(one), waiting_case(one)]
    hold(one, note="第一场")
    hold(one, note="第二场")
    one.drain()
    assert [one.open_tasks(case_id) for case_id in cases] == [["after"], ["after"]]
    assert {one.case(case_id).variables["note"] for case_id in cases} == {"第一场", "第二场"}


def test_two_early_messages_find_two_cases_that_begin_to_wait_together(one: Office) -> None:
    hold(one, note="第一场")
    hold(one, note="第二场")
    one.drain()
    cases = [waiting_case(one, ready=False) for _ in range(3)]
    for case_id in cases:
        one.submit(case_id, "ready")
    one.drain()
    assert [one.open_tasks(case_id) for case_id in cases] == [["after"], ["after"], []]
    assert {one.case(case_id).variables["note"] for case_id in cases[:2]} == {"第一场", "第二场"}


@pytest.mark.postgresql
@pytest.mark.parametrize("delivery", ["one", "all"])
def test_many_workers_carry_each_message_once(delivery: str, postgresql_office: OfficeMaker) -> None:
    office = postgresql_office(files=smallpack.talking(delivery))
    cases = [waiting_case(office, ready=False) for _ in range(4)]

    def work(index: int) -> None:
        if index < 4:
            office.submit(cases[index], "ready")
        elif index < 6:
            hold(office, note=f"第{index}场")
        for _ in range(20):
            outbox.run_once(office.context, f"worker{index}")

    assert in_threads(8, work) == [None] * 8
    office.drain()
    arrived = [case_id for case_id in cases if office.open_tasks(case_id) == ["after"]]
    assert len(arrived) == (2 if delivery == "one" else 4)
    for case_id in cases:
        assert [event.kind for event in office.events(case_id)].count("delivered") == (case_id in arrived)
        assert office.problems_of(case_id) == []
    assert office.jobs() == []
