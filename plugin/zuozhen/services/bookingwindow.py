"""The booking period (挂号期) as people on the portal read it: from when to when, and whether it runs now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from zuozhen.model.clock import chinese_date, local_date
from zuozhen.services.releases import Release
from zuozhen.workdays import OpenHours, Recurrence

LOOK_BACK = timedelta(days=400)
"""Longer than any rule leaves between two periods."""


@dataclass(frozen=True, slots=True)
class BookingWindow:
    """The period that runs now, or else the next one; ``ended`` is the end of the one before, as text."""

    open: bool
    first: str
    last: str
    ended: str
    provisional: bool
    """Whether the holidays of its year are still to be published (D-10)."""


def booking_window(release: Release, now: datetime) -> BookingWindow | None:
    """Return the booking period of ``[portal] window``; ``None`` if people register at any time."""
    rule = release.rules.recurrences.get(release.pack.portal.window)
    calendar = release.rules.calendar
    found = rule.hours(now, calendar) if rule is not None else None
    if rule is None or found is None:
        return None
    before = _before(release, rule, found, now)
    return BookingWindow(
        found.open,
        _moment(found.window.first, rule.opens_at),
        _moment(found.window.last, rule.closes_at),
        _moment(before, rule.closes_at) if before else "",
        any(calendar.day(day).provisional for day in (found.window.first, found.window.last)),
    )


def _before(release: Release, rule: Recurrence, found: OpenHours, now: datetime) -> date | None:
    """Return the last day of the period before ``found``."""
    last = None
    for window in rule.windows(local_date(now) - LOOK_BACK, release.rules.calendar):
        if window.last >= found.window.first:
            break
        last = window.last
    return last


def _moment(day: date, clock: str) -> str:
    """Return ``2026年3月18日 9:00``; without a time of day the whole day counts."""
    return f"{chinese_date(day)} {clock.removeprefix('0')}".rstrip()
