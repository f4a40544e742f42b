"""Closures of operators: logic, comparison, tests, arithmetic. Three-valued: null means "cannot tell"."""

from __future__ import annotations

from collections.abc import Callable

from zuozhen.feel import syntax
from zuozhen.feel.arithmetic import OPERATIONS, negate
from zuozhen.feel.comparison import equals, includes, order
from zuozhen.feel.frame import Evaluator, Frame, Scope
from zuozhen.feel.unit import Unit
from zuozhen.feel.values import Range, Value, kind_of

_ORDERINGS: dict[str, Callable[[int], bool]] = {
    "<": lambda sign: sign < 0,
    "<=": lambda sign: sign <= 0,
    ">": lambda sign: sign > 0,
    ">=": lambda sign: sign >= 0,
}


def compile_logic(node: syntax.Logic, unit: Unit) -> Evaluator:
    """``and`` stops at the first false, ``or`` at the first true; what is not boolean counts as null."""
    operands = tuple(unit.compile(operand) for operand in node.operands)
    decisive = node.operator == "or"

    def logic(frame: Frame, scope: Scope | None) -> bool | None:
        undecided = False
        for operand in operands:
            value = operand(frame, scope)
            if value is decisive:
                return bool(value)
            undecided = undecided or not isinstance(value, bool)
        return None if undecided else not decisive

    return logic


def compile_compare(node: syntax.Compare, unit: Unit) -> Evaluator:
    """``=`` and ``!=`` answer for any two values; the order operators only for two of a kind."""
    left, right = unit.compile(node.left), unit.compile(node.right)
    if node.operator in _ORDERINGS:
        return _ordering(left, right, _ORDERINGS[node.operator])
    wanted = node.operator == "="
    if isinstance(node.right, syntax.Constant) and type(node.right.value) is str:
        return _equals_text(left, node.right.value, wanted)

    def equality(frame: Frame, scope: Scope | None) -> bool | None:
        return _as_wanted(equals(left(frame, scope), right(frame, scope), frame), wanted)

    return equality


def _as_wanted(equal: bool | None, wanted: bool) -> bool | None:
    # feelin, which runs in form previews, answers true where != compares values of different kinds.
    return equal if wanted else not equal


def _equals_text(left: Evaluator, text: str, wanted: bool) -> Evaluator:
    """Compare with a constant text: nearly every condition in a diagram is one, so it has a short way."""

    def equals_text(frame: Frame, scope: Scope | None) -> bool | None:
        value = left(frame, scope)
        if type(value) is str:
            return (value == text) is wanted
        return _as_wanted(equals(value, text, frame), wanted)

    return equals_text


def _ordering(left: Evaluator, right: Evaluator, holds: Callable[[int], bool]) -> Evaluator:
    def ordering(frame: Frame, scope: Scope | None) -> bool | None:
        sign = order(left(frame, scope), right(frame, scope))
        return None if sign is None else holds(sign)

    return ordering


def compile_between(node: syntax.Between, unit: Unit) -> Evaluator:
    """``value between low and high``"""
    value, low, high = unit.compile(node.value), unit.compile(node.low), unit.compile(node.high)

    def between(frame: Frame, scope: Scope | None) -> bool | None:
        start, end = low(frame, scope), high(frame, scope)
        if start is None or end is None:
            return None
        return includes(Range(start, end, True, True), value(frame, scope))

    return between


def compile_test(test: syntax.Test, unit: Unit) -> Callable[[Frame, Scope | None, Value], bool | None]:
    """Return a closure that tests a value: by an operator, else as :func:`matches` does."""
    operand = unit.compile(test.operand)
    operator = test.operator

    def by_operand(frame: Frame, scope: Scope | None, value: Value) -> bool | None:
        allowed = operand(frame, scope)
        return None if allowed is None else matches(allowed, value, frame)

    def by_equality(frame: Frame, scope: Scope | None, value: Value) -> bool | None:
        return _as_wanted(equals(value, operand(frame, scope), frame), operator == "=")

    def by_order(frame: Frame, scope: Scope | None, value: Value) -> bool | None:
        sign = order(value, operand(frame, scope))
        return None if sign is None else _ORDERINGS[operator or ""](sign)

    if operator is None:
        return by_operand
    return by_equality if operator in ("=", "!=") else by_order


def matches(test: Value, value: Value, frame: Frame) -> bool | None:
    """Return whether ``value`` equals ``test``, lies in the range or is in the list ``test``."""
    if isinstance(test, Range):
        return includes(test, value)
    if isinstance(test, list):
        frame.charge(1)
        return any(matches(item, value, frame) for item in test)
    return equals(test, value, frame)


def compile_in(node: syntax.In, unit: Unit) -> Evaluator:
    """``value in test``: true if any test holds."""
    value = unit.compile(node.value)
    tests = tuple(compile_test(test, unit) for test in node.tests)

    def contained(frame: Frame, scope: Scope | None) -> bool | None:
        tested = value(frame, scope)
        answers = [test(frame, scope, tested) for test in tests]
        return answers[0] if len(answers) == 1 else any(answers)

    return contained


def compile_unary_tests(node: syntax.UnaryTests, unit: Unit) -> Evaluator:
    """A whole unary expression over ``?``; the answer is always true or false.

    An operand that is a yes/no expression answers for itself; any other operand is compared with
    ``?``. A constant ``true`` or ``false`` is compared where ``?`` is given, as in feelin.
    """
    if not node.tests:
        return lambda _frame, _scope: True
    tests = tuple(_unary_test(test, unit) for test in node.tests)
    negated = node.negated

    def unary(frame: Frame, scope: Scope | None) -> bool:
        value = frame.lookup("?", scope)
        found = any(test(frame, scope, value) for test in tests)
        return found is not negated

    return unary


def _unary_test(test: syntax.Test, unit: Unit) -> Callable[[Frame, Scope | None, Value], bool | None]:
    if test.operator is not None:
        return compile_test(test, unit)
    operand = unit.compile(test.operand)
    constant = isinstance(test.operand, syntax.Constant)

    def unary_test(frame: Frame, scope: Scope | None, value: Value) -> bool | None:
        answer = operand(frame, scope)
        if type(answer) is bool and not (constant and "?" in frame.variables):
            return answer
        return matches(answer, value, frame)

    return unary_test


def compile_arithmetic(node: syntax.Arithmetic, unit: Unit) -> Evaluator:
    """A chain of operators of one precedence, from the left."""
    first = unit.compile(node.first)
    rest = tuple((OPERATIONS[operator], unit.compile(operand)) for operator, operand in node.rest)

    def arithmetic(frame: Frame, scope: Scope | None) -> Value:
        value = first(frame, scope)
        for operation, operand in rest:
            value = operation(value, operand(frame, scope), frame)
        return value

    return arithmetic


def compile_negate(node: syntax.Negate, unit: Unit) -> Evaluator:
    """``-operand``"""
    operand = unit.compile(node.operand)
    return lambda frame, scope: negate(operand(frame, scope))


def compile_instance_of(node: syntax.InstanceOf, unit: Unit) -> Evaluator:
    """``operand instance of type``"""
    operand, wanted = unit.compile(node.operand), node.type_name

    def instance_of(frame: Frame, scope: Scope | None) -> bool:
        value = operand(frame, scope)
        if wanted == "Any":
            return value is not None
        return kind_of(value) == ("null" if wanted == "Null" else wanted)

    return instance_of


def compile_interval(node: syntax.Interval, unit: Unit) -> Evaluator:
    """``[low..high]``; an end that is null is open and never included."""
    low, high = unit.compile(node.low), unit.compile(node.high)
    low_included, high_included = node.low_included, node.high_included

    def interval(frame: Frame, scope: Scope | None) -> Range:
        start, end = low(frame, scope), high(frame, scope)
        return Range(start, end, low_included and start is not None, high_included and end is not None)

    return interval
