"""Time is passed in. Instants are aware UTC; dates are local to the administration (Asia/Shanghai)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

Clock: TypeAlias = Callable[[], datetime]

LOCAL = ZoneInfo("Asia/Shanghai")


def system_clock() -> datetime:
    """Return the present instant, aware UTC."""
    return datetime.now(UTC)


class VirtualClock:
    """A clock that stands still until moved; for scenario walks, dry runs and tests."""

    def __init__(self, start: datetime) -> None:
        self.now = start.astimezone(UTC)

    def __call__(self) -> datetime:
        return self.now

    def move_to(self, instant: datetime) -> None:
        """Move forward to ``instant``; a clock never goes back (``ValueError``)."""
        if instant < self.now:
            raise ValueError(f"clock would go back from {self.now} to {instant}")
        self.now = instant.astimezone(UTC)


def local_date(instant: datetime) -> date:
    """Return the local calendar day of an aware instant."""
    return instant.astimezone(LOCAL).date()


def clock_functions(now: datetime) -> Mapping[str, Callable[[], date]]:
    """Return the functions ``today()`` and ``now()`` of expressions that are evaluated at ``now``.

    ``today()`` is the local day, ``now()`` the same instant with the local offset.
    """
    return {"today": lambda: local_date(now), "now": lambda: now.astimezone(LOCAL)}


def chinese_date(day: date) -> str:
    """Return a day as documents write it: ``2026年9月1日`` (GB/T 9704, without leading zeros)."""
    return f"{day.year}年{day.month}月{day.day}日"


def at_local(day: date, clock_time: time = time.min) -> datetime:
    """Return the UTC instant of a local day and time of day."""
    return datetime.combine(day, clock_time, LOCAL).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """Return the instant at which ``day`` has passed (24:00 local); 民法典第203条第2款, rule D-3."""
    return at_local(day + timedelta(days=1))


def due_date(due_at: datetime) -> date:
    """Return the last day on which a deadline is met: the inverse of :func:`end_of_day`."""
    return local_date(due_at - timedelta(microseconds=1))
