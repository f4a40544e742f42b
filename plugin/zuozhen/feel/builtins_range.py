"""Built-in functions on ranges and points (DMN 1.3, 10.3.2.7 and table 78). A point is a range of one."""

from __future__ import annotations

from zuozhen.feel.comparison import includes, order
from zuozhen.feel.frame import Frame
from zuozhen.feel.limits import Meter
from zuozhen.feel.registry import builtin
from zuozhen.feel.values import Range, Value


def _range(value: Value) -> Range:
    return value if isinstance(value, Range) else Range(value, value, True, True)


def _ends_before(left: Range, right: Range) -> bool | None:
    """Return whether all of ``left`` lies before all of ``right``."""
    sign = order(left.end, right.start)
    if sign is None:
        return None
    return sign < 0 or (sign == 0 and not (left.end_included and right.start_included))


def _touches(left: Range, right: Range) -> bool | None:
    sign = order(left.end, right.start)
    return None if sign is None else sign == 0 and left.end_included and right.start_included


def _same_start(left: Range, right: Range) -> bool:
    return order(left.start, right.start) == 0 and left.start_included == right.start_included


def _same_end(left: Range, right: Range) -> bool:
    return order(left.end, right.end) == 0 and left.end_included == right.end_included


def _starts_inside(outer: Range, inner: Range) -> bool:
    sign = order(outer.start, inner.start)
    return sign is not None and (
        sign < 0 or (sign == 0 and (outer.start_included or not inner.start_included))
    )


def _ends_inside(outer: Range, inner: Range) -> bool:
    sign = order(inner.end, outer.end)
    return sign is not None and (sign < 0 or (sign == 0 and (outer.end_included or not inner.end_included)))


def _contains(outer: Range, inner: Value, meter: Meter) -> bool | None:
    if not isinstance(inner, Range):
        return includes(outer, inner, meter)
    if order(outer.start, inner.start) is None or order(outer.end, inner.end) is None:
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
    if order(_range(left).start, _range(right).start) is None:
        return None
    return _same_start(_range(left), _range(right)) and _same_end(_range(left), _range(right))
