"""Equality and order. Values of different kinds are neither equal nor unequal: the answer is null."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from zuozhen.feel.far import Day, Far, folded
from zuozhen.feel.limits import Meter
from zuozhen.feel.values import FunctionValue, Range, Value, bound_of, kind_of
from zuozhen.model.clock import LOCAL

_DAY_KINDS = (date, datetime)
EQUALITIES = frozenset({"=", "!="})
ORDERINGS: Mapping[str, Callable[[int], bool]] = {
    "<": lambda sign: sign < 0,
    "<=": lambda sign: sign <= 0,
    ">": lambda sign: sign > 0,
    ">=": lambda sign: sign >= 0,
}
"""Whether an order operator holds, from what :func:`order` answers."""
_DAYS = (date, Far)
_ORDERED = (Decimal, str, date, datetime, time, timedelta)


def equals(left: Value, right: Value, meter: Meter) -> bool | None:
    """Return whether two values are equal, or ``None`` where the question makes no sense.

    A list of one item equals that item, as in DMN's implicit conversion.
    """
    meter.charge(1)
    kind = type(left)
    if kind is type(right) and kind in (str, Decimal, bool):
        return bool(left == right)
    if left is None or right is None:
        return left is right
    left, right = _single(left), _single(right)
    if isinstance(left, _DAY_KINDS) and isinstance(right, _DAY_KINDS):
        return instant(left) == instant(right)
    if kind_of(left) != kind_of(right):
        return None
    if isinstance(left, list):
        return len(left) == len(right) and all(equals(a, b, meter) for a, b in zip(left, right, strict=True))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(equals(left[key], right[key], meter) for key in left)
    if isinstance(left, Range):
        return _same_range(left, right, meter)
    if isinstance(left, FunctionValue):
        return left is right
    if isinstance(left, time):
        return clock_seconds(left) == clock_seconds(right)
    return bool(left == right)


def order(left: Value, right: Value) -> int | None:
    """Return -1, 0 or 1, or ``None`` where the two cannot be ordered. A list of one is its item, as in equality."""
    kind = type(left)
    if kind is not type(right) or kind in (datetime, Far):
        if not (isinstance(left, _DAYS) and isinstance(right, _DAYS)):
            item, other = _single(left), _single(right)
            return None if item is left and other is right else order(item, other)
        left, right = _comparable(left, right)
    elif kind is time:
        left, right = clock_seconds(left), clock_seconds(right)
    elif kind not in _ORDERED and kind_of(left) != "years and months duration":
        return None
    return int(left > right) - int(left < right)


def includes(interval: Range, value: Value, meter: Meter) -> bool | None:
    """Return whether ``value`` lies inside; the ends may be written in either order.

    ``None`` where an end is unknown: an absent limit must not let everything through.
    """
    if value is None:
        return None
    if interval.operator:
        bound = bound_of(interval)
        return None if bound is None else holds(interval.operator, value, bound, meter)
    if interval.start is None or interval.end is None:
        return None
    low, high = interval.start, interval.end
    low_included, high_included = interval.start_included, interval.end_included
    ends = order(low, high)
    if ends is None:
        return None
    if ends > 0:
        low, high, low_included, high_included = high, low, high_included, low_included
    above = _beyond(order(value, low), low_included)
    below = _beyond(order(high, value), high_included)
    return None if above is None or below is None else above and below


def holds(operator: str, left: Value, right: Value, meter: Meter) -> bool | None:
    """Return whether ``left operator right``, for the six operators of comparison."""
    if operator in EQUALITIES:
        equal = equals(left, right, meter)
        return equal if operator == "=" or equal is None else not equal
    sign = order(left, right)
    return None if sign is None else ORDERINGS[operator](sign)


def instant(value: date) -> datetime:
    """Return the instant of a date-time, or the local midnight at which a date begins."""
    if isinstance(value, datetime):
        return value
    return datetime.combine(value, time.min, LOCAL)


def _comparable(left: Day, right: Day) -> tuple[Value, Value]:
    """Return what Python orders as the two lie in time."""
    if not isinstance(left, Far) and not isinstance(right, Far):
        return instant(left), instant(right)
    (left_cycles, left_near), (right_cycles, right_near) = folded(left), folded(right)
    return (left_cycles, instant(left_near)), (right_cycles, instant(right_near))


def clock_seconds(value: time) -> float:
    """Return seconds since midnight UTC of a time of day; without an offset it is local time."""
    offset = value.utcoffset()
    if offset is None:  # local, or of a zone whose offset depends on the day
        offset = datetime(2000, 1, 1, tzinfo=value.tzinfo or LOCAL).utcoffset() or timedelta(0)
    seconds = value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1_000_000
    return seconds - offset.total_seconds()


def _beyond(ordering: int | None, included: bool) -> bool | None:
    return None if ordering is None else ordering > 0 or (included and ordering == 0)


def _single(value: Value) -> Value:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _same_range(left: Range, right: Range, meter: Meter) -> bool:
    return (
        left.operator == right.operator
        and left.start_included == right.start_included
        and left.end_included == right.end_included
        and bool(equals(left.start, right.start, meter))
        and bool(equals(left.end, right.end, meter))
    )
