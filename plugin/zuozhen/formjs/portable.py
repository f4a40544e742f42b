"""FEEL for the browser: a rule of a form as a tree, in which only the answers on the page are still open.

The browser has no FEEL of its own: two interpreters never agree on everything (docs/decisions/0019). The server
reads the text, works out what does not depend on the page, and hands over the rest; ``plugin/studio/src/page/feel.js``
walks it by the rules of :mod:`zuozhen.feel`. What cannot be handed over is :class:`NotPortable`; then the page asks
the server whenever an answer changes.

A tree is a list: an operator's word, then its operands; ``["is", x]`` is a constant, where dates, times and numbers
are ``{"date": "2026-01-31"}``, ``{"date and time": "2026-01-31T07:00:00"}`` (local), ``{"time": "07:00:00"}``,
``{"number": "1.5"}``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, TypeAlias

from zuozhen.feel import Value, parse, part_value, read, syntax
from zuozhen.formjs.expressions import Condition, Rule, Surroundings
from zuozhen.model.clock import LOCAL
from zuozhen.model.errors import FeelError

Tree: TypeAlias = list[Any]

CALLS: Final[Mapping[str, range]] = {
    "abs": range(1, 2),
    "all": range(1, 10),
    "any": range(1, 10),
    "contains": range(2, 3),
    "count": range(1, 2),
    "date": range(1, 2),
    "date and time": range(1, 2),
    "ends with": range(2, 3),
    "is blank": range(1, 2),
    "list contains": range(2, 3),
    "max": range(1, 10),
    "min": range(1, 10),
    "not": range(1, 2),
    "number": range(1, 2),
    "starts with": range(2, 3),
    "string": range(1, 2),
    "string length": range(1, 2),
    "substring": range(2, 4),
    "sum": range(1, 10),
    "time": range(1, 2),
    "trim": range(1, 2),
}
"""The built-in functions that ``feel.js`` knows, each with the numbers of arguments that it takes."""
_PROPERTIES: Final = frozenset({"time offset", "timezone"})
_LONGEST: Final = 40
"""Digits of a number that is handed over."""
_PREDICATES: Final = (syntax.Compare, syntax.Logic, syntax.Between, syntax.In, syntax.Quantified)


class NotPortable(Exception):
    """Only the server can work it out."""


def tree_of(rule: Rule, page: frozenset[str], around: Surroundings) -> Tree:
    """Return the tree of a rule over the answers named ``page``; everything else is known ``around``.

    Raises:
        NotPortable: only the server can evaluate it.
    """
    unary = isinstance(rule, Condition)
    writer = _Writer(rule.text, page, around.read_by(rule.expression), around.functions or {})
    return writer.tree(parse(rule.text, unary=unary))


def wire(value: Value) -> Tree:
    """Return the tree of a constant."""
    if value is None or isinstance(value, (bool, str)):
        return ["is", value]
    if isinstance(value, list):
        return ["is", [wire(item)[1] for item in value]]
    if isinstance(value, Decimal):
        text = format(value, "f")
        if len(text) <= _LONGEST:
            return ["is", {"number": text}]
    elif isinstance(value, datetime):
        if value.year >= 1000 and _is_local(value):
            return ["is", {"date and time": value.replace(tzinfo=None).isoformat()}]
    elif isinstance(value, date):
        if value.year >= 1000:
            return ["is", {"date": value.isoformat()}]
    elif isinstance(value, time) and _is_local(value):
        return ["is", {"time": value.replace(tzinfo=None).isoformat()}]
    raise NotPortable


def _is_local(value: datetime | time) -> bool:
    return value.tzinfo in (None, LOCAL) or value.utcoffset() == timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class _Writer:
    """``bound`` are the names bound around a node, ``filtered`` says that any name may be an item's entry."""

    text: str
    page: frozenset[str]
    variables: Mapping[str, Any]
    functions: Mapping[str, Callable[..., Any]]
    bound: frozenset[str] = frozenset()
    filtered: bool = False

    def tree(self, node: syntax.Node) -> Tree:
        known = self.known(node)
        return _WRITERS[type(node)](self, node) if known is None else known

    def known(self, node: syntax.Node) -> Tree | None:
        """Return the constant that a node is whatever is answered, ``None`` if it is none or has no tree."""
        if isinstance(node, (syntax.Interval, syntax.Limit)):
            return None
        reading = read(node)
        names = reading.names
        if names & (self.page | self.bound) or (self.filtered and names):
            return None
        outside = bool(names) or not self.functions.keys().isdisjoint(reading.functions)
        try:
            value = part_value(node, self.text, self.variables, self.functions)
        except FeelError:
            raise NotPortable from None  # it may never be reached
        if outside and isinstance(value, (str, list, dict)):
            raise NotPortable  # what other forms hold does not belong into the page
        try:
            return wire(value)
        except NotPortable:
            return None

    def inside(self, *names: str, filtered: bool = False) -> _Writer:
        return replace(self, bound=self.bound.union(names), filtered=self.filtered or filtered)

    def constant(self, _node: syntax.Constant) -> Tree:
        raise NotPortable  # it is known, or nothing that the browser has

    def name(self, node: syntax.Name) -> Tree:
        return ["name", node.name]

    def path(self, node: syntax.Path) -> Tree:
        if node.name in _PROPERTIES:
            raise NotPortable
        return ["path", self.tree(node.target), node.name]

    def if_(self, node: syntax.If) -> Tree:
        return ["if", *map(self.tree, (node.condition, node.consequence, node.alternative))]

    def logic(self, node: syntax.Logic) -> Tree:
        return [node.operator, *map(self.tree, node.operands)]

    def compare(self, node: syntax.Compare) -> Tree:
        return ["compare", node.operator, self.tree(node.left), self.tree(node.right)]

    def between(self, node: syntax.Between) -> Tree:
        return ["between", *map(self.tree, (node.value, node.low, node.high))]

    def in_(self, node: syntax.In) -> Tree:
        return ["in", self.tree(node.value), *map(self.test, node.tests)]

    def unary(self, node: syntax.UnaryTests) -> Tree:
        return ["holds", node.negated, *map(self.test, node.tests)]

    def test(self, test: syntax.Test) -> Tree:
        return [test.operator, self.tree(test.operand)]

    def interval(self, node: syntax.Interval) -> Tree:
        return ["range", self.tree(node.low), self.tree(node.high), node.low_included, node.high_included]

    def limit(self, node: syntax.Limit) -> Tree:
        return ["limit", node.operator, self.tree(node.operand)]

    def arithmetic(self, node: syntax.Arithmetic) -> Tree:
        found = self.tree(node.first)
        for operator, operand in node.rest:
            if operator not in ("+", "-", "*", "/"):
                raise NotPortable
            found = [operator, found, self.tree(operand)]
        return found

    def negate(self, node: syntax.Negate) -> Tree:
        return ["negate", self.tree(node.operand)]

    def list_(self, node: syntax.ListLiteral) -> Tree:
        return ["list", *map(self.tree, node.items)]

    def quantified(self, node: syntax.Quantified) -> Tree:
        if len(node.iterators) > 1:
            raise NotPortable
        (one,) = node.iterators
        return [node.quantifier, one.name, self.tree(one.domain), self.inside(one.name).tree(node.body)]

    def filter_(self, node: syntax.Filter) -> Tree:
        inner = self.inside("item", filtered=True)
        by = "filter" if isinstance(node.condition, _PREDICATES) else "pick"
        if by == "pick" and not isinstance(node.condition, (syntax.Constant, syntax.Negate)):
            raise NotPortable
        return [by, self.tree(node.target), inner.tree(node.condition)]

    def call(self, node: syntax.Call) -> Tree:
        name = node.target.name if isinstance(node.target, syntax.Name) else ""
        known = name in CALLS and name not in self.functions and name not in self.bound
        if not known or node.named or len(node.arguments) not in CALLS[name]:
            raise NotPortable
        return ["call", name, *map(self.tree, node.arguments)]

    def other(self, _node: syntax.Node) -> Tree:
        raise NotPortable


_WRITERS: Final[Mapping[type[syntax.Node], Callable[[_Writer, Any], Tree]]] = {
    syntax.Constant: _Writer.constant,
    syntax.Name: _Writer.name,
    syntax.Path: _Writer.path,
    syntax.If: _Writer.if_,
    syntax.Logic: _Writer.logic,
    syntax.Compare: _Writer.compare,
    syntax.Between: _Writer.between,
    syntax.In: _Writer.in_,
    syntax.UnaryTests: _Writer.unary,
    syntax.Interval: _Writer.interval,
    syntax.Limit: _Writer.limit,
    syntax.Arithmetic: _Writer.arithmetic,
    syntax.Negate: _Writer.negate,
    syntax.ListLiteral: _Writer.list_,
    syntax.Quantified: _Writer.quantified,
    syntax.Filter: _Writer.filter_,
    syntax.Call: _Writer.call,
    syntax.For: _Writer.other,
    syntax.ContextLiteral: _Writer.other,
    syntax.Function: _Writer.other,
    syntax.InstanceOf: _Writer.other,
}
