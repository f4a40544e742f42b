"""The same question asked twice: a variable set where a condition holds is there where it is asked again.

For each condition that several gateways ask, the analysis of :mod:`assignment` is carried on in two worlds: one
in which it holds and one in which it does not. A flow that the world forbids is not gone there, and a flow that
says the world is real may use what is known in it. Once something the condition reads may have changed, a world
knows no more than the ordinary analysis. It is only asked where that has found something missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from zuozhen.engine.lint.assignment import Problem, Solution, Solver
from zuozhen.engine.lint.drawing import Drawing, Flow, Node
from zuozhen.engine.lint.expressions import compiled
from zuozhen.engine.lint.flows import CHOOSING
from zuozhen.engine.lint.messages import payload_names
from zuozhen.feel import Expression, parse, syntax

MAX_WORLDS = 60


@dataclass(eq=False, slots=True)
class World:
    """``agree`` are the flows that are taken only in it, ``deny`` those that are never taken in it."""

    names: frozenset[str]
    agree: frozenset[Flow]
    deny: frozenset[Flow]
    before: dict[Node, int] = field(default_factory=dict)
    after: dict[Node, int] = field(default_factory=dict)
    mask: int = 0
    """The bits of what its condition reads."""


def refine(drawing: Drawing, problem: Problem, bits: dict[str, int]) -> Solution | None:
    """Return the solution with what repeated conditions tell; ``None`` if no condition is asked again."""
    worlds = list(_worlds(drawing))[:MAX_WORLDS]
    if not worlds:
        return None
    for world in worlds:
        for name in world.names:
            world.mask |= bits.get(name, 0)
    return _Refined(drawing, problem, worlds, bits).run()


class _Refined(Solver):
    def __init__(self, drawing: Drawing, problem: Problem, worlds: list[World], bits: dict[str, int]) -> None:
        super().__init__(drawing, problem)
        self.worlds = worlds
        self.solution.flows = self.certain = dict(problem.taken)
        for world in worlds:
            world.before = dict.fromkeys(drawing.nodes, problem.everything)
            world.after = dict.fromkeys(drawing.nodes, problem.everything)
        for flow in {flow for world in worlds for flow in world.agree}:
            self._tell(flow)
        self.changes = self._changes(bits)

    def spread(self) -> bool:
        """Pass over all nodes in all worlds until they agree."""
        changed, again = False, True
        while again:
            again = False
            for node in self.drawing.nodes:
                again = self._step(node) or again
            changed = changed or again
        return changed

    def _step(self, node: Node) -> bool:
        solution = self.solution
        before = self.entering(node)
        after = self.leaving(node, before)
        changed = (before, after) != (solution.before[node], solution.after[node])
        solution.before[node], solution.after[node] = before, after
        within = solution.within[node]
        for world in self.worlds:
            known = self._entering_in(world, node)
            left = after if self.changes[node] & world.mask else self.leaving(node, known)
            if (known, left) != (world.before[node], world.after[node]):
                world.before[node], world.after[node] = known, left
                changed = True
                for flow in node.outgoing:
                    self._tell(flow)
        solution.within[node] = within
        return changed

    def _tell(self, flow: Flow) -> None:
        """Let a flow know what is known in the worlds that it proves."""
        known = self.problem.taken.get(flow, 0)
        for world in self.worlds:
            if flow in world.agree and flow.source is not None:
                known |= world.after[flow.source]
        if known:
            self.certain[flow] = known

    def _entering_in(self, world: World, node: Node) -> int:
        if node.kind == "startEvent":
            around = node.scope.node
            return (
                self.entering(node) if around is None else world.before[around] | self.effects[around].inside
            )
        if node.kind == "boundaryEvent":
            ordinary = self.entering(node)
            still = node.host is not None and not self.changes[node.host] & world.mask
            return ordinary | world.before[node.host] if still and node.host is not None else ordinary
        joins = node.kind in ("parallelGateway", "inclusiveGateway") and len(node.incoming) > 1
        if joins or not node.incoming:
            return self.entering(node)
        known = self.problem.everything
        for flow in node.incoming:
            if flow.source is not None and flow not in world.deny:
                known &= world.after[flow.source] | self.solution.along(flow)
        return known

    def _changes(self, bits: dict[str, int]) -> dict[Node, int]:
        """Return what a node may give another value, sub-processes and calls with everything inside."""
        found: dict[Node, int] = {}
        for node in self.drawing.nodes:
            effect = self.effects[node]
            found[node] = effect.fills | effect.empties | effect.sets | effect.leaves | effect.inside
            for thrower in self.catches.get(node, ()):
                for name in payload_names(thrower):
                    found[node] |= bits.get(name, 0)
        again = True
        while again:
            again = False
            for node in self.drawing.nodes:
                inside = self.inside(node)
                whole = found[node]
                for each in inside.nodes if inside is not None else ():
                    whole |= found[each]
                if whole != found[node]:
                    found[node], again = whole, True
        return found


def _worlds(drawing: Drawing) -> Iterator[World]:
    """Give the worlds of every condition that more than one gateway has something to say about."""
    asked: dict[str, list[Flow]] = {}
    expressions: dict[str, Expression] = {}
    for flow in drawing.flows:
        if flow.condition and flow.source is not None and flow.source.kind in CHOOSING:
            expression = compiled(flow.condition)
            if expression is not None and expression.names and not expression.functions - {"not"}:
                text = " ".join(flow.condition.lstrip("=").split())
                asked.setdefault(text, []).append(flow)
                expressions[text] = expression
    for text, flows in asked.items():
        yes = set(flows)
        no = {other for flow in flows for other in _against(flow)}
        no |= {flow for other in asked if _excludes(text, other) for flow in asked[other]}
        no -= yes
        if len({flow.source for flow in yes | no}) > 1:
            names = frozenset(expressions[text].names)
            yield World(names, frozenset(yes), frozenset(no))
            yield World(names, frozenset(no), frozenset(yes))


def _against(flow: Flow) -> Iterator[Flow]:
    """Give the flows of the same gateway that are taken only if the condition of ``flow`` does not hold."""
    source = flow.source
    if source is None:
        return
    default = source.element.get("default")
    later = False
    for other in source.outgoing:
        later = later or other is flow
        if other is not flow and (
            (other.id and other.id == default) or (later and source.kind == "exclusiveGateway")
        ):
            yield other


def _excludes(text: str, other: str) -> bool:
    """Tell whether two conditions ask one variable for different values."""
    one, two = _value(text), _value(other)
    return one is not None and two is not None and one[0] == two[0] and one[1] != two[1]


def _value(text: str) -> tuple[str, object] | None:
    node = parse(text)
    if isinstance(node, syntax.Compare) and node.operator == "=" and isinstance(node.left, syntax.Name):
        constant = node.right
        if isinstance(constant, syntax.Constant) and constant.value is not None:
            return node.left.name, constant.value
    return None
