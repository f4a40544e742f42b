"""Is the installation well: the store answers, and due work does not pile up."""

from __future__ import annotations

from dataclasses import dataclass

from zuozhen.services.context import Context
from zuozhen.store.jobs import lag

LATE_SECONDS = 60
"""Due work older than this means that no worker runs or that it cannot keep up."""


@dataclass(frozen=True, slots=True)
class Health:
    """``kinds`` holds (kind of work, overdue pieces, seconds of the oldest, resting after failures)."""

    well: bool
    kinds: tuple[tuple[str, int, int, int], ...]


def health(context: Context) -> Health:
    """Return how much due work waits, for how long."""
    now = context.clock()
    with context.database.read() as session:
        lags = lag(session, now)
    kinds = tuple(
        (row.kind, row.waiting, int((now - row.oldest).total_seconds()) if row.oldest else 0, row.stuck)
        for row in lags
    )
    return Health(all(seconds < LATE_SECONDS for _kind, _waiting, seconds, _stuck in kinds), kinds)
