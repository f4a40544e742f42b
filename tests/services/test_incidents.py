"""A procedure that cannot go on: nothing is half done, nobody's text is lost, a person retries."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from tests.builders import Office
from tests.conftest import OfficeMaker
from tests.engine_lint.build import boundary, catch, end, flow, gateway, message, path, process, throw, timer
from tests.services import smallpack
from tests.services.smallpack import begin, case_process, task
from tests.web.visitors import staff

from zuozhen.model.errors import EngineError
from zuozhen.services import incidents
from zuozhen.services.actors import Actor
from zuozhen.services.outbox import MAX_ATTEMPTS
from zuozhen.services.registration import Registered, start_by_hand
from zuozhen.services.tasks import as_formdata

FAR_AWAY = 'days(amount) > date("2026-09-03")'
"""Fails at run time when the amount leads beyond the calendar; nothing that a check could know."""
TOO_MUCH = {"note": "已经写了很多字", "amount": 99_999_999}


def choosing() -> dict[str, bytes]:
    return smallpack.pack(
        case_process(
            task("decide"),
            gateway("exclusive", "fork", default="fork_e"),
            task("more"),
            end(),
            path("s", "decide", "fork", "e"),
            path("more", "e"),
            flow("fork", "more", FAR_AWAY),
        )
    )


def register(office: Office) -> Registered:
    outcome = office.try_register({"title": "诉求", "enterprise": "甲公司", "session": "甲场"})
    assert isinstance(outcome, Registered)
    return outcome


@pytest.mark.parametrize(
    "maker", ["make_office", pytest.param("postgresql_office", marks=pytest.mark.postgresql)]
)
def test_a_condition_that_fails_is_an_incident_and_the_text_is_kept(
    maker: str, request: pytest.FixtureRequest
) -> None:
    office: Office = request.getfixturevalue(maker)(files=choosing())
    case_id = register(office).case_id
    with pytest.raises(EngineError) as caught:
        office.submit(case_id, "decide", TOO_MUCH, by=office.person("zhang", groups=("office",)))
    assert (caught.value.status, caught.value.element_id) == (409, "fork")

    assert office.open_tasks(case_id) == ["decide"]
    assert len(office.events(case_id)) == 1
    assert (office.token(case_id, "decide").draft or {})["note"] == "已经写了很多字"
    (incident,) = incidents.open_incidents(office.context, office.tenant)
    assert (incident.case_id, incident.element_id) == (case_id, "fork")
    assert "EngineError" in incident.detail

    office.submit(case_id, "decide", {**TOO_MUCH, "amount": 5})
    assert office.open_tasks(case_id) == ["more"]
    incidents.retry(office.context, office.person("admin", admin="system"), incident.id)
    assert incidents.open_incidents(office.context, office.tenant) == []
    assert office.problems_of(case_id) == []


def test_the_page_says_so_in_chinese_and_shows_the_text(make_office: OfficeMaker) -> None:
    office = make_office(files=choosing(), web=True)
    case_id = register(office).case_id
    visitor = staff(office, "zhang", groups=("office",))
    path_of_task = f"/tasks/{office.token(case_id, 'decide').token}"
    answer = visitor.post(path_of_task, TOO_MUCH)
    assert answer.status_code == 409
    assert "fork号" in answer.text and "已经写了很多字" in answer.text
    again = visitor.get(path_of_task)
    assert again.status_code == 200 and "已经写了很多字" in again.text
    admin = staff(office, "admin", admin="system")
    assert "fork" in admin.get("/admin").text
    (incident,) = incidents.open_incidents(office.context, office.tenant)
    assert admin.post(f"/admin/incidents/{incident.id}/retry").status_code == 302
    assert "没有未处理的异常" in admin.get("/admin").text
    assert visitor.post(path_of_task, {**TOO_MUCH, "amount": 5}).status_code == 302


def failing_timer() -> dict[str, bytes]:
    """After a day a branch is chosen by an amount that nobody has thought of."""
    return smallpack.pack(
        case_process(
            task("decide"),
            task("wait"),
            boundary("late", "wait", timer("days(1)"), interrupting=False, clause="第三条"),
            gateway("exclusive", "fork", default="fork_e2"),
            task("more"),
            end(),
            end("e2"),
            path("s", "decide", "wait", "e"),
            path("late", "fork", "e2"),
            path("more", "e2"),
            flow("fork", "more", FAR_AWAY),
        )
    )


def test_a_timer_that_fails_does_not_stop_the_others_and_is_fired_again(make_office: OfficeMaker) -> None:
    office = make_office(files=failing_timer())
    stuck, fine = register(office).case_id, register(office).case_id
    office.submit(stuck, "decide", {"amount": 99_999_999})
    office.submit(fine, "decide", {"amount": 5})
    office.clock.move_to(office.clock() + timedelta(days=2))
    office.drain()
    assert office.open_tasks(fine) == ["more", "wait"]
    assert office.open_tasks(stuck) == ["wait"]
    assert len(office.events(stuck)) == 2
    (incident,) = incidents.open_incidents(office.context, office.tenant)
    assert (incident.case_id, incident.element_id) == (stuck, "fork")

    incidents.retry(office.context, office.person("admin", admin="system"), incident.id)
    office.drain()  # tried again at once, not only after the pause
    (again,) = incidents.open_incidents(office.context, office.tenant)
    assert again.id != incident.id
    assert office.problems_of(stuck) == []


def failing_delivery() -> dict[str, bytes]:
    hear = catch("hear", message("m"), key="session", clause="第三条")
    case = case_process(
        hear,
        gateway("exclusive", "fork", default="fork_e"),
        task("more"),
        end(),
        path("s", "hear", "fork", "e"),
        path("more", "e"),
        flow("fork", "more", FAR_AWAY),
    )
    call = throw("call", message("m"), key="session", payload="amount", delivery="all", clause="第三条")
    clinic = process(
        begin("plan", "cs"), task("held"), call, end("ce"), path("cs", "held", "call", "ce"), id_="clinic"
    )
    return smallpack.pack(case, clinic, '<bpmn:message id="m" name="开始" />')


def test_a_delivery_that_fails_rests_after_a_while_and_is_retried_by_a_person(
    make_office: OfficeMaker,
) -> None:
    office = make_office(files=failing_delivery())
    case_id = register(office).case_id
    staff_member = Actor(office.tenant, "专班", groups=frozenset({"office"}), sees_all=True)
    session = start_by_hand(office.context, staff_member, as_formdata({"session": "甲场"}))
    assert isinstance(session, UUID)
    office.submit(session, "held", TOO_MUCH)
    office.drain()
    assert len(incidents.open_incidents(office.context, office.tenant)) == 1
    office.pass_time(office.clock() + timedelta(days=2))
    (incident,) = incidents.open_incidents(office.context, office.tenant)  # one, however often it was tried
    assert (incident.case_id, incident.element_id) == (case_id, "fork")
    (resting,) = office.jobs("deliver")
    assert resting.attempts == MAX_ATTEMPTS and resting.error
    assert len(office.events(case_id)) == 1

    incidents.retry(office.context, office.person("admin", admin="system"), incident.id)
    assert incidents.open_incidents(office.context, office.tenant) == []
    office.drain()
    assert office.jobs("deliver")[0].attempts == 1
    assert len(incidents.open_incidents(office.context, office.tenant)) == 1
