"""Which variables may have been set before a node: on one way at least (compare :mod:`assignment`)."""

from __future__ import annotations

from zuozhen.engine.lint.assignment import Problem
from zuozhen.engine.lint.drawing import Drawing, Node, Scope
from zuozhen.engine.lint.messages import catches_of


def reaching(drawing: Drawing, problem: Problem) -> dict[Node, int]:
    """Return by node the names that some way to it, or what a caller or sender knows, may have set."""
    processes = {scope.id: scope for scope in drawing.processes}
    catches = catches_of(drawing)
    gains = {node: _own(problem, node) for node in drawing.nodes}
    inner = {node: _inside(node, processes) for node in drawing.nodes}
    callers = drawing.callers()
    before = dict.fromkeys(drawing.nodes, 0)
    after = dict.fromkeys(drawing.nodes, 0)
    changed = True
    while changed:
        changed = False
        for node in drawing.nodes:
            known = problem.known if node.kind == "startEvent" else 0
            for flow in node.incoming:
                known |= after[flow.source] if flow.source is not None else 0
            if node.host is not None:
                known |= after[node.host]
            for call in (
                (node.scope.node, *callers.get(node.scope.id, ())) if node.kind == "startEvent" else ()
            ):
                known |= before[call] | problem.effect(call).inside if call is not None else 0
            done = known | gains[node]
            for thrower in catches.get(node, ()):
                done |= problem.carried(thrower, problem.everything)
            scope = inner[node]
            for each in scope.nodes if scope is not None else ():
                done |= after[each]
            if (known, done) != (before[node], after[node]):
                before[node], after[node] = known, done
                changed = True
    return before


def _own(problem: Problem, node: Node) -> int:
    effect = problem.effect(node)
    begun = problem.begun(node) if node.kind == "startEvent" and node.scope.node is None else 0
    return effect.fills | effect.empties | effect.sets | effect.leaves | begun


def _inside(node: Node, processes: dict[str, Scope]) -> Scope | None:
    if node.kind == "callActivity":
        return processes.get(node.element.get("calledElement") or "")
    return node.inner
