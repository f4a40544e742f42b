"""Sub-processes, called processes, errors, escalations and multi-instance activities."""

from __future__ import annotations

import pytest
from tests.engine.bpmn import Diagram, Scope, multi
from tests.engine.play import Play

from zuozhen.model.errors import EngineError


def with_sub(end: str = "", *, inner_mark: str = "") -> tuple[Diagram, Scope]:
    """A sub-process with two tasks side by side, closed by the caller's boundary events."""
    diagram = Diagram()
    process = diagram.process()
    sub = process.sub("stage")
    sub.chain(sub.start("s"), sub.gateway("parallel", "fork"), sub.user("a"))
    sub.chain("fork", sub.user("b"), sub.end("b_end"))
    sub.flow("a", sub.end("a_end", end))
    process.chain(process.start(), process.close(sub, inner_mark), process.user("next"), process.end())
    return diagram, process


def test_sub_process_ends_with_its_last_token_and_hands_back_what_was_written() -> None:
    play = Play(with_sub()[0], {"x": 0, "y": 0})
    play.done("a", x=1)
    assert play.open == ["b"]
    play.done("b", z=3)
    assert play.task("next").variables == {"x": 1, "y": 0, "z": 3}


def test_terminate_end_ends_only_its_own_sub_process() -> None:
    play = Play(with_sub("<bpmn:terminateEventDefinition/>")[0])
    other = play.task("b").token
    play.done("a")
    assert play.open == ["next"] and play.step.closed[other] == "cancelled"


def test_terminate_end_of_the_case_closes_everything() -> None:
    diagram = Diagram()
    process = diagram.process()
    process.chain(
        process.start(), process.gateway("parallel", "fork"), process.user("a"), process.terminate("stop")
    )
    process.chain("fork", process.message("catch", "withdraw", "撤回"), process.end("withdrawn"))
    play = Play(diagram)
    wait = play.wait("withdraw").token
    play.done("a", x=1)
    assert play.ended == "stop" and play.step.closed[wait] == "cancelled"
    assert (play.step.tasks, play.step.timers, play.step.waits) == ((), (), ())
    assert play.step.variables == {"x": 1}
    play.later(days=3)
    assert play.step.ended is None and play.step.log == ()


@pytest.mark.parametrize("cancel", ["true", "false"])
def test_message_at_the_border_of_a_sub_process(cancel: str) -> None:
    diagram, process = with_sub()
    process.message(
        "boundary", "stop", "", attachedToRef="stage", cancelActivity=cancel, props={"zz:trigger": "staff"}
    )
    process.chain("stop", process.user("besides"), process.end("stopped"))
    play = Play(diagram)
    assert play.wait("stop").activity == ""
    play.got("stop")
    assert play.open == (["besides"] if cancel == "true" else ["a", "b", "besides"])


def test_what_was_completed_inside_survives_an_interrupting_boundary_event() -> None:
    diagram, process = with_sub()
    process.message("boundary", "stop", "", attachedToRef="stage", props={"zz:trigger": "staff"})
    process.chain("stop", process.user("besides"), process.end("stopped"))
    play = Play(diagram, {"x": 0})
    play.done("a", x=1, y=2)
    play.got("stop", y=3)
    assert play.task("besides").variables == {"x": 1, "y": 3}
    assert play.step.variables == {"x": 1, "y": 3}


def test_an_interrupted_branch_of_instances_hands_back_answers_but_not_its_item() -> None:
    diagram = Diagram()
    process = diagram.process()
    sub = process.sub("stage")
    sub.chain(sub.start("s"), sub.user("ask"), sub.user("answer"), sub.end("e"))
    process.chain(process.start(), process.close(sub, multi("[1, 2]", "item")), process.end())
    process.message("boundary", "stop", "", attachedToRef="stage", props={"zz:trigger": "staff"})
    process.chain("stop", process.user("besides"), process.end("stopped"))
    play = Play(diagram, {"item": 0})
    play.done("ask", 0, said="first")
    play.done("ask", 0, heard="second")
    play.got("stop")
    assert play.task("besides").variables == {"item": 0, "said": "first", "heard": "second"}


@pytest.mark.parametrize("end", ["terminate", "error"])
def test_branches_cut_off_by_an_end_event_keep_what_they_had_written(end: str) -> None:
    mark = {
        "terminate": "<bpmn:terminateEventDefinition/>",
        "error": '<bpmn:errorEventDefinition errorRef="error_E1"/>',
    }
    diagram = Diagram()
    diagram.codes.add(("error", "E1"))
    process = diagram.process()
    sub = process.sub("stage")
    sub.chain(sub.start("s"), sub.gateway("parallel", "fork"), sub.user("a"), sub.end("stop", mark[end]))
    sub.chain("fork", sub.user("b"), sub.user("c"), sub.end("e"))
    process.chain(process.start(), process.close(sub), process.user("next"), process.end())
    process.coded("boundary", "caught", "error", "E1", attachedToRef="stage")
    process.flow("caught", "next")
    play = Play(diagram)
    play.done("b", b=1)
    play.done("a", a=2)
    assert play.task("next").variables == {"a": 2, "b": 1}


@pytest.mark.parametrize("code", ["", "E1"])
def test_error_end_is_caught_at_the_border(code: str) -> None:
    diagram, process = with_sub('<bpmn:errorEventDefinition errorRef="error_E1"/>')
    diagram.codes.add(("error", "E1"))
    process.coded("boundary", "other", "error", "E2", attachedToRef="stage")
    process.flow("other", "end")
    process.coded("boundary", "caught", "error", code, attachedToRef="stage")
    process.chain("caught", process.user("repair"), process.end("repaired"))
    play = Play(diagram)
    play.done("a")
    assert play.open == ["repair"]
    play.done("repair")
    assert play.ended == "repaired"


def test_uncaught_error_is_an_incident() -> None:
    diagram, _ = with_sub('<bpmn:errorEventDefinition errorRef="error_E1"/>')
    diagram.codes.add(("error", "E1"))
    play = Play(diagram)
    with pytest.raises(EngineError, match="没有被任何边界事件接住") as caught:
        play.done("a")
    assert caught.value.element_id == "a_end"


def test_error_passes_through_levels_to_the_one_that_catches_it() -> None:
    diagram = Diagram()
    process = diagram.process()
    outer = process.sub("outer")
    inner = outer.sub("inner")
    inner.chain(inner.start("s2"), inner.user("a"), inner.coded("endEvent", "fail", "error", "E1"))
    outer.chain(outer.start("s1"), outer.close(inner, multi("[1, 2]")), outer.end("e1"))
    outer.coded("boundary", "wrong", "error", "E2", attachedToRef="inner")
    outer.flow("wrong", "e1")
    process.chain(process.start(), process.close(outer), process.end())
    process.coded("boundary", "caught", "error", "E1", attachedToRef="outer")
    process.flow("caught", process.end("failed"))
    play = Play(diagram)
    assert play.open == ["a", "a"]
    play.done("a")
    assert play.ended == "failed"


@pytest.mark.parametrize("cancel", ["true", "false"])
def test_escalation_from_inside(cancel: str) -> None:
    diagram = Diagram()
    process = diagram.process()
    sub = process.sub("stage")
    sub.chain(sub.start("s"), sub.coded("throw", "shout", "escalation", "S1"), sub.user("a"), sub.end("e"))
    process.chain(process.start(), process.close(sub), process.end())
    process.coded("boundary", "heard", "escalation", "S1", attachedToRef="stage", cancelActivity=cancel)
    process.chain("heard", process.user("look"), process.end("looked"))
    assert Play(diagram).open == (["look"] if cancel == "true" else ["a", "look"])


def test_unheard_escalation_goes_nowhere() -> None:
    diagram = Diagram()
    process = diagram.process()
    process.chain(process.start(), process.coded("endEvent", "shout", "escalation", "S1"))
    assert Play(diagram).ended == "shout"


def test_called_process_of_the_same_file() -> None:
    diagram = Diagram()
    process, called = diagram.process(), diagram.process("helper")
    called.chain(called.start("hs"), called.user("help"), called.end("he"))
    call = process.node("callActivity", "call", calledElement="helper")
    process.chain(process.start(), call, process.user("next"), process.end())
    process.timer("boundary", "late", "hours(3)", attachedToRef="call", cancelActivity="false")
    process.flow("late", process.end("urged"))
    play = Play(diagram, {"x": 1})
    assert play.task("help").variables == {"x": 1} and play.task("help").due_at is not None
    play.done("help", y=2)
    assert play.task("next").variables == {"x": 1, "y": 2}


def test_process_that_calls_itself_is_stopped() -> None:
    diagram = Diagram()
    process = diagram.process()
    process.chain(process.start(), process.node("callActivity", "again", calledElement="case"), process.end())
    with pytest.raises(EngineError, match="嵌套超过") as caught:
        Play(diagram)
    assert caught.value.element_id == "again"


def many(mark: str, **more: str) -> Diagram:
    diagram = Diagram()
    process = diagram.process()
    process.chain(process.start(), process.user("reply", mark, **more), process.user("next"), process.end())
    return diagram


def test_parallel_instances_each_with_item_counter_and_role() -> None:
    play = Play(
        many(multi("units", "unit"), camunda_candidateGroups="=unit"), {"units": ["ziran", "huanbao"]}
    )
    assert [(task.group, task.variables["loopCounter"]) for task in play.step.tasks] == [
        ("ziran", 1),
        ("huanbao", 2),
    ]
    play.done("reply", 1, answer="b", own=2)
    play.done("reply", 0, answer="a")
    assert play.task("next").variables == {"units": ["ziran", "huanbao"], "answer": "a", "own": 2}


def test_sequential_instances_see_what_the_one_before_wrote() -> None:
    play = Play(many(multi("=units", "unit", sequential=True)), {"units": ["x", "y", "z"], "unit": "mine"})
    for number, unit in enumerate("xyz", start=1):
        task = play.task("reply")
        assert (task.variables["unit"], task.variables["loopCounter"]) == (unit, number)
        assert task.variables.get("last") == (number - 1 or None)
        play.done("reply", last=number)
    assert play.task("next").variables == {"units": ["x", "y", "z"], "unit": "mine", "last": 3}


@pytest.mark.parametrize("units", [[], None])
def test_no_item_means_no_instance(units: object) -> None:
    assert Play(many(multi("units", "unit")), {"units": units}).open == ["next"]


@pytest.mark.parametrize("units", ["ziran", True, {"a": 1}, list(range(1001))])
def test_collection_that_is_no_list_is_an_incident(units: object) -> None:
    with pytest.raises(EngineError, match="应是列表") as caught:
        Play(many(multi("units", "unit")), {"units": units})
    assert caught.value.element_id == "reply"


@pytest.mark.parametrize("sequential", [False, True])
def test_completion_condition_sees_counts_and_answers(sequential: bool) -> None:
    mark = multi(
        "[1, 2, 3, 4]",
        "n",
        sequential=sequential,
        until="nrOfCompletedInstances / nrOfInstances >= 0.5 and ok",
    )
    play = Play(many(mark))
    play.done("reply", ok=True)
    assert "next" not in play.open
    play.done("reply", ok=True)
    assert play.open == ["next"]


def test_standard_data_references_collect_one_item_each() -> None:
    mark = (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>3</bpmn:loopCardinality>"
        '<bpmn:loopDataOutputRef>answers</bpmn:loopDataOutputRef><bpmn:outputDataItem id="answer"/>'
        "</bpmn:multiInstanceLoopCharacteristics>"
    )
    play = Play(many(mark))
    for value in ("a", "b", "c"):
        play.done("reply", answer=value)
    assert play.task("next").variables == {"answers": ["a", "b", "c"]}


def test_nobody_asked_gives_an_empty_list_of_answers() -> None:
    """Not the list of an earlier round, and not nothing."""
    mark = (
        '<bpmn:multiInstanceLoopCharacteristics camunda:collection="asked">'
        '<bpmn:loopDataOutputRef>answers</bpmn:loopDataOutputRef><bpmn:outputDataItem id="answer"/>'
        "</bpmn:multiInstanceLoopCharacteristics>"
    )
    play = Play(many(mark), {"asked": [], "answers": ["old"]})
    assert play.task("next").variables["answers"] == []


def test_timer_on_a_multi_instance_task_is_one_for_all() -> None:
    diagram = many(multi("[1, 2]"))
    process = diagram.processes[0]
    process.timer("boundary", "late", "hours(1)", attachedToRef="reply")
    process.flow("late", process.user("urge"))
    process.flow("urge", process.end("urged"))
    play = Play(diagram)
    assert play.armed == ["late"] and play.timer("late").activity == ""
    assert {task.due_at for task in play.step.tasks} == {play.timer("late").due_at}
    play.done("reply")
    play.later(hours=1)
    assert play.open == ["urge"]
