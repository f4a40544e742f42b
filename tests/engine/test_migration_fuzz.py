"""Random diagrams, random orders, random corrections: refused in plain words or playable, never broken."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine import test_token_game as game
from tests.engine.play import Play
from tests.engine.random_diagrams import Block, Generator, Writer
from tests.engine.token_game import Item

from zuozhen.engine import advance, load_diagram, migrate, movable
from zuozhen.model.errors import Conflict, EngineError
from zuozhen.model.migration import Order
from zuozhen.model.step import Complete, Deliver, Move, Step

SEEDS = st.integers(min_value=0, max_value=10_000_000)


class Stroll:
    """A case of a block that goes wherever chance leads."""

    def __init__(self, block: Block, chance: random.Random) -> None:
        self.chance = chance
        self.asks = game.deciders(block)
        self.play = Play(load_diagram(Writer().diagram(block)))
        self.number = 0

    def go_on_from(self, step: Step, block: Block | None = None) -> Stroll:
        """Return a copy that goes on from a step, in the diagram of another block if given."""
        copy = Stroll.__new__(Stroll)
        copy.chance, copy.number = self.chance, self.number
        copy.asks = self.asks if block is None else game.deciders(block)
        copy.play = Play.__new__(Play)
        copy.play.process, copy.play.now, copy.play.steps = "case", self.play.now, [step]
        copy.play.diagram = self.play.diagram if block is None else load_diagram(Writer().diagram(block))
        return copy

    def walk(self, steps: int) -> None:
        """Let things happen until the case ends; a case that stands but can do nothing is a failure."""
        for _ in range(steps):
            if self.play.step.ended:
                return
            self.number += 1
            self.play.now += timedelta(microseconds=1)
            self._happen()

    def _happen(self) -> None:
        play, step = self.play, self.play.step
        ways: list[Any] = [*step.tasks, *step.waits, *step.timers[:1]]
        assert ways, "nothing is open and the case has not ended"
        way = self.chance.choice(ways)
        if way in step.tasks:
            variables: dict[str, Any] = {f"v_{self.number}": self.number}
            if way.element_id in self.asks:
                item = Item("task", way.element_id, {}, {}, None, None)  # type: ignore[arg-type]
                variables |= game.answer_for(item, self.asks, self.chance)[1]
            play.send(Complete(way.token, variables))
        elif way in step.waits:
            play.send(Deliver(way.token, {f"i_{way.element_id}": self.number}))
        else:
            play.later(hours=self.chance.randrange(1, 3000))

    def places(self) -> list[Any]:
        """Return everything open."""
        step = self.play.step
        return [*step.tasks, *step.waits, *step.timers]


def is_hang(error: EngineError) -> bool:
    """Tell a case that hangs from one that misses a variable it would have got on the ordinary way."""
    return "等不到" in error.message or "停住" in error.message or "出错" in error.message


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_any_diagram_to_any_other(seed: int) -> None:
    chance = random.Random(seed)
    stroll = Stroll(Generator(seed).diagram(), chance)
    stroll.walk(chance.randrange(12))
    if stroll.play.step.ended:
        return
    other = Generator(seed if chance.random() < 0.4 else seed + 1).diagram()
    if len(other.parts) > 1:
        del other.parts[chance.randrange(len(other.parts))]
    new = load_diagram(Writer().diagram(other))
    for _ in range(5):
        mapping = {
            place.element_id: chance.choice(list(new.elements))
            for place in stroll.places()
            if chance.random() < 0.6
        }
        order = Order(mapping, chance.choice(["from_start", "keep", "now"]), chance.random() < 0.3)
        play = stroll.play
        result = migrate(play.diagram, new, "case", play.step.state, play.env, order)
        assert (result.step is None) == bool(result.refusals)
        assert not [refusal for refusal in result.refusals if refusal.code == "verify"]
        known = {place.token for place in stroll.places()}
        if result.step is not None:
            now_open = {
                t.token for g in (result.step.tasks, result.step.timers, result.step.waits) for t in g
            }
            assert set(result.step.closed) == known - now_open
            try:
                stroll.go_on_from(result.step, other).walk(30)
            except EngineError as error:
                assert not is_hang(error), error


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_any_place_to_any_other(seed: int) -> None:
    chance = random.Random(seed)
    stroll = Stroll(Generator(seed).diagram(), chance)
    stroll.walk(chance.randrange(12))
    play = stroll.play
    for _ in range(5):
        if play.step.ended:
            return
        place = chance.choice(stroll.places())
        targets = [element.id for element in movable(play.diagram, place.element_id)]
        event = Move(place.token, chance.choice(targets), {"moved": True})
        try:
            step = advance(play.diagram, "case", play.step.state, event, play.env)
            stroll.go_on_from(step).walk(30)
        except Conflict as error:
            assert error.hint
        except EngineError as error:
            assert not is_hang(error), error
