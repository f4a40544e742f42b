"""The compiler's view of one expression: compiles nodes, counts their weight, makes errors with a place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from zuozhen.feel import syntax
from zuozhen.feel.frame import Evaluator, Handler
from zuozhen.feel.limits import MAX_TREE_DEPTH
from zuozhen.feel.tokens import mistake
from zuozhen.model.errors import FeelError


class Unit:
    """Compiles the nodes of one expression with the given handlers, one per node type."""

    def __init__(self, text: str, handlers: Mapping[type[syntax.Node], Handler]) -> None:
        self.text = text
        self.handlers = handlers
        self.depth = 0
        self.weight = 0
        """Nodes compiled so far; the difference before and after a loop's body is what one round costs."""
        self.scopes = 0
        """How many constructs that bind names surround the node; 0 allows the short way to variables."""

    def compile(self, node: syntax.Node) -> Evaluator:
        """Return the closure of ``node``."""
        self.depth += 1
        self.weight += 1
        if self.depth > MAX_TREE_DEPTH:
            raise mistake(self.text, node.position, "表达式嵌套太深", hint="请拆成几个表达式")
        evaluator = self.handlers[type(node)](node, self)
        self.depth -= 1
        return evaluator

    def compile_inner(self, node: syntax.Node) -> tuple[Evaluator, int]:
        """Return the closure of a body that sees inner names, and the weight of one round of it."""
        before = self.weight
        with self.inside():
            evaluator = self.compile(node)
        return evaluator, self.weight - before

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Mark that names bound by a surrounding construct are visible."""
        self.scopes += 1
        yield
        self.scopes -= 1

    def error(self, node: syntax.Node, what: str, *, hint: str = "") -> FeelError:
        """Return (not raise) an error at ``node``."""
        return mistake(self.text, node.position, what, hint=hint)
