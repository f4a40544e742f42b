"""Built-in functions on numbers (DMN 1.3, 10.3.4.5) and the conversion ``number``."""

from __future__ import annotations

import decimal
import re
from datetime import timedelta
from decimal import Decimal

from zuozhen.feel.arithmetic import negate
from zuozhen.feel.frame import Frame
from zuozhen.feel.limits import EXPENSIVE
from zuozhen.feel.registry import builtin
from zuozhen.feel.values import NUMBERS, Months, Value, finite, number

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_SCALES = range(-6111, 6177)  # DMN: the exponents of IEEE decimal128


def _round(value: Decimal, scale: Decimal, rounding: str) -> Decimal | None:
    places = int(scale)
    if places not in _SCALES:
        return None
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= places:
        return value
    with decimal.localcontext(decimal.Context(prec=1000, traps=[])):
        rounded = value.quantize(Decimal(1).scaleb(-places), rounding=rounding)
    return number(rounded) if rounded.is_finite() else None


@builtin("decimal", "n: number", "scale: number")
def _decimal(value: Decimal, scale: Decimal) -> Decimal | None:
    return _round(value, scale, decimal.ROUND_HALF_EVEN)


@builtin("floor", "n: number")
@builtin("floor", "n: number", "scale: number")
def _floor(value: Decimal, scale: Decimal = Decimal(0)) -> Decimal | None:
    return _round(value, scale, decimal.ROUND_FLOOR)


@builtin("ceiling", "n: number")
@builtin("ceiling", "n: number", "scale: number")
def _ceiling(value: Decimal, scale: Decimal = Decimal(0)) -> Decimal | None:
    return _round(value, scale, decimal.ROUND_CEILING)


@builtin("round up", "n: number", "scale: number")
def _round_up(value: Decimal, scale: Decimal) -> Decimal | None:
    return _round(value, scale, decimal.ROUND_UP)


@builtin("round down", "n: number", "scale: number")
def _round_down(value: Decimal, scale: Decimal) -> Decimal | None:
    return _round(value, scale, decimal.ROUND_DOWN)


@builtin("round half up", "n: number", "scale: number")
def _round_half_up(value: Decimal, scale: Decimal) -> Decimal | None:
    return _round(value, scale, decimal.ROUND_HALF_UP)


@builtin("round half down", "n: number", "scale: number")
def _round_half_down(value: Decimal, scale: Decimal) -> Decimal | None:
    return _round(value, scale, decimal.ROUND_HALF_DOWN)


@builtin("abs", "n: number")
def _abs_number(value: Decimal) -> Decimal:
    return value.copy_abs()


@builtin("abs", "n: span")
def _abs_span(value: timedelta | Months) -> Value:
    below = value.months < 0 if isinstance(value, Months) else value < timedelta(0)
    return negate(value) if below else value


@builtin("modulo", "dividend: number", "divisor: number")
def _modulo(dividend: Decimal, divisor: Decimal) -> Decimal | None:
    """The remainder has the sign of the divisor (floored division)."""
    if divisor == 0:
        return None
    rest = NUMBERS.remainder(dividend, divisor)
    if not rest.is_finite():
        return None
    return NUMBERS.add(rest, divisor) if rest and (rest < 0) != (divisor < 0) else rest


@builtin("sqrt", "number: number", metered=True)
def _sqrt(frame: Frame, value: Decimal) -> Decimal | None:
    frame.charge(EXPENSIVE)
    return finite(NUMBERS.sqrt(value)) if value >= 0 else None


@builtin("log", "number: number", metered=True)
def _log(frame: Frame, value: Decimal) -> Decimal | None:
    frame.charge(EXPENSIVE)
    return finite(NUMBERS.ln(value)) if value > 0 else None


@builtin("exp", "number: number", metered=True)
def _exp(frame: Frame, value: Decimal) -> Decimal | None:
    frame.charge(EXPENSIVE)
    return finite(NUMBERS.exp(value))


@builtin("odd", "number: number")
def _odd(value: Decimal) -> bool:
    return NUMBERS.remainder(value.copy_abs(), Decimal(2)) == 1


@builtin("even", "number: number")
def _even(value: Decimal) -> bool:
    return NUMBERS.remainder(value.copy_abs(), Decimal(2)) == 0


@builtin("number", "from: string", "grouping separator: string?", "decimal separator: string?")
def _number(text: str, grouping: str | None, point: str | None) -> Decimal | None:
    """Read a number; spaces around it are allowed, anything else gives null."""
    if grouping:
        text = text.replace(grouping, "")
    if point and point != ".":
        text = text.replace(".", "#").replace(point, ".")
    text = text.strip()
    return number(Decimal(text)) if len(text) <= 1000 and _NUMBER.fullmatch(text) else None


@builtin("number", "from: number")
def _number_itself(value: Decimal) -> Decimal:
    return value
