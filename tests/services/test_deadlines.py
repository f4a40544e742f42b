"""Deadlines live: they fire, are extended with a reason, and never go back."""

from __future__ import annotations

from uuid import UUID

import pytest
from tests.builders import CLINIC, Office

from zuozhen.model.clock import due_date
from zuozhen.model.errors import Forbidden
from zuozhen.services import tasks
from zuozhen.services.tasks import as_formdata

EXTEND = {"extend_reason": "需外单位出具意见。", "extend_until": "2026-10-23"}
URGE = {"urged_on": "2026-10-13", "urge_method": "电话", "urge_result": "承诺三日内办结。"}


def in_single(office: Office) -> UUID:
    registered = office.register()
    office.to_session(registered)
    office.submit(registered.case_id, "Task_clinic", CLINIC)
    office.drain()
    return registered.case_id


def due(office: Office, case_id: UUID, element: str) -> str:
    row = office.token(case_id, element)
    assert row.due_at is not None
    return due_date(row.due_at).isoformat()


def test_an_overdue_task_sets_off_supervision_once_and_stays_open(any_office: Office) -> None:
    office = any_office
    case_id = office.register().case_id
    assert due(office, case_id, "Task_accept") == "2026-09-02"
    office.pass_to("2026-09-02 23:59")
    assert office.open_tasks(case_id) == ["Task_accept"]
    office.pass_to("2026-09-03 00:00")
    assert office.open_tasks(case_id) == ["Task_accept", "Task_urge"]
    assert office.token(case_id, "Task_urge").grp == "supervision"
    fired = office.events(case_id)[-1]
    assert (fired.kind, fired.actor, fired.actor_name) == ("fired", None, "系统")
    assert due(office, case_id, "Task_accept") == "2026-09-02"  # staff go on seeing that it is late
    office.pass_to("2026-09-10 00:00")
    assert office.open_tasks(case_id) == ["Task_accept", "Task_urge"]
    office.submit(case_id, "Task_urge", URGE)
    assert office.open_tasks(case_id) == ["Task_accept"]
    assert office.problems_of(case_id) == []


def test_the_deadline_explains_itself(office: Office) -> None:
    case_id = in_single(office)
    row = office.token(case_id, "Task_single")
    assert row.due_rule == "workdays(10, clock_from)"
    (why,) = row.due_why
    assert (why["function"], why["n"], why["due"]) == ("workdays", 10, due(office, case_id, "Task_single"))
    assert {day["name"] for day in why["skipped"]} >= {"国庆节"}


def test_an_extension_moves_the_deadline_only_after_approval(any_office: Office) -> None:
    office = any_office
    case_id = in_single(office)
    before = due(office, case_id, "Task_single")
    holder = office.person("zhang", unit="ziran")
    act = office.token(case_id, "Extend_single")
    assert act.kind == "wait"
    tasks.submit(office.context, holder, act.token, as_formdata(EXTEND))
    assert due(office, case_id, "Task_single") == before
    review = {"extend_decision": "approve", "extend_until": "2026-10-23", "review_note": "同意。"}
    office.submit(case_id, "Task_extend_review", review)
    assert (before, due(office, case_id, "Task_single")) == (before, "2026-10-23")
    assert before < "2026-10-23"
    kinds = [entry["kind"] for entry in office.events(case_id)[-1].payload["log"]]
    assert "retimed" in kinds
    office.pass_to("2026-10-23 23:00")
    assert office.open_tasks(case_id) == ["Task_single"]
    office.pass_to("2026-10-24 00:00")
    assert office.open_tasks(case_id) == ["Task_single", "Task_urge"]
    assert office.problems_of(case_id) == []


def test_a_refused_extension_changes_nothing(office: Office) -> None:
    case_id = in_single(office)
    before = due(office, case_id, "Task_single")
    office.submit(case_id, "Extend_single", EXTEND, by=office.member("ziran"))
    office.submit(case_id, "Task_extend_review", {"extend_decision": "reject", "review_note": "请按期。"})
    assert due(office, case_id, "Task_single") == before


def test_a_stranger_may_not_ask_for_an_extension(office: Office) -> None:
    case_id = in_single(office)
    with pytest.raises(Forbidden):
        office.submit(case_id, "Extend_single", EXTEND, by=office.member("gongxin"))


def test_an_enterprise_that_does_not_rate_is_not_waited_for_forever(office: Office) -> None:
    registered = office.register()
    office.to_rating(registered)
    office.pass_to("2026-10-20 00:00")
    assert office.open_tasks(registered.case_id) == ["Task_rate"]
    office.pass_to("2026-10-21 00:01")
    assert office.open_tasks(registered.case_id) == ["Task_signoff"]
