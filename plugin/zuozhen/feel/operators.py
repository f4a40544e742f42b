"""Closures of operators: logic, comparison, tests, arithmetic. Three-valued: null means "cannot tell"."""

from __future__ import annotations

from collections.abc import Callable

from zuozhen.feel import syntax
from zuozhen.feel.arithmetic import OPERATIONS, negate
from zuozhen.feel.comparison import ORDERINGS, equals, holds, includes, order
from zuozhen.feel.conformity import conforms
from zuozhen.feel.frame import Evaluator, Frame, Scope
from zuozhen.feel.unit import Unit
from zuozhen.feel.values import Range, Value


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
    if node.operator in ORDERINGS:
        return _ordering(left, right, ORDERINGS[node.operator])
    wanted = node.operator == "="
    if isinstance(node.right, syntax.Constant) and type(node.right.value) is str:
        return _equals_text(left, node.right.value, wanted)

    def equality(frame: Frame, scope: Scope | None) -> bool | None:
        return _as_wanted(equals(left(frame, scope), right(frame, scope), frame), wanted)

    return equality


def _as_wanted(equal: bool | None, wanted: bool) -> bool | None:
    return equal if wanted or equal is None else not equal


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
        return includes(Range(start, end, True, True), value(frame, scope), frame)

    return between


def compile_test(test: syntax.Test, unit: Unit) -> Callable[[Frame, Scope | None, Value], bool | None]:
    """Return a closure that tests a value: by an operator, else as :func:`matches` does."""
    operand = unit.compile(test.operand)
    operator = test.operator

    def by_operand(frame: Frame, scope: Scope | None, value: Value) -> bool | None:
        allowed = operand(frame, scope)
        return None if allowed is None else matches(allowed, value, frame)

    def by_operator(frame: Frame, scope: Scope | None, value: Value) -> bool | None:
        return holds(operator or "=", value, operand(frame, scope), frame)

    return by_operand if operator is None else by_operator


def matches(test: Value, value: Value, frame: Frame) -> bool | None:
    """Return whether ``value`` equals ``test``, lies in the range, or is or fits an item of the list."""
    if isinstance(test, Range):
        return equals(test, value, frame) if isinstance(value, Range) else includes(test, value, frame)
    if isinstance(test, list):
        frame.charge(1)
        return equals(test, value, frame) is True or any(_is_item(item, value, frame) for item in test)
    return equals(test, value, frame)


def _is_item(item: Value, value: Value, frame: Frame) -> bool | None:
    """Return whether ``value`` is the item of a list or lies in it; it does not look inside inner lists."""
    in_range = isinstance(item, Range) and not isinstance(value, Range)
    return includes(item, value, frame) if in_range else equals(item, value, frame)


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

    An operand that is a yes/no expression answers for itself; any other operand is compared with ``?``
    where that is given, as is a constant ``true`` or ``false`` (so does feelin). A test that answers null
    does not hold, and its negation does not hold either.
    """
    if not node.tests:
        return lambda _frame, _scope: True
    tests = tuple(_unary_test(test, unit) for test in node.tests)
    negated = node.negated

    def unary(frame: Frame, scope: Scope | None) -> bool:
        value = frame.lookup("?", scope)
        undecided = False
        for test in tests:
            answer = test(frame, scope, value)
            if answer is True:
                return not negated
            undecided = undecided or answer is None
        return negated and not undecided

    return unary


def _unary_test(test: syntax.Test, unit: Unit) -> Callable[[Frame, Scope | None, Value], bool | None]:
    if test.operator is not None:
        return compile_test(test, unit)
    operand = unit.compile(test.operand)
    constant = isinstance(test.operand, syntax.Constant)

    def unary_test(frame: Frame, scope: Scope | None, value: Value) -> bool | None:
        answer = operand(frame, scope)
        given = "?" in frame.variables
        if type(answer) is bool and not (constant and given):
            return answer
        if not given or (answer is None and not constant):
            return None  # nothing to compare, or a condition that cannot tell
        return bool(matches(answer, value, frame))

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
    """``operand instance of type``; null is of the type ``Null`` only."""
    operand, kind = unit.compile(node.operand), node.kind

    def instance_of(frame: Frame, scope: Scope | None) -> bool:
        value = operand(frame, scope)
        if value is None:
            return kind.name == "Null"
        return conforms(value, kind, frame)

    return instance_of


def compile_interval(node: syntax.Interval, unit: Unit) -> Evaluator:
    """``[low..high]``; an end that is null is unknown and never included."""
    low, high = unit.compile(node.low), unit.compile(node.high)
    low_included, high_included = node.low_included, node.high_included

    def interval(frame: Frame, scope: Scope | None) -> Range:
        start, end = low(frame, scope), high(frame, scope)
        return Range(start, end, low_included and start is not None, high_included and end is not None)

    return interval


def compile_limit(node: syntax.Limit, unit: Unit) -> Evaluator:
    """``(< operand)``: everything on one side of the operand; ``(= operand)`` is a range of one."""
    operand, operator = unit.compile(node.operand), node.operator
    low, high = operator not in ("<", "<="), operator not in (">", ">=")
    included = operator in ("<=", ">=", "=")

    def limit(frame: Frame, scope: Scope | None) -> Range:
        bound = operand(frame, scope)
        return Range(
            bound if low else None, bound if high else None, low and included, high and included, operator
        )

    return limit
