"""What built-in functions take and give, for static typing: read off their declarations."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from zuozhen.feel.registry import BUILTINS, Builtin, Parameter
from zuozhen.model import types
from zuozhen.model.types import Type

_MOMENT: Final = frozenset({"date", "date and time"})
ACCEPTED: Final[Mapping[str, frozenset[str]]] = {
    "string": frozenset({"string"}),
    "number": frozenset({"number"}),
    "boolean": frozenset({"boolean"}),
    "context": frozenset({"context"}),
    "range": frozenset({"range"}),
    "function": frozenset({"function"}),
    "time": frozenset({"time"}),
    "date": _MOMENT,
    "any date": _MOMENT,
    "moment": _MOMENT,
    "span": types.SPANS,
}
"""Kinds of values that fit a parameter's kind; ``any`` and ``list`` take all."""

_RESULTS: Final[Mapping[str, Type]] = {
    "bool": types.BOOLEAN,
    "Decimal": types.NUMBER,
    "str": types.TEXT,
    "date": types.DATE,
    "time": types.TIME,
    "datetime": types.DATE_TIME,
    "Day": types.DATE,
    "FarMoment": types.DATE_TIME,
    "Months": types.MONTHS,
    "timedelta": types.DAYS,
    "Range": Type("range", types.ANY),
    "list[Value]": types.LIST,
    "dict[str, Value]": types.CONTEXT,
}

SAME_LIST: Final = frozenset(
    {"sublist", "reverse", "remove", "insert before", "sort", "distinct values", "list replace"}
)
"""Functions whose list holds what their first argument holds."""
OF_ITEMS: Final = frozenset({"min", "max"})
"""Functions that give one of the values they are given."""


def result_of(way: Builtin) -> Type:
    """Return the type that a built-in function gives, as its implementation declares it."""
    text = str(way.function.__annotations__.get("return", "Value"))
    found = [_RESULTS.get(part.strip(), types.ANY) for part in text.split("|") if part.strip() != "None"]
    return types.join_all(found) if found else types.ANY


def fits(given: Type, kind: str) -> bool:
    """Say whether a value of this type may be given to a parameter of this kind."""
    if kind in ("any", "list") or not given.known:
        return True
    return given.kind in ACCEPTED[kind]


def ways_of(name: str) -> tuple[Builtin, ...]:
    """Return the ways to call a built-in function; none if there is no such function."""
    return BUILTINS.get(name, ())


def parameters_for(way: Builtin, count: int, names: Collection[str]) -> list[Parameter] | None:
    """Return the parameter of each argument, of the named ones in their order; ``None`` if they do not match."""
    if names:
        by_name = {parameter.name: parameter for parameter in way.parameters}
        return [by_name[name] for name in names] if set(names) <= by_name.keys() and not count else None
    fixed = [parameter for parameter in way.parameters if not (parameter.spread or parameter.rest)]
    required = sum(not parameter.optional for parameter in fixed)
    more = way.parameters[len(fixed) :]
    if count < required or (count > len(fixed) and not more):
        return None
    return [*fixed[:count], *(more[0] for _ in range(count - len(fixed)))] if more else fixed[:count]
