"""Which variables hold, on some way to a node, only what the last of several instances wrote."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from zuozhen.engine.lint.context import LintContext
from zuozhen.engine.lint.drawing import Drawing, Node, Scope, output_parameters, text_of
from zuozhen.engine.lint.expressions import collected_name, compiled, item_names, loop_of
from zuozhen.engine.lint.source import BPMN

Pairs: TypeAlias = frozenset[tuple[str, Node]]
"""Names with the multi-instance activity whose last instance wrote them."""

_NONE: Pairs = frozenset()


def last_votes(drawing: Drawing, context: LintContext) -> LastVotes:
    """Return the analysis of a drawing."""
    return LastVotes(drawing, context)


class LastVotes:
    """Forward over the drawing: what an activity of several writes stays theirs until somebody else writes it."""

    def __init__(self, drawing: Drawing, context: LintContext) -> None:
        self._context = context
        self._drawing = drawing
        self._processes = {scope.id: scope for scope in drawing.processes}
        self._callers = drawing.callers()
        self._made = {node: frozenset(self._makes(node)) for node in drawing.nodes}
        self._own = {node: frozenset(self._writes(node)) for node in drawing.nodes}
        self._before = dict.fromkeys(drawing.nodes, _NONE)
        self._after = dict.fromkeys(drawing.nodes, _NONE)
        if any(self._made.values()):
            self._spread()

    def before(self, node: Node) -> Pairs:
        """Return what a token that enters a node may bring."""
        return self._before[node]

    def after(self, node: Node | None) -> Pairs:
        """Return what a token that leaves a node may take along."""
        return _NONE if node is None else self._after[node]

    def own(self, node: Node) -> frozenset[str]:
        """Return what a node writes itself."""
        return self._own[node]

    def _writes(self, node: Node) -> Iterator[str]:
        if node.kind != "startEvent" or node.scope.node is None:
            yield from self._context.forms.get(node.camunda("formRef"), ())
        yield from (name for name, _ in output_parameters(node.element))

    def _makes(self, node: Node) -> Iterator[tuple[str, Node]]:
        """Give what the instances of an activity write, each its own value."""
        if loop_of(node) is None:
            return
        names = set(self._writes(node))
        for each in within(node):
            names.update(self._writes(each))
        # Ended by a condition on one field alone, the activity's last instance is the one that decided.
        names -= item_names(node) | _deciding(node)
        if node.kind != "userTask":
            names.discard(collected_name(node))
        yield from ((name, node) for name in names)

    def _spread(self) -> None:
        changed = True
        while changed:
            changed = False
            for node in self._drawing.nodes:
                before = self._entering(node)
                after = self._leaving(node, before)
                if before != self._before[node] or after != self._after[node]:
                    self._before[node], self._after[node] = before, after
                    changed = True

    def _entering(self, node: Node) -> Pairs:
        if node.kind == "startEvent":
            around = (node.scope.node, *self._callers.get(node.scope.id, ()))
            return _NONE.union(*(self._before[each] for each in around if each is not None))
        if node.host is not None:
            return self._before[node.host] | (self._made[node.host] if node.interrupting else _NONE)
        return _NONE.union(*(self.after(flow.source) for flow in node.incoming))

    def _leaving(self, node: Node, before: Pairs) -> Pairs:
        scope = self._inside(node)
        ends = [each for each in scope.nodes if each.kind == "endEvent"] if scope is not None else []
        inner = _NONE.union(*(self._after[each] for each in ends)) if ends else before
        kept = frozenset(pair for pair in inner if pair[0] not in self._own[node])
        made = self._made[node]
        if not made:
            return kept
        names = {name for name, _ in made}
        return frozenset(pair for pair in kept if pair[0] not in names) | made

    def _inside(self, node: Node) -> Scope | None:
        if node.kind == "callActivity":
            return self._processes.get(node.element.get("calledElement") or "")
        return node.inner


def within(node: Node) -> Iterator[Node]:
    """Iterate over the nodes in a sub-process, at any depth."""
    for each in node.inner.nodes if node.inner is not None else ():
        yield each
        yield from within(each)


def _deciding(node: Node) -> frozenset[str]:
    loop = loop_of(node)
    text = "" if loop is None else text_of(loop.find(f"{BPMN}completionCondition"))
    expression = compiled(text) if text else None
    return expression.names if expression is not None and len(expression.names) == 1 else frozenset()
