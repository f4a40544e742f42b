"""Calendar months: their ends and corresponding days."""

from __future__ import annotations

from calendar import monthrange
from datetime import date


def month_end(year: int, month: int) -> date:
    """Return the last day of a month."""
    return date(year, month, monthrange(year, month)[1])


def add_months(day: date, n: int) -> date:
    """Return the corresponding day ``n`` months later, or that month's last day (民法典第202条, rule D-5).

    Raises ``ValueError`` or ``OverflowError`` outside the years 1 to 9999.
    """
    years, month = divmod(day.month - 1 + n, 12)
    last = month_end(day.year + years, month + 1)
    return last if day.day > last.day else last.replace(day=day.day)
