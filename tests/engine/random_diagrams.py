"""Random block-structured procedures, and how they are written as BPMN."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
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
