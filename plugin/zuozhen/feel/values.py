"""FEEL values and their JSON forms.

Numbers are ``Decimal`` (34 digits, the range of a JSON double), texts ``str``, dates
``datetime.date``, date-times aware ``datetime``, times ``datetime.time``, days-and-time durations
``timedelta``, years-and-months durations :class:`Months`, lists ``list``, contexts ``dict``. No other
Python object gets in, so no expression can reach an attribute of one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from zuozhen.feel.far import Far, kind_of_far
from zuozhen.feel.limits import MAX_VALUE_DEPTH, Meter
from zuozhen.model.clock import LOCAL
from zuozhen.model.errors import FeelError

Value: TypeAlias = Any

_LARGEST_EXPONENT = 307
_LARGEST_BITS = 1024
_TRAILING_ZEROS = re.compile(r"(\.[0-9]+?)0+(?=$|[-+])")
_PLAIN_KEY = re.compile(r"[^\W\d][\w ]*")
NUMBERS = Context(
    prec=34, rounding=ROUND_HALF_EVEN, Emin=-_LARGEST_EXPONENT, Emax=_LARGEST_EXPONENT, traps=[], flags=[]
)
"""All arithmetic goes through this context; an overflow gives no trap but a value that becomes null."""

PLAIN_TYPES = frozenset({str, bool, type(None), date, time, timedelta})


@dataclass(frozen=True, slots=True, order=True)
class Months:
    """A years-and-months duration."""

    months: int


@dataclass(frozen=True, slots=True)
class Range:
    """An interval, or what ``(< 10)`` says: then ``operator`` is ``<`` and the other end has no limit.

    Without an operator an end that is ``None`` is unknown: nothing can be said about what lies inside.
    """

    start: Value
    end: Value
    start_included: bool
    end_included: bool
    operator: str = ""


class FunctionValue:
    """A function written in FEEL: its closure, the names around it and what one call costs in steps."""

    __slots__ = ("body", "kinds", "parameters", "scope", "weight")

    def __init__(
        self, parameters: tuple[str, ...], kinds: tuple[Any, ...], body: Any, scope: Any, weight: int
    ) -> None:
        self.parameters = parameters
        self.kinds = kinds
        self.body = body
        self.scope = scope
        self.weight = weight


def number(value: int | float | Decimal) -> Decimal | None:
    """Return a FEEL number, or ``None`` for what is not finite or out of range."""
    if type(value) is float:
        if not math.isfinite(value):
            return None
        return NUMBERS.create_decimal(repr(value))
    if isinstance(value, int) and value.bit_length() > _LARGEST_BITS:
        return None
    return finite(NUMBERS.create_decimal(value))


def finite(value: Decimal) -> Decimal | None:
    """Return ``value``, or ``None`` where a calculation overflowed or has no answer."""
    return value if value.is_finite() else None


def lift(value: object, depth: int = 0) -> Value:
    """Turn a JSON or Python value into a FEEL value; anything else is a :class:`FeelError`."""
    kind = type(value)
    if kind in PLAIN_TYPES or kind in (FunctionValue, Months, Far):
        return value
    if isinstance(value, (int, float, Decimal)):
        return number(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=LOCAL)
    if depth > MAX_VALUE_DEPTH:
        raise FeelError(f"变量嵌套超过 {MAX_VALUE_DEPTH} 层。", hint="请把数据摊平一些")
    if isinstance(value, Mapping):
        return {str(key): lift(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [lift(item, depth + 1) for item in value]
    if isinstance(value, Range):
        return Range(
            lift(value.start, depth + 1),
            lift(value.end, depth + 1),
            value.start_included,
            value.end_included,
            value.operator,
        )
    raise FeelError(
        f"变量的类型 {kind.__name__} 不能用在表达式里。", hint="可用文字、数字、是否、日期、列表和对象"
    )


def kind_of(value: Value) -> str:
    """Return the FEEL name of a value's type."""
    name = _KINDS.get(type(value))
    if name is None and isinstance(value, Far):
        return kind_of_far(value)
    if name is None:
        raise FeelError(f"变量的类型 {type(value).__name__} 不能用在表达式里。")
    return name


_KINDS: Mapping[type, str] = {
    type(None): "null",
    bool: "boolean",
    Decimal: "number",
    str: "string",
    date: "date",
    datetime: "date and time",
    time: "time",
    timedelta: "days and time duration",
    Months: "years and months duration",
    list: "list",
    dict: "context",
    Range: "range",
    FunctionValue: "function",
}


def to_json(value: Value, meter: Meter | None = None, depth: int = 0) -> Any:
    """Turn a FEEL value into JSON: numbers ``int`` or ``float``, dates and durations ISO text.

    A function has no JSON form, and values that would be enormous when written out are refused
    (:class:`FeelError`).
    """
    meter = meter or Meter()
    meter.charge(1)
    if value is None or type(value) in (bool, str):
        return value
    if type(value) is Decimal:
        return _json_number(value)
    if depth > MAX_VALUE_DEPTH:
        raise FeelError(f"结果嵌套超过 {MAX_VALUE_DEPTH} 层，不能保存。")
    if isinstance(value, dict):
        return {key: to_json(item, meter, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [to_json(item, meter, depth + 1) for item in value]
    if isinstance(value, Range):
        return {
            "start": to_json(value.start, meter, depth + 1),
            "end": to_json(value.end, meter, depth + 1),
            "start included": value.start_included,
            "end included": value.end_included,
        }
    if isinstance(value, FunctionValue):
        raise FeelError("结果是一个函数，不能保存。", hint="请写出参数，例如 f(1)")
    return (
        iso_text(lift(value))
        if isinstance(value, (date, time, timedelta, Months, Far))
        else to_json(lift(value))
    )


def _json_number(value: Decimal) -> int | float | None:
    if not value.is_finite():
        return None
    if value.adjusted() <= NUMBERS.prec and value == value.to_integral_value(context=NUMBERS):
        return int(value)
    return float(value)


def iso_text(value: Value) -> str:
    """Return the ISO 8601 text of a date, time, date-time or duration; a date-time has its offset."""
    if isinstance(value, Months):
        years, months = divmod(abs(value.months), 12)
        sign = "-" if value.months < 0 else ""
        parts = (f"{years}Y" if years else "") + (f"{months}M" if months or not years else "")
        return f"{sign}P{parts}"
    if isinstance(value, timedelta):
        return _days_text(value)
    if isinstance(value, Far):
        return value.text(_written(value.near))
    if isinstance(value, time) and isinstance(value.tzinfo, ZoneInfo):
        return _written(value)  # its offset depends on the day, which a time of day does not have
    return _clock_text(value.isoformat())


def zone_name(value: date | time) -> str | None:
    """Return the name of the time zone written with a value; local time and mere offsets have none."""
    zone = getattr(value, "tzinfo", None)
    return zone.key if isinstance(zone, ZoneInfo) and zone is not LOCAL else None


def _written(value: date | time) -> str:
    """Return the text of a moment as it was written: local time without an offset, zones by name."""
    zone = getattr(value, "tzinfo", None)
    if not isinstance(zone, ZoneInfo):
        return _clock_text(value.isoformat())
    name = zone_name(value)
    return _clock_text(value.replace(tzinfo=None).isoformat()) + (f"@{name}" if name else "")  # type: ignore[call-arg]


def _clock_text(text: str) -> str:
    """Shorten Python's ISO text: a fraction without trailing zeros, ``Z`` for no offset."""
    text = _TRAILING_ZEROS.sub(r"\1", text)
    return f"{text[:-6]}Z" if text.endswith("+00:00") else text


def _days_text(value: timedelta) -> str:
    sign = "-" if value < timedelta(0) else ""
    value = abs(value)
    hours, rest = divmod(value.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{value.microseconds:06d}".rstrip("0") if value.microseconds else ""
    days = f"{value.days}D" if value.days else ""
    clock = (
        (f"{hours}H" if hours else "")
        + (f"{minutes}M" if minutes else "")
        + (f"{seconds}{fraction}S" if seconds or fraction else "")
    )
    return f"{sign}P{days}{'T' + clock if clock else ''}" if days or clock else "PT0S"


def text_of(value: Value, meter: Meter, *, quoted: bool = False, depth: int = 0) -> str:
    """Return the text that ``string(value)`` gives."""
    meter.charge(1)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        meter.charge_text(len(value))
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if quoted else value
    if isinstance(value, Decimal):
        return number_text(value)
    if depth > MAX_VALUE_DEPTH:
        raise FeelError(f"列表或对象嵌套超过 {MAX_VALUE_DEPTH} 层，不能转成文字。")
    if isinstance(value, list):
        return f"[{_joined(value, meter, depth)}]"
    if isinstance(value, dict):
        entries = (
            f"{_key_text(key)}: {text_of(item, meter, quoted=True, depth=depth + 1)}"
            for key, item in value.items()
        )
        return "{" + ", ".join(entries) + "}"
    if isinstance(value, Range) and value.operator:
        return f"({value.operator} {text_of(bound_of(value), meter, quoted=True, depth=depth + 1)})"
    if isinstance(value, Range):
        ends = f"{text_of(value.start, meter, quoted=True, depth=depth + 1)}.."
        ends += text_of(value.end, meter, quoted=True, depth=depth + 1)
        return ("[" if value.start_included else "(") + ends + ("]" if value.end_included else ")")
    if isinstance(value, FunctionValue):
        return f"function({', '.join(value.parameters)})"
    return iso_text(value) if isinstance(value, (timedelta, Months, Far)) else _written(value)


def bound_of(limit: Range) -> Value:
    """Return the value behind the operator of a range such as ``(< 10)``."""
    return limit.end if limit.start is None else limit.start


def _key_text(key: str) -> str:
    return key if _PLAIN_KEY.fullmatch(key) else '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _joined(items: Sequence[Value], meter: Meter, depth: int) -> str:
    return ", ".join(text_of(item, meter, quoted=True, depth=depth + 1) for item in items)


def number_text(value: Decimal) -> str:
    """Return a number as people write it: no exponent for ordinary sizes, no trailing zeros."""
    if value == 0:
        return "0"
    value = value.normalize(NUMBERS)
    return format(value, "f") if -20 < value.adjusted() <= NUMBERS.prec else str(value)
