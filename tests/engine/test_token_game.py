"""The whole engine against an independent interpreter, on random diagrams and random play."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.play import T0, Play
from tests.engine.random_diagrams import Generator, Writer
from tests.engine.token_game import Game, Item, written_by

from zuozhen.engine import load_diagram, runtime

EVENTS = 25


def key_of(item: Item) -> str:
    return "k" + "".join(f"/{value}" for value in item.context.values())


def items_of(task: Any) -> dict[str, Any]:
    """Return the loop items and numbers a task runs under."""
    return {name: task.variables[name] for name in task.properties["items"].split(",") if name}


def values_of(task: Any) -> dict[str, Any]:
    """Return what tasks have written."""
    return {name: value for name, value in task.variables.items() if name.startswith("v_")}


def seen(game: Game) -> tuple[Any, ...]:
    """Return what is open according to the interpreter."""
    tasks = [
        (item.id, sorted(item.context.items()), sorted(item.values.items())) for item in game.open("task")
    ]
    timers = [(item.id, item.due) for item in game.open("timer")]
    waits = [(item.id, key_of(item)) for item in game.open("wait")]
    return sorted(tasks), sorted(timers), sorted(waits), game.ended


def shown(play: Play) -> tuple[Any, ...]:
    """Return what is open according to the engine."""
    step = play.step
    tasks = [
        (
            task.element_id,
            sorted(items_of(task).items()),
            sorted(values_of(task).items()),
        )
        for task in step.tasks
    ]
    timers = [(timer.element_id, timer.due_at) for timer in step.timers]
    waits = [(wait.element_id, wait.key) for wait in step.waits]
    return sorted(tasks), sorted(timers), sorted(waits), bool(step.ended)


def answer_for(
    item: Item, writer_blocks: dict[str, Any], chance: random.Random
) -> tuple[Any, dict[str, Any]]:
    """Choose what a deciding task answers; return it for the interpreter and as variables."""
    block = writer_blocks.get(item.id)
    if block is None:
        return None, {}
    if block.kind == "loop":
        answer: Any = int(chance.random() < 0.4)
    elif block.kind == "xor":
        answer = chance.randrange(len(block.parts))
    else:
        picked = [number for number in range(len(block.parts) - 1) if chance.random() < 0.6]
        return picked or [len(block.parts) - 1], {f"c_{block.id}": picked}
    return answer, {f"c_{block.id}": answer}


def deciders(block: Any, found: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the blocks that ask, by the id of their asking task."""
    found = {} if found is None else found
    if block.kind in ("xor", "or", "loop"):
        found[f"{block.id}_ask"] = block
    for part in block.parts:
        deciders(part[2] if isinstance(part, tuple) else part, found)
    for event in block.attached:
        deciders(event.handler, found)
    return found


def play_both(seed: int) -> int:
    """Play one random diagram in both; return how many events were compared."""
    block = Generator(seed).diagram()
    diagram = load_diagram(Writer().diagram(block))
    chance, asks = random.Random(seed + 1), deciders(block)
    game, play = Game(block, T0), Play(diagram)
    assert shown(play) == seen(game), f"seed {seed} at start"
    for number in range(EVENTS):
        choices = game.open("task") + game.open("wait") + game.open("timer")
        if game.ended:
            return number
        item = chance.choice(choices)
        what = f"seed {seed} event {number}: {item.kind} {item.id}"
        if item.kind == "timer":
            assert item.due is not None
            play.later(seconds=(item.due - play.now).total_seconds() + 1)
            game.tick(play.now)
        elif item.kind == "wait":
            same = [wait.key for wait in play.step.waits if wait.element_id == item.id]
            play.now += timedelta(microseconds=1)
            game.now = play.now
            given = {f"i_{item.id}": number} if item.counted else {}
            play.got(item.id, same.index(key_of(item)), **given)
            game.close(item, number)
        else:
            answer, variables = answer_for(item, asks, chance)
            play.now += timedelta(microseconds=1)
            game.now = play.now
            position = matching_task(play, item)
            game.close(item, answer)
            play.done(item.id, position, **variables, **{written_by(item.id, item.context): game.writes})
        assert shown(play) == seen(game), what
        assert len(play.step.state) < 4000, what
    return EVENTS


def matching_task(play: Play, item: Item) -> int:
    """Return the number of the open task with the same items and values among those of its element."""
    same = [task for task in play.step.tasks if task.element_id == item.id]
    for number, task in enumerate(same):
        if items_of(task) == item.context and values_of(task) == item.values:
            return number
    raise AssertionError(f"{item.id} {item.context} is not open")


@settings(max_examples=60, deadline=None)
@given(st.integers(min_value=0, max_value=10_000_000))
def test_engine_plays_like_the_token_game(seed: int) -> None:
    play_both(seed)


@pytest.mark.slow
def test_engine_plays_like_the_token_game_many_times() -> None:
    assert sum(play_both(seed) for seed in range(500)) > 3_200


@pytest.mark.parametrize("seed", range(40))
def test_pruning_changes_nothing_that_can_be_seen(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    block = Generator(seed * 7 + 3).diagram()
    diagram = load_diagram(Writer().diagram(block))
    asks = deciders(block)

    def playthrough() -> list[Any]:
        chance = random.Random(seed)
        play = Play(diagram)
        views = [shown(play)]
        for number in range(EVENTS):
            tasks = sorted(play.step.tasks, key=lambda task: (task.element_id, task.token[16:]))
            if play.step.ended or not (tasks or play.step.waits or play.step.timers):
                break
            if tasks and chance.random() < 0.8:
                task = chance.choice(tasks)
                fake = Item("task", task.element_id, {}, {}, None, None)  # type: ignore[arg-type]
                variables = answer_for(fake, asks, chance)[1]
                position = [t.token for t in play.step.tasks if t.element_id == task.element_id].index(
                    task.token
                )
                play.done(task.element_id, position, **variables, **{f"v_{task.element_id}": number})
            elif play.step.waits:
                name = play.step.waits[0].element_id
                play.got(name, **{f"i_{name}": number})
            else:
                play.later(hours=chance.randrange(1, 2000))
            views.append(shown(play))
        return views

    pruned = playthrough()
    monkeypatch.setattr(runtime, "prune", lambda case: None)
    assert playthrough() == pruned
