"""Built-in functions on lists (DMN 1.3, 10.3.4.4 and 10.3.4.9)."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable
from decimal import Decimal

from zuozhen.feel.arithmetic import add_spans, divide
from zuozhen.feel.builtins_text import slice_start
from zuozhen.feel.calls import call_function
from zuozhen.feel.comparison import equals, order
from zuozhen.feel.frame import Frame
from zuozhen.feel.limits import EXPENSIVE, MAX_VALUE_DEPTH, Meter
from zuozhen.feel.registry import builtin
from zuozhen.feel.values import NUMBERS, FunctionValue, Value, finite
from zuozhen.model.errors import FeelError


@builtin("list contains", "list: list", "element: any", metered=True)
def _list_contains(frame: Frame, items: list[Value], element: Value) -> bool:
    return any(equals(item, element, frame) for item in items)


@builtin("count", "list: list")
def _count(items: list[Value]) -> Decimal:
    return Decimal(len(items))


# ---------------------------------------------------------------- numbers in a list


def _extreme(items: list[Value], sign: int) -> Value:
    best: Value = items[0] if items else None
    for item in items[1:]:
        ordering = order(item, best)
        if ordering is None:
            return None
        if ordering == sign:
            best = item
    return best if best is None or order(best, best) is not None else None


@builtin("min", "*list: any")
def _min(items: list[Value]) -> Value:
    return _extreme(items, -1)


@builtin("max", "*list: any")
def _max(items: list[Value]) -> Value:
    return _extreme(items, 1)


@builtin("sum", "*list: number")
def _sum(items: list[Decimal]) -> Decimal | None:
    return finite(functools.reduce(NUMBERS.add, items)) if items else None


@builtin("sum", "*list: span")
def _sum_spans(items: list[Value]) -> Value:
    return functools.reduce(add_spans, items) if items else None


@builtin("mean", "*list: span")
def _mean_spans(items: list[Value]) -> Value:
    return divide(_sum_spans(items), Decimal(len(items)), Meter()) if items else None


@builtin("product", "*list: number")
def _product(items: list[Decimal]) -> Decimal | None:
    return finite(functools.reduce(NUMBERS.multiply, items)) if items else None


@builtin("mean", "*list: number")
def _mean(items: list[Decimal]) -> Decimal | None:
    total = _sum(items)
    return None if total is None else finite(NUMBERS.divide(total, Decimal(len(items))))


@builtin("median", "*list: number")
def _median(items: list[Decimal]) -> Decimal | None:
    if not items:
        return None
    ordered = sorted(items)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else _mean(ordered[middle - 1 : middle + 1])


@builtin("mode", "*list: number")
def _mode(items: list[Decimal]) -> list[Value]:
    counts = Counter(items)
    most = max(counts.values(), default=0)
    return sorted(item for item, times in counts.items() if times == most)


@builtin("stddev", "*list: number", metered=True)
def _stddev(frame: Frame, items: list[Decimal]) -> Decimal | None:
    mean = _mean(items)
    if mean is None or len(items) < 2:
        return None
    frame.charge(EXPENSIVE)
    deviations = (NUMBERS.subtract(item, mean) for item in items)
    squares = [NUMBERS.multiply(deviation, deviation) for deviation in deviations]
    total = functools.reduce(NUMBERS.add, squares)
    return finite(NUMBERS.sqrt(NUMBERS.divide(total, Decimal(len(items) - 1))))


# ---------------------------------------------------------------- yes and no in a list


def _decide(items: list[Value], decisive: bool) -> bool | None:
    if any(item is decisive for item in items):
        return decisive
    return not decisive if all(isinstance(item, bool) for item in items) else None


@builtin("all", "*list: any")
def _all_true(items: list[Value]) -> bool | None:
    return _decide(items, False)


@builtin("any", "*list: any")
def _any_true(items: list[Value]) -> bool | None:
    return _decide(items, True)


# ---------------------------------------------------------------- parts and rearrangements


@builtin("sublist", "list: list", "start: number", "length: number?")
def _sublist(items: list[Value], position: Decimal, length: Decimal | None) -> list[Value] | None:
    start = slice_start(position, len(items))
    if start is None:
        return [] if position else None
    return items[start:] if length is None else items[start : start + max(int(length), 0)]


@builtin("append", "list: list", "**item: any")
def _append(items: list[Value], added: list[Value]) -> list[Value]:
    return items + added


@builtin("concatenate", "**list: any")
def _concatenate(lists: list[Value]) -> list[Value]:
    return [item for items in lists for item in (items if isinstance(items, list) else [items])]


@builtin("insert before", "list: list", "position: number", "newItem: any")
def _insert_before(items: list[Value], position: Decimal, added: Value) -> list[Value] | None:
    start = slice_start(position, len(items))
    return None if start is None else [*items[:start], added, *items[start:]]


@builtin("remove", "list: list", "position: number")
def _remove(items: list[Value], position: Decimal) -> list[Value] | None:
    start = slice_start(position, len(items))
    return None if start is None else items[:start] + items[start + 1 :]


@builtin("reverse", "list: list")
def _reverse(items: list[Value]) -> list[Value]:
    return items[::-1]


@builtin("index of", "list: list", "match: any", metered=True)
def _index_of(frame: Frame, items: list[Value], match: Value) -> list[Value]:
    return [Decimal(index) for index, item in enumerate(items, 1) if equals(item, match, frame)]


@builtin("distinct values", "list: list", metered=True)
def _distinct_values(frame: Frame, items: list[Value]) -> list[Value]:
    distinct: list[Value] = []
    for item in items:
        if not any(equals(item, known, frame) for known in distinct):
            distinct.append(item)
    return distinct


@builtin("duplicate values", "list: list", metered=True)
def _duplicate_values(frame: Frame, items: list[Value]) -> list[Value]:
    repeated = [item for item in items if sum(bool(equals(item, other, frame)) for other in items) > 1]
    return _distinct_values(frame, repeated)


@builtin("union", "**list: list", metered=True)
def _union(frame: Frame, lists: list[list[Value]]) -> list[Value]:
    return _distinct_values(frame, _concatenate(lists))


@builtin("flatten", "list: list", metered=True)
def _flatten(frame: Frame, items: list[Value]) -> list[Value]:
    flat: list[Value] = []
    _flatten_into(flat, items, frame, 0)
    return flat


def _flatten_into(flat: list[Value], items: list[Value], frame: Frame, depth: int) -> None:
    if depth > MAX_VALUE_DEPTH:
        raise FeelError(f"列表嵌套超过 {MAX_VALUE_DEPTH} 层")
    frame.charge(1 + len(items))
    for item in items:
        if isinstance(item, list):
            _flatten_into(flat, item, frame, depth + 1)
        else:
            flat.append(item)


@builtin("list replace", "list: list", "position: number", "newItem: any")
def _list_replace(items: list[Value], position: Decimal, new_item: Value) -> list[Value] | None:
    start = slice_start(position, len(items))
    return None if start is None else [*items[:start], new_item, *items[start + 1 :]]


@builtin("list replace", "list: list", "match: function", "newItem: any", metered=True)
def _list_replace_matching(
    frame: Frame, items: list[Value], match: FunctionValue, new_item: Value
) -> list[Value] | None:
    answers = [call_function(match, [item, new_item], frame) for item in items]
    if not all(isinstance(answer, bool) for answer in answers):
        return None
    return [new_item if answer else item for item, answer in zip(items, answers, strict=True)]


@builtin("sort", "list: list", "precedes: function", metered=True)
def _sort(frame: Frame, items: list[Value], precedes: FunctionValue) -> list[Value]:
    """Keep the order of items of which neither precedes the other."""
    return sorted(items, key=functools.cmp_to_key(_by_function(frame, precedes)))


def _by_function(frame: Frame, precedes: FunctionValue) -> Callable[[Value, Value], int]:
    def compare(left: Value, right: Value) -> int:
        if call_function(precedes, [left, right], frame) is True:
            return -1
        return 1 if call_function(precedes, [right, left], frame) is True else 0

    return compare


@builtin("sort", "list: list")
def _sort_naturally(items: list[Value]) -> list[Value] | None:
    """Sort numbers, texts or dates; null if they are of different kinds."""
    if items and any(order(items[0], item) is None for item in items):
        return None
    return sorted(items, key=functools.cmp_to_key(lambda left, right: order(left, right) or 0))


@builtin("is empty", "list: list")
def _is_empty(items: list[Value]) -> bool:
    return not items
