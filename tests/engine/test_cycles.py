"""Repetitions: as many as written, at the month's end where they began, and the starts of processes by themselves."""

from __future__ import annotations

from datetime import datetime

import pytest
from tests.engine.bpmn import Diagram
from tests.engine.play import Play, functions
from tests.engine.test_timers import limited, local

from zuozhen.engine import first_start, later_start, load_diagram
from zuozhen.model.errors import EngineError
from zuozhen.model.step import Environment, Retime, Tick
from zuozhen.workdays.explain import explain

JANUARY_31 = local("2026-01-31T09:00")


def occurrences(rule: str, count: int, begin: datetime, *, kind: str = "timeCycle") -> list[str]:
    """Play a deadline that repeats and return the UTC times of its first occurrences."""
    play = Play(limited(rule, kind=kind), now=begin)
    found = []
    while play.armed and len(found) < count:
        play.now = play.timer("late").due_at
        found.append(play.now.isoformat()[:16])
        play.send(Tick())
    return found


@pytest.mark.parametrize("rule", ["R/P1M", '=duration("P1M")', "R/2026-01-31T09:00:00+08:00/P1M"])
def test_a_cycle_from_the_end_of_a_month_stays_at_the_end(rule: str) -> None:
    days = [text[:10] for text in occurrences(rule, 5, JANUARY_31)]
    assert days[-4:] == ["2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30"]
    assert days[0] == "2026-02-28"


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("R3/PT1H", ["2026-01-31T02:00", "2026-01-31T03:00", "2026-01-31T04:00"]),
        ("R1/P1D", ["2026-02-01T01:00"]),
        ("R2/2026-02-10T09:00:00+08:00/P1W", ["2026-02-10T01:00", "2026-02-17T01:00"]),
        # Three of the five have passed when the task is entered: two are left.
        ("R5/2026-01-10T09:00:00+08:00/P1W", ["2026-02-07T01:00"]),
        ("R4/2026-01-10T09:00:00+08:00/P10D", ["2026-02-09T01:00"]),
    ],
)
def test_no_more_repetitions_than_written(rule: str, days: list[str]) -> None:
    assert occurrences(rule, 9, JANUARY_31) == days


def test_a_series_that_has_passed_fires_once_like_a_date_that_has_passed() -> None:
    play = Play(limited("R3/2025-01-01T00:00:00Z/P1D", kind="timeCycle"), now=JANUARY_31)
    assert play.open == ["urge", "work"] and play.armed == []


def test_a_series_from_long_ago_costs_nothing() -> None:
    play = Play(limited("R/1970-01-01T00:00:00Z/PT1S", kind="timeCycle"), now=JANUARY_31)
    assert (play.timer("late").due_at - play.now).total_seconds() == 1


@pytest.mark.parametrize("rule", ["R/2026-01-01T00:00:00Z/PT0S", "R/PT0S"])
def test_a_period_of_nothing_is_an_incident_and_no_endless_loop(rule: str) -> None:
    with pytest.raises(EngineError, match="间隔是零"):
        Play(limited(rule, kind="timeCycle"), now=JANUARY_31)


def test_a_moved_occurrence_is_what_the_next_one_counts_from() -> None:
    play = Play(limited("R/P1M", kind="timeCycle"), now=JANUARY_31)
    moved = local("2026-03-10T09:00")
    play.send(Retime(play.task("work").token, moved, {"text": "改期"}))
    play.now = moved
    play.send(Tick())
    assert play.timer("late").due_at == local("2026-04-10T09:00")
    play.now = local("2026-04-10T09:00")
    play.send(Tick())
    assert play.timer("late").due_at == local("2026-05-10T09:00")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("P10D", "连续计P10D，即240小时，截止2026-02-10 09:00"),
        ("P1M", "连续计P1M，即672小时，截止2026-02-28 09:00"),
        ('duration("P1DT1H")', "连续计25小时，截止2026-02-01 10:00"),
        ("PT90M", "即1.5小时，截止2026-01-31 10:30"),
    ],
)
def test_a_deadline_says_that_a_duration_just_runs_on(rule: str, words: str) -> None:
    (why,) = Play(limited(rule), now=JANUARY_31).timer("late").why
    assert words in explain(why) and "节假日照算" in explain(why)


def test_other_deadlines_say_what_they_said() -> None:
    assert Play(limited("2026-03-01")).timer("late").why == ()
    (why,) = Play(limited("workdays(3)")).timer("late").why
    assert why["function"] == "workdays"


# ---------------------------------------------------------------- processes that start by themselves


def starts(rule: str, count: int, begin: datetime = JANUARY_31) -> list[datetime]:
    """Return the first starts after a deployment at ``begin``, each carried out at its time."""
    found = []
    coming = first_start(rule, Environment(begin, functions))
    while coming is not None and len(found) < count:
        found.append(coming.at)
        coming = later_start(rule, Environment(coming.at, functions), coming)
    return found


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("2026-12-01T09:00:00+08:00", ["2026-12-01T09:00"]),
        ("2026-12-01T09:00:00", ["2026-12-01T09:00"]),
        ("2026-12-01", ["2026-12-01T00:00:01"]),
        ('date("2026-12-01")', ["2026-12-01T00:00:01"]),
        ("2026-01-30", []),
        ("P10D", ["2026-02-10T09:00"]),
        ("R/P1M", ["2026-02-28T09:00", "2026-03-31T09:00", "2026-04-30T09:00"]),
        ("R2/P1W", ["2026-02-07T09:00", "2026-02-14T09:00"]),
        ("R5/2026-01-15T00:00:00Z/P1W", ["2026-02-05T08:00", "2026-02-12T08:00"]),
        ("R5/2025-01-01T00:00:00Z/P1W", []),
        ("R/2026-01-31/P1M", ["2026-02-28T00:00:01", "2026-03-31T00:00:01", "2026-04-30T00:00:01"]),
        ('recurrence("坐诊日")', ["2026-02-20T00:00:01", "2026-03-20T00:00:01", "2026-04-20T00:00:01"]),
    ],
)
def test_starts_by_literals_and_rules(rule: str, expected: list[str]) -> None:
    assert starts(rule, 3) == [local(text) for text in expected]


def test_a_period_does_not_make_up_for_what_was_missed() -> None:
    first = first_start("R4/PT1H", Environment(JANUARY_31, functions))
    assert first is not None and first.left == 4
    late = later_start("R4/PT1H", Environment(local("2026-01-31T12:10"), functions), first)
    assert late is not None and (late.at, late.left) == (local("2026-01-31T13:00"), 1)
    assert later_start("R4/PT1H", Environment(late.at, functions), late) is None


@pytest.mark.parametrize("rule", ["1 + 1", '"soon"', "R/x", "R/PT0S", "P1X", "R"])
def test_rules_that_give_no_time_say_so(rule: str) -> None:
    with pytest.raises(EngineError) as caught:
        starts(rule, 1)
    assert rule in caught.value.message or rule in str(caught.value)


def test_a_duration_drawn_as_a_cycle_repeats() -> None:
    diagram = Diagram()
    process = diagram.process()
    drawn = "<bpmn:timerEventDefinition><bpmn:timeCycle>P1D</bpmn:timeCycle></bpmn:timerEventDefinition>"
    process.chain(process.start("start", drawn), process.user("work"), process.end())
    assert load_diagram(diagram.xml()).processes["case"].starts[0].rule == "R/P1D"
