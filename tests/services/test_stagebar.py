"""The bar of stages above a case: a tick means that something was done there."""

from __future__ import annotations

from uuid import UUID

from tests.builders import ACCEPT, ASSIGN, TENANT, Office

from zuozhen.services.caseviews import progress

REFUSED = {
    "decision": "refuse",
    "refusal_ground": "1",
    "reply_method": "短信",
    "explanation": "不属于受理范围。",
}


def bar(office: Office, case_id: UUID) -> list[tuple[str, str]]:
    return list(progress(office.context, TENANT, case_id).stages)


def test_a_new_case_has_everything_before_it(office: Office) -> None:
    shown = bar(office, office.register().case_id)
    assert shown[:2] == [("诉求受理", "done"), ("分类梳理", "current")]
    assert {state for _name, state in shown[2:]} == {"coming"} and len(shown) > 5


def test_a_case_on_its_way(office: Office) -> None:
    case_id = office.register().case_id
    office.submit(case_id, "Task_accept", ACCEPT)
    office.submit(case_id, "Task_assign", ASSIGN)
    states = [state for _name, state in bar(office, case_id)]
    at = states.index("current")
    assert at > 0 and states == ["done"] * at + ["current"] + ["coming"] * (len(states) - at - 1)


def test_a_refused_case_was_only_looked_at(office: Office) -> None:
    case_id = office.register().case_id
    office.submit(case_id, "Task_accept", REFUSED)
    office.drain()
    assert office.open_tasks(case_id) == []
    assert bar(office, case_id) == [("诉求受理", "done"), ("分类梳理", "done")]


def test_a_closed_case_came_to_its_end(office: Office) -> None:
    registered = office.register()
    office.to_end(registered)
    shown = bar(office, registered.case_id)
    assert shown[-1] == ("办结", "done") and {state for _name, state in shown} == {"done"}
