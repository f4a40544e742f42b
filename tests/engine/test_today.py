"""``today()`` and ``now()`` in a diagram: the local day and the instant of the step, not of the entry."""

from __future__ import annotations

from datetime import timedelta

from tests.engine.bpmn import Diagram
from tests.engine.play import Play
from tests.engine.test_timers import limited, local

from zuozhen.engine import migrate
from zuozhen.model.migration import Order


def handled(condition: str) -> Diagram:
    """A task whose outputs note the day it is done, and a gateway that judges by the day it is reached."""
    diagram = Diagram()
    process = diagram.process()
    outputs = {"done_on": "today()", "done_at": "now()"}
    process.chain(
        process.start(),
        process.user("work", outputs=outputs),
        process.gateway("exclusive", "which", default="no"),
    )
    process.flow("which", process.user("late"), condition=condition)
    process.flow("which", process.user("early"), flow_id="no")
    process.chain("late", process.end("was_late"))
    process.chain("early", process.end("was_early"))
    return diagram


def test_outputs_and_conditions_read_the_day_of_the_step() -> None:
    play = Play(handled('today() > date("2026-01-10")'))
    play.now = local("2026-01-20T07:30")  # 23:30 UTC of the day before
    play.done("work")
    assert play.open == ["late"]
    assert play.step.variables["done_on"] == "2026-01-20"
    assert play.step.variables["done_at"].startswith("2026-01-20T07:30:00")


def test_the_same_diagram_on_another_day() -> None:
    play = Play(handled('today() > date("2026-01-10")'))
    play.done("work")
    assert play.open == ["early"] and play.step.variables["done_on"] == "2026-01-05"


def test_a_deadline_from_today_stays_when_it_is_counted_again() -> None:
    play = Play(limited('today() + duration("P3D")'))
    assert play.timer("late").due_at == local("2026-01-09T00:00")
    play.now += timedelta(days=2)
    order = Order(recount=True)
    result = migrate(play.diagram, play.diagram, play.process, play.step.state, play.env, order)
    assert result.step is not None
    assert [timer.due_at for timer in result.step.timers] == [local("2026-01-09T00:00")]


def test_a_repetition_reads_the_day_of_each_occurrence() -> None:
    play = Play(limited('today() + duration("P1D")', kind="timeCycle"))
    assert play.timer("late").due_at == local("2026-01-07T00:00")
    play.now = local("2026-01-07T00:00")
    play.later()
    assert play.timer("late").due_at == local("2026-01-08T00:00")
