"""Timers: when they fire, what they tell, how they move."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.engine.bpmn import Diagram, multi
from tests.engine.play import T0, Play, functions

from zuozhen.engine import evaluate, load_diagram
from zuozhen.engine.moments import add_duration, instant_of
from zuozhen.model.clock import due_date, end_of_day
from zuozhen.model.errors import Conflict, ContentError, EngineError
from zuozhen.model.step import Deliver, Environment, Retime, Tick


def limited(rule: str, *, cancel: bool = False, kind: str = "timeDate") -> Diagram:
    """A task with a deadline; afterwards (or besides) an urging task."""
    diagram = Diagram()
    process = diagram.process()
    process.chain(process.start(), process.user("work"), process.end())
    cancels = "true" if cancel else "false"
    process.timer("boundary", "late", rule, kind=kind, attachedToRef="work", cancelActivity=cancels)
    process.chain("late", process.user("urge"), process.end("urged"))
    return diagram


def local(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("rule", "due"),
    [
        ("workdays(5)", "2026-01-13T00:00"),  # the end of Monday the 12th
        ("=workdays(5)", "2026-01-13T00:00"),
        ("${workdays(limit)}", "2026-01-13T00:00"),
        ("hours(30)", "2026-01-06T15:00"),
        ("2026-02-01", "2026-02-02T00:00"),
        ("2026-02-01T10:30:00", "2026-02-01T10:30"),
        ("2026-02-01T10:30:00Z", "2026-02-01T18:30"),
        ("PT1H30M", "2026-01-05T10:30"),
        ("P1M", "2026-02-05T09:00"),
        ("P1Y2M3DT4H", "2027-03-08T13:00"),
        ('duration("P2D")', "2026-01-07T09:00"),
        ('duration("P1M")', "2026-02-05T09:00"),
        ('date("2026-03-01")', "2026-03-02T00:00"),
        ('date and time("2026-03-01T08:00:00+08:00")', "2026-03-01T08:00"),
        ("day", "2026-04-02T00:00"),
        ('"PT10M"', "2026-01-05T09:10"),
        ("if urgent then workdays(1) else workdays(9)", "2026-01-07T00:00"),
    ],
)
def test_every_way_to_write_a_deadline(rule: str, due: str) -> None:
    play = Play(limited(rule), {"limit": 5, "day": "2026-04-01", "urgent": True})
    timer, task = play.timer("late"), play.task("work")
    assert timer.due_at == task.due_at == local(due)
    assert timer.rule == task.due_rule == rule
    assert (timer.activity, timer.interrupting) == (task.token, False)
    due_at = timer.due_at
    play.now = due_at - timedelta(microseconds=1)
    play.send(Tick())
    assert play.armed == ["late"]
    play.now = due_at
    play.send(Tick())
    assert play.armed == [] and play.open == ["urge", "work"]
    assert play.step.closed == {timer.token: "fired"}


@pytest.mark.parametrize("rule", ["no_such_variable", '"soon"', "true", "5", '"2026-13-01"', "PT", "Pfoo"])
def test_rule_without_an_instant_is_an_incident_at_the_timer(rule: str) -> None:
    with pytest.raises(EngineError, match="应得到日期") as caught:
        Play(limited(rule))
    assert caught.value.element_id == "late"


def test_reasons_are_told_in_the_step_that_arms_only() -> None:
    play = Play(limited("workdays(5)"))
    (why,) = play.timer("late").why
    assert (why["function"], why["n"], why["due"]) == ("workdays", 5, "2026-01-12")
    assert play.task("work").due_why == (why,)
    play.later(hours=1)
    assert play.timer("late").why == () and play.task("work").due_at is not None


def test_interrupting_timer_takes_the_task_away() -> None:
    play = Play(limited("hours(2)", cancel=True))
    assert play.timer("late").interrupting
    token = play.task("work").token
    play.later(hours=2)
    assert play.open == ["urge"] and play.step.closed[token] == "cancelled"
    assert play.log == [("fired", "late"), ("cancelled", "work"), ("entered", "urge")]
    play.done("urge")
    assert play.ended == "urged"


def test_a_past_deadline_fires_at_once() -> None:
    play = Play(limited("2020-01-01"))
    assert play.open == ["urge", "work"] and play.armed == []
    play = Play(limited("2020-01-01", cancel=True))
    assert play.open == ["urge"]


def test_completing_the_task_disarms_but_leaves_the_urging_open() -> None:
    play = Play(limited("hours(2)"))
    play.done("work")
    assert play.ended == "end" and play.armed == []
    play = Play(limited("hours(2)"))
    play.later(hours=3)
    play.done("work")
    assert play.open == ["urge"] and not play.ended
    play.done("urge")
    assert play.ended == "urged"


@pytest.mark.parametrize(
    ("rule", "kind"), [("R/PT1H", "timeCycle"), ("=hours(1)", "timeCycle"), ("R/PT1H", "timeDuration")]
)
def test_recurring_timer_fires_once_per_missed_occurrence(rule: str, kind: str) -> None:
    play = Play(limited(rule, kind=kind))
    first = play.timer("late")
    play.later(hours=3, minutes=30)
    assert play.open == ["urge"] * 3 + ["work"]
    assert play.timer("late").due_at == first.due_at + timedelta(hours=3)
    assert play.timer("late").token != first.token


def test_counted_cycle_ends() -> None:
    play = Play(limited("R3/PT1H", kind="timeCycle"))
    play.later(hours=1)
    play.later(hours=50)
    assert play.open == ["urge"] * 3 + ["work"] and play.armed == []


def test_cycle_with_a_first_date() -> None:
    play = Play(limited("R/2026-01-05T12:00:00/P1D", kind="timeCycle"))
    assert play.timer("late").due_at == local("2026-01-05T12:00")
    play.later(days=1)
    assert play.timer("late").due_at == local("2026-01-06T12:00")


def test_monthly_recurrence_by_rule() -> None:
    play = Play(limited('recurrence("坐诊日")', kind="timeCycle"))
    assert play.timer("late").due_at == local("2026-01-21T00:00")
    play.now = local("2026-02-20T00:00")
    play.send(Tick())
    assert play.timer("late").due_at == local("2026-02-21T00:00")
    assert play.timer("late").why[0]["due"] == "2026-02-20"


def test_consecutive_days_are_not_skipped_by_counting_from_midnight() -> None:
    play = Play(limited("days(1)", kind="timeCycle"))
    assert play.timer("late").due_at == local("2026-01-07T00:00")
    play.now = play.timer("late").due_at
    play.send(Tick())
    assert play.timer("late").due_at == local("2026-01-08T00:00")


def test_years_of_missed_occurrences_are_bounded() -> None:
    play = Play(limited("R/PT1H", kind="timeCycle"))
    play.later(days=800)
    assert 90 <= play.open.count("urge") <= 110
    assert play.timer("late").due_at > play.now


def test_a_cycle_that_stands_still_is_an_incident() -> None:
    play = Play(limited('date("2026-01-06")', kind="timeCycle"))
    with pytest.raises(EngineError, match="更晚的时间") as caught:
        play.later(days=3)
    assert caught.value.element_id == "late"


def test_interrupting_cycle_is_refused_at_load() -> None:
    with pytest.raises(ContentError, match="中断型边界定时不能是周期"):
        load_diagram(limited("R/PT1H", kind="timeCycle", cancel=True).xml())


def test_intermediate_timer_and_entry_instants_are_exact() -> None:
    diagram = Diagram()
    process = diagram.process()
    process.chain(
        process.start(), process.timer("catch", "rest", "hours(5)"), process.user("work"), process.end()
    )
    process.timer("boundary", "late", "hours(1)", attachedToRef="work", cancelActivity="false")
    process.flow("late", process.end("urged"))
    play = Play(diagram)
    assert play.timer("rest").activity == "" and play.armed == ["rest"]
    play.later(hours=9, microseconds=7)
    assert play.task("work").entered_at == T0 + timedelta(hours=9, microseconds=7)
    assert play.timer("late").due_at == T0 + timedelta(hours=10, microseconds=7)


def race() -> Diagram:
    diagram = Diagram()
    process = diagram.process()
    process.chain(process.start(), process.gateway("eventBased", "race"))
    process.timer("catch", "slow", "hours(3)")
    process.timer("catch", "fast", "hours(1)")
    process.message("catch", "answer", "答复", props={"zz:trigger": "staff"})
    for event in ("slow", "fast", "answer"):
        process.flow("race", event)
        process.flow(event, process.end(f"after_{event}"))
    return diagram


def test_event_gateway_with_two_timers() -> None:
    play = Play(race())
    assert (play.armed, play.waiting) == (["fast", "slow"], ["answer"])
    slow, answer = play.timer("slow").token, play.wait("answer").token
    play.later(hours=1)
    assert play.ended == "after_fast"
    assert play.step.closed[slow] == play.step.closed[answer] == "cancelled"
    play = Play(race())
    play.later(hours=7)  # both are past: the earlier one wins
    assert play.ended == "after_fast"
    play = Play(race())
    play.got("answer")
    assert play.ended == "after_answer"


def test_retime_moves_the_armed_timer() -> None:
    play = Play(limited("workdays(5)"))
    token, wanted = play.timer("late").token, local("2026-03-01T00:00")
    play.retime("work", wanted)
    timer, task = play.timer("late"), play.task("work")
    assert (timer.token, timer.due_at, timer.why, task.due_at, task.due_why) == (
        token, wanted, ({"text": "延期"},), wanted, ({"text": "延期"},),
    )  # fmt: skip
    assert play.log == [("retimed", "late")] and play.step.closed == {}
    play.later(days=30)
    assert play.open == ["work"] and play.timer("late").due_at == wanted


def test_retime_arms_a_fired_reminder_anew() -> None:
    play = Play(limited("hours(1)"))
    play.later(hours=2)
    assert play.armed == []
    play.retime("work", T0 + timedelta(days=3))
    assert play.armed == ["late"] and play.timer("late").activity == play.task("work").token
    play.later(days=3)
    assert play.open == ["urge", "urge", "work"]


def test_retime_without_any_deadline_or_task() -> None:
    diagram = Diagram()
    process = diagram.process()
    process.chain(process.start(), process.user("work"), process.user("next"), process.end())
    play = Play(diagram)
    with pytest.raises(EngineError, match="没有时限"):
        play.retime("work", T0)
    before = play.task("work")
    play.done("work")
    with pytest.raises(Conflict):
        play.send(Retime(before.token, T0, {}))


def nested_deadline() -> Diagram:
    diagram = Diagram()
    process = diagram.process()
    sub = process.sub("stage")
    sub.chain(sub.start("s"), sub.user("work"), sub.user("check"), sub.end("e"))
    sub.timer("boundary", "work_late", "hours(50)", attachedToRef="work", cancelActivity="false")
    sub.flow("work_late", sub.end("e2"))
    process.chain(process.start(), process.close(sub), process.end())
    process.timer("boundary", "stage_late", "hours(20)", attachedToRef="stage", cancelActivity="false")
    process.flow("stage_late", process.user("urge"))
    process.flow("urge", process.end("urged"))
    return diagram


def test_a_task_has_its_own_deadline_and_only_without_one_that_of_what_it_is_inside() -> None:
    play = Play(nested_deadline())
    for hours in (1, 20, 50):
        assert (play.task("work").due_at, play.task("work").due_rule) == (
            T0 + timedelta(hours=50),
            "hours(50)",
        )
        play.later(hours=hours)
    play.done("work")
    # Overdue: with nothing armed any more, the deadline that passed is still the one that counts.
    assert play.task("check").due_at == T0 + timedelta(hours=20)


def ladder(*, mark: str = "limit", interrupting: str = "") -> Play:
    """One working day before, the limit, five working days after: the natural drawing of every 催办 ladder."""
    diagram = Diagram()
    process = diagram.process()
    process.chain(process.start(), process.user("work"), process.end())
    rules = {"remind": "workdays(9)", "limit": "workdays(10)", "report": "workdays(15)"}
    for name, rule in rules.items():
        props = {"zz:deadline": "true"} if name == mark else {}
        cancels = "true" if name == interrupting else "false"
        process.timer("boundary", name, rule, attachedToRef="work", cancelActivity=cancels, props=props)
        process.flow(name, process.end(f"{name}_done"))
    return Play(diagram)


def due_days(play: Play, *names: str) -> dict[str, str]:
    return {name: due_date(play.timer(name).due_at).isoformat() for name in names}


def test_the_limit_is_the_deadline_before_between_and_after_every_step_of_a_ladder() -> None:
    play = ladder()
    seen = set()
    for days in (0, 10, 4, 7, 3):
        play.later(days=days)
        seen.add((due_date(play.task("work").due_at), play.task("work").due_rule))
    assert play.armed == [] and seen == {(date(2026, 1, 19), "workdays(10)")}


@pytest.mark.parametrize(
    ("mark", "interrupting", "rule"),
    [("", "", "workdays(9)"), ("", "limit", "workdays(10)"), ("report", "limit", "workdays(15)")],
)
def test_without_a_mark_the_interrupting_timer_or_the_first_is_the_deadline(
    mark: str, interrupting: str, rule: str
) -> None:
    assert ladder(mark=mark, interrupting=interrupting).task("work").due_rule == rule


def test_an_extension_keeps_the_distances_of_the_ladder_in_working_days() -> None:
    play = ladder()
    play.retime("work", end_of_day(date(2026, 1, 26)))  # a Monday: one working day before is Friday
    assert due_days(play, "remind", "limit", "report") == {
        "remind": "2026-01-23", "limit": "2026-01-26", "report": "2026-02-02",
    }  # fmt: skip


def test_an_extension_after_the_limit_arms_the_whole_ladder_again_once() -> None:
    play = ladder()
    play.later(days=16)
    assert play.armed == ["report"]
    play.retime("work", end_of_day(date(2026, 2, 6)))
    assert due_days(play, "remind", "limit", "report") == {
        "remind": "2026-02-05", "limit": "2026-02-06", "report": "2026-02-13",
    }  # fmt: skip
    play.later(days=60)
    assert play.armed == [] and due_date(play.task("work").due_at) == date(2026, 2, 6)


def several(*, everywhere: bool = False, inside: bool = True) -> Play:
    """Two handlers at once; each may ask for an extension of the own limit."""
    diagram = Diagram()
    process = diagram.process()
    sub = process.sub("each")
    sub.chain(sub.start("s"), sub.user("work"), sub.end("e"))
    sub.timer("boundary", "late", "workdays(5)", attachedToRef="work", cancelActivity="false")
    sub.flow("late", sub.end("late_e"))
    scope = {"zz:scope": "all"} if everywhere else {}
    asking = sub if inside else process
    asking.message(
        "boundary",
        "ask",
        "",
        attachedToRef="work" if inside else "each",
        cancelActivity="false",
        props={"zz:trigger": "staff"},
    )
    move = asking.node(
        "serviceTask", "move", camunda_type="external", camunda_topic="retime",
        props={"zz:activity": "work", "zz:until": "until", **scope},
    )  # fmt: skip
    asking.chain("ask", move, asking.end("asked"))
    process.chain(process.start(), process.close(sub, multi("units", "unit")), process.end())
    return Play(diagram, {"units": ["a", "b"]})


@pytest.mark.parametrize(
    ("everywhere", "inside", "moved"), [(False, True, 1), (True, True, 2), (False, False, 2)]
)
def test_one_handlers_extension_moves_that_handlers_date_unless_all_are_meant(
    everywhere: bool, inside: bool, moved: int
) -> None:
    play = several(everywhere=everywhere, inside=inside)
    wait = play.step.waits[-1]
    play.send(Deliver(wait.token, {"until": "2026-01-30"}))
    dues = sorted(due_date(task.due_at).isoformat() for task in play.step.tasks)
    assert dues == sorted(["2026-01-12"] * (2 - moved) + ["2026-01-30"] * moved)


def test_retime_of_a_task_without_deadline_moves_the_enclosing_one() -> None:
    play = Play(nested_deadline())
    play.done("work")
    play.retime("check", T0 + timedelta(days=9))
    assert play.task("check").due_at == T0 + timedelta(days=9)
    assert play.log == [("retimed", "stage_late")]


def test_retime_from_the_diagram() -> None:
    diagram = Diagram()
    process = diagram.process()
    process.chain(process.start(), process.user("work"), process.end())
    process.timer("boundary", "late", "workdays(5)", attachedToRef="work", cancelActivity="false")
    process.flow("late", process.end("urged"))
    process.message(
        "boundary", "extend", "", attachedToRef="work", cancelActivity="false", props={"zz:trigger": "staff"}
    )
    extra = {"camunda_type": "external", "camunda_topic": "retime"}
    move = process.node(
        "serviceTask", "move", props={"zz:activity": "work", "zz:until": "extend_until"}, **extra
    )
    process.chain("extend", process.user("review"), move, process.end("extended"))
    play = Play(diagram)
    play.got("extend", extend_reason="材料不全")
    assert play.waiting == ["extend"]  # it may be asked for again
    play.done("review", extend_until="2026-02-10")
    assert play.task("work").due_at == local("2026-02-11T00:00")
    assert play.step.actions == ()
    assert "2026-02-10" in play.task("work").due_why[0]["text"]
    play.got("extend")
    play.done("work")
    play.done("review", extend_until="2026-02-20")  # the task is done meanwhile: nothing to move
    assert play.ended == "extended"


def test_evaluate_gives_value_and_reasons() -> None:
    value, why = evaluate("workdays(2)", {}, Environment(T0, functions), T0 - timedelta(days=7))
    assert value.isoformat() == "2025-12-31" and why[0]["start"] == "2025-12-29"


def test_durations() -> None:
    start = local("2026-01-31T10:00")
    assert add_duration(start, "P1M") == local("2026-02-28T10:00")
    assert add_duration(start, "P1W") == local("2026-02-07T10:00")
    assert add_duration(start, "PT1.5S") == start + timedelta(seconds=1.5)
    for bad in ("P", "PT", "1D", "P-1D", "P1H"):
        with pytest.raises(ValueError, match="时长"):
            add_duration(start, bad)
    with pytest.raises(ValueError, match="5"):
        instant_of(5, start)
