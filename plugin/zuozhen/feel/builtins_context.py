"""Built-in functions on contexts (DMN 1.3, 10.3.4.10) and on any value."""

from __future__ import annotations

from datetime import datetime, time

from zuozhen.feel.comparison import equals
from zuozhen.feel.frame import Frame
from zuozhen.feel.registry import builtin
from zuozhen.feel.values import Value, kind_of, text_of, zone_name
from zuozhen.model.clock import LOCAL


@builtin("not", "negand: any")
def _not(value: Value) -> bool | None:
    return not value if isinstance(value, bool) else None


@builtin("string", "from: any", metered=True)
def _string(frame: Frame, value: Value) -> str | None:
    return None if value is None else text_of(value, frame)


@builtin("is", "value1: any", "value2: any", metered=True)
def _is(frame: Frame, left: Value, right: Value) -> bool:
    """Whether both values are of the same kind and the same, down to the zone of a time."""
    if kind_of(left) != kind_of(right):
        return False
    return _zone_of(left) == _zone_of(right) and bool(equals(left, right, frame))


def _zone_of(value: Value) -> object:
    """Return the zone's name, the offset, or ``None`` for local time and for values without a time."""
    if not isinstance(value, (datetime, time)) or value.tzinfo is LOCAL:
        return None
    return zone_name(value) or value.utcoffset()


@builtin("get value", "m: context", "key: string")
@builtin("get value", "context: context", "key: string")
def _get_value(context: dict[str, Value], key: str) -> Value:
    return context.get(key)


@builtin("get value", "context: context", "keys: list")
def _get_inner_value(context: dict[str, Value], keys: list[Value]) -> Value:
    value: Value = context
    for key in keys:
        value = value.get(key) if isinstance(value, dict) and isinstance(key, str) else None
    return value


@builtin("get entries", "m: context")
@builtin("get entries", "context: context")
def _get_entries(context: dict[str, Value]) -> list[Value]:
    return [{"key": key, "value": value} for key, value in context.items()]


@builtin("context", "*entries: context")
def _context(entries: list[dict[str, Value]]) -> dict[str, Value] | None:
    context: dict[str, Value] = {}
    for entry in entries:
        key = entry.get("key")
        if not isinstance(key, str) or key in context or "value" not in entry:
            return None
        context[key] = entry["value"]
    return context


@builtin("context merge", "*contexts: context", metered=True)
def _context_merge(frame: Frame, contexts: list[dict[str, Value]]) -> dict[str, Value]:
    merged: dict[str, Value] = {}
    for context in contexts:
        frame.charge(len(context))
        merged.update(context)
    return merged


@builtin("context put", "context: context", "key: string", "value: any")
def _context_put(context: dict[str, Value], key: str, value: Value) -> dict[str, Value]:
    return {**context, key: value}


@builtin("context put", "context: context", "keys: list", "value: any", metered=True)
def _context_put_inner(
    frame: Frame, context: dict[str, Value], keys: list[Value], value: Value
) -> dict[str, Value] | None:
    contexts: list[dict[str, Value]] = [context]
    for key in keys[:-1]:
        inner = contexts[-1].get(key) if isinstance(key, str) else None
        if not isinstance(inner, dict):
            return None
        contexts.append(inner)
    if not keys or not isinstance(keys[-1], str):
        return None
    for outer, key in zip(reversed(contexts), reversed(keys), strict=True):
        frame.charge(len(outer))
        value = {**outer, key: value}
    return dict(value)


# ---------------------------------------------------------------- extensions of Camunda 8


@builtin("is defined", "value: any")
def _is_defined(value: Value) -> bool:
    return value is not None


@builtin("get or else", "value: any", "default: any")
def _get_or_else(value: Value, default: Value) -> Value:
    return default if value is None else value
