"""Corrections: with reason and approver, recorded, and the history stays whole."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import update
from tests.builders import ACCEPT, ARRANGE, ASSIGN, CONTACT, DIAGRAM, Office, edited, pack_files

from zuozhen.model.clock import due_date
from zuozhen.model.errors import Conflict, EngineError, Forbidden, Invalid, NotFound
from zuozhen.services import correcting, outbox
from zuozhen.services.actors import Actor
from zuozhen.services.correcting import Grounds
from zuozhen.services.deployment import deploy
from zuozhen.store.tables import Token

GROUNDS = Grounds("登记时选错了单位", "李局长", "宣办通〔2024〕43号")


@pytest.fixture
def office(any_office: Office) -> Office:
    return any_office


def admin(office: Office) -> Actor:
    return office.person("guanliyuan", admin="system")


def test_only_the_system_administrator_corrects(office: Office) -> None:
    case_id = office.register().case_id
    somebody = office.person("zhang", groups=("lead_office",))
    with pytest.raises(Forbidden):
        correcting.cancel(office.context, somebody, case_id, GROUNDS)
    with pytest.raises(Forbidden):
        correcting.correction_view(office.context, somebody, case_id)
    assert office.case(case_id).status == "open"


@pytest.mark.parametrize(
    "grounds", [Grounds("", "李局长"), Grounds("选错了", " "), Grounds("长" * 501, "李")]
)
def test_a_correction_needs_reason_and_approver(office: Office, grounds: Grounds) -> None:
    case_id = office.register().case_id
    with pytest.raises(Invalid) as caught:
        correcting.cancel(office.context, admin(office), case_id, grounds)
    assert caught.value.problems
    assert office.case(case_id).status == "open"


def test_a_task_is_skipped_and_the_record_says_why(office: Office) -> None:
    case_id = office.register().case_id
    office.submit(case_id, "Task_accept", ACCEPT)
    office.submit(case_id, "Task_assign", ASSIGN)
    actor = admin(office)
    view = correcting.correction_view(office.context, actor, case_id)
    place = next(place for place in view.places if place.element_id == "Task_contact")
    assert [element.id for element in place.following] == ["Task_arrange"]
    names = correcting.move(office.context, actor, case_id, place.token, "Task_arrange", GROUNDS)
    assert names
    assert office.open_tasks(case_id) == ["Task_arrange"]
    event = office.events(case_id)[-1]
    assert (event.kind, event.payload["target"], event.payload["approver"]) == (
        "moved",
        "Task_arrange",
        "李局长",
    )
    line = correcting.correction_view(office.context, actor, case_id).lines[-1]
    assert "登记时选错了单位（李局长批准，宣办通〔2024〕43号）" in line.what
    assert office.problems_of(case_id) == []


def test_a_skip_that_leaves_a_task_without_its_office_is_refused(office: Office) -> None:
    case_id = office.register().case_id
    office.submit(case_id, "Task_accept", ACCEPT)
    token = office.token(case_id, "Task_assign").token
    with pytest.raises(EngineError, match="reception_unit"):
        correcting.move(office.context, admin(office), case_id, token, "Task_contact", GROUNDS)
    assert office.open_tasks(case_id) == ["Task_assign"]


def test_a_task_is_repeated_with_a_new_deadline(office: Office) -> None:
    case_id = office.register().case_id
    office.submit(case_id, "Task_accept", ACCEPT)
    office.submit(case_id, "Task_assign", ASSIGN)
    office.pass_to("2026-09-03 10:00")
    actor = admin(office)
    token = office.token(case_id, "Task_contact")
    correcting.move(office.context, actor, case_id, token.token, "Task_assign", GROUNDS)
    assert office.open_tasks(case_id) == ["Task_assign"]
    assert office.case(case_id).stage == "科学分办"
    office.submit(case_id, "Task_assign", ASSIGN)
    assert office.case(case_id).stage == "部门响应"
    again = office.token(case_id, "Task_contact")
    assert again.token != token.token
    assert due_date(again.due_at) == date(2026, 9, 10)  # five working days after 3 September
    office.submit(case_id, "Task_contact", CONTACT)
    assert office.problems_of(case_id) == []


def test_a_due_date_is_moved_and_explains_itself(office: Office) -> None:
    case_id = office.register().case_id
    token = office.token(case_id, "Task_accept")
    correcting.change_due(office.context, admin(office), case_id, token.token, date(2026, 9, 9), GROUNDS)
    moved = office.token(case_id, "Task_accept")
    assert due_date(moved.due_at) == date(2026, 9, 9)
    assert "经李局长批准，期限改为2026-09-09" in moved.due_why[-1]["text"]
    assert office.events(case_id)[-1].payload["due"] == "2026-09-09"


def test_a_due_date_in_the_past_is_refused(office: Office) -> None:
    case_id = office.register().case_id
    token = office.token(case_id, "Task_accept").token
    with pytest.raises(Invalid, match="不能早于今天"):
        correcting.change_due(office.context, admin(office), case_id, token, date(2026, 8, 30), GROUNDS)


def test_a_cancelled_case_is_over_and_can_be_undone(office: Office) -> None:
    case_id = office.register().case_id
    actor = admin(office)
    correcting.cancel(office.context, actor, case_id, GROUNDS)
    case = office.case(case_id)
    assert (case.status, case.outcome) == ("ended", "已终止")
    assert office.open_tasks(case_id) == []
    with pytest.raises(Conflict):
        correcting.cancel(office.context, actor, case_id, GROUNDS)
    seq = office.events(case_id)[-1].seq
    correcting.undo(office.context, actor, case_id, GROUNDS, seq=seq)
    case = office.case(case_id)
    assert (case.status, case.outcome, case.ended_at) == ("open", "", None)
    office.submit(case_id, "Task_accept", ACCEPT)
    assert office.problems_of(case_id) == []


def test_the_last_step_is_undone_with_its_answers_and_due_dates(office: Office) -> None:
    case_id = office.register().case_id
    before = office.token(case_id, "Task_accept")
    data, stage = dict(office.case(case_id).data), office.case(case_id).stage
    office.submit(case_id, "Task_accept", ACCEPT)
    actor = admin(office)
    correcting.undo(office.context, actor, case_id, GROUNDS, seq=office.events(case_id)[-1].seq)
    after = office.token(case_id, "Task_accept")
    assert (after.token, after.due_at, after.due_why) == (before.token, before.due_at, before.due_why)
    assert office.open_tasks(case_id) == ["Task_accept"]
    assert (dict(office.case(case_id).data), office.case(case_id).stage) == (data, stage)
    assert office.problems_of(case_id) == []
    office.submit(case_id, "Task_accept", ACCEPT)
    assert office.open_tasks(case_id) == ["Task_assign"]


def test_undoing_goes_back_step_by_step_to_the_registration(office: Office) -> None:
    case_id = office.register().case_id
    for element, answers in (("Task_accept", ACCEPT), ("Task_assign", ASSIGN), ("Task_contact", CONTACT)):
        office.submit(case_id, element, answers)
    actor = admin(office)
    for expected in (["Task_contact"], ["Task_assign"], ["Task_accept"]):
        view = correcting.correction_view(office.context, actor, case_id)
        assert view.undoable is not None
        correcting.undo(office.context, actor, case_id, GROUNDS, seq=view.undoable.event.seq)
        assert office.open_tasks(case_id) == expected
    view = correcting.correction_view(office.context, actor, case_id)
    assert view.undoable is None
    assert "登记" in view.why_not
    assert office.problems_of(case_id) == []


def test_a_step_that_is_no_longer_the_last_is_not_undone(office: Office) -> None:
    case_id = office.register().case_id
    office.submit(case_id, "Task_accept", ACCEPT)
    seq = office.events(case_id)[-1].seq
    office.submit(case_id, "Task_assign", ASSIGN)
    with pytest.raises(Conflict, match="新的进展"):
        correcting.undo(office.context, admin(office), case_id, GROUNDS, seq=seq)
    assert office.open_tasks(case_id) == ["Task_contact"]


def test_a_deadline_that_has_passed_is_not_undone(office: Office) -> None:
    case_id = office.register().case_id
    office.pass_to("2026-09-03 10:00")
    view = correcting.correction_view(office.context, admin(office), case_id)
    assert office.events(case_id)[-1].kind == "fired"
    assert view.undoable is None
    assert "立即再次到期" in view.why_not


def test_an_end_is_undone(office: Office) -> None:
    registered = office.register()
    office.submit(
        registered.case_id,
        "Task_accept",
        {**ACCEPT, "decision": "refuse", "refusal_ground": "2", "explanation": "属民事纠纷。"},
    )
    assert office.case(registered.case_id).status == "ended"
    seq = office.events(registered.case_id)[-1].seq
    correcting.undo(office.context, admin(office), registered.case_id, GROUNDS, seq=seq)
    assert office.open_tasks(registered.case_id) == ["Task_accept"]
    outbox.drain(office.context)
    assert office.problems_of(registered.case_id) == []


@pytest.mark.paper
def test_a_case_that_ends_again_has_a_dossier_of_its_second_end(office: Office) -> None:
    case_id = office.register().case_id
    actor = admin(office)
    correcting.cancel(office.context, actor, case_id, GROUNDS)
    office.drain()
    assert len(office.documents(case_id, "dossier")) == 1
    correcting.undo(office.context, actor, case_id, GROUNDS, seq=office.events(case_id)[-1].seq)
    office.submit(case_id, "Task_accept", ACCEPT)
    correcting.cancel(office.context, actor, case_id, GROUNDS)
    office.drain()
    heads = [row.meta["head"] for row in office.documents(case_id, "dossier")]
    assert len(heads) == 2
    assert office.case(case_id).head.hex() in heads


def test_hostile_input_changes_nothing(office: Office) -> None:
    case_id = office.register().case_id
    actor = admin(office)
    token = office.token(case_id, "Task_accept").token
    with pytest.raises(NotFound):
        correcting.cancel(office.context, actor, uuid4(), GROUNDS)
    with pytest.raises(Conflict):
        correcting.move(office.context, actor, case_id, "0" * 32, "Task_assign", GROUNDS)
    with pytest.raises(Invalid):
        correcting.move(office.context, actor, case_id, token, "nowhere", GROUNDS)
    with pytest.raises((Conflict, EngineError)):
        correcting.move(office.context, actor, case_id, token, "Start_register", GROUNDS)
    assert office.open_tasks(case_id) == ["Task_accept"]
    assert len(office.events(case_id)) == 1


def test_cases_are_found_by_number_and_name(office: Office) -> None:
    number = office.register().number
    office.register(enterprise="宣威市另一家公司")
    actor = admin(office)
    assert [case.number for case in correcting.find_cases(office.context, actor, number)] == [number]
    assert len(correcting.find_cases(office.context, actor, "宣威市")) == 2
    assert correcting.find_cases(office.context, actor, "%") == []


def test_undoing_the_booking_takes_the_case_out_of_its_session(office: Office) -> None:
    case_id = office.register().case_id
    office.pass_to("2026-09-01 09:00")
    for element, answers in (
        ("Task_accept", ACCEPT),
        ("Task_assign", ASSIGN),
        ("Task_contact", CONTACT),
        ("Task_arrange", ARRANGE),
    ):
        office.submit(case_id, element, answers)
    assert office.case(case_id).business_key == "2026-09-20"
    correcting.undo(office.context, admin(office), case_id, GROUNDS, seq=office.events(case_id)[-1].seq)
    assert office.open_tasks(case_id) == ["Task_arrange"]
    assert office.case(case_id).business_key == ""


def test_one_of_several_is_ended_alone_and_comes_back_with_its_draft(office: Office) -> None:
    after = "<bpmn:outgoing>Flow_decided</bpmn:outgoing>\n    </bpmn:userTask>"
    joint = (
        '<bpmn:multiInstanceLoopCharacteristics camunda:collection="=[1, 2]" camunda:elementVariable="n">'
        '<bpmn:completionCondition>decision = "refuse"</bpmn:completionCondition>'
        "</bpmn:multiInstanceLoopCharacteristics>"
    )
    files = edited(
        pack_files(), DIAGRAM, after, after.replace("</bpmn:userTask>", f"{joint}</bpmn:userTask>")
    )
    deploy(office.context, files)
    case_id, actor = office.register().case_id, admin(office)
    first, second = sorted(row.token for row in office.tokens(case_id))

    def drafts() -> dict[str, object]:
        return {row.token: row.draft for row in office.tokens(case_id)}

    with office.context.database.write() as session:
        for token in (first, second):
            session.execute(update(Token).where(Token.token == token).values(draft={"typed": token}))
    places = correcting.correction_view(office.context, actor, case_id).places
    assert [(place.joint, len(place.also)) for place in places if place.kind == "task"] == [(True, 1)] * 2
    correcting.end_instance(office.context, actor, case_id, first, GROUNDS)
    assert drafts() == {second: {"typed": second}}
    event = office.events(case_id)[-1]
    assert event.kind == "instance_ended" and event.payload["reason"] == GROUNDS.reason
    with pytest.raises(Conflict):
        correcting.end_instance(office.context, actor, case_id, first, GROUNDS)
    correcting.undo(office.context, actor, case_id, GROUNDS, seq=event.seq)
    assert drafts() == {first: {"typed": first}, second: {"typed": second}}
    assert office.problems_of(case_id) == []
    office.submit(case_id, "Task_accept", ACCEPT)
    assert len(drafts()) == 1
