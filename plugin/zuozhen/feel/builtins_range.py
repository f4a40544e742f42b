"""Built-in functions on ranges and points (DMN 1.3, 10.3.2.7 and table 78). A point is a range of one."""

from __future__ import annotations

from zuozhen.feel.comparison import includes, order
from zuozhen.feel.frame import Frame
from zuozhen.feel.limits import Meter
from zuozhen.feel.registry import builtin
from zuozhen.feel.values import Range, Value, bound_of


def _range(value: Value) -> Range:
    return value if isinstance(value, Range) else Range(value, value, True, True)


def _endless(interval: Range) -> bool:
    """Return whether nothing limits the range above, as in ``(> 5)``."""
    return interval.end is None and bool(interval.operator)


def _beginningless(interval: Range) -> bool:
    return interval.start is None and bool(interval.operator)


def _ends_before(left: Range, right: Range) -> bool | None:
    """Return whether all of ``left`` lies before all of ``right``."""
    if _endless(left) or _beginningless(right):
        return False
    sign = order(left.end, right.start)
    if sign is None:
        return None
    return sign < 0 or (sign == 0 and not (left.end_included and right.start_included))


def _touches(left: Range, right: Range) -> bool | None:
    if _endless(left) or _beginningless(right):
        return False
    sign = order(left.end, right.start)
    return None if sign is None else sign == 0 and left.end_included and right.start_included


def _same_start(left: Range, right: Range) -> bool:
    if _beginningless(left) or _beginningless(right):
        return _beginningless(left) and _beginningless(right)
    return order(left.start, right.start) == 0 and left.start_included == right.start_included


def _same_end(left: Range, right: Range) -> bool:
    if _endless(left) or _endless(right):
        return _endless(left) and _endless(right)
    return order(left.end, right.end) == 0 and left.end_included == right.end_included


def _starts_inside(outer: Range, inner: Range) -> bool:
    if _beginningless(outer) or _beginningless(inner):
        return _beginningless(outer)
    sign = order(outer.start, inner.start)
    return sign is not None and (
        sign < 0 or (sign == 0 and (outer.start_included or not inner.start_included))
    )


def _ends_inside(outer: Range, inner: Range) -> bool:
    if _endless(outer) or _endless(inner):
        return _endless(outer)
    sign = order(inner.end, outer.end)
    return sign is not None and (sign < 0 or (sign == 0 and (outer.end_included or not inner.end_included)))


def _contains(outer: Range, inner: Value, meter: Meter) -> bool | None:
    if not isinstance(inner, Range):
        return includes(outer, inner, meter)
    if order(bound_of(outer), bound_of(inner)) is None:
        return None
    return _starts_inside(outer, inner) and _ends_inside(outer, inner)


@builtin("before", "a: any", "b: any")
def _before(left: Value, right: Value) -> bool | None:
    return _ends_before(_range(left), _range(right))


@builtin("after", "a: any", "b: any")
def _after(left: Value, right: Value) -> bool | None:
    return _ends_before(_range(right), _range(left))


@builtin("meets", "range1: range", "range2: range")
def _meets(left: Range, right: Range) -> bool | None:
    return _touches(left, right)


@builtin("met by", "range1: range", "range2: range")
def _met_by(left: Range, right: Range) -> bool | None:
    return _touches(right, left)


@builtin("overlaps", "range1: range", "range2: range")
def _overlaps(left: Range, right: Range) -> bool | None:
    earlier, later = _ends_before(left, right), _ends_before(right, left)
    return None if earlier is None or later is None else not earlier and not later


@builtin("overlaps before", "range1: range", "range2: range")
def _overlaps_before(left: Range, right: Range) -> bool | None:
    if _overlaps(left, right) is not True:
        return _overlaps(left, right)
    return not _starts_inside(right, left) and _ends_inside(right, left)


@builtin("overlaps after", "range1: range", "range2: range")
def _overlaps_after(left: Range, right: Range) -> bool | None:
    if _overlaps(left, right) is not True:
        return _overlaps(left, right)
    starts_later = _starts_inside(right, left) and not _starts_inside(left, right)
    return starts_later and _ends_inside(left, right)


@builtin("finishes", "point or range: any", "range: range")
def _finishes(inner: Value, outer: Range) -> bool:
    return _same_end(_range(inner), outer) and _starts_inside(outer, _range(inner))


@builtin("finished by", "range: range", "point or range: any")
def _finished_by(outer: Range, inner: Value) -> bool:
    return _finishes(inner, outer)


@builtin("includes", "range: range", "value: any", metered=True)
def _includes(frame: Frame, outer: Range, inner: Value) -> bool | None:
    return _contains(outer, inner, frame)


@builtin("during", "point or range: any", "range: range", metered=True)
def _during(frame: Frame, inner: Value, outer: Range) -> bool | None:
    return _contains(outer, inner, frame)


@builtin("starts", "point or range: any", "range: range")
def _starts(inner: Value, outer: Range) -> bool:
    return _same_start(_range(inner), outer) and _ends_inside(outer, _range(inner))


@builtin("started by", "range: range", "point or range: any")
def _started_by(outer: Range, inner: Value) -> bool:
    return _starts(inner, outer)


@builtin("coincides", "a: any", "b: any")
def _coincides(left: Value, right: Value) -> bool | None:
    if order(bound_of(_range(left)), bound_of(_range(right))) is None:
        return None
    return _same_start(_range(left), _range(right)) and _same_end(_range(left), _range(right))
