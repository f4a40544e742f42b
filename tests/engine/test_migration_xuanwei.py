"""The edits that officials really make, on the diagram of a real procedure."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.engine.moving import change, content, dates, due, move, moved, refused, tokens
from tests.engine.xuanwei import STAGES, XML, case_at, edited

from zuozhen.engine import followers, loading, restore
from zuozhen.model.step import Move

TWELVE = ("workdays(10, clock_from)", "workdays(12, clock_from)")
LEGAL = (
    '<bpmn:sequenceFlow id="Flow_replied" sourceRef="Gateway_reply" targetRef="Gateway_completion" />',
    (
        '<bpmn:userTask id="Task_legal" name="法制审核" camunda:formRef="legal" camunda:candidateGroups="lead_office" />'
        '<bpmn:sequenceFlow id="Flow_to_legal" sourceRef="Gateway_reply" targetRef="Task_legal" />'
        '<bpmn:sequenceFlow id="Flow_replied" sourceRef="Task_legal" targetRef="Gateway_completion" />'
    ),
)


@pytest.mark.parametrize("place", [name for name, _ in STAGES])
def test_unchanged_at_every_stage(place: str) -> None:
    case = case_at(place)
    case.now += timedelta(days=1)
    result = moved(case, loading.load_diagram.__wrapped__(XML))
    assert result.step is not None and content(result.step.state) == content(case.step.state)
    assert result.step.closed == {} and result.notes == () and result.step.log == ()
    beside = {"Catch_moved", "Timer_not_held"} if place == "Catch_clinic_starts" else set()
    assert {p.element_id for p in result.placements} == {"Catch_withdraw", place} | beside


def test_ten_becomes_twelve_working_days_with_a_legal_review() -> None:
    case = case_at("Task_single")
    case.now += timedelta(days=2)
    token = case.task("Task_single").token
    result = move(case, edited(TWELVE, LEGAL))
    assert dates(result) == {"Timer_single": ("2026-04-03", "2026-04-08")}  # 20 March; 清明 4–6 April
    told = change(result, "Timer_single")
    assert (told.name, told.old_rule, told.new_rule) == ("单一部门办理并反馈", TWELVE[0], TWELVE[1])
    assert case.task("Task_single").token == token and "Extend_single" in case.waiting
    case.done("Task_single", completion="done")
    assert case.open == ["Task_legal"]
    case.done("Task_legal")
    assert case.open == ["Task_rate"]
    back = restore(edited(), "case", case.steps[-4].state, case.env, sorted(tokens(case)))
    assert due(back.tasks[0].due_at) == "2026-04-03" and back.tasks[0].token == token


def test_cases_elsewhere_are_not_touched_by_that() -> None:
    case = case_at("Task_contact")
    result = move(case, edited(TWELVE, LEGAL))
    assert dates(result) == {"Timer_contact": ("2026-03-11", "2026-03-11")} and case.log == []


def test_approved_extension_survives_the_new_limit() -> None:
    case = case_at("Task_single")
    case.got("Extend_single", extend_reason="材料不全")
    case.done("Task_extend_review", extend_decision="approve", extend_until="2026-04-30")
    assert due(case.task("Task_single").due_at) == "2026-04-30"
    result = move(case, edited(TWELVE))
    assert dates(result) == {"Timer_single": ("2026-04-30", "2026-04-30")}
    assert result.notes == ("“10个工作日”已延期，保留 2026-04-30（按新规则为 2026-04-08）",)


def test_shorter_limit_is_overdue_at_once_and_urged_at_the_next_tick() -> None:
    case = case_at("Task_single")
    case.now += timedelta(days=20)
    result = move(case, edited((TWELVE[0], "workdays(3, clock_from)")))
    assert dates(result) == {"Timer_single": ("2026-04-03", "2026-03-25")} and result.fires == (
        "Timer_single",
    )
    assert case.open == ["Task_single"]
    case.later()
    assert case.open == ["Task_single", "Task_urge"]


def test_joint_handling_goes_on_inside_its_sub_process() -> None:
    case = case_at("Task_single", handling="joint")
    assert case.open == ["Task_joint", "Task_joint"]
    case.done("Task_joint")
    (left,) = case.step.tasks
    result = move(case, edited(("workdays(15, clock_from)", "workdays(20, clock_from)")))
    assert dates(result) == {"Timer_joint": ("2026-04-13", "2026-04-20")}
    assert [(t.token, t.group, t.variables["unit"]) for t in case.step.tasks] == [
        (left.token, "shichang", "shichang")
    ]
    case.done("Task_joint")
    case.done("Task_joint_feedback", completion="done")
    assert case.open == ["Task_rate"]


def test_a_task_renamed_in_the_drawing_is_refused_until_told_where_to() -> None:
    renamed = loading.load_diagram(XML.replace(b"Task_arrange", b"Task_schedule"))
    case = case_at("Task_arrange")
    assert refused(moved(case, renamed)) == [("Task_arrange", "gone")]
    move(case, renamed, mapping={"Task_arrange": "Task_schedule"})
    case.done("Task_schedule", clinic_date="2026-03-20")
    assert case.open == ["Task_notify"]
    assert move(case_at("Task_notify"), renamed).notes == ()


def test_role_and_form_changed() -> None:
    changed = edited(
        ('name="确定“接诊”部门" camunda:formRef="assign"', 'name="确定“接诊”部门" camunda:formRef="assign2"'),
    )
    case = case_at("Task_assign")
    result = move(case, changed)
    (place,) = [p for p in result.placements if p.element_id == "Task_assign"]
    assert place.changes == ("表单 assign → assign2",) and case.task("Task_assign").form_key == "assign2"


def test_skip_repeat_and_undo_beside_the_withdrawal_that_waits() -> None:
    case = case_at("Task_contact")
    assert [e.id for e in followers(case.diagram, "Task_contact")] == ["Task_arrange"]
    case.send(Move(case.task("Task_contact").token, "Task_arrange"))
    assert case.open == ["Task_arrange"] and case.waiting == ["Catch_withdraw"] and case.armed == []
    case.send(Move(case.task("Task_arrange").token, "Task_accept"))
    assert case.open == ["Task_accept"] and case.armed == ["Timer_accept"]
    case.done("Task_accept", decision="refuse")
    assert case.ended == "End_refused"
