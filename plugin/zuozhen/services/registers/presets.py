"""The days that people ask for most: this month, last month, this quarter, this year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from zuozhen.services.listing.periods import last_complete, period_with


@dataclass(frozen=True, slots=True)
class Preset:
    """A named span of days; without days it is everything."""

    label: str
    first: date | None = None
    last: date | None = None


def presets(today: date) -> tuple[Preset, ...]:
    """Return the spans offered above a register; the one that a register opens with comes fourth."""
    named = (
        ("本月", period_with(today, "month")),
        ("上月", last_complete(today, "month")),
        ("本季", period_with(today, "quarter")),
        ("本年", period_with(today, "year")),
    )
    return (*(Preset(label, period.first, period.last) for label, period in named), Preset("全部"))


def usual(today: date) -> Preset:
    """Return the span that a register opens with: this year."""
    return presets(today)[3]
