"""Arguments of the date functions: what FEEL, JSON and forms pass in, made plain Python values."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from zuozhen.model.clock import LOCAL
from zuozhen.model.errors import FeelError

_MOST = 100_000


def whole_number(value: object, function: str, unit: str) -> int:
    """Return a count of days or months; refuses fractions, negatives, text and yes/no."""
    number = amount(value, function, unit)
    if number != number.to_integral_value():
        raise FeelError(f"{function}：{unit}应为整数，现为 {number}", hint="例如 workdays(10)")
    return int(number)


def amount(value: object, function: str, unit: str) -> Decimal:
    """Return a number from 0 to 100000 as a decimal."""
    if value is None:
        raise FeelError(f"{function}：{unit}为空", hint="请检查所用的变量是否已经填写")
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise FeelError(f"{function}：{unit}应为数字，现为 {value!r}", hint="例如 workdays(10)")
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:  # pragma: no cover - str() of a number is a number
        raise FeelError(f"{function}：{unit}应为数字") from error
    if not (number.is_finite() and 0 <= number <= _MOST):
        raise FeelError(
            f"{function}：{unit}应在 0 至 {_MOST} 之间，现为 {number}", hint="往前推算请改用 before"
        )
    return number


def moment(value: object, function: str) -> date | datetime:
    """Return a date, or an aware instant; text is ISO, and without an offset it is local time."""
    if isinstance(value, str):
        value = _from_text(value.strip(), function)
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=LOCAL).astimezone(UTC)
    if isinstance(value, date):
        return value
    if value is None:
        raise FeelError(f"{function}：日期为空", hint="请检查所用的变量是否已经填写")
    raise FeelError(f"{function}：{value!r} 不是日期", hint="应为日期、日期时间或 2026-10-20 这样的文字")


def local_day(value: date | datetime) -> date:
    """Return the local calendar day of a date or an aware instant."""
    return value.astimezone(LOCAL).date() if isinstance(value, datetime) else value


def _from_text(text: str, function: str) -> date | datetime:
    try:
        return date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text.partition("@")[0])
    except ValueError as error:
        raise FeelError(f"{function}：“{text[:40]}”不是日期", hint="写成 2026-10-20 的样子") from error
