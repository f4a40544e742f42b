"""What a person may do against the diagram: move, repeat, skip, cancel, undo, and change a due date."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from tests.engine.bpmn import Diagram, multi
from tests.engine.moving import deadline, drawing, line, tokens
from tests.engine.play import T0, Play

from zuozhen.engine import followers, load_diagram, movable, restore
from zuozhen.model.clock import end_of_day
from zuozhen.model.errors import Conflict, EngineError, NotFound
from zuozhen.model.step import Cancel, EndInstance, Move, Retime, Step


def to(play: Play, source: str, target: str, **variables: object) -> Step:
    """Move the open task or wait at ``source`` to ``target``."""
    (token,) = [
        item.token
        for item in (*play.step.tasks, *play.step.waits, *play.step.timers)
        if item.element_id == source
    ][:1]
    return play.send(Move(token, target, variables))


def back(play: Play, number: int) -> Step:
    """Undo to an earlier step."""
    step = restore(play.diagram, play.process, play.steps[number].state, play.env, sorted(tokens(play)))
    play.steps.append(step)
    return step


# ---------------------------------------------------------------- moving


def test_skip_and_repeat() -> None:
    play = Play(line("a", "b", "c", a="workdays(5)", b="workdays(5)"), {"x": 1})
    task, timer = play.task("a").token, play.timer("a_late").token
    play.now += timedelta(days=3)
    step = to(play, "a", "b", y=2)
    assert step.closed == {task: "cancelled", timer: "cancelled"} and play.open == ["b"]
    assert play.log == [("moved", "b"), ("cancelled", "a"), ("entered", "b")]
    assert play.task("b").variables == {"x": 1, "y": 2} and play.task("b").entered_at == play.now
    assert play.timer("b_late").why[0]["start"] == "2026-01-08"
    play.done("b")
    to(play, "c", "a")
    assert play.open == ["a"] and play.armed == ["a_late"] and play.task("a").token != task
    to(play, "a", "a")
    assert play.open == ["a"] and play.armed == ["a_late"] and len(play.step.closed) == 2
    to(play, "a", "end")
    assert play.ended == "end" and play.step.tasks == ()


def test_automatic_nodes_run_and_waits_may_be_skipped() -> None:
    diagram, process = drawing()
    process.chain(
        process.start(),
        process.message("catch", "answer", "答复"),
        process.gateway("exclusive", "pick", default="no"),
    )
    process.flow("pick", process.user("yes"), "x = 1")
    process.flow("pick", process.user("no_task"), flow_id="no")
    process.chain("yes", process.end("e1"))
    process.chain("no_task", process.end("e2"))
    play = Play(diagram)
    wait = play.wait("answer").token
    to(play, "answer", "pick", x=1)
    assert play.open == ["yes"] and play.step.closed == {wait: "cancelled"}
    to(play, "yes", "answer")
    assert play.waiting == ["answer"] and play.open == []


def test_an_event_gateway_loses_all_its_events() -> None:
    diagram, process = drawing()
    process.chain(
        process.start(), process.gateway("eventBased", "race"), process.timer("catch", "t", "hours(3)")
    )
    process.chain("race", process.message("catch", "m", "答复"), process.gateway("exclusive", "merge"))
    process.chain("t", "merge", process.user("work"), process.end())
    play = Play(diagram)
    open_before = tokens(play)
    to(play, "m", "work")
    assert play.open == ["work"] and set(play.step.closed) == open_before and play.armed == []
    to(play, "work", "race")
    assert (play.armed, play.waiting) == (["t"], ["m"])


def test_a_multi_instance_task_moves_as_a_whole() -> None:
    diagram, process = drawing()
    process.user("reply", multi("[1, 2, 3]", "n"))
    deadline(process, "reply", "workdays(5)")
    process.chain(process.start(), process.user("ask"), "reply", process.user("sum"), process.end())
    play = Play(diagram)
    play.done("ask")
    play.done("reply", said=1)
    to(play, "reply", "sum")
    assert play.open == ["sum"] and play.armed == [] and play.task("sum").variables == {"said": 1}
    to(play, "sum", "reply")
    assert play.open == ["reply"] * 3 and play.armed == ["reply_late"]


def test_one_instance_ends_by_hand_and_the_others_go_on() -> None:
    diagram, process = drawing()
    process.user("reply", multi("[1, 2, 3]", "n"))
    deadline(process, "reply", "workdays(5)")
    process.chain(process.start(), process.user("ask"), "reply", process.user("sum"), process.end())
    play = Play(diagram)
    with pytest.raises(Conflict, match="同时办理"):
        play.send(EndInstance(play.task("ask").token))
    play.done("ask")
    first, second, third = [task.token for task in play.step.tasks]
    assert play.send(EndInstance(second)).closed == {second: "cancelled"}
    assert [task.token for task in play.step.tasks] == [first, third] and play.armed == ["reply_late"]
    play.done("reply", said=1)
    play.send(EndInstance(play.step.tasks[0].token))
    assert play.open == ["sum"] and play.armed == [] and play.task("sum").variables == {"said": 1}


def test_inside_a_sub_process_and_to_its_end() -> None:
    diagram, process = drawing()
    sub = process.sub("stage")
    sub.chain(sub.start("s"), sub.user("a"), sub.user("b"), sub.end("e"))
    process.chain(process.start(), process.close(sub), process.user("after"), process.end())
    play = Play(diagram)
    to(play, "a", "b", x=1)
    assert play.open == ["b"]
    for outside in ("after", "stage"):
        with pytest.raises(Conflict, match="不在同一流程或子流程"):
            to(play, "b", outside)
    to(play, "b", "e")
    assert play.open == ["after"] and play.task("after").variables == {"x": 1}
    to(play, "after", "stage")
    assert play.open == ["a"]


def joined(kind: str = "parallel") -> Diagram:
    diagram, process = drawing()
    process.chain(process.start(), process.user("before"), process.gateway(kind, "fork"))
    process.chain(process.gateway(kind, "join"), process.user("after"), process.end())
    for branch in ("a", "b"):
        process.flow("fork", process.user(branch), "true" if kind == "inclusive" else "")
        process.chain(branch, process.user(f"{branch}2"), "join")
    return diagram


@pytest.mark.parametrize("kind", ["parallel", "inclusive"])
def test_a_branch_may_be_skipped_into_its_join(kind: str) -> None:
    play = Play(joined(kind))
    play.done("before")
    to(play, "a", "join", x=1)
    assert play.open == ["b"]
    play.done("b")
    to(play, "b2", "join", y=2)
    assert play.open == ["after"] and play.task("after").variables == {"x": 1, "y": 2}


def test_a_move_that_leaves_a_join_waiting_for_ever_is_refused() -> None:
    play = Play(joined())
    play.done("before")
    for target in ("after", "before", "end", "b"):
        with pytest.raises(Conflict, match="永远等不到") as caught:
            to(play, "a", target)
        assert "join" in caught.value.message and caught.value.hint
    to(play, "a", "a2")
    to(play, "a2", "a")
    play.done("a")
    play.done("a2")
    with pytest.raises(Conflict, match="永远等不到"):
        to(play, "b", "fork")
    to(play, "b", "join")
    assert play.open == ["after"]
    with pytest.raises(Conflict, match="永远等不到"):
        to(play, "after", "a")
    to(play, "after", "fork")
    assert play.open == ["a", "b"]


def test_a_join_out_of_reach_and_a_branch_that_has_arrived() -> None:
    diagram, process = drawing()
    process.chain(
        process.start(),
        process.gateway("parallel", "fork"),
        process.user("a"),
        process.gateway("parallel", "join"),
    )
    process.chain("fork", process.user("b"), "join")
    process.chain("fork", process.user("c"), process.end("c_end"))
    process.chain("join", process.user("after"), process.end())
    play = Play(diagram)
    with pytest.raises(Conflict, match="到不了汇合网关"):
        to(play, "c", "join")
    play.done("a")
    with pytest.raises(Conflict, match="永远等不到"):
        to(play, "c", "a")
    to(play, "c", "c_end")
    play.done("b")
    assert play.open == ["after"]


def test_what_cannot_be_moved_or_entered() -> None:
    diagram = line("a", "b", a="workdays(5)")
    diagram.processes[0].message(
        "boundary", "extend", "", attachedToRef="a", cancelActivity="false", props={"zz:trigger": "staff"}
    )
    diagram.processes[0].chain("extend", diagram.processes[0].end("extended"))
    play = Play(diagram)
    state = play.step.state
    for target, what in (
        ("start", "不能移动到"), ("a_late", "不能移动到"), ("nothing", "没有环节"), ("", "没有环节"),
        ("(root)", "没有环节"), ("a (boundary)", "没有环节"),
    ):  # fmt: skip
        with pytest.raises(Conflict, match=what):
            to(play, "a", target)
    for event in ("extend", "a_late"):
        with pytest.raises(Conflict, match="附着在任务上"):
            to(play, event, "b")
    with pytest.raises(Conflict, match="已经办结或撤销"):
        play.send(Move("0" * 32, "b"))
    with pytest.raises(EngineError, match="不能保存"):
        to(play, "a", "b", x=T0)
    assert play.step.state == state


def test_only_open_places_can_be_moved() -> None:
    diagram, process = drawing()
    sub = process.sub("stage")
    sub.chain(sub.start("s"), sub.user("a"), sub.end("e"))
    process.chain(process.start(), process.close(sub), process.user("after"), process.end())
    play = Play(diagram)
    owner = play.task("a").token[:16] + f"{int(play.task('a').token[16:], 16) - 3:016x}"
    for number in range(1, 8):
        token = owner[:16] + f"{number:016x}"
        if token != play.task("a").token:
            with pytest.raises(Conflict):
                play.send(Move(token, "after"))


# ---------------------------------------------------------------- cancelling and undoing


def test_cancel_ends_everything() -> None:
    play = Play(joined())
    play.done("before")
    open_before = tokens(play)
    step = play.send(Cancel())
    assert step.ended is not None and (step.ended.element_id, step.ended.name) == ("", "已终止")
    assert step.closed == dict.fromkeys(open_before, "cancelled")
    assert (step.tasks, step.timers, step.waits) == ((), (), ()) and play.log[-1] == ("ended", "")
    with pytest.raises(Conflict, match="已经结束"):
        play.send(Cancel())
    play.later(days=9)
    assert play.step.log == ()


def test_cancel_inside_sub_processes_and_instances() -> None:
    diagram, process = drawing()
    sub = process.sub("stage")
    sub.chain(sub.start("s"), sub.user("a", multi("[1, 2]", "n")), sub.end("e"))
    process.chain(process.start(), process.close(sub, multi("[1, 2]", "m")), process.end())
    deadline(process, "stage", "workdays(5)", "late")
    play = Play(diagram)
    assert play.open == ["a"] * 4 and play.armed == ["late"]
    play.send(Cancel())
    assert len(play.step.closed) == 5 and play.step.ended


def test_undo_of_a_step_a_move_and_a_cancellation() -> None:
    play = Play(line("a", "b", a="workdays(5)"), {"x": 1})
    first = play.step
    play.done("a", x=2)
    task_b = play.task("b").token
    step = back(play, 0)
    assert step.closed == {task_b: "cancelled"} and step.state == first.state
    assert [(t.token, t.due_at, t.variables) for t in step.tasks] == [
        (t.token, t.due_at, t.variables) for t in first.tasks
    ]
    to(play, "a", "b")
    back(play, 0)
    play.send(Cancel())
    assert back(play, 0).closed == {}
    play.done("a")
    play.done("b")
    assert play.ended == "end"


def test_snapshots_that_cannot_be_restored() -> None:
    play = Play(line("a"))
    play.done("a")
    with pytest.raises(EngineError, match="已经结束"):
        restore(play.diagram, "case", play.step.state, play.env, ())
    for bad in (b"", b"\x01junk"):
        with pytest.raises(EngineError):
            restore(play.diagram, "case", bad, play.env, ())
    with pytest.raises(EngineError, match="没有流程"):
        restore(play.diagram, "other", play.steps[0].state, play.env, ())


# ---------------------------------------------------------------- where to


def test_followers_and_movable() -> None:
    diagram, process = drawing()
    sub = process.sub("stage")
    sub.chain(sub.start("s"), sub.user("in1"), sub.user("in2"), sub.end("e"))
    process.chain(process.start(), process.user("a"), process.gateway("exclusive", "pick", default="other"))
    deadline(process, "a", "workdays(5)")
    process.flow("pick", process.close(sub), "x = 1")
    process.flow("pick", process.message("catch", "answer", "答复"), "x = 2")
    process.flow("pick", "a", flow_id="other")
    process.chain("stage", process.end())
    process.chain("answer", "end")
    drawn = load_diagram(diagram.xml())
    assert [e.id for e in followers(drawn, "a")] == ["stage", "answer", "a"]
    assert [e.id for e in followers(drawn, "a_late")] == ["a_late_urge"]
    assert [e.id for e in followers(drawn, "in1")] == ["in2"] and followers(drawn, "in2") == ()
    assert {e.id for e in movable(drawn, "in1")} == {"in1", "in2", "e"}
    assert {e.id for e in movable(drawn, "a")} == {
        "a", "pick", "stage", "answer", "a_late_urge", "a_late_end", "end",
    }  # fmt: skip
    for ask in (followers, movable):
        with pytest.raises(NotFound):
            ask(drawn, "nothing")


# ---------------------------------------------------------------- due dates


def day(text: str) -> datetime:
    return end_of_day(datetime.fromisoformat(text).date())


def reminded(*, cancel: bool = False) -> Play:
    diagram, process = drawing()
    process.chain(process.start(), process.user("work"), process.end())
    deadline(process, "work", "days(8)", "remind")
    deadline(process, "work", "days(10)", "late", cancel=cancel, props={"zz:deadline": "true"})
    process.timer("boundary", "weekly", "R/P7D", attachedToRef="work", cancelActivity="false")
    process.flow("weekly", process.end("told"))
    return Play(diagram)


def test_an_extension_moves_the_reminder_by_as_much_and_leaves_recurring_timers() -> None:
    play = reminded()
    weekly = play.timer("weekly").due_at
    play.retime("work", day("2026-01-20"))
    assert [play.timer(name).due_at for name in ("remind", "late", "weekly")] == [
        day("2026-01-18"), day("2026-01-20"), weekly,
    ]  # fmt: skip
    assert play.log == [("retimed", "late"), ("retimed", "remind")]


def test_a_reminder_that_was_given_is_given_again_before_the_new_date() -> None:
    play = reminded()
    play.now = day("2026-01-13")
    play.later()
    assert play.armed == ["late", "weekly"]
    play.retime("work", day("2026-01-14"))  # by less than a day's notice: not again
    assert play.armed == ["late", "weekly"]
    play = reminded()
    play.now = day("2026-01-13")
    play.later()
    play.retime("work", day("2026-01-25"))
    assert play.timer("remind").due_at == day("2026-01-23") and play.timer("late").due_at == day("2026-01-25")


def test_one_timer_alone() -> None:
    play = reminded(cancel=True)
    play.send(Retime(play.task("work").token, day("2026-01-09"), {"text": "早些提醒"}, "remind"))
    assert play.timer("remind").due_at == day("2026-01-09") and play.timer("late").due_at == day("2026-01-15")
    play.send(Retime(play.timer("late").token, day("2026-02-01"), {"text": "延期"}))
    assert play.timer("late").due_at == day("2026-02-01") and play.timer("late").why == ({"text": "延期"},)
    with pytest.raises(EngineError, match="没有时限 nothing 可以调整"):
        play.send(Retime(play.task("work").token, day("2026-02-01"), {}, "nothing"))


def test_a_timer_in_the_flow() -> None:
    diagram, process = drawing()
    process.chain(
        process.start(), process.timer("catch", "pause", "hours(5)"), process.user("b"), process.end()
    )
    play = Play(diagram)
    play.send(Retime(play.timer("pause").token, T0 + timedelta(hours=1), {"text": "提前"}))
    play.later(hours=1)
    assert play.open == ["b"]
