"""What an expression will give, and where it can only give null: typing of a syntax tree before it runs.

Nothing is guessed: whatever is unknown passes. A mistake is a place where the interpreter certainly answers null or
refuses, or compares a choice with a value that it never has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, Final

from zuozhen.feel import operand_types as operands
from zuozhen.feel import syntax
from zuozhen.feel.call_types import always_null, builtin_call, example_of, registered_call, widened
from zuozhen.feel.expression import parse
from zuozhen.feel.values import kind_of
from zuozhen.model import types
from zuozhen.model.types import ANY, BOOLEAN, Signature, Type

_BLANK: Final = frozenset({""})
MAX_LISTED: Final = 8
"""Options that a message lists."""


@dataclass(frozen=True, slots=True)
class TypeMistake:
    """One place that cannot be right. ``code`` is ``type`` or ``option``; ``position`` counts characters from 0."""

    code: str
    position: int
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Inferred:
    """The type of an expression and what is wrong with it."""

    type: Type
    mistakes: tuple[TypeMistake, ...]


def infer(
    text: str, names: Mapping[str, Type], functions: Mapping[str, Signature], *, unary: bool = False
) -> Inferred:
    """Type an expression that compiles, over variables of these types (one that is not listed is unknown).

    Raises:
        FeelError: the text does not compile.
    """
    work = _Inference(names, functions)
    found = work.type_of(_parsed(text, unary), None)
    return Inferred(found, tuple(dict.fromkeys(work.mistakes)))


_parsed = lru_cache(maxsize=4096)(lambda text, unary: parse(text, unary=unary))


class _Names:
    """Names bound inside an expression; ``items`` are the entries of a filtered list, unknown ones included."""

    __slots__ = ("names", "open", "outer")

    def __init__(self, names: Mapping[str, Type], outer: _Names | None, *, open_: bool = False) -> None:
        self.names, self.outer, self.open = names, outer, open_


@dataclass(slots=True)
class _Inference:
    variables: Mapping[str, Type]
    functions: Mapping[str, Signature]
    mistakes: list[TypeMistake] = field(default_factory=list)

    def type_of(self, node: syntax.Node, scope: _Names | None) -> Type:
        return _HANDLERS[type(node)](self, node, scope)

    def complain(self, node: syntax.Node, message: str, hint: str, code: str = "type") -> Type:
        self.mistakes.append(TypeMistake(code, node.position, message, hint))
        return ANY

    def name(self, node: syntax.Name, scope: _Names | None) -> Type:
        while scope is not None:
            if node.name in scope.names:
                return scope.names[node.name]
            if scope.open:
                return ANY
            scope = scope.outer
        return self.variables.get(node.name, ANY)

    # -- operators

    def truth(self, node: syntax.Node, scope: _Names | None, what: str) -> None:
        """Demand a yes or no."""
        found = self.type_of(node, scope)
        if found.known and found.kind != "boolean":
            self.complain(
                node, f"{what}应是“是或否”，这里得到的是{found.words}", '请写成比较，例如 decision = "accept"'
            )

    def logic(self, node: syntax.Logic, scope: _Names | None) -> Type:
        for operand in node.operands:
            self.truth(operand, scope, f"“{node.operator}”连接的条件")
        return BOOLEAN

    def compare(self, node: syntax.Compare, scope: _Names | None) -> Type:
        left, right = self.type_of(node.left, scope), self.type_of(node.right, scope)
        self.comparison(node, node.operator, left, right)
        return BOOLEAN

    def comparison(self, node: syntax.Node, operator: str, left: Type, right: Type) -> None:
        """Say what is wrong with comparing two values."""
        if operands.comparable(left, right, ordered=operator not in ("=", "!=")):
            self.options(node, left, right)
            return
        message = f"{left.words}不能与{right.words}比较，结果总是空"
        self.complain(node, message, operands.comparing_hint(left, right))

    def options(self, node: syntax.Node, left: Type, right: Type) -> None:
        """Complain about a comparison with texts that a choice never has."""
        if left.values is None or right.values is None or left.values & right.values:
            return
        if _BLANK in (left.values, right.values):
            return  # "is there anything" is also asked with = ""
        known, asked = (
            (left.values, right.values)
            if len(left.values) >= len(right.values)
            else (right.values, left.values)
        )
        near = get_close_matches(min(asked, default=""), known, 1, 0.6)
        listed = "、".join(f"“{each}”" for each in sorted(known)[:MAX_LISTED])
        wrong = "、".join(f"“{each}”" for each in sorted(asked))
        hint = f"是不是“{near[0]}”？可用：{listed}" if near else f"可用：{listed}"
        self.complain(node, f"没有{wrong}这个选项，这个比较永远不成立", hint, "option")

    def between(self, node: syntax.Between, scope: _Names | None) -> Type:
        value = self.type_of(node.value, scope)
        for end in (node.low, node.high):
            self.comparison(end, "<=", value, self.type_of(end, scope))
        return BOOLEAN

    def contained(self, node: syntax.In, scope: _Names | None) -> Type:
        value = self.type_of(node.value, scope)
        for test in node.tests:
            self.test(test, value, scope)
        return BOOLEAN

    def test(self, test: syntax.Test, value: Type, scope: _Names | None) -> None:
        """Check one test of a value: by an operator, against a range or list, or for equality."""
        operand = self.type_of(test.operand, scope)
        if test.operator is not None:
            self.comparison(test.operand, test.operator, value, operand)
        elif operand.kind == "range":
            self.comparison(test.operand, "<=", value, operand.item or ANY)
        elif operand.kind == "list" and value.kind != "list":
            self.each_option(test.operand, value, operand, scope)
        else:
            self.comparison(test.operand, "=", value, operand)

    def each_option(self, node: syntax.Node, value: Type, tests: Type, scope: _Names | None) -> None:
        """Compare a value with each item that a list is written with, else with what its items are."""
        if isinstance(node, syntax.ListLiteral):
            for item in node.items:
                self.comparison(item, "=", value, self.type_of(item, scope))
        elif (tests.item or ANY).kind != "range":
            self.comparison(node, "=", value, tests.item or ANY)

    def unary(self, node: syntax.UnaryTests, scope: _Names | None) -> Type:
        for test in node.tests:
            operand = self.type_of(test.operand, scope)
            if (
                test.operator is None
                and operand.known
                and operand.kind != "boolean"
                and "?" not in self.variables
            ):
                self.complain(
                    test.operand,
                    f"条件应是“是或否”，这里得到的是{operand.words}",
                    '请写成比较，例如 =decision = "accept"',
                )
        return BOOLEAN

    def arithmetic(self, node: syntax.Arithmetic, scope: _Names | None) -> Type:
        left = self.type_of(node.first, scope)
        for operator, operand in node.rest:
            right = self.type_of(operand, scope)
            found = operands.calculated(operator, left, right)
            if found is None:
                hint = operands.calculating_hint(operator, left, right)
                return self.complain(
                    operand, f"{left.words}与{right.words}不能用“{operator}”计算，结果总是空", hint
                )
            left = found
        return left

    def negate(self, node: syntax.Negate, scope: _Names | None) -> Type:
        found = self.type_of(node.operand, scope)
        if found.known and found.kind != "number" and found.kind not in types.SPANS:
            return self.complain(node, f"{found.words}不能取负数", "负号只用于数字和时长")
        return found

    def instance_of(self, node: syntax.InstanceOf, scope: _Names | None) -> Type:
        self.type_of(node.operand, scope)
        return BOOLEAN

    # -- values

    def constant(self, node: syntax.Constant, _scope: _Names | None) -> Type:
        return types.choice({node.value}) if type(node.value) is str else Type(kind_of(node.value))

    def interval(self, node: syntax.Interval, scope: _Names | None) -> Type:
        low, high = self.type_of(node.low, scope), self.type_of(node.high, scope)
        self.comparison(node, "<=", low, high)
        return Type("range", widened(types.join(low, high)))

    def limit(self, node: syntax.Limit, scope: _Names | None) -> Type:
        return Type("range", widened(self.type_of(node.operand, scope)))

    def list_(self, node: syntax.ListLiteral, scope: _Names | None) -> Type:
        return types.list_of(types.join_all(self.type_of(item, scope) for item in node.items))

    def context(self, node: syntax.ContextLiteral, scope: _Names | None) -> Type:
        entries: dict[str, Type] = {}
        for name, value in node.entries:
            entries[name] = self.type_of(value, _Names(dict(entries), scope))
        return types.context_of(entries)

    def if_(self, node: syntax.If, scope: _Names | None) -> Type:
        self.truth(node.condition, scope, "“if”后面的条件")
        return types.join(self.type_of(node.consequence, scope), self.type_of(node.alternative, scope))

    def path(self, node: syntax.Path, scope: _Names | None) -> Type:
        return self.entry(node, self.type_of(node.target, scope))

    def entry(self, node: syntax.Path, target: Type) -> Type:
        if target.kind == "list":
            return types.list_of(self.entry(node, target.item or ANY))
        if target.kind == "context":
            found = target.entry(node.name)
            if found is None:
                near = get_close_matches(node.name, target.entries or (), 1, 0.6)
                hint = (
                    f"是不是“{near[0]}”？"
                    if near
                    else "可用：" + "、".join(list(target.entries or ())[:MAX_LISTED])
                )
                return self.complain(node, f"没有“{node.name}”这一项", hint, "option")
            return found
        if target.kind in ("string", "number", "boolean"):
            return self.complain(node, f"{target.words}没有“{node.name}”这一项", "请检查“.”前面的名称")
        return (
            types.NUMBER
            if target.kind in types.TEMPORAL | types.SPANS and node.name not in ("time offset", "timezone")
            else ANY
        )

    # -- lists

    def filter_(self, node: syntax.Filter, scope: _Names | None) -> Type:
        target = self.type_of(node.target, scope)
        item = (target.item or ANY) if target.kind == "list" else target
        entries = dict(item.entries or {}) if item.kind == "context" else {}
        inner = _Names(
            {"item": item, **entries},
            scope,
            open_=not (item.kind == "context" and item.closed) and not _plain(item),
        )
        condition = self.type_of(node.condition, inner)
        if condition.kind == "number":
            return item
        if condition.known and condition.kind != "boolean":
            self.complain(
                node.condition,
                f"方括号里应是条件或序号，这里得到的是{condition.words}",
                "例如 units[office = county]，或 units[1]",
            )
        return types.list_of(item)

    def for_(self, node: syntax.For, scope: _Names | None) -> Type:
        inner = self.iterators(node.iterators, scope)
        return types.list_of(self.type_of(node.body, _Names({"partial": types.LIST}, inner)))

    def quantified(self, node: syntax.Quantified, scope: _Names | None) -> Type:
        self.truth(node.body, self.iterators(node.iterators, scope), "“satisfies”后面的条件")
        return BOOLEAN

    def iterators(self, iterators: tuple[syntax.Iterator, ...], scope: _Names | None) -> _Names | None:
        for iterator in iterators:
            domain = self.type_of(iterator.domain, scope)
            if domain.known and domain.kind not in ("list", "range"):
                self.complain(
                    iterator.domain,
                    f"“in”后面应是列表，这里得到的是{domain.words}",
                    "例如 for u in joint_units return …",
                )
            item = (domain.item or ANY) if domain.kind in ("list", "range") else ANY
            scope = _Names({iterator.name: item}, scope)
        return scope

    # -- calls

    def function(self, node: syntax.Function, scope: _Names | None) -> Type:
        self.type_of(node.body, _Names(dict.fromkeys(node.parameters, ANY), scope))
        return types.FUNCTION

    def call(self, node: syntax.Call, scope: _Names | None) -> Type:
        given = [self.type_of(argument, scope) for argument in node.arguments]
        named = {name: self.type_of(value, scope) for name, value in node.named}
        if not isinstance(node.target, syntax.Name):
            self.type_of(node.target, scope)
            return ANY
        name = node.target.name
        if name in self.functions:
            return self.registered(node, name, given, named)
        if self.name(node.target, scope).kind == "function":
            return ANY
        return self.builtin(node, name, given, named)

    def registered(self, node: syntax.Call, name: str, given: list[Type], named: Mapping[str, Type]) -> Type:
        found, message, hint = registered_call(name, self.functions[name], given, named)
        if message:
            self.complain(node, message, hint)
        return found

    def builtin(self, node: syntax.Call, name: str, given: list[Type], named: Mapping[str, Type]) -> Type:
        found, message, hint = builtin_call(name, given, named)
        if not message and always_null(node, name):
            message, hint = f"{name} 这样写结果总是空", hint or example_of(name)
        if message:
            self.complain(node, message, hint)
        return found


def _plain(item: Type) -> bool:
    """Say whether items of a list certainly have no entries that a filter could read."""
    return item.known and item.kind != "context"


_HANDLERS: Final[Mapping[type[syntax.Node], Callable[[_Inference, Any, _Names | None], Type]]] = {
    syntax.Constant: _Inference.constant,
    syntax.Name: _Inference.name,
    syntax.If: _Inference.if_,
    syntax.For: _Inference.for_,
    syntax.Quantified: _Inference.quantified,
    syntax.ListLiteral: _Inference.list_,
    syntax.ContextLiteral: _Inference.context,
    syntax.Path: _Inference.path,
    syntax.Filter: _Inference.filter_,
    syntax.Function: _Inference.function,
    syntax.Call: _Inference.call,
    syntax.Logic: _Inference.logic,
    syntax.Compare: _Inference.compare,
    syntax.Between: _Inference.between,
    syntax.In: _Inference.contained,
    syntax.UnaryTests: _Inference.unary,
    syntax.Arithmetic: _Inference.arithmetic,
    syntax.Negate: _Inference.negate,
    syntax.InstanceOf: _Inference.instance_of,
    syntax.Interval: _Inference.interval,
    syntax.Limit: _Inference.limit,
}
