"""Dates, times and durations: reading ISO text, adding, subtracting, properties.

A date-time without an offset is local time (Asia/Shanghai): its ``tzinfo`` is the very object ``LOCAL``,
which tells it from one whose text names that zone. Impossible dates are null, as DMN asks, and so are sums
that leave the years 1 to 9999; texts may name years outside (:mod:`zuozhen.feel.far`).
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from zuozhen.feel.comparison import instant
from zuozhen.feel.far import DAYS_OF_CYCLE, Day, Far, far_date, folded, moved
from zuozhen.feel.values import Months, Value, zone_name
from zuozhen.model.clock import LOCAL

_DATE = re.compile(r"((?:-?[0-9]{4}|-?[1-9][0-9]{4,8}))-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(
    r"([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?"
    r"(?:(Z)|([+-])([0-9]{2}):?([0-9]{2})(?::([0-9]{2}))?|@([A-Za-z_]+(?:/[A-Za-z0-9_+-]+)*))?"
)
_LARGEST_OFFSET = timedelta(hours=18)
_NAMED_LOCAL = ZoneInfo.no_cache(LOCAL.key)
_STARTS_WITH_YEAR = re.compile(r"-?[0-9]{4,9}-")
_MONTHS = re.compile(r"(-)?P(?:([0-9]{1,6})Y)?(?:([0-9]{1,6})M)?")
_DAYS = re.compile(
    r"(-)?P(?:([0-9]{1,6})W)?(?:([0-9]{1,9})D)?"
    r"(?:T(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,10})(?:\.([0-9]{1,9}))?S)?)?"
)


def parse_date(text: str) -> Day | None:
    """Read ``2026-01-31``."""
    match = _DATE.fullmatch(text)
    return make_date(*map(int, match.groups())) if match else None


def make_date(year: int, month: int, day: int) -> Day | None:
    """Return the date, or ``None`` if there is no such day."""
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        return far_date(year, month, day)


def parse_time(text: str) -> time | None:
    """Read ``09:30``, ``09:30:00.5``, with ``Z``, ``+08:00`` or ``@Asia/Shanghai`` behind it."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hour, minute, second, fraction = match.groups()[:4]
    try:
        micro = int((fraction or "0").ljust(6, "0")[:6])
        return time(int(hour), int(minute), int(second or 0), micro, _zone(match))
    except (ValueError, KeyError, OSError):  # no such minute, offset or zone (ZoneInfo reads a file)
        return None


def _zone(match: re.Match[str]) -> tzinfo | None:
    """Return the zone that a time's text names; raises ``ValueError``, ``KeyError`` or ``OSError``."""
    zulu, sign, hours, minutes, seconds, name = match.groups()[4:]
    if sign:
        offset = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds or 0))
        if offset > _LARGEST_OFFSET:
            raise ValueError(f"offset {offset}")
        return timezone(-offset if sign == "-" else offset)
    if name:
        return _NAMED_LOCAL if name == LOCAL.key else ZoneInfo(name)
    return UTC if zulu else None


def parse_date_time(text: str) -> datetime | Far | None:
    """Read ``2026-01-31T09:30:00`` with an optional zone; a bare date means its first instant.

    ``24:00:00`` is the end of the day.
    """
    day_text, separator, clock_text = text.partition("T")
    day = parse_date(day_text)
    if isinstance(day, Far):
        clock_time = parse_time(clock_text) if separator else time.min
        return None if clock_time is None else Far(combine(day.near, clock_time), day.cycles)
    if day is None or not separator:
        return instant(day) if day else None
    ends_day = clock_text.startswith("24:00")
    clock_time = parse_time(f"00{clock_text[2:]}" if ends_day else clock_text)
    if clock_time is None or (ends_day and clock_time.replace(tzinfo=None) != time.min):
        return None
    moment = combine(day, clock_time)
    if not ends_day:
        return moment
    following: datetime | None = shift(moment, timedelta(days=1))
    return following


def combine(day: date, clock_time: time) -> datetime:
    """Join a day and a time of day; without a zone the time is local."""
    return datetime.combine(day, clock_time, clock_time.tzinfo or LOCAL)


def parse_duration(text: str) -> timedelta | Months | None:
    """Read ``P1Y2M`` or ``P3DT4H``; years and months never mix with days."""
    match = _MONTHS.fullmatch(text)
    if match and (match[2] or match[3]):
        months = int(match[2] or 0) * 12 + int(match[3] or 0)
        return Months(-months if match[1] else months)
    match = _DAYS.fullmatch(text)
    if match is None or not any(match.groups()[1:]) or text.endswith("T"):
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:6])
    micro = int((match[7] or "0").ljust(6, "0")[:6])
    try:
        span = timedelta(
            weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds, microseconds=micro
        )
    except OverflowError:
        return None
    return -span if match[1] else span


def parse_literal(text: str) -> Value:
    """Read the text of an ``@"…"`` literal, or return ``None``."""
    if text.lstrip("-").startswith("P"):
        return parse_duration(text)
    if not _STARTS_WITH_YEAR.match(text):
        return parse_time(text)
    return parse_date_time(text) if "T" in text else parse_date(text)


def local_date_of(value: Day) -> Day | None:
    """Return the day of a date, or the local day of a date-time."""
    if isinstance(value, Far):
        near = local_date_of(value.near)
        return moved(near, value.cycles) if isinstance(near, date) else None
    return value.astimezone(LOCAL).date() if isinstance(value, datetime) else value


def shift(value: Value, span: timedelta | Months) -> Value:
    """Add a duration to a date, time or date-time.

    Months keep the day of the month or take the month's last day. A date moved by hours stays a
    date: the day on which the moved midnight falls (DMN 1.3, table 57).
    """
    if isinstance(value, Far):
        near = shift(value.near, span)
        return None if near is None else moved(near, value.cycles)
    try:
        if isinstance(span, Months):
            return None if isinstance(value, time) else _shift_months(value, span.months)
        if isinstance(value, datetime):
            return (value.astimezone(UTC) + span).astimezone(value.tzinfo)
        if isinstance(value, date):
            return value + timedelta(days=span // timedelta(days=1))
        later = datetime.combine(date(2000, 1, 3), value) + timedelta(seconds=span.total_seconds() % 86400)
        return later.timetz()
    except OverflowError:
        return None


def _shift_months(value: date, months: int) -> date | None:
    total = value.year * 12 + value.month - 1 + months
    year, month = divmod(total, 12)
    if not 1 <= year <= 9999:
        return None
    return value.replace(year=year, month=month + 1, day=min(value.day, monthrange(year, month + 1)[1]))


def difference(left: Value, right: Value) -> timedelta | None:
    """Return ``left - right`` of two days or instants, or of two times of day."""
    if isinstance(left, Far) or isinstance(right, Far):
        return _far_difference(left, right) if isinstance(left, Day) and isinstance(right, Day) else None
    if isinstance(left, date) and isinstance(right, date):
        if isinstance(left, datetime) or isinstance(right, datetime):
            return instant(left) - instant(right)
        return left - right
    if isinstance(left, time) and isinstance(right, time):
        day = date(2000, 1, 1)
        return combine(day, left) - combine(day, right)
    return None


def _far_difference(left: Day, right: Day) -> timedelta | None:
    (left_cycles, left_near), (right_cycles, right_near) = folded(left), folded(right)
    near = difference(left_near, right_near)
    try:
        return None if near is None else near + timedelta(days=DAYS_OF_CYCLE * (left_cycles - right_cycles))
    except OverflowError:
        return None


def months_between(start: Day, end: Day) -> Months:
    """Return the whole months from ``start`` to ``end`` (negative if ``end`` is earlier)."""
    (first, first_day), (last, last_day) = _month_and_day(start), _month_and_day(end)
    if (last, last_day) < (first, first_day):
        return Months(-months_between(end, start).months)
    return Months(last - first - (last_day < first_day))


def _month_and_day(value: Day) -> tuple[int, int]:
    near = value.near if isinstance(value, Far) else value
    return value.year * 12 + near.month, near.day


def property_of(value: Value, name: str) -> Value:
    """Return a property such as ``.year``, ``.hours`` or ``.time offset``; an unknown one is null."""
    found: Value = None
    if isinstance(value, Months):
        years, months = divmod(abs(value.months), 12)
        sign = -1 if value.months < 0 else 1
        found = {"years": sign * years, "months": sign * months}.get(name)
    elif isinstance(value, timedelta):
        found = _span_property(value, name)
    elif isinstance(value, (date, time)):
        found = _moment_property(value, name)
    elif isinstance(value, Far):
        found = value.year if name == "year" else property_of(value.near, name)
    return Decimal(found) if type(found) is int else found


def _span_property(value: timedelta, name: str) -> int | None:
    sign = -1 if value < timedelta(0) else 1
    value = abs(value)
    parts = {
        "days": value.days,
        "hours": value.seconds // 3600,
        "minutes": value.seconds // 60 % 60,
        "seconds": value.seconds % 60,
    }
    return sign * parts[name] if name in parts else None


def _moment_property(value: date | time, name: str) -> Value:
    if isinstance(value, date):
        if name in ("year", "month", "day"):
            return {"year": value.year, "month": value.month, "day": value.day}[name]
        if name == "weekday":
            return value.isoweekday()
        if not isinstance(value, datetime):
            return None
    if name in ("hour", "minute", "second"):
        return {"hour": value.hour, "minute": value.minute, "second": value.second}[name]
    if name == "time offset":
        return None if value.tzinfo is LOCAL else value.utcoffset()
    return zone_name(value) if name == "timezone" else None
