"""FEEL for people who do not read FEEL: do two texts mean the same, and what does a condition say in Chinese?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any

from zuozhen.feel import syntax
from zuozhen.feel.expression import parse, unwrap
from zuozhen.model.errors import FeelError

_COMPARED = {"=": "为", "!=": "不为", "<": "小于", "<=": "不大于", ">": "大于", ">=": "不小于"}
_JOINED = {"and": "，且", "or": "，或"}


class _Unspoken(Exception):
    """Some part has no plain words."""


def same(old: str, new: str, *, unary: bool = False) -> bool:
    """Tell whether two texts are the same expression but for wrapper, spaces, comments and brackets.

    Texts that are no FEEL are the same if they are equal without surrounding blanks.
    """
    if old.strip() == new.strip():
        return True
    try:
        return bool(_shape(parse(old, unary=unary)) == _shape(parse(new, unary=unary)))
    except (FeelError, RecursionError):
        return False


def bare(text: str) -> str:
    """Return an expression without its wrapper (``=…``, ``${…}``); other texts as they are."""
    try:
        start, end = unwrap(text)
    except FeelError:
        return text.strip()
    return text[start:end].strip()


def in_words(text: str, labels: Mapping[str, str], *, unary: bool = False) -> str:
    """Say a condition in Chinese: ``decision = "accept"`` is “处理意见为‘受理’”.

    ``labels`` has the label of a variable under its name, and that of its value ``accept`` under
    ``decision=accept``. What has no plain words (arithmetic, loops, unknown functions) is returned as
    the bare FEEL text.
    """
    try:
        return _Speaker(labels).say(parse(text, unary=unary))
    except (_Unspoken, FeelError, RecursionError):
        return bare(text)


def _shape(node: Any) -> Any:
    """Return a syntax tree as nested tuples, without positions."""
    if isinstance(node, syntax.Node):
        parts = tuple(_shape(getattr(node, field.name)) for field in fields(node) if field.name != "position")
        return (type(node).__name__, *parts)
    if isinstance(node, tuple):
        return tuple(_shape(part) for part in node)
    return (type(node).__name__, node) if isinstance(node, bool) else node


class _Speaker:
    def __init__(self, labels: Mapping[str, str]) -> None:
        self.labels = labels

    def say(self, node: syntax.Node) -> str:
        match node:
            case syntax.Logic(operator=operator, operands=operands):
                return _JOINED[operator].join(self._operand(each, operator) for each in operands)
            case syntax.Compare(operator=operator, left=left, right=right):
                return self._compared(operator, left, right)
            case syntax.UnaryTests(tests=(syntax.Test(operator=None, operand=operand),), negated=negated):
                return f"不是：{self.say(operand)}" if negated else self.say(operand)
            case syntax.In(value=value, tests=tests):
                return f"{self._place(value)}为{self._either(value, tests)}"
            case syntax.Call(target=syntax.Name(name=name), arguments=arguments, named=()):
                return self._called(name, arguments)
            case syntax.Name() | syntax.Path():
                return self._place(node)
            case syntax.Constant(value=bool(value)):
                return "总是成立" if value else "总不成立"
        raise _Unspoken

    def _operand(self, node: syntax.Node, operator: str) -> str:
        """Bracket an “or” inside an “and” (and the other way round), as one would in speech."""
        said = self.say(node)
        mixed = isinstance(node, syntax.Logic) and node.operator != operator
        return f"（{said}）" if mixed else said

    def _compared(self, operator: str, left: syntax.Node, right: syntax.Node) -> str:
        if isinstance(left, syntax.Constant) and not isinstance(right, syntax.Constant):
            if operator not in ("=", "!="):
                raise _Unspoken
            left, right = right, left
        place = self._place(left)
        if isinstance(right, syntax.Constant) and right.value is None:
            return {"=": f"没有填写“{place}”", "!=": f"已填写“{place}”"}.get(operator) or self._refuse()
        return f"{place}{_COMPARED[operator]}{self._value(left, right)}"

    def _refuse(self) -> str:
        raise _Unspoken

    def _either(self, value: syntax.Node, tests: tuple[syntax.Test, ...]) -> str:
        if any(test.operator is not None for test in tests):
            raise _Unspoken
        items: list[syntax.Node] = []
        for test in tests:
            operand = test.operand
            items.extend(operand.items if isinstance(operand, syntax.ListLiteral) else [operand])
        return "或".join(self._value(value, item) for item in items) or self._refuse()

    def _called(self, name: str, arguments: tuple[syntax.Node, ...]) -> str:
        if name == "not" and len(arguments) == 1:
            return f"不是（{self.say(arguments[0])}）"
        if name == "list contains" and len(arguments) == 2:
            return f"{self._place(arguments[0])}中有{self._value(arguments[0], arguments[1])}"
        raise _Unspoken

    def _place(self, node: syntax.Node) -> str:
        name = _dotted(node)
        return self.labels.get(name) or self.labels.get(name.rpartition(".")[2]) or name

    def _value(self, place: syntax.Node, node: syntax.Node) -> str:
        match node:
            case syntax.Constant(value=bool(value)):
                return "“是”" if value else "“否”"
            case syntax.Constant(value=str(value)):
                name = _dotted(place)
                last = name.rpartition(".")[2]
                return (
                    f"“{self.labels.get(f'{name}={value}') or self.labels.get(f'{last}={value}') or value}”"
                )
            case syntax.Constant(value=Decimal() as value):
                return f" {value}"
            case syntax.Name() | syntax.Path():
                return f"“{self._place(node)}”"
        raise _Unspoken


def _dotted(node: syntax.Node) -> str:
    if isinstance(node, syntax.Name):
        return node.name
    if isinstance(node, syntax.Path):
        return f"{_dotted(node.target)}.{node.name}"
    raise _Unspoken
