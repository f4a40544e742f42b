"""Cases that cannot be moved safely: refused with the place, the reason and the way out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.engine.bpmn import Diagram, multi
from tests.engine.moving import again, change, dates, deadline, drawing, line, move, moved, race, refused
from tests.engine.play import Play

DUE_5, DUE_10 = "2026-01-12", "2026-01-19"


# ---------------------------------------------------------------- what is refused


def test_process_gone_and_case_ended() -> None:
    play = Play(line("a"))
    other = Diagram()
    other.process("other").chain("start", "b", "end")
    other.processes[0].start(), other.processes[0].user("b"), other.processes[0].end()
    result = moved(play, other)
    assert refused(result) == [("case", "process")] and result.placements[0].outcome == "refused"
    play.done("a")
    assert refused(moved(play, line("a", "b"))) == [("case", "ended")]


@pytest.mark.parametrize(
    ("target", "code"),
    [("missing", "mapping"), ("pause", "kind"), ("stage", "kind"), ("inner", "scope"), ("end", "kind")],
)
def test_mapping_only_to_something_of_the_same_kind_and_scope(target: str, code: str) -> None:
    diagram, process = drawing()
    sub = process.sub("stage")
    sub.chain(sub.start("s"), sub.user("inner"), sub.end("e"))
    pause = process.timer("catch", "pause", "hours(5)")
    process.chain(process.start(), process.close(sub), pause, process.user("b"), process.end())
    play = Play(line("a"))
    assert refused(moved(play, diagram, mapping={"a": target})) == [("a", code)]
    assert moved(play, diagram, mapping={"a": "b"}).step is not None


def test_a_wait_is_not_mapped_to_what_only_looks_like_one() -> None:
    diagram, process = drawing()
    process.chain(
        process.start(), process.user("a"), process.message("throw", "say", "答复"), process.user("b")
    )
    process.chain("b", process.message("catch", "hear", "答复"), process.end())
    deadline(process, "a", "hours(5)")
    process.message("boundary", "ask", "答复", attachedToRef="a")
    process.flow("ask", "b")
    play = Play(race("answer"))
    for target in ("say", "ask", "a_late", "start", "a"):
        assert refused(moved(play, diagram, mapping={"answer": target})) == [("answer", "kind")]
    assert moved(play, diagram, mapping={"answer": "hear"}).step is not None
    assert refused(moved(Play(race("t5")), diagram, mapping={"t5": "a_late"})) == [("t5", "kind")]


def test_type_changed_is_refused() -> None:
    diagram, process = drawing()
    process.chain(process.start(), process.user("a", multi("[1, 2]", "n")), process.end())
    single = line("a")
    assert refused(moved(Play(single), diagram)) == [("a", "kind")]
    assert refused(moved(Play(diagram), single)) == [("a", "kind")]
    changed, process = drawing()
    process.chain(process.start(), process.user("a", multi("[1, 2]", "m")), process.end())
    assert refused(moved(Play(diagram), changed)) == [("a", "instances")]
    ordered, process = drawing()
    process.chain(process.start(), process.user("a", multi("[1, 2]", "n", sequential=True)), process.end())
    assert refused(moved(Play(diagram), ordered)) == [("a", "kind")]


def test_into_or_out_of_a_sub_process_is_refused() -> None:
    diagram, process = drawing()
    sub = process.sub("stage")
    sub.chain(sub.start("s"), sub.user("a"), sub.end("e"))
    process.chain(process.start(), process.close(sub), process.end())
    assert refused(moved(Play(line("a")), diagram)) == [("a", "scope")]
    result = moved(Play(diagram), line("a"))
    assert refused(result) == [("stage", "gone")] and result.placements[0].element_id == "a"


def test_sub_process_and_its_deadline_go_on() -> None:
    def nested(stage: str, rule: str, *more: str) -> Diagram:
        diagram, process = drawing()
        sub = process.sub(stage)
        sub.chain(sub.start("s"), sub.user("a"), *(sub.user(task) for task in more), sub.end("e"))
        process.chain(process.start(), process.close(sub), process.end())
        deadline(process, stage, rule, "late")
        return diagram

    play = Play(nested("stage", "workdays(5)"))
    token = play.task("a").token
    play.now += timedelta(days=1)
    result = move(play, nested("phase", "workdays(10)", "b"), mapping={"stage": "phase"})
    assert dates(result) == {"late": (DUE_5, DUE_10)} and change(result, "late").element_id == "phase"
    assert play.task("a").token == token and play.task("a").due_at == play.timer("late").due_at
    play.done("a")
    play.done("b")
    assert play.ended == "end"


def test_task_without_a_way_to_the_end_is_refused() -> None:
    diagram, process = drawing()
    process.gateway("exclusive", "round")
    process.chain(process.start(), process.gateway("exclusive", "either", default="on"))
    process.flow("either", process.end(), "1 = 2")
    process.flow("either", "round", flow_id="on")
    process.chain("round", process.user("a"), "round")
    assert refused(moved(Play(line("a")), diagram)) == [("a", "end")]


# ---------------------------------------------------------------- joins


def joined(*branches: str, kind: str = "parallel", aside: tuple[str, ...] = ()) -> Diagram:
    """Branches side by side, joined; those in ``aside`` end by themselves. A withdrawal waits besides."""
    diagram, process = drawing()
    process.chain(process.start(), process.gateway("parallel", "begin"), process.gateway(kind, "fork"))
    process.message("catch", "withdraw", "", props={"zz:trigger": "staff"})
    process.chain("begin", "withdraw", process.terminate("withdrawn"))
    process.chain(process.gateway(kind, "join"), process.user("after"), process.terminate("end"))
    for branch in branches:
        condition = "true" if kind == "inclusive" else ""
        process.flow("fork", process.user(branch), condition)
        process.flow(branch, process.end(f"{branch}_end") if branch in aside else "join")
    return diagram


@pytest.mark.parametrize("kind", ["parallel", "inclusive"])
def test_pending_arrival_survives(kind: str) -> None:
    play = Play(joined("a", "b", kind=kind))
    play.done("a", x=1)
    move(play, again(joined("a", "b", kind=kind)))
    assert play.open == ["b"]
    play.done("b", y=2)
    assert play.task("after").variables == {"x": 1, "y": 2}


@pytest.mark.parametrize("kind", ["parallel", "inclusive"])
def test_pending_arrival_from_a_branch_that_is_gone(kind: str) -> None:
    play = Play(joined("a", "b", kind=kind))
    play.done("a")
    new = joined("b", "c", kind=kind)
    assert refused(moved(play, new)) == [("join", "branch")]
    move(play, new, mapping={"a": "c"})  # c stands for it
    play.done("b")
    assert play.open == ["after"]


def test_join_that_gained_a_branch_is_refused_once_the_fork_is_passed() -> None:
    play = Play(joined("a", "b"))
    result = moved(play, joined("a", "b", "c"))
    assert refused(result) == [("join", "join")] and "“办理c”" in result.refusals[0].message
    play.done("a")
    assert refused(moved(play, joined("a", "b", "c"))) == [("join", "join")]
    play.done("b")
    assert moved(play, joined("a", "b", "c")).step is not None


def test_inclusive_join_that_gained_a_branch_does_not_wait_for_it() -> None:
    play = Play(joined("a", "b", kind="inclusive"))
    play.done("a")
    move(play, joined("a", "b", "c", kind="inclusive"))
    play.done("b")
    assert play.open == ["after"]


@pytest.mark.parametrize("kind", ["parallel", "inclusive"])
def test_join_that_would_open_by_itself_is_refused(kind: str) -> None:
    play = Play(joined("a", "b", "c", kind=kind))
    play.done("a")
    play.done("b")
    assert refused(moved(play, joined("a", "b", "c", kind=kind, aside=("c",)))) == [("join", "join")]


def test_hanging_already_is_no_reason_to_refuse() -> None:
    def broken(name: str) -> Diagram:
        diagram, process = drawing()
        process.chain(process.start(), process.gateway("exclusive", "pick", default="on"))
        process.flow("pick", process.user("a"), "1 = 2")
        process.flow("pick", process.user("b", name=name), flow_id="on")
        process.chain("a", process.gateway("parallel", "join"), process.end())
        process.flow("b", "join")
        return diagram

    assert moved(Play(broken("旧")), broken("新")).step is not None
