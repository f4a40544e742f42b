"""A process as a Petri net over bits: where tokens can be, and which moves they can make.

Every sequence flow and every running sub-process is one bit of an integer. Nodes that merely pass a
token on are fused with their flows, which keeps the number of markings small. Sub-processes are
flattened. A side path that starts at a non-interrupting event and never touches the path of its host
is independent of it and is kept as a net of its own start.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, combinations

from zuozhen.engine.lint.drawing import Flow, Node, Scope
from zuozhen.engine.lint.events import catcher
from zuozhen.engine.lint.source import GATEWAYS

MAX_COMBINATIONS = 16_384
"""Combinations of arriving and leaving branches over all inclusive gateways; beyond, no net is built."""

_ALL = -1
"""Every bit there is."""


@dataclass(frozen=True, slots=True)
class Move:
    """Takes the tokens ``take``, wipes ``wipe``, puts ``put``.

    ``quiet`` must hold no token; ``exception`` is the interrupting boundary event behind the move.
    """

    take: int
    put: int
    wipe: int = 0
    quiet: int = 0
    exception: Node | None = None
    join: Node | None = None
    """The gateway that brings several branches together by this move."""
    sure: bool = True
    """Whether the move will come: nobody needs to act out of turn, no message needs to arrive."""
    end: Node | None = None
    """The end event that takes the token away."""
    timid: bool = False
    """Whether the move is not made where it would put a second token (a reminder is sent once at a time)."""


@dataclass(slots=True)
class Net:
    """``moves`` by the bit they take first; ``starts`` are the markings to explore from."""

    starts: list[int] = field(default_factory=list)
    moves: dict[int, list[Move]] = field(default_factory=dict)
    targets: dict[int, Node] = field(default_factory=dict)
    """The node in front of which a token on this bit stands."""
    places: dict[Flow, int] = field(default_factory=dict)
    waits: int = 0
    """Bits on which a token only waits for somebody to stop everything by hand."""
    joins: dict[Node, int] = field(default_factory=dict)
    """Gateways that wait for several branches, with the bits they wait on."""


def build(process: Scope) -> Net | None:
    """Build the net of a process, ``None`` if its inclusive gateways are too wide."""
    builder = _Builder(process)
    inclusive = (node for node in builder.nodes if node.kind == "inclusiveGateway")
    if sum(2 ** (len(node.incoming) + len(node.outgoing)) for node in inclusive) > MAX_COMBINATIONS:
        return None
    builder.add_moves()
    return builder.net


class _Builder:
    def __init__(self, process: Scope) -> None:
        self.net = Net()
        self.scopes = [process]
        for scope in self.scopes:  # grows while it is walked: sub-processes of sub-processes
            self.scopes += [node.inner for node in scope.nodes if node.inner is not None]
        self.nodes = [node for scope in self.scopes for node in scope.nodes]
        self.running: dict[Scope, int] = {}
        self.bits = self.net.places
        self.inside: dict[Scope, int] = {}
        self._name_bits()
        self.homes = self._homes()
        self.net.waits = _union(bit for bit, node in self.net.targets.items() if only_stops(node))

    def add_moves(self) -> None:
        """Add the moves of every node."""
        for node in self.nodes:
            for move in self._moves(node):
                lowest = move.take & -move.take
                self.net.moves.setdefault(lowest, []).append(move)

    # ------------------------------------------------------------ places

    def _name_bits(self) -> None:
        next_bit = 1
        for scope in self.scopes:
            if scope.node is not None:
                self.running[scope] = next_bit
                self.net.targets[next_bit] = scope.node
                next_bit <<= 1
            for flow in scope.flows:
                last = _last_of_chain(flow)
                if last not in self.bits:
                    self.bits[last] = next_bit
                    if last.target is not None:
                        self.net.targets[next_bit] = last.target
                    next_bit <<= 1
                self.bits[flow] = self.bits[last]
        for scope in reversed(self.scopes):
            inner = [node.inner for node in scope.nodes if node.inner is not None]
            self.inside[scope] = _union(
                [self.bits[flow] for flow in scope.flows]
                + [self.inside[each] | self.running[each] for each in inner]
            )

    def _out(self, node: Node) -> int:
        return _union(self.bits[flow] for flow in node.outgoing)

    def _begin(self, scope: Scope) -> int:
        return _union(self._out(node) for node in scope.starts)

    # ------------------------------------------------------------ paths apart

    def _homes(self) -> dict[Node, bool]:
        """Tell of each non-interrupting event whether its path touches its host's; note the starts."""
        process = self.scopes[0]
        self.net.starts = [self._out(node) for node in process.starts]
        main = self._region(self.net.starts)
        sides = [node for node in self.nodes if node.host is not None and not node.interrupting]
        regions = {node: self._region([self._out(node)]) for node in sides}
        together: dict[Node, bool] = {}
        for event, region in regions.items():
            host = _union(self.bits[flow] for flow in event.host.incoming) if event.host else 0
            around = [each for each in (main, *regions.values()) if each & host]
            together[event] = any(each & region for each in around)
            if not together[event]:
                self.net.starts.append(self._out(event))
        return together

    def _region(self, markings: Iterable[int]) -> int:
        """Return every bit that tokens on ``markings`` can reach without non-interrupting events."""
        seen = 0
        stack = list(markings)
        while stack:
            fresh = stack.pop() & ~seen
            seen |= fresh
            for bit in bits_of(fresh):
                node = self.net.targets.get(bit)
                if node is not None:
                    stack.append(self._ahead(node))
        return seen

    def _ahead(self, node: Node) -> int:
        ahead = self._out(node) | _union(self._out(event) for event in node.boundary if event.interrupting)
        if node.inner is not None:
            ahead |= self._begin(node.inner) | self.running[node.inner]
        return ahead

    # ------------------------------------------------------------ moves

    def _moves(self, node: Node) -> Iterator[Move]:
        ways_in = sorted({self.bits[flow] for flow in node.incoming})
        if node.kind in GATEWAYS:
            yield from self._gateway(node, ways_in)
            return
        if node.inner is not None:
            yield from self._sub_process(node, node.inner, ways_in)
            return
        for bit in ways_in:
            if self._fused(node, bit):
                continue
            yield self._throwing(node, bit)
            yield from self._interruptions(node, bit, 0)

    def _fused(self, node: Node, bit: int) -> bool:
        return len(node.outgoing) == 1 and self.bits[node.outgoing[0]] == bit and _passes(node)

    def _gateway(self, node: Node, ways_in: list[int]) -> Iterator[Move]:
        join = None
        if node.kind in ("parallelGateway", "inclusiveGateway") and len(ways_in) > 1:
            join = node
            self.net.joins[node] = _union(ways_in)
        outs = [self.bits[flow] for flow in node.outgoing]
        if node.kind == "parallelGateway":
            if ways_in:
                yield Move(_union(ways_in), _union(outs), join=join)
        elif node.kind == "inclusiveGateway":
            for take, quiet in self._inclusive_arrivals(node, ways_in):
                for chosen in _choices(outs):
                    yield Move(take, _union(chosen), quiet=quiet, join=join)
        else:
            yield from (Move(bit, out) for bit in ways_in for out in outs or [0] if out != bit)

    def _inclusive_arrivals(self, node: Node, ways_in: list[int]) -> Iterator[tuple[int, int]]:
        """Give every set of arrived tokens with the bits from which another one could still arrive."""
        sources = self._sources(node)
        upstream = {bit: _upstream(bit, sources) for bit in ways_in}
        everything = _union(ways_in)
        for arrived in _choices(ways_in):
            take = _union(arrived)
            coming = _union(upstream[bit] for bit in ways_in if bit not in arrived)
            # A token that can also reach an arrived branch is not waited for (BPMN 2.0.2, table 13.3).
            beside = _union(upstream[bit] for bit in arrived)
            yield take, (coming & ~beside & ~everything) | (everything & ~take)

    def _sources(self, join: Node) -> dict[int, set[int]]:
        """Map every bit to the bits one node before it, going round ``join``."""
        sources: dict[int, set[int]] = {}
        for node in self.nodes:
            if node is join:
                continue
            before = {self.bits[flow] for flow in (node.host or node).incoming}
            inner = (node.host or node).inner
            if inner is not None:
                before |= set(bits_of(self.inside[inner] | self.running[inner]))
            for flow in node.outgoing:
                sources.setdefault(self.bits[flow], set()).update(before)
        return sources

    def _sub_process(self, node: Node, inner: Scope, ways_in: list[int]) -> Iterator[Move]:
        running = self.running[inner]
        for bit in ways_in:
            yield Move(bit, running | self._begin(inner))
        yield Move(running, self._out(node), quiet=self.inside[inner])
        yield from self._interruptions(node, running, self.inside[inner])

    def _interruptions(self, host: Node, bit: int, inside: int) -> Iterator[Move]:
        for event in host.boundary:
            thrown = event.definition("error") is not None or event.definition("escalation") is not None
            if thrown and host.kind != "callActivity":
                continue  # Happens only where an inner event throws it.
            if event.interrupting:
                yield Move(bit, self._out(event), wipe=inside, exception=event)
            elif self.homes.get(event):
                yield Move(bit, bit | self._out(event), timid=True)

    def _throwing(self, node: Node, bit: int) -> Move:
        """Give the move of an event that ends, or that throws something to an enclosing sub-process."""
        scope = node.scope
        end = node if node.kind == "endEvent" else None
        if node.definition("terminate") is not None:
            if scope.node is None:
                return Move(bit, 0, wipe=_ALL)
            return Move(bit, self.running[scope], wipe=self.inside[scope] | self.running[scope])
        onward = self._out(node)
        for kind in ("error", "escalation"):
            if node.definition(kind) is None:
                continue
            event = catcher(node, kind, node.code)
            if event is not None and event.host is not None and event.host.inner is not None:
                if not event.interrupting:
                    return Move(bit, onward | (self._out(event) if self.homes[event] else 0), end=end)
                left = event.host.inner
                return Move(bit, self._out(event), wipe=self.inside[left] | self.running[left])
            if kind == "error":
                return Move(bit, 0, wipe=_ALL)
        return Move(bit, onward, sure=not _may_never_come(node), end=end)


def _upstream(bit: int, sources: Mapping[int, set[int]]) -> int:
    """Return every bit from which a token can come to ``bit``."""
    seen = 0
    stack = [bit]
    while stack:
        for source in sources.get(stack.pop(), ()):
            if not seen & source:
                seen |= source
                stack.append(source)
    return seen


def _may_never_come(node: Node) -> bool:
    """Tell whether a node waits for a message or an act by hand."""
    waits = node.kind == "intermediateCatchEvent" and node.definition("message") is not None
    return waits or node.kind == "receiveTask"


def _is_act(node: Node) -> bool:
    return _may_never_come(node) and bool(node.properties.get("zz:trigger"))


def only_stops(node: Node) -> bool:
    """Tell whether a node only waits for an act by hand that ends everything.

    Such a wait (the withdrawal beside a procedure) is nobody's duty: once all else has ended, it keeps the
    case open for ever.
    """
    waits = [flow.target for flow in node.outgoing] if node.kind == "eventBasedGateway" else [node]
    if not waits or not all(each is not None and _is_act(each) for each in waits):
        return False
    seen: set[Node] = set()
    stack = [node]
    while stack:
        here = stack.pop()
        if here in seen:
            continue
        seen.add(here)
        if here.kind == "endEvent" and not {"terminate", "error"} & here.by_kind.keys():
            return False
        if here.kind in ("parallelGateway", "inclusiveGateway") and len(here.incoming) > 1:
            return False
        stack += [flow.target for flow in here.outgoing if flow.target is not None]
        stack += [event for event in here.boundary if event.interrupting]
    return any(each.kind == "endEvent" for each in seen)


def _passes(node: Node) -> bool:
    """Tell whether a node just passes its token on, so that both its flows are the same place."""
    if len(node.incoming) != 1 or len(node.outgoing) != 1 or node.boundary or node.inner is not None:
        return False
    if node.kind in GATEWAYS:
        return node.kind == "exclusiveGateway"
    return node.definition("escalation") is None and not _may_never_come(node)


def _last_of_chain(flow: Flow) -> Flow:
    seen = {flow}
    while flow.target is not None and _passes(flow.target):
        flow = flow.target.outgoing[0]
        if flow in seen:
            break
        seen.add(flow)
    return flow


def _choices(bits: list[int]) -> Iterator[tuple[int, ...]]:
    """Give every non-empty selection."""
    return chain.from_iterable(combinations(bits, size) for size in range(1, len(bits) + 1))


def _union(bits: Iterable[int]) -> int:
    whole = 0
    for bit in bits:
        whole |= bit
    return whole


def bits_of(marking: int) -> Iterator[int]:
    """Give the bits of a marking one by one."""
    while marking:
        lowest = marking & -marking
        yield lowest
        marking ^= lowest
