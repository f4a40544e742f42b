"""What expressions read of the pack: parameters and tables, which lie beneath the variables of every case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zuozhen.feel import Expression, compile_expression
from zuozhen.model.errors import FeelError

_MISSING = object()


def with_ambient(
    expression: Expression, variables: Mapping[str, Any], ambient: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return the variables with what lies beneath them, as far as the expression reads of it at all."""
    if not ambient or expression.names.isdisjoint(ambient):
        return variables
    return {**ambient, **variables}


def same_values(old: str, former: Mapping[str, Any], new: str, ambient: Mapping[str, Any]) -> bool:
    """Tell whether two texts read the same parameters and rows; a text that is no FEEL reads none."""
    return _read_of(old, former) == _read_of(new, ambient)


def told_values(text: str, ambient: Mapping[str, Any]) -> str:
    """Return the single values that a rule reads, to be shown behind it; empty if there are none."""
    plain = {
        path.rpartition(".")[2]: value
        for path, value in _read_of(text, ambient).items()
        if not isinstance(value, list | Mapping) and value is not _MISSING
    }
    return "，".join(f"{name} = {value}" for name, value in sorted(plain.items()))


def _read_of(text: str, ambient: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ambient values that an expression reads, by path (``parameters.answer_days``)."""
    try:
        expression = compile_expression(text)
    except FeelError:
        return {}
    found: dict[str, Any] = {name: ambient.get(name, _MISSING) for name in expression.whole & ambient.keys()}
    for path in expression.paths:
        name, key = path.split(".")[:2]
        if name in ambient:
            found[f"{name}.{key}"] = ambient[name].get(key, _MISSING)
    return found
