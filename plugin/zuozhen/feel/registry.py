"""Built-in functions: how they are declared, how arguments are bound to parameters and made to fit.

As DMN asks, an argument of the wrong kind makes the result null. A wrong number of arguments or a
wrong parameter name is a mistake in the text, so it is a :class:`FeelError`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, TypeVar

from zuozhen.feel.far import Far
from zuozhen.feel.frame import Frame
from zuozhen.feel.limits import CHARACTERS_PER_STEP
from zuozhen.feel.temporal import local_date_of
from zuozhen.feel.values import FunctionValue, Months, Range, Value
from zuozhen.model.errors import FeelError

_Function = TypeVar("_Function", bound=Callable[..., Value])

MISMATCH: Final = object()
"""Stands for an argument that does not fit its parameter."""

_TYPES: Mapping[str, tuple[type, ...]] = {
    "number": (Decimal,),
    "string": (str,),
    "boolean": (bool,),
    "context": (dict,),
    "range": (Range,),
    "function": (FunctionValue,),
    "time": (time,),
    "moment": (date, datetime),
    "span": (timedelta, Months),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. ``spread`` takes all arguments, or the items of the only one; ``rest`` all arguments."""

    name: str
    kind: str
    optional: bool = False
    spread: bool = False
    rest: bool = False


@dataclass(frozen=True, slots=True)
class Builtin:
    """One way to call a built-in function; ``metered`` ones get the frame as first argument."""

    name: str
    parameters: tuple[Parameter, ...]
    function: Callable[..., Value]
    metered: bool

    @property
    def usage(self) -> str:
        """The call as people write it, for messages."""
        names = (f"{parameter.name}{'?' if parameter.optional else ''}" for parameter in self.parameters)
        return f"{self.name}({', '.join(names)})"


BUILTINS: dict[str, tuple[Builtin, ...]] = {}
"""Every built-in function by name; some have several ways to be called. Filled when modules are imported."""


def builtin(name: str, *parameters: str, metered: bool = False) -> Callable[[_Function], _Function]:
    """Declare a built-in function.

    Parameters are written ``"name: kind"``, with ``?`` behind an optional one's kind, ``*`` before one
    that takes several arguments or one list, ``**`` before one that takes all remaining arguments.
    """

    def declare(function: _Function) -> _Function:
        entry = Builtin(name, tuple(_parameter(text) for text in parameters), function, metered)
        BUILTINS[name] = (*BUILTINS.get(name, ()), entry)
        return function

    return declare


def _parameter(text: str) -> Parameter:
    name, _, kind = text.partition(": ")
    stars = len(name) - len(name.lstrip("*"))
    return Parameter(name[stars:], kind.rstrip("?"), kind.endswith("?"), spread=stars == 1, rest=stars == 2)


def call_builtin(
    ways: Sequence[Builtin], arguments: list[Value], named: Mapping[str, Value], frame: Frame
) -> Value:
    """Call the first way whose parameters fit; ``None`` if only the kinds of arguments do not fit."""
    frame.charge(1 + sum(map(_size, arguments)))
    bindable = False
    for way in ways:
        bound = _bind(way.parameters, arguments, named)
        if bound is None:
            continue
        bindable = True
        fitted = [_fit(value, parameter) for value, parameter in zip(bound, way.parameters, strict=True)]
        if MISMATCH in map(_mark, fitted):
            continue
        result = way.function(frame, *fitted) if way.metered else way.function(*fitted)
        frame.charge(_size(result))
        return result
    if not bindable:
        raise FeelError("参数的个数或名字不对", hint="写法：" + " 或 ".join(way.usage for way in ways))
    return None


def _mark(value: Any) -> object:
    """Return the mark itself or something that is not: values must not be compared with ``==`` here."""
    return MISMATCH if value is MISMATCH else None


def _size(value: Value) -> int:
    if isinstance(value, (list, dict)):
        return len(value)
    return len(value) // CHARACTERS_PER_STEP if isinstance(value, str) else 0


def _bind(
    parameters: Sequence[Parameter], arguments: list[Value], named: Mapping[str, Value]
) -> list[Value] | None:
    if named:
        names = {parameter.name for parameter in parameters}
        required = {parameter.name for parameter in parameters if not parameter.optional}
        if arguments or not required <= named.keys() <= names:
            return None
        return [_named(named.get(parameter.name), parameter) for parameter in parameters]
    fixed = [parameter for parameter in parameters if not (parameter.spread or parameter.rest)]
    missing = len(fixed) - len(arguments)
    if missing > sum(parameter.optional for parameter in fixed):
        return None
    bound = arguments[: len(fixed)] + [None] * max(missing, 0)
    if len(fixed) == len(parameters):
        return bound if missing >= 0 else None
    more = arguments[len(fixed) :]
    if parameters[-1].spread and not more:
        return None
    spread = parameters[-1].spread and len(more) == 1 and isinstance(more[0], list)
    return [*bound, more[0] if spread else more]


def _named(value: Value, parameter: Parameter) -> Value:
    several = parameter.spread or parameter.rest
    return [value] if several and not isinstance(value, list) else value


def _fit(value: Value, parameter: Parameter) -> Any:
    if parameter.spread or parameter.rest:
        items = [_fit_kind(item, parameter.kind) for item in value]
        return MISMATCH if MISMATCH in map(_mark, items) else items
    if value is None and parameter.optional:
        return None
    return _fit_kind(value, parameter.kind)


def _fit_kind(value: Value, kind: str) -> Any:
    """Convert implicitly as DMN does: an item to a list, a list of one to its item, a moment to its day."""
    if kind == "any":
        return value
    if kind == "list":
        if value is None:
            return MISMATCH
        return value if isinstance(value, list) else [value]
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if kind in ("date", "any date"):
        fits = isinstance(value, (date, Far) if kind == "any date" else date)
        return local_date_of(value) if fits else MISMATCH
    return value if isinstance(value, _TYPES[kind]) else MISMATCH
