"""Definite assignment: which variables are set on every way to a node, as data-flow over the drawing.

Each name is one bit. A token carries its own variables: where ways meet without a join a name must have come
along on each of them, a parallel join brings together what its branches know. A boundary event knows what was
set before its activity began. A called process begins with what every caller knows, and gives back what is set
by the time it has come to its end, whichever way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from zuozhen.engine.lint.drawing import Drawing, Flow, Node, Scope
from zuozhen.engine.lint.events import throwers_of
from zuozhen.engine.lint.messages import catches_of

_CHOOSING = frozenset({"exclusiveGateway", "inclusiveGateway", "eventBasedGateway"})

MAX_ROUNDS = 60
"""Rounds over the whole drawing; each can only take names away, so a few are enough for any real one."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What passing a node does: its form ``fills`` names and may leave those of ``empties`` without a value,
    its output parameters then ``sets`` some, and ``leaves`` are set when it is left, done or passed.

    ``inside`` are the names that exist only within the activity, ``passed`` says that it may be left out (a
    multi-instance activity over an empty list).
    """

    fills: int = 0
    empties: int = 0
    sets: int = 0
    leaves: int = 0
    inside: int = 0
    passed: bool = False


@dataclass(slots=True)
class Problem:
    """The question put to :func:`solve`.

    ``known`` are the names that every case begins with. ``effect`` tells what a node does by itself, ``begun``
    what the form of a plain start gives to a case that begins there, ``taken`` what is certain after a flow
    because of its condition, ``carried`` what a message of a thrower brings, among the names it knows.
    """

    everything: int
    known: int
    effect: Callable[[Node], Effect]
    begun: Callable[[Node], int]
    taken: Mapping[Flow, int]
    carried: Callable[[Node, int], int]
    started: frozenset[str]
    """Ids of processes that are started by themselves although others call them."""


@dataclass(slots=True)
class Solution:
    """``before`` and ``after``: the names set whenever a token enters a node, and when it leaves it."""

    before: dict[Node, int]
    after: dict[Node, int]
    within: dict[Node, int]
    """The names set when the work of a node is done, before its output parameters."""
    received: dict[Node, int]
    """The names that the messages of a catching node always bring."""
    callers: Mapping[str, Sequence[Node]]
    """The call activities of each process."""
    flows: Mapping[Flow, int]
    """The names certain on a flow beyond those after its source."""

    def along(self, flow: Flow) -> int:
        """Return the names set on a flow."""
        if flow.source is None:
            return 0
        return self.after[flow.source] | self.flows.get(flow, 0)


def solve(drawing: Drawing, problem: Problem) -> Solution:
    """Return the greatest solution: a name is left out only where some way lacks it."""
    return Solver(drawing, problem).run()


class Solver:
    """Works the question out; :mod:`worlds` asks it more finely."""

    def __init__(self, drawing: Drawing, problem: Problem) -> None:
        self.drawing = drawing
        self.problem = problem
        everything = problem.everything
        nodes = drawing.nodes
        self.effects = {node: problem.effect(node) for node in nodes}
        self.solution = Solution(
            before=dict.fromkeys(nodes, everything),
            after=dict.fromkeys(nodes, everything),
            within=dict.fromkeys(nodes, everything),
            received={},
            callers=drawing.callers(),
            flows=problem.taken,
        )
        self.processes = {scope.id: scope for scope in drawing.processes}
        self.catches = catches_of(drawing)
        self.throwers = throwers_of(drawing)
        self.completions: dict[Scope, tuple[int, int]] = {}

    def run(self) -> Solution:
        """Repeat until nothing changes any more."""
        for _ in range(MAX_ROUNDS):
            self._receive()
            completed = dict(self.completions)
            for scope in reversed(self.drawing.scopes):  # what is inside comes first
                self.completions[scope] = self._completion(scope)
            if not self.spread() and completed == self.completions:
                break
        return self.solution

    def _receive(self) -> None:
        """Work out what each catching node always gets."""
        for node, throwers in self.catches.items():
            brought = self.problem.everything if throwers else 0
            for thrower in throwers:
                known = self.solution.before[thrower] | self.effects[thrower].inside
                brought &= self.problem.carried(thrower, known)
            self.solution.received[node] = brought

    def spread(self) -> bool:
        """Pass over all nodes until they agree; tell whether anything changed."""
        changed = False
        again = True
        while again:
            again = False
            for node in self.drawing.nodes:
                before = self.entering(node)
                after = self.leaving(node, before)
                if before != self.solution.before[node] or after != self.solution.after[node]:
                    self.solution.before[node], self.solution.after[node] = before, after
                    again = changed = True
        return changed

    # ------------------------------------------------------------ forward

    def entering(self, node: Node) -> int:
        """Return what is set when a token enters a node, by what is known so far."""
        if node.kind == "startEvent":
            return self._starting(node)
        if node.kind == "boundaryEvent":
            return self._beside(node)
        ways = [self.solution.along(flow) for flow in node.incoming if flow.source is not None]
        if not ways:
            return self.problem.everything  # It is not reached: another rule says so.
        together = 0 if node.kind == "parallelGateway" else self.problem.everything
        for known in ways:
            together = together | known if node.kind == "parallelGateway" else together & known
        return together

    def _starting(self, node: Node) -> int:
        scope = node.scope
        if scope.node is not None:
            return self.solution.before[scope.node] | self.effects[scope.node].inside
        callers = self.solution.callers.get(scope.id, ())
        if not callers or node.definitions:
            return self.problem.known
        known = self.problem.known if scope.id in self.problem.started else self.problem.everything
        for caller in callers:
            known &= self.solution.before[caller] | self.effects[caller].inside
        return known

    def _beside(self, node: Node) -> int:
        """A boundary event begins with what its activity began with; a thrown one with what led to the throw."""
        if node.host is None:
            return self.problem.everything
        known = self.solution.before[node.host]
        throwers = self.throwers.get(node, ()) if node.interrupting else ()
        thrown = self.problem.everything if throwers else 0
        for thrower in throwers:
            thrown &= self.solution.after[thrower]
        # A multi-instance activity that is cut short leaves behind what it has by then.
        left = self.effects[node.host].leaves if node.interrupting else 0
        return known | left | thrown & ~self.effects[node.host].inside

    def leaving(self, node: Node, before: int) -> int:
        """Return what is set when a token leaves a node that it entered with ``before``."""
        effect = self.effects[node]
        known = before | effect.inside
        inside = self.inside(node)
        if inside is not None:
            lacking, losing = self.completions.get(inside, (0, 0))
            known = (known & ~losing) | (self.problem.everything & ~lacking)
        if node.kind == "startEvent" and node.scope.node is None:
            known |= self._begun(node)
        known |= self.solution.received.get(node, 0)
        known = (known & ~effect.empties) | effect.fills
        self.solution.within[node] = known
        done = (known | effect.sets) & ~(effect.inside & ~before)
        return (before & done if effect.passed else done) | effect.leaves

    def inside(self, node: Node) -> Scope | None:
        """Return what runs while a sub-process or call activity is open."""
        if node.kind == "callActivity":
            return self.processes.get(node.element.get("calledElement") or "")
        return node.inner

    def _begun(self, node: Node) -> int:
        """A start form counts only where nobody calls the process: a called one shows none."""
        called = self.solution.callers.get(node.scope.id) and not node.definitions
        return 0 if called else self.problem.begun(node)

    # ------------------------------------------------------------ what is set when a scope has ended

    def _completion(self, scope: Scope) -> tuple[int, int]:
        """Return (names that may lack a value at the end, names that may have lost theirs by then)."""
        starts = [node for node in scope.starts if not node.definitions] or scope.starts
        ends = _Endings(self, scope)
        lacking = [ends.lacking.get(start, 0) for start in starts]
        losing = [ends.losing.get(start, 0) for start in starts]
        return _any(lacking), _any(losing)

    def gains(self, node: Node) -> tuple[int, int]:
        """Return (names that passing a node surely sets, names that it may leave without a value)."""
        effect = self.effects[node]
        sets = effect.fills | effect.sets | self.solution.received.get(node, 0)
        empties = effect.empties & ~effect.sets
        inside = self.inside(node)
        if inside is not None:
            lacking, losing = self.completions.get(inside, (0, 0))
            sets |= self.problem.everything & ~lacking
            empties |= losing & ~sets
        sets &= ~effect.inside
        return (effect.leaves if effect.passed else sets | effect.leaves), empties & ~effect.leaves


class _Endings:
    """Walks a scope backwards from its ends: which names may be without a value when nothing runs any more.

    A parallel split ends when all its branches have, so a name is lacking only if every branch can do without
    setting it; a terminating end stops the others wherever they are.
    """

    def __init__(self, solver: Solver, scope: Scope) -> None:
        self.everything = solver.problem.everything
        self.gains = {node: solver.gains(node) for node in scope.nodes}
        self.lacking: dict[Node, int] = {}
        self.losing: dict[Node, int] = {}
        self.stopping: dict[Node, int] = {}
        changed = True
        while changed:
            changed = False
            for node in reversed(scope.nodes):
                found = self._of(node)
                if found != (self.lacking.get(node), self.losing.get(node), self.stopping.get(node)):
                    self.lacking[node], self.losing[node], self.stopping[node] = found
                    changed = True

    def _of(self, node: Node) -> tuple[int, int, int]:
        sets, empties = self.gains[node]
        if node.kind == "endEvent":
            if node.definition("error") is not None:
                return 0, 0, 0  # It leaves by a boundary event.
            stopping = self.everything if node.definition("terminate") is not None else 0
            return self.everything & ~sets, empties, stopping & ~sets
        following = [flow.target for flow in node.outgoing if flow.target is not None]
        split = node.kind == "parallelGateway" or (len(following) > 1 and node.kind not in _CHOOSING)
        ahead = [self.lacking.get(each, 0) for each in following]
        stopping = _any(self.stopping.get(each, 0) for each in following)
        lacking = (_all(ahead, self.everything) if split else _any(ahead)) | stopping
        losing = _any(self.losing.get(each, 0) for each in following)
        left = (lacking & ~sets) | (losing & sets)
        lost = (lacking & empties) | (losing & ~empties)
        stopped = stopping & ~sets
        for event in node.boundary:
            if event.interrupting:
                left |= self.lacking.get(event, 0)
                lost |= self.losing.get(event, 0)
                stopped |= self.stopping.get(event, 0)
        return left, lost, stopped


def _any(masks: Iterable[int]) -> int:
    whole = 0
    for mask in masks:
        whole |= mask
    return whole


def _all(masks: Iterable[int], everything: int) -> int:
    whole = everything
    for mask in masks:
        whole &= mask
    return whole
