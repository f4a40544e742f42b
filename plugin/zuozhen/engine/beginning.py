"""When a process starts by itself: the occurrences of a timer start event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from zuozhen.engine.expressions import evaluate
from zuozhen.engine.moments import Cycle, instant_of, is_literal
from zuozhen.feel import Months
from zuozhen.model.clock import at_local
from zuozhen.model.errors import EngineError
from zuozhen.model.step import Environment

DAWN: Final = time(0, 0, 1)
"""When a process starts on its day: at midnight itself deadlines would still count from the day before."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One start to come: ``at`` an instant, ``anchor`` what its periods count from, ``left`` how many starts there
    are still, this one included (``None``: no end)."""

    at: datetime
    anchor: datetime
    left: int | None = None


def first_start(rule: str, env: Environment) -> Occurrence | None:
    """Return the first start after a deployment at ``env.now``; ``None`` if there is none any more.

    A rule that yields no time, or that cannot be evaluated, is a ``ZuozhenError``.
    """
    return _next(rule, env, env.now, env.now)


def later_start(rule: str, env: Environment, before: Occurrence) -> Occurrence | None:
    """Return the start after ``before``; ``None`` after the last.

    A repetition (``R/P1M``) does not make up for what was missed until ``env.now``; a named recurrence does.
    """
    if before.left is not None and before.left <= 1:
        return None
    after = max(before.at, env.now) if rule.startswith("R") else before.at
    return _next(rule, env, after, before.anchor)


def _next(rule: str, env: Environment, after: datetime, anchor: datetime) -> Occurrence | None:
    try:
        if not is_literal(rule):
            value, _why = evaluate(rule, {}, env, after)
            return _once(value, after)
        if not rule.startswith("R"):
            value = date.fromisoformat(rule) if len(rule) == len("2026-01-01") else rule
            return _once(value, after)
        return _repeated(rule, after, anchor)
    except (ValueError, OverflowError) as error:
        message = f"定时启动的规则 {rule} 应得到日期、时间或周期，{error}"
        raise EngineError(
            message, hint='例如 recurrence("坐诊日")、2026-12-01T09:00:00+08:00、R/P1M'
        ) from error


def _once(value: Any, after: datetime) -> Occurrence | None:
    """A date or instant; a named recurrence gives another one the next time it is asked, a fixed one does not."""
    lasting = isinstance(value, str | timedelta | Months) and not isinstance(value, date)
    plain_day = isinstance(value, date) and not isinstance(value, datetime)
    found = at_local(value, DAWN) if plain_day else instant_of(value, after)
    if found <= after:
        return None
    return Occurrence(found, after, 1 if lasting else None)


def _repeated(rule: str, after: datetime, anchor: datetime) -> Occurrence | None:
    cycle = Cycle.read(rule)
    if len(cycle.start) == len("2026-01-01"):
        day = at_local(date.fromisoformat(cycle.start), DAWN)
        cycle = Cycle(cycle.count, day.isoformat(), cycle.period)
    found, passed = cycle.next(anchor, after)
    left = None if cycle.count is None else cycle.count - passed
    if found <= after or (left is not None and left < 1):
        return None
    return Occurrence(found, anchor, left)
