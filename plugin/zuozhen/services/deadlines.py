"""How a deadline looks to people: colour, date, and how it was computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, TypeAlias

from zuozhen.model.clock import due_date, local_date
from zuozhen.workdays import explain

Light: TypeAlias = Literal["red", "amber", "green", "none"]
LIGHT_TEXT: dict[Light, str] = {"red": "已超期", "amber": "临近到期", "green": "期限内", "none": "未设时限"}


@dataclass(frozen=True, slots=True)
class Deadline:
    """A due date with its colour; ``on`` is the last day on time, ``days_over`` counts calendar days."""

    on: date | None
    light: Light
    rule: str
    explanation: tuple[str, ...]
    days_over: int = 0
    days_left: int = 0

    @property
    def text(self) -> str:
        return LIGHT_TEXT[self.light]


def deadline_of(
    entered_at: datetime,
    due_at: datetime | None,
    now: datetime,
    *,
    warning_share: float,
    rule: str = "",
    why: Sequence[Any] = (),
) -> Deadline:
    """Return how a deadline stands: red after the due date, amber in the last ``warning_share`` of it.

    Overdue is a matter of dates, not of seconds (D-3).
    """
    if due_at is None:
        return Deadline(None, "none", rule, ())
    on = due_date(due_at)
    today = local_date(now)
    explanation = tuple(explain(item) for item in why)
    if today > on:
        return Deadline(on, "red", rule, explanation, days_over=(today - on).days)
    left = (due_at - now).total_seconds()
    whole = max((due_at - entered_at).total_seconds(), 1.0)
    amber = today == on or left <= whole * warning_share
    return Deadline(on, "amber" if amber else "green", rule, explanation, days_left=(on - today).days)
