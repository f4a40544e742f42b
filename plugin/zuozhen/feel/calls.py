"""Closures of calls: registered Python functions, functions written in FEEL, built-in functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zuozhen.feel import syntax
from zuozhen.feel.advice import about_function
from zuozhen.feel.conformity import coerced
from zuozhen.feel.frame import Evaluator, Frame, Scope, scope_of
from zuozhen.feel.limits import MAX_CALL_DEPTH
from zuozhen.feel.registry import BUILTINS, call_builtin
from zuozhen.feel.unit import Unit
from zuozhen.feel.values import FunctionValue, Value, lift
from zuozhen.model.errors import FeelError


def compile_function(node: syntax.Function, unit: Unit) -> Evaluator:
    """``function(a, b: number) body``"""
    body, weight = unit.compile_inner(node.body)
    parameters, kinds = node.parameters, node.kinds
    return lambda _frame, scope: FunctionValue(parameters, kinds, body, scope, weight)


def call_function(function: FunctionValue, arguments: list[Value], frame: Frame) -> Value:
    """Call a function written in FEEL with positional arguments."""
    if len(arguments) != len(function.parameters):
        raise FeelError(f"函数需要 {len(function.parameters)} 个参数，给了 {len(arguments)} 个")
    frame.charge(1 + function.weight)
    if frame.calls >= MAX_CALL_DEPTH:
        raise FeelError(f"函数互相调用超过 {MAX_CALL_DEPTH} 层")
    frame.calls += 1
    kinds = zip(arguments, function.kinds, strict=True)
    values = [value if kind is None else coerced(value, kind, frame) for value, kind in kinds]
    names = dict(zip(function.parameters, values, strict=True))
    result = function.body(frame, Scope(names, function.scope))
    frame.calls -= 1
    return result


def compile_call(node: syntax.Call, unit: Unit) -> Evaluator:
    """``name(arguments)``: a registered function wins over a function in scope, that over a built-in."""
    arguments = tuple(unit.compile(argument) for argument in node.arguments)
    named = tuple((name, unit.compile(value)) for name, value in node.named)
    if isinstance(node.target, syntax.Name):
        invoke = _named_target(node.target.name)
    else:
        invoke = _computed_target(unit.compile(node.target))

    def call(frame: Frame, scope: Scope | None) -> Value:
        values = [argument(frame, scope) for argument in arguments]
        by_name = {name: value(frame, scope) for name, value in named}
        try:
            return invoke(frame, scope, values, by_name)
        except FeelError as error:
            if error.position is not None:
                raise
            raise unit.error(node, error.message.rstrip("。"), hint=error.hint) from error

    return call


def _named_target(name: str) -> Callable[..., Value]:
    ways = BUILTINS.get(name, ())

    def invoke(frame: Frame, scope: Scope | None, values: list[Value], by_name: Mapping[str, Value]) -> Value:
        registered = frame.functions.get(name)
        if registered is not None:
            return _call_registered(name, registered, values, by_name, frame)
        found = scope_of(name, scope)
        if found is not None and isinstance(found.names[name], FunctionValue):
            return _call_value(found.names[name], values, by_name, frame)
        if not ways:
            raise unknown_function(name)
        try:
            return call_builtin(ways, values, by_name, frame)
        except FeelError as error:
            if error.position is not None:
                raise
            raise FeelError(f"函数 {name}：{error.message}", hint=error.hint) from error

    return invoke


def unknown_function(name: str) -> FeelError:
    """Return the error for a function that nobody provides."""
    return FeelError(f"没有名为“{name}”的函数", hint=about_function(name, BUILTINS))


def _computed_target(target: Evaluator) -> Callable[..., Value]:
    def invoke(frame: Frame, scope: Scope | None, values: list[Value], by_name: Mapping[str, Value]) -> Value:
        function = target(frame, scope)
        if not isinstance(function, FunctionValue):
            raise FeelError("括号前面的值不是函数")
        return _call_value(function, values, by_name, frame)

    return invoke


def _call_value(
    function: FunctionValue, values: list[Value], by_name: Mapping[str, Value], frame: Frame
) -> Value:
    if by_name:
        if values or by_name.keys() != set(function.parameters):
            raise FeelError("参数的名字不对", hint=f"参数是 {', '.join(function.parameters)}")
        values = [by_name[name] for name in function.parameters]
    return call_function(function, values, frame)


def _call_registered(
    name: str,
    function: Callable[..., Any],
    values: list[Value],
    by_name: Mapping[str, Value],
    frame: Frame,
) -> Value:
    keywords = {key.replace(" ", "_"): value for key, value in by_name.items()}
    frame.charge(1)
    try:
        return lift(function(*values, **keywords))
    except (TypeError, ValueError, ArithmeticError) as error:
        raise FeelError(f"函数 {name} 的参数不对：{error}", hint="请检查参数的个数、名字和类型") from error
