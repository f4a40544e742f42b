"""Plus, minus, times, divided by, to the power of. Operands that do not fit give null, not an error."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from decimal import Decimal
from typing import TypeAlias

from zuozhen.feel.far import Far
from zuozhen.feel.limits import EXPENSIVE, Meter
from zuozhen.feel.temporal import difference, shift
from zuozhen.feel.values import NUMBERS, Months, Value, finite

Operation: TypeAlias = Callable[[Value, Value, Meter], Value]

_SPANS = (timedelta, Months)
_MOMENTS = (date, time, Far)


def add(left: Value, right: Value, meter: Meter) -> Value:
    """Add numbers or durations, join texts, move a date or time by a duration."""
    if type(left) is Decimal and type(right) is Decimal:
        return finite(NUMBERS.add(left, right))
    if isinstance(left, str) and isinstance(right, str):
        meter.charge_text(len(left) + len(right))
        return left + right
    if isinstance(left, _MOMENTS) and isinstance(right, _SPANS):
        return shift(left, right)
    if isinstance(left, _SPANS) and isinstance(right, _MOMENTS):
        return shift(right, left)
    return add_spans(left, right)


def subtract(left: Value, right: Value, meter: Meter) -> Value:  # noqa: ARG001 - one signature for all
    """Subtract numbers or durations, take the distance of two moments, move a moment back."""
    if type(left) is Decimal and type(right) is Decimal:
        return finite(NUMBERS.subtract(left, right))
    if not isinstance(right, _SPANS):
        return difference(left, right)
    negated = negate(right)
    if isinstance(left, _MOMENTS) and negated is not None:
        return shift(left, negated)
    return add_spans(left, negated)


def multiply(left: Value, right: Value, meter: Meter) -> Value:  # noqa: ARG001
    """Multiply numbers, or a duration by a number."""
    if type(left) is Decimal and type(right) is Decimal:
        return finite(NUMBERS.multiply(left, right))
    if isinstance(left, _SPANS) and type(right) is Decimal:
        return _scale(left, right)
    if type(left) is Decimal and isinstance(right, _SPANS):
        return _scale(right, left)
    return None


def divide(left: Value, right: Value, meter: Meter) -> Value:  # noqa: ARG001
    """Divide numbers, a duration by a number, or a duration by one of its kind; by zero gives null."""
    if type(right) is Decimal:
        if right == 0:
            return None
        if type(left) is Decimal:
            return finite(NUMBERS.divide(left, right))
        return _scale(left, NUMBERS.divide(Decimal(1), right)) if isinstance(left, _SPANS) else None
    if type(left) is not type(right) or not isinstance(left, _SPANS):
        return None
    top, bottom = _magnitude(left), _magnitude(right)
    return finite(NUMBERS.divide(top, bottom)) if bottom else None


def power(left: Value, right: Value, meter: Meter) -> Value:
    """Raise a number to a power; where there is no real answer, null."""
    if type(left) is not Decimal or type(right) is not Decimal:
        return None
    meter.charge(EXPENSIVE)
    return finite(NUMBERS.power(left, right))


def negate(value: Value) -> Value:
    """Return a number or duration with the opposite sign."""
    if type(value) is Decimal:
        return value.copy_negate() if value else value
    if isinstance(value, Months):
        return Months(-value.months)
    if isinstance(value, timedelta):
        try:
            return -value
        except OverflowError:
            return None
    return None


OPERATIONS: dict[str, Operation] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "**": power,
    "^": power,
}


def add_spans(left: Value, right: Value) -> Value:
    """Add two durations of one kind; days and months do not add up."""
    if isinstance(left, Months) and isinstance(right, Months):
        return Months(left.months + right.months)
    if isinstance(left, timedelta) and isinstance(right, timedelta):
        try:
            return left + right
        except OverflowError:
            return None
    return None


def _scale(span: timedelta | Months, factor: Decimal) -> Value:
    try:
        if isinstance(span, Months):
            return Months(int(NUMBERS.multiply(Decimal(span.months), factor)))
        micro = int(NUMBERS.multiply(Decimal(span // timedelta(microseconds=1)), factor))
        return timedelta(microseconds=micro)
    except (OverflowError, ValueError):  # beyond a thousand million days
        return None


def _magnitude(span: timedelta | Months) -> Decimal:
    return Decimal(span.months if isinstance(span, Months) else span // timedelta(microseconds=1))
