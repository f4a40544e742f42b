"""Parameters and tables of the pack: read by every expression, stored in no case, part of a timer's rule."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from tests.engine.moving import dates, drawing, line
from tests.engine.play import T0, Play, functions

from zuozhen.engine import load_diagram, migrate
from zuozhen.model.migration import Order
from zuozhen.model.step import Environment

ROTA = [{"month": "2026-01", "leader": "lead_a"}, {"month": "2026-02", "leader": "lead_b"}]


class Ambient(Play):
    """A case of a pack with parameters and tables."""

    ambient: ClassVar[dict[str, Any]] = {"parameters": {"days": 5, "limit": 3}, "tables": {"rota": ROTA}}

    @property
    def env(self) -> Environment:
        return Environment(self.now, functions, ambient=self.ambient)


def moved(
    play: Play, rule: str, former: dict[str, Any], ambient: dict[str, Any], order: Order | None = None
) -> Any:
    diagram = load_diagram(line("handle", handle=rule).xml())
    env = Environment(play.now, functions, ambient=ambient, former=former)
    return migrate(play.diagram, diagram, "case", play.step.state, env, order or Order())


def test_read_everywhere_and_stored_nowhere() -> None:
    diagram, process = drawing()
    who = '=tables.rota[month = "2026-02"][1].leader'
    process.chain(process.start(), process.user("work", camunda_candidateGroups=who))
    process.chain("work", process.gateway("exclusive", "big", default="to_small"))
    process.flow("big", process.user("small"), flow_id="to_small")
    process.flow("big", process.user("large"), "n > parameters.limit")
    process.chain("small", process.end("small_end"))
    process.chain("large", process.end())
    play = Ambient(diagram, {"n": 4})
    assert play.task("work").group == "lead_b"
    play.done("work")
    assert play.open == ["large"]
    assert set(play.step.variables) == {"n"} and b"limit" not in play.step.state
    assert not play.diagram.names & {"parameters", "tables"}


@pytest.mark.parametrize("rule", ["workdays(parameters.days)", 'workdays(get value(parameters, "days"))'])
def test_another_value_is_another_rule(rule: str) -> None:
    play = Ambient(line("handle", handle=rule))
    seven = {**play.ambient, "parameters": {"days": 10, "limit": 3}}
    result = moved(play, rule, play.ambient, seven)
    assert dates(result) == {"handle_late": ("2026-01-12", "2026-01-19")}
    kept = moved(play, rule, play.ambient, seven, Order(timers="keep"))
    assert dates(kept) == {"handle_late": ("2026-01-12", "2026-01-12")} and kept.dues[0].kept


def test_the_values_stand_behind_the_rule() -> None:
    rule = "workdays(parameters.days)"
    play = Ambient(line("handle", handle=rule))
    [told] = moved(play, rule, play.ambient, {**play.ambient, "parameters": {"days": 10}}).dues
    assert (told.old_rule, told.new_rule) == (f"{rule}（days = 5）", f"{rule}（days = 10）")


def test_a_value_that_the_rule_does_not_read_moves_nothing() -> None:
    rule = "workdays(parameters.days)"
    play = Ambient(line("handle", handle=rule))
    play.now = T0.replace(day=T0.day + 2)
    other = {"parameters": {"days": 5, "limit": 99}, "tables": {"rota": []}}
    for timers in ("from_start", "now"):
        result = moved(play, rule, play.ambient, other, Order(timers=timers))
        assert dates(result) == {"handle_late": ("2026-01-12", "2026-01-12")}


def test_rows_are_part_of_the_rule_too() -> None:
    rule = "workdays(count(tables.rota))"
    play = Ambient(line("handle", handle=rule))
    longer = {**play.ambient, "tables": {"rota": [*ROTA, *ROTA]}}
    assert [(d.old != d.new) for d in moved(play, rule, play.ambient, longer).dues] == [True]
    assert [(d.old != d.new) for d in moved(play, rule, play.ambient, play.ambient).dues] == [False]


def test_a_role_by_a_parameter_follows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    diagram, process = drawing()
    process.chain(
        process.start(), process.user("work", camunda_candidateGroups="=parameters.who"), process.end()
    )
    former = {"parameters": {"who": "one"}}
    monkeypatch.setattr(Ambient, "ambient", former)
    play = Ambient(diagram)
    env = Environment(play.now, functions, ambient={"parameters": {"who": "two"}}, former=former)
    result = migrate(play.diagram, play.diagram, "case", play.step.state, env, Order())
    assert result.step is not None and result.step.tasks[0].group == "two"
    assert result.placements[0].changes == ("岗位 one → two",)
