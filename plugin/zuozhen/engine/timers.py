"""Timer events: FEEL or an ISO literal becomes the instant at which the timer fires."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition

from zuozhen.engine.expressions import evaluate_for
from zuozhen.engine.journal import from_micros, to_micros
from zuozhen.feel import Expression, Months, compile_expression
from zuozhen.model.clock import LOCAL, end_of_day
from zuozhen.model.errors import EngineError
from zuozhen.model.step import Json

DUE = "due"
"""Internal data of an armed timer token: the instant it fires, in microseconds."""
LEFT = "left"
"""Internal data of a recurring timer with a count: how many occurrences are left, this one included."""
SINCE = "since"
"""Internal data of a recurring timer after its first occurrence: the instant of the one before."""
MOVED = "moved"
"""Internal data of a timer that a person moved: the instant before the first such move."""
MISSED = "missed"
"""Internal data of an activity whose deadline passed without ending it: [the instant, the event's id]."""

MAX_OCCURRENCES = 100
"""Missed occurrences of one recurring timer that are caught up in one step; older ones are dropped."""

_LITERAL = re.compile(r"\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:?\d\d)?)?|P[\dYMWDTHS.,]+|R\d*/.+")
_DURATION = re.compile(
    r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?)?"
)


def is_literal(text: str) -> bool:
    """Tell whether a timer text is a bare ISO literal (``2026-01-01``, ``PT1H``, ``R3/P1D``)."""
    return _LITERAL.fullmatch(text) is not None


def add_duration(start: datetime, text: str) -> datetime:
    """Return ``start`` plus an ISO 8601 duration; months are local calendar months, clipped at their end.

    Raises ``ValueError`` if ``text`` is not a duration.
    """
    match = _DURATION.fullmatch(text.strip().upper())
    if match is None or len(text.strip()) < 3:
        raise ValueError(f"{text} 不是ISO时长")
    years, months, weeks, days, hours, minutes = (int(part or 0) for part in match.groups()[:6])
    seconds = float((match.group(7) or "0").replace(",", "."))
    start = add_months(start, years * 12 + months)
    return start + timedelta(days=weeks * 7 + days, hours=hours, minutes=minutes, seconds=seconds)


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


class TimerDefinition(TimerEventDefinition):
    """A timer as drawn. ``text`` is FEEL or an ISO literal; ``recurring`` for ``timeCycle``."""

    def __init__(self, element_id: str, text: str, *, recurring: bool) -> None:
        super().__init__(element_id, text)
        self.text = text
        self.recurring = recurring
        self.literal = is_literal(text)
        self.compiled: Expression | None = None if self.literal else compile_expression(text)

    def arm(self, token: Any) -> bool:
        """Compute when the timer fires, counted from the token's entry; True if that is already past."""
        return self.set_due(token, *self.due(token, from_micros(token.last_state_change)))

    @staticmethod
    def set_due(token: Any, due_at: datetime, why: tuple[Json, ...]) -> bool:
        """Arm the timer for an instant; return whether it has passed."""
        due = token.internal_data[DUE] = to_micros(due_at)
        token.journal.reasons[token.id] = why
        return bool(due <= token.journal.now_micros)

    def due(self, token: Any, start: datetime) -> tuple[datetime, tuple[Json, ...]]:
        """Return when the timer fires, counted from ``start``, and the reasons.

        Raises :class:`EngineError` if the rule yields no instant.
        """
        value: Any = None
        try:
            if self.literal:
                return self._literal_due(token, start), ()
            value, why = token.journal.with_reasons(lambda: self._evaluate(token, start))
            return instant_of(value, start), why
        except (ValueError, OverflowError) as error:
            element = token.task_spec.element
            raise EngineError(
                f"“{element.label}”的时限 {self.text} 应得到日期、时间或时长，{error}",
                element_id=element.id,
                hint="请检查该定时事件的表达式，例如 workdays(10)",
            ) from error

    def _evaluate(self, token: Any, start: datetime) -> Any:
        if self.compiled is None:  # a literal has nothing to evaluate
            return self.text
        return evaluate_for(token, self.compiled, at=_counting_from(start))

    def _literal_due(self, token: Any, start: datetime) -> datetime:
        if not self.text.startswith("R"):
            return instant_of(self.text, start)
        count, *parts = self.text[1:].split("/")
        if count and LEFT not in token.internal_data:
            token.internal_data[LEFT] = int(count)
        if parts[0].startswith("P"):
            return add_duration(start, parts[0])
        first = instant_of(parts[0], start)
        while len(parts) > 1 and first <= start:
            first = add_duration(first, parts[1])
        return first

    def next_due(self, token: Any) -> tuple[datetime, tuple[Json, ...]] | None:
        """Return the occurrence after the one that ``token`` just fired; None after the last.

        Raises :class:`EngineError` if the rule does not move forward.
        """
        if not self.recurring or token.internal_data.get(LEFT, 2) <= 1:
            return None
        journal, element = token.journal, token.task_spec.element
        fired = journal.occurrences[element.id] = journal.occurrences.get(element.id, 0) + 1
        previous = from_micros(token.internal_data[DUE])
        start = previous if fired < MAX_OCCURRENCES else max(previous, journal.now)
        due_at, why = self.due(token, start)
        if due_at <= previous:
            raise EngineError(
                f"“{element.label}”的周期 {self.text} 没有得到更晚的时间",
                element_id=element.id,
                hint="周期应写成时长（R/P1D）或得到下一次时间的表达式",
            )
        return due_at, why


def _counting_from(start: datetime) -> int:
    """Return the instant the date functions count from, in microseconds.

    The end of a day is the first instant of the next one; counting on from a due *date* must start
    at that date, so exactly local midnight counts as the day that just ended.
    """
    micros = to_micros(start)
    return micros - 1 if start.astimezone(LOCAL).time() == time.min else micros
