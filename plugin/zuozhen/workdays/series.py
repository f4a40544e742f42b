"""Series of occurrences that are no periods of months: weeks, several rules together, a rota."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from zuozhen.workdays.calendar import FIRST_DAY, LAST_DAY
from zuozhen.workdays.months import month_end

_A_MONTH = timedelta(days=31)
"""No date is rolled further than this."""


@dataclass(frozen=True, slots=True)
class Window:
    """One occurrence: ``first`` to ``last`` inclusive. ``planned`` is the first day before rolling, ``holder`` whose
    session it is (a unit, role or code), empty if nobody's in particular."""

    first: date
    last: date
    planned: date
    holder: str = ""


def weeks(since: date, weekday: int, every: int, anchor: date | None) -> Iterator[date]:
    """Yield a weekday of every n-th week, from a month before ``since`` on; ``anchor`` lies in one of these weeks."""
    base = anchor or date(2001, 1, 1)
    first = base + timedelta(days=weekday - 1 - base.weekday())
    step = timedelta(weeks=every)
    begin = max(since - _A_MONTH, FIRST_DAY + _A_MONTH)
    day = first + step * ((begin - first) // step)
    while day <= LAST_DAY - _A_MONTH:
        if day >= begin:
            yield day
        day += step


def union(series: Iterable[Iterator[Window]]) -> Iterator[Window]:
    """Yield the occurrences of several rules in order, the same one once."""
    before = None
    for window in heapq.merge(*series, key=lambda one: (one.first, one.last, one.holder)):
        same = (window.first, window.last, window.holder)
        if same != before:
            yield window
        before = same


def rota(
    since: date, length: int, holders: Sequence[str], windows: Callable[[date], Iterator[Window]]
) -> Iterator[Window]:
    """Yield one occurrence for each holder in every period of ``length`` months.

    Of the occurrences planned in a period the holders get, in their order, as many as they are, spread evenly; if
    there are fewer, the last holders get none.
    """
    before = since.year * 12 + since.month - 1 - length  # one whole period before: its dates may be rolled
    year, month = divmod(before, 12)
    start = max(date(year, month // length * length + 1, 1), FIRST_DAY)
    while start <= LAST_DAY:
        end = month_end(start.year, start.month + length - 1)
        slots = list(_planned(windows(start), start, end))
        for number, slot in _spread(slots, len(holders)):
            yield replace(slot, holder=holders[number])
        start = end + timedelta(days=1)


def _planned(windows: Iterator[Window], start: date, end: date) -> Iterator[Window]:
    before = None
    for window in windows:
        if window.first > end + _A_MONTH:
            return
        if start <= window.planned <= end and window.first != before:
            before = window.first
            yield window


def _spread(slots: Sequence[Window], number: int) -> Iterator[tuple[int, Window]]:
    if len(slots) < number:
        return iter(enumerate(slots))
    return ((turn, slots[turn * len(slots) // number]) for turn in range(number))
