"""What an expression needs a value of: names that it reads without asking first whether there is one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from zuozhen.feel import parse, syntax
from zuozhen.feel.names import children
from zuozhen.model.errors import FeelError

_NONE: frozenset[str] = frozenset()
_ASKING = frozenset({"is defined", "get or else"})
"""Functions that may be given nothing."""


@dataclass(frozen=True, slots=True)
class Needs:
    """``read`` are the names read without a guard; ``carried`` those of them whose absence makes the result
    absent (not merely a comparison that does not hold); ``counted`` those given to a date function.

    ``if_true`` and ``if_false`` have a value for certain where the expression is true, or is false.
    """

    read: frozenset[str] = _NONE
    carried: frozenset[str] = _NONE
    counted: frozenset[str] = _NONE
    if_true: frozenset[str] = _NONE
    if_false: frozenset[str] = _NONE


@lru_cache(maxsize=4096)
def needs_of(text: str, counting: frozenset[str]) -> Needs:
    """Return what an expression needs; ``counting`` are the date functions. Nothing for a broken text."""
    try:
        node = parse(text)
    except FeelError:
        return Needs()
    reader = _Reader(counting)
    reader.visit(node, _NONE, True, False)
    if_true, if_false = _known(node)
    return Needs(
        frozenset(reader.read), frozenset(reader.carried), frozenset(reader.counted), if_true, if_false
    )


class _Reader:
    """Walks a tree; ``safe`` are the names bound there or known to have a value."""

    def __init__(self, counting: frozenset[str]) -> None:
        self.counting = counting
        self.read: set[str] = set()
        self.carried: set[str] = set()
        self.counted: set[str] = set()

    def visit(self, node: syntax.Node, safe: frozenset[str], carries: bool, counts: bool) -> None:
        """Note the names of a tree. ``carries``: its value is part of the result; ``counts``: of a date."""
        match node:
            case syntax.Name():
                if node.name not in safe:
                    self.read.add(node.name)
                    self.carried |= {node.name} if carries else _NONE
                    self.counted |= {node.name} if counts else _NONE
            case syntax.If():
                if_true, if_false = _known(node.condition)
                self.visit(node.condition, safe, False, False)
                self.visit(node.consequence, safe | if_true, carries, counts)
                self.visit(node.alternative, safe | if_false, carries, counts)
            case syntax.Logic():
                for operand in node.operands:
                    self.visit(operand, safe, False, False)
                    if_true, if_false = _known(operand)
                    safe |= if_true if node.operator == "and" else if_false
            case syntax.Compare() if _asked(node):
                return
            case syntax.Compare() | syntax.Between() | syntax.In() | syntax.InstanceOf():
                for child in children(node):
                    self.visit(child, safe, False, False)
            case syntax.Call():
                self._call(node, safe, carries, counts)
            case syntax.Filter():
                self.visit(node.target, safe, carries, counts)
                # A name in a filter may be an entry of the items: it is no variable for certain.
            case syntax.Path():
                self.visit(node.target, safe, carries, counts)
            case _:
                self._bind(node, safe, carries, counts)

    def _call(self, node: syntax.Call, safe: frozenset[str], carries: bool, counts: bool) -> None:
        name = node.target.name if isinstance(node.target, syntax.Name) else ""
        if not name:
            self.visit(node.target, safe, carries, counts)
        dated = counts or name in self.counting
        arguments = (*node.arguments, *(value for _, value in node.named))
        if name in _ASKING and arguments and isinstance(arguments[0], syntax.Name):
            arguments = arguments[1:]
        for argument in arguments:
            self.visit(argument, safe, carries, dated)

    def _bind(self, node: syntax.Node, safe: frozenset[str], carries: bool, counts: bool) -> None:
        if isinstance(node, syntax.For | syntax.Quantified):
            for iterator in node.iterators:
                self.visit(iterator.domain, safe, carries, counts)
                safe |= {iterator.name, "partial"}
            self.visit(node.body, safe, False, counts)
        elif isinstance(node, syntax.Function):
            self.visit(node.body, safe | set(node.parameters), False, False)
        elif isinstance(node, syntax.ContextLiteral):
            for name, value in node.entries:
                self.visit(value, safe, False, counts)
                safe |= {name}
        else:
            plain = isinstance(node, syntax.ListLiteral)
            for child in children(node):
                self.visit(child, safe, carries and not plain, counts)


def _asked(node: syntax.Compare) -> str:
    """Return the name that a comparison with null asks about, empty if it is something else."""
    if node.operator in ("=", "!="):
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(one, syntax.Constant) and one.value is None and isinstance(other, syntax.Name):
                return other.name
    return ""


def _known(node: syntax.Node) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names that have a value where a condition is true, and where it is not true."""
    match node:
        case syntax.Compare() if _asked(node):
            known = frozenset({_asked(node)})
            return (known, _NONE) if node.operator == "!=" else (_NONE, known)
        case syntax.Compare() if node.operator != "!=":
            sides = ((node.left, node.right), (node.right, node.left))
            named = {
                a.name for a, b in sides if isinstance(a, syntax.Name) and isinstance(b, syntax.Constant)
            }
            return frozenset(named), _NONE
        case syntax.In() | syntax.Between() if isinstance(node.value, syntax.Name):
            return frozenset({node.value.name}), _NONE
        case syntax.Logic():
            pairs = [_known(operand) for operand in node.operands]
            if node.operator == "and":
                return _NONE.union(*(pair[0] for pair in pairs)), _NONE
            return _NONE, _NONE.union(*(pair[1] for pair in pairs))
        case syntax.Call(target=syntax.Name(name="is defined"), arguments=(syntax.Name() as asked,)):
            return frozenset({asked.name}), _NONE
        case syntax.Call(target=syntax.Name(name="not"), arguments=(inner,)):
            if_true, if_false = _known(inner)
            # Only a comparison with null is never null itself, so that "not true" means "false".
            return if_false, if_true if isinstance(inner, syntax.Compare) and _asked(inner) else _NONE
        case _:
            return _NONE, _NONE
