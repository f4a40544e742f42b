"""An independent model of BPMN: an interpreter of block-structured procedures.

It knows no graph, no joins and no tokens: a block runs and calls back when it is done. So it shares
no idea, and no mistake, with the engine. Variables: every task writes an ever larger number into its
own variable, so "the newest value everywhere" is simply the maximum.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.engine.random_diagrams import Attached, Block

Values = dict[str, int]
Done = Callable[[Values], None]


class Group:
    """Things that die together."""

    def __init__(self, parent: Group | None = None) -> None:
        self.parent = parent
        self.killed = False
        self.written: Values = {}
        """Everything that tasks inside have written: it outlives them."""

    def write(self, values: Values) -> None:
        self.written = newest(self.written, values)
        if self.parent is not None:
            self.parent.write(values)

    @property
    def dead(self) -> bool:
        return self.killed or (self.parent is not None and self.parent.dead)


@dataclass(eq=False)
class Item:
    """Something open: a task, a wait or a timer."""

    kind: str
    id: str
    context: dict[str, int]
    values: Values
    group: Group
    happen: Callable[[Any], None]
    due: datetime | None = None
    counted: bool = False


class Room:
    """A process or sub-process instance: done when nothing runs in it any more."""

    def __init__(self, group: Group, empty: Done, values: Values, caught: dict[str, Done]) -> None:
        self.group, self.empty, self.values, self.caught = group, empty, dict(values), caught
        self.running = 1

    def leave(self, values: Values) -> None:
        self.running -= 1
        self.values = newest(self.values, values)
        if not self.running and not self.group.dead:
            self.empty(self.values)


def newest(*all_values: Values) -> Values:
    merged: Values = {}
    for values in all_values:
        for name, value in values.items():
            merged[name] = max(value, merged.get(name, value))
    return merged


def written_by(id_: str, context: dict[str, int]) -> str:
    """Return the variable a task writes: its own for every instance, so that none race for it."""
    return "_".join(["v", id_, *(str(value) for value in context.values())])


class Game:
    """Plays a block."""

    def __init__(self, block: Block, now: datetime) -> None:
        self.now = now
        self.items: list[Item] = []
        self.ended = False
        self.writes = 0
        room = Room(Group(), self._end, {}, {})
        self.run(block, room, room.group, {}, {}, room.leave)

    def _end(self, _: Values) -> None:
        self.ended = True

    def open(self, kind: str) -> list[Item]:
        self.items = [item for item in self.items if not item.group.dead]
        return [item for item in self.items if item.kind == kind]

    def close(self, item: Item, given: Any = None) -> None:
        """Let an open item happen."""
        self.items.remove(item)
        item.happen(given)

    def tick(self, now: datetime) -> None:
        self.now = now
        while due := [item for item in self.open("timer") if item.due is not None and item.due <= now]:
            self.close(min(due, key=lambda item: item.due or now))

    # -- blocks

    def _add(
        self,
        kind: str,
        id_: str,
        context: dict[str, int],
        values: Values,
        group: Group,
        happen: Callable[[Any], None],
        minutes: int = 0,
        counted: bool = False,
    ) -> None:
        due = self.now + timedelta(minutes=minutes) if minutes else None
        self.items.append(Item(kind, id_, dict(context), dict(values), group, happen, due, counted))

    def run(self, block: Block, room: Room, group: Group, context: Any, values: Values, done: Done) -> None:
        getattr(self, f"_{block.kind}")(block, room, group, context, values, done)

    def _seq(self, block: Block, room: Room, group: Group, context: Any, values: Values, done: Done) -> None:
        def step(number: int, given: Values) -> None:
            if number == len(block.parts):
                done(given)
            else:
                self.run(
                    block.parts[number], room, group, context, given, lambda more: step(number + 1, more)
                )

        step(0, values)

    def _arm(
        self, block: Block, room: Room, group: Group, inside: Group, context: Any, values: Values, done: Done
    ) -> None:
        for event in block.attached:
            self._arm_one(event, room, group, inside, context, values, done)

    def _arm_one(
        self,
        event: Attached,
        room: Room,
        group: Group,
        inside: Group,
        context: Any,
        values: Values,
        done: Done,
    ) -> None:
        def happen(number: Any) -> None:
            own = {**context, f"i_{event.id}": number} if event.counted else context
            if event.interrupting:
                inside.killed = True
                self.run(event.handler, room, group, context, newest(values, inside.written), done)
                return
            if not event.minutes:
                self._arm_one(event, room, group, inside, context, values, done)
            room.running += 1
            self.run(event.handler, room, room.group, own, values, room.leave)

        kind = "timer" if event.minutes else "wait"
        self._add(kind, event.id, context, values, inside, happen, event.minutes, event.counted)

    def _instances(
        self, block: Block, inside: Group, context: Any, values: Values, one: Any, done: Done
    ) -> None:
        """Run ``one(context, values, finished)`` once, or once per item."""
        if not block.items:
            one(context, values, done)
            return
        results = [values]

        def finished(number: int, given: Values) -> None:
            results.append(given)
            if len(results) > block.items:
                done(newest(*results))
            elif block.sequential:
                begin(number + 1, newest(*results))

        def begin(number: int, given: Values) -> None:
            one({**context, f"i_{block.id}": number}, given, lambda more: finished(number, more))

        for number in range(1, 2 if block.sequential else block.items + 1):
            begin(number, values)

    def _task(self, block: Block, room: Room, group: Group, context: Any, values: Values, done: Done) -> None:
        inside = Group(group)

        def finish(given: Values) -> None:
            inside.killed = True
            done(given)

        def one(own: Any, given: Values, finished: Done) -> None:
            self._ask(block.id, inside, own, given, lambda more, _: finished(more))

        self._arm(block, room, group, inside, context, values, done)
        self._instances(block, inside, context, values, one, finish)

    def _ask(
        self, id_: str, group: Group, context: Any, values: Values, done: Callable[[Values, Any], None]
    ) -> None:
        def happen(answer: Any) -> None:
            self.writes += 1
            answered = {written_by(id_, context): self.writes}
            group.write(answered)
            done({**values, **answered}, answer)

        self._add("task", id_, context, values, group, happen)

    def _wait(self, block: Block, room: Room, group: Group, context: Any, values: Values, done: Done) -> None:
        self._add("wait", block.id, context, values, group, lambda _: done(values))

    def _timer(
        self, block: Block, room: Room, group: Group, context: Any, values: Values, done: Done
    ) -> None:
        self._add("timer", block.id, context, values, group, lambda _: done(values), block.minutes)

    def _error(
        self, block: Block, room: Room, group: Group, context: Any, values: Values, done: Done
    ) -> None:
        room.caught[block.code](values)

    def _xor(self, block: Block, room: Room, group: Group, context: Any, values: Values, done: Done) -> None:
        def chosen(given: Values, answer: Any) -> None:
            self.run(block.parts[answer], room, group, context, given, done)

        self._ask(f"{block.id}_ask", group, context, values, chosen)

    def _all(
        self, parts: list[Block], room: Room, group: Group, context: Any, values: Values, done: Done
    ) -> None:
        results: list[Values] = []

        def arrived(given: Values) -> None:
            results.append(given)
            if len(results) == len(parts):
                done(newest(*results))

        for part in parts:
            self.run(part, room, group, context, values, arrived)

    def _or(self, block: Block, room: Room, group: Group, context: Any, values: Values, done: Done) -> None:
        def chosen(given: Values, answer: Any) -> None:
            self._all([block.parts[number] for number in answer], room, group, context, given, done)

        self._ask(f"{block.id}_ask", group, context, values, chosen)

    def _and(self, block: Block, room: Room, group: Group, context: Any, values: Values, done: Done) -> None:
        self._all(block.parts, room, group, context, values, done)

    def _loop(self, block: Block, room: Room, group: Group, context: Any, values: Values, done: Done) -> None:
        def chosen(given: Values, answer: Any) -> None:
            if answer == 1:
                self._loop(block, room, group, context, given, done)
            else:
                done(given)

        def ask(given: Values) -> None:
            self._ask(f"{block.id}_ask", group, context, given, chosen)

        self.run(block.parts[0], room, group, context, values, ask)

    def _ebg(self, block: Block, room: Room, group: Group, context: Any, values: Values, done: Done) -> None:
        inside = Group(group)
        for event_id, minutes, part in block.parts:

            def happen(_: Any, part: Block = part) -> None:
                inside.killed = True
                self.run(part, room, group, context, values, done)

            self._add("timer" if minutes else "wait", event_id, context, values, inside, happen, minutes)

    def _sub(self, block: Block, room: Room, group: Group, context: Any, values: Values, done: Done) -> None:
        inside = Group(group)

        def finish(given: Values) -> None:
            inside.killed = True
            done(given)

        def failed(_: Values) -> None:
            inside.killed = True
            self.run(block.parts[1], room, group, context, newest(values, inside.written), done)

        def one(own: Any, given: Values, finished: Done) -> None:
            caught = {**room.caught, **({block.code: failed} if block.code else {})}
            inner = Room(Group(inside), finished, given, caught)
            self.run(block.parts[0], inner, inner.group, own, given, inner.leave)

        self._arm(block, room, group, inside, context, values, done)
        self._instances(block, inside, context, values, one, finish)
