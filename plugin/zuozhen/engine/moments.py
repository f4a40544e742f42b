"""ISO 8601 texts in timers: dates, durations and repetitions, and the instants they mean."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from zuozhen.feel import Months
from zuozhen.model.clock import LOCAL, end_of_day
from zuozhen.model.step import Json

_LITERAL = re.compile(r"\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:?\d\d)?)?|P[\dYMWDTHS.,]+|R\d*/.+")
_DURATION = re.compile(
    r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?)?"
)


def is_literal(text: str) -> bool:
    """Tell whether a timer text is a bare ISO literal (``2026-01-01``, ``PT1H``, ``R3/P1D``)."""
    return _LITERAL.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Duration:
    """An ISO 8601 duration: whole calendar months and exact time beside them."""

    months: int
    exact: timedelta

    @classmethod
    def read(cls, text: str) -> Duration:
        """Read ``P1M``, ``PT1H`` and so on; raises ``ValueError`` if ``text`` is no duration."""
        match = _DURATION.fullmatch(text.strip().upper())
        if match is None or len(text.strip()) < 3:
            raise ValueError(f"{text} 不是ISO时长")
        years, months, weeks, days, hours, minutes = (int(part or 0) for part in match.groups()[:6])
        seconds = float((match.group(7) or "0").replace(",", "."))
        exact = timedelta(days=weeks * 7 + days, hours=hours, minutes=minutes, seconds=seconds)
        return cls(years * 12 + months, exact)

    def times(self, number: int, start: datetime) -> datetime:
        """Return ``start`` plus ``number`` durations: a month-end stays a month-end, counted from ``start``."""
        return add_months(start, self.months * number) + self.exact * number

    def following(self, start: datetime, after: datetime) -> tuple[datetime, int]:
        """Return the first of ``start`` plus one, two, three … durations later than ``after``, and its number.

        Raises ``ValueError`` if the duration does not lead forward.
        """
        if not self.months and self.exact <= timedelta(0):
            raise ValueError("周期的间隔是零")
        step = self.exact + timedelta(days=31) * self.months  # never shorter than the real one
        number = max(1, (after - start) // step)
        while (found := self.times(number, start)) <= after:
            number += 1
        return found, number


def add_duration(start: datetime, text: str) -> datetime:
    """Return ``start`` plus an ISO 8601 duration; months are local calendar months, clipped at their end.

    Raises ``ValueError`` if ``text`` is not a duration.
    """
    return Duration.read(text).times(1, start)


def add_months(start: datetime, months: int) -> datetime:
    """Return the same local time ``months`` later, on the last day of the month if it is shorter."""
    if not months:
        return start
    local = start.astimezone(LOCAL)
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    day = min(local.day, monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day).astimezone(UTC)


def instant_of(value: Any, start: datetime) -> datetime:
    """Return the instant a timer value means, counted from ``start`` if it is a duration.

    A date means the end of that local day, a date-time without zone is local time. Raises
    ``ValueError`` for anything that is no date, date-time or duration.
    """
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=LOCAL)).astimezone(UTC)
    if isinstance(value, date):
        return end_of_day(value)
    if isinstance(value, timedelta):
        return start + value
    if isinstance(value, str):
        text = value.strip()
        if text.upper().startswith("P"):
            return add_duration(start, text)
        if len(text) == len("2026-01-01"):
            return end_of_day(date.fromisoformat(text))
        return instant_of(datetime.fromisoformat(text), start)
    if isinstance(value, Months):
        return add_months(start, value.months)
    raise ValueError(f"得到的是 {value!r}")


def elapsed(value: Any, start: datetime, due: datetime) -> tuple[Json, ...]:
    """Return the reason why a deadline is due that was written as a duration: nothing for dates and cycles.

    It says that the time just runs on: ``P10D`` is 240 hours, not ten working days.
    """
    text = value.strip() if isinstance(value, str) else ""
    if not (isinstance(value, timedelta | Months) or text.upper().startswith("P")):
        return ()
    begin, end = (instant.astimezone(LOCAL) for instant in (start, due))
    length = f"{text}，即" if text else ""
    hours = (due - start) / timedelta(hours=1)
    sentence = (
        f"自{begin:%Y-%m-%d %H:%M}起连续计{length}{hours:g}小时，截止{end:%Y-%m-%d %H:%M}；"
        "按钟点连续计算，休息日、节假日照算"
    )
    return ({"function": "duration", "due": end.isoformat(), "text": sentence},)


@dataclass(frozen=True, slots=True)
class Cycle:
    """A repetition as written: ``R3/P1D``, ``R/2026-01-01/P1W``. ``count`` is ``None`` without a number."""

    count: int | None
    start: str
    period: str

    @classmethod
    def read(cls, text: str) -> Cycle:
        """Take a text apart that begins with ``R``; its parts need not be right.

        What was deployed before such texts were checked is understood as it was: the first duration counts.
        """
        count, *parts = text[1:].split("/")
        if parts and parts[0].upper().startswith("P"):
            return cls(int(count) if count else None, "", parts[0])
        return cls(
            int(count) if count else None, parts[0] if parts else "", parts[1] if len(parts) > 1 else ""
        )

    def next(self, anchor: datetime, after: datetime) -> tuple[datetime, int]:
        """Return the first occurrence later than ``after``, and how many came before it.

        Without a start of its own a repetition counts from ``anchor``, and the first occurrence is one period
        later. Of a series that has passed the last occurrence is returned. Raises ``ValueError``.
        """
        if not self.start:
            found, number = Duration.read(self.period).following(anchor, after)
            return found, number - 1
        first = instant_of(self.start, anchor)
        if first > after or not self.period:
            return first, 0
        period = Duration.read(self.period)
        found, number = period.following(first, after)
        if self.count is not None and number >= self.count:
            last = max(self.count, 1) - 1
            return period.times(last, first), last
        return found, number
