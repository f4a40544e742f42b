"""Every edit of a diagram and what exactly becomes of a case that is running."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.engine.bpmn import Diagram, multi
from tests.engine.moving import (
    again,
    change,
    content,
    dates,
    deadline,
    drawing,
    line,
    loaded,
    move,
    moved,
    race,
    refused,
    tokens,
)
from tests.engine.play import T0, Play

from zuozhen.engine import load_diagram, migrate
from zuozhen.model.errors import EngineError
from zuozhen.model.migration import Order
from zuozhen.model.step import Environment

DUE_5, DUE_10 = "2026-01-12", "2026-01-19"


# ---------------------------------------------------------------- the edits of findings/engine.md §4


def test_nothing_changed() -> None:
    diagram = line("accept", "handle", handle="workdays(5)")
    play = Play(diagram, {"x": [1]})
    play.done("accept", y=2)
    before = play.step
    play.now += timedelta(days=3)  # a deadline that began anew would be seen
    result = move(play, again(diagram))
    assert content(play.step.state) == content(before.state)
    assert (play.step.closed, play.step.log, result.notes, result.fires) == ({}, (), (), ())
    assert [(task.token, task.entered_at, task.variables) for task in play.step.tasks] == [
        (task.token, task.entered_at, task.variables) for task in before.tasks
    ]
    assert dates(result) == {"handle_late": (DUE_5, DUE_5)} and change(result, "handle_late").why == ()
    (place,) = result.placements
    assert (place.element_id, place.target, place.outcome, place.changes) == ("handle", "handle", "stays", ())


def test_longer_deadline_counts_from_the_start_of_the_task() -> None:
    play = Play(line("handle", handle="workdays(5)"))
    token, timer = play.task("handle").token, play.timer("handle_late").token
    play.now += timedelta(days=3)
    result = move(play, line("handle", handle="workdays(10)"))
    assert dates(result) == {"handle_late": (DUE_5, DUE_10)}
    told = change(result, "handle_late")
    assert (told.token, told.element_id, told.old_rule, told.new_rule, told.kept) == (
        token, "handle", "workdays(5)", "workdays(10)", False,
    )  # fmt: skip
    assert (told.why[0]["start"], told.why[0]["n"]) == ("2026-01-05", 10)
    assert (play.task("handle").token, play.timer("handle_late").token) == (token, timer)
    assert play.task("handle").due_at == play.timer("handle_late").due_at and play.task("handle").due_why
    assert play.log == [("retimed", "handle_late")] and play.step.closed == {} and result.fires == ()


def test_shorter_deadline_that_has_passed_fires_at_the_next_tick_not_before() -> None:
    play = Play(line("handle", handle="workdays(10)"))
    play.now += timedelta(days=9)
    result = move(play, line("handle", handle="workdays(5)"))
    assert dates(result) == {"handle_late": (DUE_10, DUE_5)} and result.fires == ("handle_late",)
    assert play.open == ["handle"]
    play.later(seconds=1)
    assert play.open == ["handle", "handle_late_urge"]


def test_task_added_downstream() -> None:
    play = Play(line("handle", "check"))
    token = play.task("handle").token
    assert move(play, line("handle", "legal", "check")).notes == ()
    assert play.task("handle").token == token
    for task in ("handle", "legal", "check"):
        play.done(task)
    assert play.ended == "end"


def test_task_removed_downstream() -> None:
    play = Play(line("handle", "check"))
    move(play, line("handle"))
    play.done("handle")
    assert play.ended == "end"


def test_completed_upstream_task_removed() -> None:
    play = Play(line("accept", "handle", "check"))
    play.done("accept", x=1)
    move(play, line("handle", "check"))
    assert play.task("handle").variables == {"x": 1}
    play.done("handle")
    play.done("check")
    assert play.ended == "end"


def test_completed_fork_removed() -> None:
    def side_by_side(name: str) -> Diagram:
        diagram, process = drawing()
        process.chain(
            process.start(), process.gateway("parallel", name), process.user("a"), process.end("e1")
        )
        process.chain(name, process.user("b"), process.user("c"), process.end("e2"))
        return diagram

    play = Play(side_by_side("fork"), {"x": 1})
    move(play, side_by_side("split"))
    play.done("b", y=2)
    move(play, side_by_side("third"))
    assert (play.task("c").variables, play.task("a").variables) == ({"x": 1, "y": 2}, {"x": 1})
    play.done("a")
    play.done("c")
    assert play.ended == "e2"


def test_active_task_removed_is_refused_with_the_way_out() -> None:
    play = Play(line("accept", "handle", "check"))
    play.done("accept")
    result = moved(play, line("accept", "check"))
    assert refused(result) == [("handle", "gone")]
    assert result.refusals[0].name == "办理handle" and result.refusals[0].hint == "请指定改到哪个环节"
    (place,) = result.placements
    assert (place.outcome, place.target) == ("refused", "")


def test_active_task_removed_but_mapped() -> None:
    play = Play(line("handle", "check", handle="workdays(5)"))
    token, timer = play.task("handle").token, play.timer("handle_late")
    play.now += timedelta(days=1)
    result = move(play, line("treat", "check", treat="workdays(5)"), mapping={"handle": "treat"})
    (place,) = result.placements
    assert (place.outcome, place.target, place.changes) == (
        "mapped",
        "treat",
        ("名称 办理handle → 办理treat",),
    )
    assert play.task("treat").token == token and play.log == [("migrated", "treat")]
    # Its deadline was drawn anew under another id: same rule, so the same timer with the same instant.
    assert play.timer("treat_late").token == timer.token and play.timer("treat_late").due_at == timer.due_at
    play.done("treat")
    play.done("check")
    assert play.ended == "end"


def test_boundary_removed() -> None:
    play = Play(line("handle", handle="workdays(5)"))
    timer = play.timer("handle_late").token
    result = move(play, line("handle"))
    assert (
        play.step.closed == {timer: "cancelled"} and play.armed == [] and play.task("handle").due_at is None
    )
    assert dates(result) == {"handle_late": (DUE_5, "")} and play.log == [("cancelled", "handle_late")]
    play.done("handle")
    assert play.ended == "end"


def test_boundary_added_counts_from_the_entry() -> None:
    play = Play(line("handle"))
    play.now += timedelta(days=3)
    result = move(play, line("handle", handle="workdays(5)"))
    assert dates(result) == {"handle_late": ("", DUE_5)} and result.notes == (
        f"新增“时限handle_late”，到期 {DUE_5}",
    )
    assert play.timer("handle_late").activity == play.task("handle").token
    assert play.task("handle").due_why[0]["start"] == "2026-01-05" and play.log == [("armed", "handle_late")]
    play.later(days=20)
    assert play.open == ["handle", "handle_late_urge"]
    play.done("handle_late_urge")
    play.done("handle")
    assert play.ended == "end"


def test_multi_instance_items_survive() -> None:
    def several(*more: str) -> Diagram:
        diagram, process = drawing()
        process.user("reply", multi("units", "unit"), camunda_candidateGroups="=unit")
        deadline(process, "reply", "workdays(5)")
        process.chain(process.start(), "reply", *(process.user(task) for task in more), process.end())
        return diagram

    play = Play(several(), {"units": ["a", "b", "c"]})
    play.done("reply", said_a=1)
    before = [(task.token, task.group, task.variables) for task in play.step.tasks]
    result = move(play, several("sum"))
    assert [(task.token, task.group, task.variables) for task in play.step.tasks] == before
    assert [group for _, group, _ in before] == ["b", "c"] and dates(result) == {"reply_late": (DUE_5, DUE_5)}
    play.done("reply")
    play.done("reply", said_c=2)
    assert play.task("sum").variables == {"units": ["a", "b", "c"], "said_a": 1, "said_c": 2}


def test_label_changed_on_a_finished_task() -> None:
    def named(name: str) -> Diagram:
        diagram, process = drawing()
        process.chain(process.start(), process.user("a", name=name), process.user("b"), process.end())
        return diagram

    play = Play(named("旧"))
    play.done("a")
    result = move(play, named("新"))
    assert [place.changes for place in result.placements] == [()] and play.log == []


# ---------------------------------------------------------------- what people see


def test_form_role_and_name_are_told_and_followed() -> None:
    def task(**more: str) -> Diagram:
        diagram, process = drawing()
        process.chain(process.start(), process.user("work", **more), process.end())
        return diagram

    play = Play(
        task(name="办理", camunda_formRef="handle", camunda_candidateGroups="=unit", camunda_assignee="u1"),
        {"unit": "a", "other": "b"},
    )
    new = task(name="办理反馈", camunda_formRef="handle2", camunda_candidateGroups="=other")
    result = move(play, new)
    assert result.placements[0].changes == (
        "名称 办理 → 办理反馈", "表单 handle → handle2", "岗位 a → b", "办理人 u1 → （无）",
    )  # fmt: skip
    shown = play.task("work")
    assert (shown.name, shown.form_key, shown.group, shown.assignee) == ("办理反馈", "handle2", "b", "")
    assert play.log == [("migrated", "work")]


def test_role_by_expression_is_evaluated_again_only_if_it_is_written_differently() -> None:
    def task(group: str, extra: str = "") -> Diagram:
        diagram, process = drawing()
        process.user("work", camunda_candidateGroups=group, props={"zz:stage": extra})
        process.chain(process.start(), "work", process.end())
        return diagram

    play = Play(task("=string(nothing or true)"), {})
    assert play.task("work").group == "true"
    result = moved(play, task("=string(nothing or true)", "新阶段"))
    assert result.step and result.step.tasks[0].group == "true"
    assert result.placements[0].changes == ("阶段 （无） → 新阶段",)
    assert refused(moved(play, task("=no_such_variable"))) == [("work", "expression")]
    assert refused(moved(play, task("a,b"))) == [("work", "expression")]


def waiting(name: str, key: str = "k", trigger: str = "") -> Diagram:
    diagram, process = drawing()
    props = {"zz:key": key} | ({"zz:trigger": trigger} if trigger else {})
    process.chain(process.start(), process.message("catch", "wait", name, props=props), process.end())
    return diagram


def test_message_wait_follows_name_and_key() -> None:
    play = Play(waiting("甲"), {"k": "one", "l": "two"})
    token = play.wait("wait").token
    result = move(play, waiting("乙", "l", "staff"))
    wait = play.wait("wait")
    assert (wait.token, wait.message, wait.key, wait.trigger) == (token, "乙", "two", "staff")
    assert result.placements[0].changes == ("消息 甲 → 乙", "由谁触发 消息 → 工作人员", "关联键 one → two")
    assert refused(moved(play, waiting("乙", "nothing"))) == [("wait", "expression")]
    play.got("wait")
    assert play.ended == "end"


# ---------------------------------------------------------------- event gateways


def test_alternative_added_and_removed() -> None:
    play = Play(race("answer", "t5"))
    play.now += timedelta(hours=1)
    kept, dropped = play.wait("answer").token, play.timer("t5").token
    result = move(play, race("answer", "t9"))
    assert play.step.closed == {dropped: "cancelled"} and play.wait("answer").token == kept
    assert play.timer("t9").due_at == T0 + timedelta(hours=9) and "t9" in dates(result)
    other = play.wait("answer").token
    play.later(hours=9)
    assert play.ended == "after_t9" and play.step.closed[other] == "cancelled"


def test_a_limit_put_beside_a_wait_and_taken_away_again() -> None:
    play = Play(race("answer"))
    token = play.wait("answer").token
    play.now += timedelta(hours=2)
    move(play, race("answer", "t3"))
    assert (play.waiting, play.armed, play.wait("answer").token) == (["answer"], ["t3"], token)
    same = moved(play, again(race("answer", "t3"))).step
    assert same is not None and content(same.state) == content(play.step.state)
    move(play, race("answer"))
    assert play.armed == [] and tokens(play) == {token}
    play.got("answer")
    assert play.ended == "after_answer"


def test_events_of_a_gateway_that_is_taken_apart_are_refused() -> None:
    diagram, process = drawing()
    process.chain(
        process.start(),
        process.message("catch", "answer", "答复"),
        process.timer("catch", "t5", "hours(5)"),
        process.end(),
    )
    assert refused(moved(Play(race("answer", "t5")), diagram)) == [("race", "gateway")]


# ---------------------------------------------------------------- hostile


def test_damaged_and_foreign_states_are_errors() -> None:
    play = Play(line("a"))
    state = play.step.state
    for bad in (b"", b"\x02" + state[1:], state[:-3], b"\x01junk"):
        with pytest.raises(EngineError):
            migrate(play.diagram, play.diagram, "case", bad, play.env, Order())
    with pytest.raises(EngineError, match="没有流程"):
        migrate(play.diagram, play.diagram, "nothing", state, play.env, Order())
    with pytest.raises(EngineError, match="已没有它"):
        migrate(loaded(line("b")), play.diagram, "case", state, play.env, Order())


def test_inputs_are_not_changed_and_the_same_input_gives_the_same_outcome() -> None:
    play = Play(line("a", "b", a="workdays(5)"), {"x": [1]})
    new = load_diagram(line("a", a="workdays(10)").xml())
    state = bytes(play.step.state)
    first, second = moved(play, new), moved(play, new)
    assert first == second and play.step.state == state


def test_broken_functions_refuse_the_case_and_nothing_else() -> None:
    play = Play(line("a"))

    def nonsense(*_: Any) -> Any:
        raise RuntimeError("out of order")

    env = Environment(T0, nonsense)
    result = migrate(play.diagram, loaded(line("a", a="workdays(5)")), "case", play.step.state, env, Order())
    assert [code for _, code in refused(result)] == ["verify"]
    bad = moved(play, line("a", a='"soon"'))
    assert refused(bad) == [("a_late", "expression")] and "soon" in bad.refusals[0].message
