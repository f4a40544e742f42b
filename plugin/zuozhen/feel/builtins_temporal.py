"""Built-in functions on dates, times and durations (DMN 1.3, 10.3.4.1 and 10.3.4.8).

There is no ``today`` and no ``now``: who evaluates may register them; an expression alone has no clock.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal

from zuozhen.feel.comparison import instant
from zuozhen.feel.far import Day, FarMoment
from zuozhen.feel.registry import builtin
from zuozhen.feel.temporal import (
    combine,
    local_date_of,
    make_date,
    months_between,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
)
from zuozhen.feel.values import Months

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


@builtin("date", "from: string")
def _date_from_text(text: str) -> Day | None:
    """Read ``2026-01-31``, or take the local day of a date-time's text."""
    if "T" not in text:
        return parse_date(text)
    moment = parse_date_time(text)
    return local_date_of(moment) if moment else None


@builtin("date", "from: any date")
def _date_from_moment(day: Day) -> Day:
    return day


@builtin("date", "year: number", "month: number", "day: number")
def _date_from_parts(year: Decimal, month: Decimal, day: Decimal) -> Day | None:
    return make_date(*(int(part) for part in (year, month, day)))


@builtin("time", "from: string")
def _time_from_text(text: str) -> time | None:
    return parse_time(text)


@builtin("time", "from: time")
def _time_itself(clock_time: time) -> time:
    return clock_time


@builtin("time", "from: moment")
def _time_from_moment(moment: date) -> time:
    return instant(moment).timetz()


@builtin("time", "hour: number", "minute: number", "second: number", "offset: span?")
def _time_from_parts(
    hour: Decimal, minute: Decimal, second: Decimal, offset: timedelta | Months | None
) -> time | None:
    if isinstance(offset, Months):
        return None
    whole = int(second)
    try:
        zone = timezone(offset) if offset is not None else None
        return time(int(hour), int(minute), whole, int((second - whole) * 1_000_000), zone)
    except (ValueError, OverflowError):
        return None


@builtin("date and time", "from: string")
def _date_time_from_text(text: str) -> datetime | FarMoment | None:
    return parse_date_time(text)


@builtin("date and time", "from: moment")
def _date_time_from_moment(moment: date) -> datetime:
    return instant(moment)


@builtin("date and time", "date: date", "time: time")
def _date_time_from_parts(day: date, clock_time: time) -> datetime:
    return combine(day, clock_time)


@builtin("duration", "from: string")
def _duration(text: str) -> timedelta | Months | None:
    return parse_duration(text)


@builtin("years and months duration", "from: any date", "to: any date")
def _years_and_months_duration(start: Day, end: Day) -> Months:
    return months_between(start, end)


@builtin("day of year", "date: date")
def _day_of_year(day: date) -> Decimal:
    return Decimal(day.timetuple().tm_yday)


@builtin("day of week", "date: date")
def _day_of_week(day: date) -> str:
    return _DAYS[day.weekday()]


@builtin("month of year", "date: date")
def _month_of_year(day: date) -> str:
    return _MONTHS[day.month - 1]


@builtin("week of year", "date: date")
def _week_of_year(day: date) -> Decimal:
    """The week's number by ISO 8601."""
    return Decimal(day.isocalendar().week)


@builtin("last day of month", "date: date")
def _last_day_of_month(day: date) -> date:
    """An extension of Camunda 8."""
    return day.replace(day=monthrange(day.year, day.month)[1])
