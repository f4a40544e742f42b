"""Closures of constants, names, if, loops, lists, contexts, paths and filters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from zuozhen.feel import syntax
from zuozhen.feel.frame import Evaluator, Frame, Scope
from zuozhen.feel.limits import Meter
from zuozhen.feel.temporal import property_of
from zuozhen.feel.unit import Unit
from zuozhen.feel.values import NUMBERS, Range, Value

_RANGE_PROPERTIES = {
    "start": "start",
    "end": "end",
    "start included": "start_included",
    "end included": "end_included",
}


def compile_constant(node: syntax.Constant, _unit: Unit) -> Evaluator:
    """A literal."""
    value = node.value
    return lambda _frame, _scope: value


def compile_name(node: syntax.Name, unit: Unit) -> Evaluator:
    """A variable; where nothing surrounds it that binds names, without the walk through scopes."""
    name = node.name
    if unit.scopes:
        return lambda frame, scope: frame.lookup(name, scope)
    return lambda frame, _scope: frame.variable(name)


def is_true(value: Value) -> bool:
    """Return whether a condition holds: anything but false and null, as in feelin."""
    return value is not None and value is not False


def compile_if(node: syntax.If, unit: Unit) -> Evaluator:
    """``if … then … else …``"""
    condition = unit.compile(node.condition)
    consequence = unit.compile(node.consequence)
    alternative = unit.compile(node.alternative)

    def choose(frame: Frame, scope: Scope | None) -> Value:
        return consequence(frame, scope) if is_true(condition(frame, scope)) else alternative(frame, scope)

    return choose


# ---------------------------------------------------------------- loops


class _Rounds:
    """The iterators of a loop: all combinations of their items, the last one turning fastest."""

    def __init__(self, iterators: tuple[syntax.Iterator, ...], unit: Unit) -> None:
        self.iterators: list[tuple[str, Evaluator]] = []
        for index, iterator in enumerate(iterators):
            if index:
                with unit.inside():
                    domain = unit.compile(iterator.domain)
            else:
                domain = unit.compile(iterator.domain)
            self.iterators.append((iterator.name, domain))

    def scopes(self, frame: Frame, scope: Scope | None, weight: int) -> list[Scope] | None:
        """Return one scope per round, or ``None`` if a domain is neither list nor range."""
        scopes: list[Scope] = []
        outer: list[Scope | None] = [scope]
        for name, domain in self.iterators:
            scopes = []
            for around in outer:
                items = _items(domain(frame, around), frame)
                if items is None:
                    return None
                frame.charge(1 + len(items))
                scopes.extend(Scope({name: item}, around) for item in items)
            outer = list(scopes)
        frame.charge(weight * len(scopes))
        return scopes


def _items(value: Value, meter: Meter) -> list[Value] | None:
    if isinstance(value, list):
        return value
    return _steps_of(value, meter) if isinstance(value, Range) else None


def _steps_of(interval: Range, meter: Meter) -> list[Value] | None:
    """Return the numbers or days of a range one by one, downwards if it is written downwards."""
    start, end = interval.start, interval.end
    step = None if interval.operator else _direction(start, end)
    if step is None:
        return None
    items: list[Value]
    if type(start) is Decimal:
        count = int(NUMBERS.subtract(end, start).copy_abs()) + 1
        meter.charge(count)
        items = [NUMBERS.add(start, Decimal(step * index)) for index in range(count)]
    else:
        count = abs((end - start).days) + 1
        meter.charge(count)
        items = [start + timedelta(days=step * index) for index in range(count)]
    if not interval.start_included:
        items = items[1:]
    if items and not interval.end_included and items[-1] == end:
        items.pop()
    return items


def _direction(start: Value, end: Value) -> int | None:
    """Return 1 or -1 for two numbers or two days, else ``None``: texts and times have no next one."""
    if type(start) is not type(end) or type(start) not in (Decimal, date):
        return None
    return 1 if end >= start else -1


def compile_for(node: syntax.For, unit: Unit) -> Evaluator:
    """``for … return …``; the body may read the results so far as ``partial``."""
    rounds = _Rounds(node.iterators, unit)
    body, weight = unit.compile_inner(node.body)

    def loop(frame: Frame, scope: Scope | None) -> list[Value] | None:
        scopes = rounds.scopes(frame, scope, weight)
        if scopes is None:
            return None
        results: list[Value] = []
        partial = _Partial(results, frame)
        for inner in scopes:
            results.append(body(frame, Scope(partial, inner)))
        return results

    return loop


class _Partial(dict[str, Value]):
    """The name ``partial``. It is copied whenever it is read, so that no list can contain itself."""

    __slots__ = ("meter", "results")

    def __init__(self, results: list[Value], meter: Meter) -> None:
        super().__init__(partial=None)
        self.results = results
        self.meter = meter

    def __getitem__(self, name: str) -> Value:
        self.meter.charge(len(self.results))
        return list(self.results)


def compile_quantified(node: syntax.Quantified, unit: Unit) -> Evaluator:
    """``some`` and ``every``; over something that is no list the answer is null."""
    rounds = _Rounds(node.iterators, unit)
    body, weight = unit.compile_inner(node.body)
    decisive = node.quantifier == "some"

    def quantified(frame: Frame, scope: Scope | None) -> bool | None:
        scopes = rounds.scopes(frame, scope, weight)
        if scopes is None:
            return None
        return decisive if any(is_true(body(frame, inner)) is decisive for inner in scopes) else not decisive

    return quantified


# ---------------------------------------------------------------- lists and contexts


def compile_list(node: syntax.ListLiteral, unit: Unit) -> Evaluator:
    """``[a, b]``"""
    items = tuple(unit.compile(item) for item in node.items)
    return lambda frame, scope: [item(frame, scope) for item in items]


def compile_context(node: syntax.ContextLiteral, unit: Unit) -> Evaluator:
    """``{a: 1, b: a + 1}``: entries are evaluated in order and see the ones before them."""
    entries: list[tuple[str, Evaluator]] = []
    with unit.inside():
        for name, value in node.entries:
            if name in dict(entries):
                raise unit.error(value, f"“{name}”写了两次")
            entries.append((name, unit.compile(value)))

    def context(frame: Frame, scope: Scope | None) -> dict[str, Value]:
        result: dict[str, Value] = {}
        inner = Scope(result, scope)
        for name, value in entries:
            result[name] = value(frame, inner)
        return result

    return context


def compile_path(node: syntax.Path, unit: Unit) -> Evaluator:
    """``target.name``; on a list it is taken of every item."""
    target, name = unit.compile(node.target), node.name

    def path(frame: Frame, scope: Scope | None) -> Value:
        value = target(frame, scope)
        if isinstance(value, list):
            frame.charge(len(value))
            return [_entry(item, name) for item in value]
        return _entry(value, name)

    return path


def _entry(value: Value, name: str) -> Value:
    if isinstance(value, dict):
        return value.get(name)
    if isinstance(value, Range):
        attribute = _RANGE_PROPERTIES.get(name)
        return getattr(value, attribute) if attribute else None
    return property_of(value, name)


# ---------------------------------------------------------------- filters

_PREDICATES = (syntax.Compare, syntax.Logic, syntax.Between, syntax.In, syntax.Quantified, syntax.InstanceOf)


def compile_filter(node: syntax.Filter, unit: Unit) -> Evaluator:
    """``list[2]`` picks by number (from 1, negative from the end), ``list[a > 3]`` keeps matching items.

    Inside, an item's own entries come before outer names, and the item itself is ``item``. Whether a
    condition such as a variable is a number shows only when it runs.
    """
    target = unit.compile(node.target)
    condition, weight = unit.compile_inner(node.condition)
    predicate = isinstance(node.condition, _PREDICATES)

    def select(frame: Frame, scope: Scope | None) -> Value:
        value = target(frame, scope)
        if value is None:
            return None
        items = value if isinstance(value, list) else [value]
        if not predicate:
            index = condition(frame, scope)
            if type(index) is Decimal:
                return _pick(items, index)
        frame.charge((weight + 2) * len(items))
        return [item for item in items if condition(frame, Scope(_item_names(item), scope)) is True]

    return select


def _item_names(item: Value) -> Mapping[str, Value]:
    return {"item": item, **item} if isinstance(item, dict) else {"item": item}


def _pick(items: list[Value], index: Decimal) -> Value:
    if index != index.to_integral_value() or not 1 <= abs(index) <= len(items):
        return None
    place = int(index)
    return items[place if place < 0 else place - 1]
