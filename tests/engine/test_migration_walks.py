"""Migration at every step of random play on random diagrams, against the independent interpreter."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine import test_token_game as game
from tests.engine.moving import content, tokens
from tests.engine.play import T0, Play
from tests.engine.random_diagrams import Block, Generator, Writer
from tests.engine.token_game import Game, written_by

from zuozhen.engine import loading, migrate, restore
from zuozhen.model.migration import Order
from zuozhen.model.step import Step

SEEDS = st.integers(min_value=0, max_value=10_000_000)


class Wandering(Play):
    """A case that is moved to a twin of its diagram, parsed anew, after every step; nothing may change."""

    moves = 0

    def _keep(self, step: Step) -> Step:
        if not step.ended and (step.tasks or step.timers or step.waits):
            xml = self.xml
            twin = loading.load_diagram.__wrapped__(xml)
            for order in (Order(timers="now"), Order(recount=True), Order()):
                result = migrate(self.diagram, twin, self.process, step.state, self.env, order)
                assert (result.refusals, result.notes) == ((), ())
                assert all(change.old == change.new and not change.kept for change in result.dues)
                assert result.step is not None
                same_but_for_reasons(result.step, step)
            assert content(result.step.state) == content(step.state)
            self.diagram, step, self.moves = twin, result.step, self.moves + 1
        return super()._keep(step)


def same_but_for_reasons(new: Step, old: Step) -> None:
    assert (new.closed, new.log, new.messages, new.actions, new.ended) == ({}, (), (), (), None)
    assert (new.variables, new.waits) == (old.variables, old.waits)
    for task, before in zip(new.tasks, old.tasks, strict=True):
        assert (task.token, task.due_at, task.variables, task.entered_at) == (
            before.token, before.due_at, before.variables, before.entered_at,
        )  # fmt: skip
    assert [(timer.token, timer.due_at, timer.activity) for timer in new.timers] == [
        (timer.token, timer.due_at, timer.activity) for timer in old.timers
    ]


def wander(seed: int, monkeypatch: pytest.MonkeyPatch) -> int:
    xml = Writer().diagram(Generator(seed).diagram())
    made: list[Wandering] = []

    def begin(diagram: Any) -> Wandering:
        play = Wandering.__new__(Wandering)
        play.xml = xml  # type: ignore[attr-defined]
        made.append(play)
        play.__init__(diagram)  # type: ignore[misc]
        return play

    monkeypatch.setattr(game, "Play", begin)
    game.play_both(seed)
    return made[0].moves


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_identity_migration_at_every_step_changes_nothing(seed: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        wander(seed, patch)


@pytest.mark.slow
def test_identity_migration_at_every_step_many_times(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sum(wander(seed, monkeypatch) for seed in range(30)) > 220


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_a_task_added_at_the_end_is_reached_by_every_case(seed: int) -> None:
    """Plays the shorter diagram, moves to the longer one somewhere, and goes on."""
    chance = random.Random(seed)
    block = Generator(seed).diagram()
    longer = Block("seq", "", [*block.parts, Block("task", "t_added")])
    asks = game.deciders(longer)
    oracle, play = Game(longer, T0), Play(loading.load_diagram(Writer().diagram(block)))
    turn = chance.randrange(8)
    for number in range(game.EVENTS):
        if number >= turn and len(play.diagram.elements) and "t_added" not in play.diagram.elements:
            new = loading.load_diagram(Writer().diagram(longer))
            result = migrate(play.diagram, new, "case", play.step.state, play.env, Order())
            assert result.refusals == () and result.step is not None
            play.diagram = new
            play.steps.append(result.step)
            assert game.shown(play) == game.seen(oracle)
        choices = oracle.open("task") + oracle.open("wait") + oracle.open("timer")
        if oracle.ended or not choices:
            return
        item = chance.choice(choices)
        if item.kind == "timer":
            assert item.due is not None
            play.later(seconds=(item.due - play.now).total_seconds() + 1)
            oracle.tick(play.now)
        elif item.kind == "wait":
            same = [wait.key for wait in play.step.waits if wait.element_id == item.id]
            play.later(microseconds=1)
            oracle.now = play.now
            play.got(
                item.id, same.index(game.key_of(item)), **({f"i_{item.id}": number} if item.counted else {})
            )
            oracle.close(item, number)
        else:
            answer, variables = game.answer_for(item, asks, chance)
            play.later(microseconds=1)
            oracle.now = play.now
            position = game.matching_task(play, item)
            oracle.close(item, answer)
            play.done(item.id, position, **variables, **{written_by(item.id, item.context): oracle.writes})
        if "t_added" not in play.diagram.elements and any(i.id == "t_added" for i in oracle.open("task")):
            return  # it, or one branch of it, ended before it was moved
        assert game.shown(play) == game.seen(oracle)


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_restoring_any_earlier_snapshot_shows_what_was_open_then(seed: int) -> None:
    chance = random.Random(seed)
    play = Play(loading.load_diagram(Writer().diagram(Generator(seed).diagram())))
    asks = game.deciders(Generator(seed).diagram())
    for number in range(12):
        if play.step.ended or not (play.step.tasks or play.step.timers):
            break
        if play.step.tasks:
            task = chance.choice(play.step.tasks)
            item = game.Item("task", task.element_id, {}, {}, None, None)  # type: ignore[arg-type]
            same = [other.token for other in play.step.tasks if other.element_id == task.element_id]
            play.now += game.timedelta(microseconds=1)
            play.done(
                task.element_id, same.index(task.token), **game.answer_for(item, asks, chance)[1], n=number
            )
        else:
            play.later(hours=2000)
    now_open = tokens(play)
    for step in play.steps:
        if step.ended:
            continue
        restored = restore(play.diagram, "case", step.state, play.env, sorted(now_open))
        play.steps.append(step)
        then = tokens(play)
        play.steps.pop()
        assert restored.closed == dict.fromkeys(now_open - then, "cancelled")
        assert restored.state == step.state and restored.log == () and restored.variables == step.variables
        assert {
            item.token for group in (restored.tasks, restored.timers, restored.waits) for item in group
        } == then
