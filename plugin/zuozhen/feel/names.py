"""What an expression reads: the linter compares these names with form fields and known functions."""

from __future__ import annotations

from dataclasses import dataclass, field

from zuozhen.feel import syntax


@dataclass(slots=True)
class Reading:
    """Names read and functions called, collected from a syntax tree.

    ``item_names`` are read inside filters only, where they may be entries of the list's items; ``whole`` are
    names of which not only an entry is read.
    """

    names: set[str] = field(default_factory=set)
    sure: set[str] = field(default_factory=set)
    functions: dict[str, syntax.Node] = field(default_factory=dict)
    paths: set[str] = field(default_factory=set)
    whole: set[str] = field(default_factory=set)

    @property
    def item_names(self) -> set[str]:
        """Names that need not be variables."""
        return self.names - self.sure


def read(node: syntax.Node) -> Reading:
    """Return what the tree reads from outside."""
    reading = Reading()
    _visit(node, frozenset(), False, reading)
    return reading


def _visit(node: syntax.Node, bound: frozenset[str], filtered: bool, reading: Reading) -> None:
    if isinstance(node, syntax.Name):
        _note(node.name, bound, filtered, reading)
        if node.name not in bound:
            reading.whole.add(node.name)
    elif isinstance(node, syntax.Path):
        _note_path(node, bound, reading)
        if isinstance(node.target, syntax.Name):
            _note(node.target.name, bound, filtered, reading)
        else:
            _visit(node.target, bound, filtered, reading)
    elif isinstance(node, syntax.Call):
        if isinstance(node.target, syntax.Name):
            if node.target.name not in bound:
                reading.functions.setdefault(node.target.name, node.target)
        else:
            _visit(node.target, bound, filtered, reading)
        for argument in (*node.arguments, *(value for _, value in node.named)):
            _visit(argument, bound, filtered, reading)
    elif isinstance(node, syntax.Filter):
        _visit(node.target, bound, filtered, reading)
        _visit(node.condition, bound | {"item"}, True, reading)
    else:
        _visit_binding(node, bound, filtered, reading)


def _visit_binding(node: syntax.Node, bound: frozenset[str], filtered: bool, reading: Reading) -> None:
    if isinstance(node, (syntax.For, syntax.Quantified)):
        for iterator in node.iterators:
            _visit(iterator.domain, bound, filtered, reading)
            bound |= {iterator.name}
        inner = bound | {"partial"} if isinstance(node, syntax.For) else bound
        _visit(node.body, inner, filtered, reading)
    elif isinstance(node, syntax.Function):
        _visit(node.body, bound | set(node.parameters), filtered, reading)
    elif isinstance(node, syntax.ContextLiteral):
        for name, value in node.entries:
            _visit(value, bound, filtered, reading)
            bound |= {name}
    else:
        for child in children(node):
            _visit(child, bound, filtered, reading)


def _note(name: str, bound: frozenset[str], filtered: bool, reading: Reading) -> None:
    if name in bound:
        return
    reading.names.add(name)
    if not filtered:
        reading.sure.add(name)


def _note_path(node: syntax.Path, bound: frozenset[str], reading: Reading) -> None:
    parts = [node.name]
    target = node.target
    while isinstance(target, syntax.Path):
        parts.append(target.name)
        target = target.target
    if isinstance(target, syntax.Name) and target.name not in bound:
        reading.paths.add(".".join([target.name, *reversed(parts)]))


def children(node: syntax.Node) -> tuple[syntax.Node, ...]:
    """Return the direct children of nodes that bind no names."""
    match node:
        case syntax.If():
            return (node.condition, node.consequence, node.alternative)
        case syntax.Logic():
            return node.operands
        case syntax.Compare():
            return (node.left, node.right)
        case syntax.Between():
            return (node.value, node.low, node.high)
        case syntax.In():
            return (node.value, *(test.operand for test in node.tests))
        case syntax.UnaryTests():
            return tuple(test.operand for test in node.tests)
        case syntax.Arithmetic():
            return (node.first, *(operand for _, operand in node.rest))
        case syntax.Negate() | syntax.InstanceOf() | syntax.Limit():
            return (node.operand,)
        case syntax.Interval():
            return (node.low, node.high)
        case syntax.ListLiteral():
            return node.items
        case _:
            return ()
