"""An independent model of BPMN: random block-structured diagrams and an interpreter of the blocks.

The interpreter knows no graph, no joins and no tokens: a block runs and calls back when it is done.
So it shares no idea, and no mistake, with the engine. Variables: every task writes an ever larger
number into its own variable, so "the newest value everywhere" is simply the maximum.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from tests.engine.bpmn import Diagram as Builder
from tests.engine.bpmn import Scope, multi

# ---------------------------------------------------------------- blocks


@dataclass
class Attached:
    """A boundary event: message or timer."""

    id: str
    minutes: int  # 0 = message
    interrupting: bool
    handler: Block

    @property
    def counted(self) -> bool:
        """Whether it may happen again and again; then each time carries a number to tell them apart."""
        return not self.interrupting and not self.minutes


@dataclass
class Block:
    kind: str
    id: str
    parts: list[Any] = field(default_factory=list)
    attached: list[Attached] = field(default_factory=list)
    items: int = 0  # > 0: multi-instance
    sequential: bool = False
    minutes: int = 0
    code: str = ""


class Generator:
    """Makes random blocks; ids and timer lengths are unique."""

    def __init__(self, seed: int, budget: int = 20) -> None:
        self.random = random.Random(seed)
        self.number = 0
        self.budget = budget
        self.plain = 0
        """Above 0: no joins, for branches of which several may run at once in one process instance."""

    def id(self, letter: str) -> str:
        self.number += 1
        return f"{letter}{self.number}"

    def minutes(self) -> int:
        self.number += 1
        return self.random.randrange(10, 5000) * 100 + self.number

    def diagram(self) -> Block:
        """Return a whole process: a few blocks one after the other."""
        return Block("seq", "", [self.block(1) for _ in range(3)])

    def block(self, depth: int = 0, in_sub: str = "") -> Block:
        self.budget -= 1
        kinds = ["task"] * 4 + ["multi", "wait", "timer"]
        if depth < 4 and self.budget > 0:
            kinds += ["seq"] * 4 + [
                "xor",
                "or",
                "and",
                "and",
                "or",
                "loop",
                "loop",
                "sub",
                "sub",
                "ebg",
                "multisub",
            ]
        kind = self.random.choice([kind for kind in kinds if not self.plain or kind not in ("or", "and")])
        made: Block = getattr(self, f"_{kind}")(depth, in_sub)
        return made

    def _attach(self, depth: int) -> list[Attached]:
        found = []
        while self.random.random() < 0.35 and self.budget > 0:
            minutes = self.minutes() if self.random.random() < 0.5 else 0
            interrupting = self.random.random() < 0.5
            self.plain += not interrupting
            handler = self.block(depth + 2)
            self.plain -= not interrupting
            found.append(Attached(self.id("b"), minutes, interrupting, handler))
        return found

    def _task(self, depth: int, _: str) -> Block:
        return Block("task", self.id("t"), attached=self._attach(depth))

    def _multi(self, depth: int, _: str) -> Block:
        attached = self._attach(depth)
        sequential = self.random.random() < 0.5
        return Block(
            "task", self.id("m"), attached=attached, items=self.random.randint(1, 3), sequential=sequential
        )

    def _wait(self, depth: int, _: str) -> Block:
        return Block("wait", self.id("w"))

    def _timer(self, depth: int, _: str) -> Block:
        return Block("timer", self.id("i"), minutes=self.minutes())

    def _seq(self, depth: int, in_sub: str) -> Block:
        return Block("seq", "", [self.block(depth + 1, in_sub) for _ in range(self.random.randint(2, 3))])

    def _branches(self, depth: int, in_sub: str = "") -> list[Block]:
        return [self.block(depth + 1, in_sub) for _ in range(self.random.randint(2, 3))]

    def _xor(self, depth: int, in_sub: str) -> Block:
        branches = self._branches(depth, in_sub)
        if in_sub:
            branches.insert(0, Block("error", self.id("e"), code=in_sub))
        return Block("xor", self.id("x"), branches)

    def _or(self, depth: int, _: str) -> Block:
        return Block("or", self.id("o"), self._branches(depth))

    def _and(self, depth: int, _: str) -> Block:
        return Block("and", self.id("a"), self._branches(depth))

    def _loop(self, depth: int, _: str) -> Block:
        return Block("loop", self.id("l"), [self.block(depth + 1)])

    def _ebg(self, depth: int, _: str) -> Block:
        parts = []
        for _number in range(self.random.randint(2, 3)):
            minutes = self.minutes() if self.random.random() < 0.5 else 0
            parts.append((self.id("v"), minutes, self.block(depth + 1)))
        return Block("ebg", self.id("g"), parts)

    def _sub(self, depth: int, _: str) -> Block:
        code = self.id("c") if self.random.random() < 0.5 else ""
        outside, self.plain = self.plain, 0
        body = self.block(depth + 1, code)
        self.plain = outside
        made = Block("sub", self.id("s"), [body], attached=self._attach(depth), code=code)
        if code:
            made.parts.append(self.block(depth + 2))  # the handler of the error
        return made

    def _multisub(self, depth: int, _: str) -> Block:
        made = self._sub(depth, "")
        made.items, made.sequential = self.random.randint(1, 2), self.random.random() < 0.5
        return made


# ---------------------------------------------------------------- blocks to BPMN


class Writer:
    """Writes a block as BPMN; every block has one entry node and one exit node."""

    def __init__(self) -> None:
        self.builder = Builder()
        self.number = 0

    def diagram(self, block: Block) -> bytes:
        process = self.builder.process()
        process.start("begin")
        process.end("finish")
        entry, leave = self.write(process, block, ())
        process.flow("begin", entry)
        if leave:
            process.flow(leave, "finish")
        return self.builder.xml()

    def _fresh(self, letter: str) -> str:
        self.number += 1
        return f"{letter}_{self.number}"

    def _key(self, items: tuple[str, ...]) -> dict[str, str]:
        return {"zz:key": '="k"' + "".join(f' + "/" + string({name})' for name in items)}

    def _gather(self, scope: Scope, leaves: list[str], kind: str, gate: str) -> str:
        scope.gateway(kind, gate)
        for leave in leaves:
            if leave:
                scope.flow(leave, gate)
        return gate

    def write(self, scope: Scope, block: Block, items: tuple[str, ...]) -> tuple[str, str]:
        entry, leave = getattr(self, f"_{block.kind}")(scope, block, items)
        return entry, leave

    def _seq(self, scope: Scope, block: Block, items: tuple[str, ...]) -> tuple[str, str]:
        ends = [self.write(scope, part, items) for part in block.parts]
        for (_, leave), (entry, _) in pairwise(ends):
            scope.flow(leave, entry)
        return ends[0][0], ends[-1][1]

    def _loop_mark(self, block: Block) -> str:
        if not block.items:
            return ""
        listed = "[" + ", ".join(str(n) for n in range(1, block.items + 1)) + "]"
        return multi(listed, f"i_{block.id}", sequential=block.sequential)

    def _task(self, scope: Scope, block: Block, items: tuple[str, ...]) -> tuple[str, str]:
        inside = (*items, f"i_{block.id}") if block.items else items
        scope.user(block.id, self._loop_mark(block), props={"items": ",".join(inside)})
        return self._border(scope, block, items)

    def _border(
        self, scope: Scope, block: Block, items: tuple[str, ...], more: list[str] | None = None
    ) -> tuple[str, str]:
        leaves = [block.id, *(more or [])]
        for event in block.attached:
            cancel = "true" if event.interrupting else "false"
            if event.minutes:
                scope.timer(
                    "boundary",
                    event.id,
                    f"minutes({event.minutes})",
                    attachedToRef=block.id,
                    cancelActivity=cancel,
                )
            else:
                scope.message(
                    "boundary",
                    event.id,
                    "m",
                    attachedToRef=block.id,
                    cancelActivity=cancel,
                    props=self._key(items),
                )
            inside = (*items, f"i_{event.id}") if event.counted else items
            entry, leave = self.write(scope, event.handler, inside)
            scope.flow(event.id, entry)
            if event.interrupting:
                leaves.append(leave)
            else:
                scope.flow(leave, scope.end(self._fresh("end")))
        if len(leaves) == 1:
            return block.id, block.id
        return block.id, self._gather(scope, leaves, "exclusive", self._fresh("merge"))

    def _wait(self, scope: Scope, block: Block, items: tuple[str, ...]) -> tuple[str, str]:
        return (scope.message("catch", block.id, "m", props=self._key(items)),) * 2

    def _timer(self, scope: Scope, block: Block, items: tuple[str, ...]) -> tuple[str, str]:
        return (scope.timer("catch", block.id, f"minutes({block.minutes})"),) * 2

    def _error(self, scope: Scope, block: Block, items: tuple[str, ...]) -> tuple[str, str]:
        return scope.coded("endEvent", block.id, "error", block.code), ""

    def _decide(self, scope: Scope, block: Block, kind: str, items: tuple[str, ...]) -> str:
        scope.user(f"{block.id}_ask", props={"items": ",".join(items)})
        scope.gateway(kind, block.id, default=f"{block.id}_default")
        scope.flow(f"{block.id}_ask", block.id)
        return f"{block.id}_ask"

    def _xor(self, scope: Scope, block: Block, items: tuple[str, ...]) -> tuple[str, str]:
        entry = self._decide(scope, block, "exclusive", items)
        leaves = []
        for number, part in enumerate(block.parts):
            begin, leave = self.write(scope, part, items)
            last = number == len(block.parts) - 1
            scope.flow(
                block.id,
                begin,
                "" if last else f"c_{block.id} = {number}",
                f"{block.id}_default" if last else "",
            )
            leaves.append(leave)
        return entry, self._gather(scope, leaves, "exclusive", f"{block.id}_join")

    def _or(self, scope: Scope, block: Block, items: tuple[str, ...]) -> tuple[str, str]:
        entry = self._decide(scope, block, "inclusive", items)
        leaves = []
        for number, part in enumerate(block.parts):
            begin, leave = self.write(scope, part, items)
            last = number == len(block.parts) - 1
            condition = "" if last else f"list contains(c_{block.id}, {number})"
            scope.flow(block.id, begin, condition, f"{block.id}_default" if last else "")
            leaves.append(leave)
        return entry, self._gather(scope, leaves, "inclusive", f"{block.id}_join")

    def _and(self, scope: Scope, block: Block, items: tuple[str, ...]) -> tuple[str, str]:
        scope.gateway("parallel", block.id)
        leaves = []
        for part in block.parts:
            begin, leave = self.write(scope, part, items)
            scope.flow(block.id, begin)
            leaves.append(leave)
        return block.id, self._gather(scope, leaves, "parallel", f"{block.id}_join")

    def _loop(self, scope: Scope, block: Block, items: tuple[str, ...]) -> tuple[str, str]:
        begin, leave = self.write(scope, block.parts[0], items)
        entry = self._gather(scope, [], "exclusive", f"{block.id}_again")
        ask = self._decide(scope, block, "exclusive", items)
        scope.chain(entry, begin)
        scope.chain(leave, ask)
        scope.flow(block.id, entry, f"c_{block.id} = 1")
        leave = scope.gateway("exclusive", f"{block.id}_out")
        scope.flow(block.id, leave, "", f"{block.id}_default")
        return entry, leave

    def _ebg(self, scope: Scope, block: Block, items: tuple[str, ...]) -> tuple[str, str]:
        scope.gateway("eventBased", block.id)
        leaves = []
        for event_id, minutes, part in block.parts:
            if minutes:
                scope.timer("catch", event_id, f"minutes({minutes})")
            else:
                scope.message("catch", event_id, "m", props=self._key(items))
            begin, leave = self.write(scope, part, items)
            scope.flow(block.id, event_id)
            scope.flow(event_id, begin)
            leaves.append(leave)
        return block.id, self._gather(scope, leaves, "exclusive", f"{block.id}_join")

    def _sub(self, scope: Scope, block: Block, items: tuple[str, ...]) -> tuple[str, str]:
        inner = scope.sub(block.id)
        inner.start(f"{block.id}_begin")
        inside = (*items, f"i_{block.id}") if block.items else items
        begin, leave = self.write(inner, block.parts[0], inside)
        inner.flow(f"{block.id}_begin", begin)
        inner.end(f"{block.id}_end")
        if leave:
            inner.flow(leave, f"{block.id}_end")
        scope.close(inner, self._loop_mark(block))
        leaves = []
        if block.code:
            scope.coded("boundary", f"{block.id}_caught", "error", block.code, attachedToRef=block.id)
            entry, leave = self.write(scope, block.parts[1], items)
            scope.flow(f"{block.id}_caught", entry)
            leaves.append(leave)
        return self._border(scope, block, items, leaves)


# ---------------------------------------------------------------- the interpreter

Values = dict[str, int]
Done = Callable[[Values], None]


class Group:
    """Things that die together."""

    def __init__(self, parent: Group | None = None) -> None:
        self.parent = parent
        self.killed = False

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
                self.run(event.handler, room, group, context, values, done)
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
            done({**values, written_by(id_, context): self.writes}, answer)

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
            self.run(block.parts[1], room, group, context, values, done)

        def one(own: Any, given: Values, finished: Done) -> None:
            caught = {**room.caught, **({block.code: failed} if block.code else {})}
            inner = Room(Group(inside), finished, given, caught)
            self.run(block.parts[0], inner, inner.group, own, given, inner.leave)

        self._arm(block, room, group, inside, context, values, done)
        self._instances(block, inside, context, values, one, finish)
