"""Whether a value is of a type: ``instance of`` and the types of a function's parameters."""

from __future__ import annotations

from zuozhen.feel import syntax
from zuozhen.feel.limits import Meter
from zuozhen.feel.values import FunctionValue, Range, Value, kind_of


def conforms(value: Value, kind: syntax.TypeName, meter: Meter) -> bool:
    """Return whether ``value`` is of the type; null, which says nothing, fits any type."""
    meter.charge(1)
    if value is None or kind.name == "Any":
        return True
    if kind_of(value) != kind.name:
        return False
    inner = [parameter for _, parameter in kind.parameters]
    if isinstance(value, dict):
        entries = kind.parameters
        return all(name in value and conforms(value[name], each, meter) for name, each in entries)
    if isinstance(value, FunctionValue):
        return kind.result is None or len(inner) == len(value.parameters)
    if isinstance(value, list):
        return not inner or all(conforms(item, inner[0], meter) for item in value)
    if isinstance(value, Range):
        return not inner or all(conforms(end, inner[0], meter) for end in (value.start, value.end))
    return True


def coerced(value: Value, kind: syntax.TypeName, meter: Meter) -> Value:
    """Return an argument as a parameter of that type gets it: a list of one as its item, a misfit as null."""
    if conforms(value, kind, meter):
        return value
    if isinstance(value, list) and len(value) == 1 and conforms(value[0], kind, meter):
        return value[0]
    if kind.name == "list" and conforms([value], kind, meter):
        return [value]
    return None
