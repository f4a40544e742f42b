"""Timer events: FEEL or an ISO literal becomes the instant at which the timer fires."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition

from zuozhen.engine.expressions import evaluate_for
from zuozhen.engine.journal import from_micros, to_micros
from zuozhen.engine.moments import Cycle, Duration, elapsed, instant_of, is_literal
from zuozhen.feel import Expression, Months, compile_expression
from zuozhen.model.clock import LOCAL
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
"""Internal data of an activity: the instants of its timers that passed without ending it, by the events' ids."""

ANCHOR = "from"
"""Internal data of a recurring timer: the instant its periods are counted from."""

MAX_OCCURRENCES = 100
"""Missed occurrences of one recurring timer that are caught up in one step; older ones are dropped."""


def passed_of(activity: Any) -> dict[str, int]:
    """Return when each timer of an activity passed without ending it (microseconds), by the event's id.

    States written before reminders and deadlines were told apart hold one pair: the instant and the id.
    """
    known = activity.internal_data.get(MISSED, {})
    return dict(known) if isinstance(known, dict) else {known[1]: known[0]}


def set_passed(activity: Any, passed: dict[str, int]) -> None:
    """Keep when each timer of an activity passed; nothing is kept of none."""
    others = {name: value for name, value in activity.internal_data.items() if name != MISSED}
    activity.internal_data = {**others, MISSED: passed} if passed else others


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
                found = self._literal_due(token, start)
                return found, elapsed(self.text, start, found)
            value, why = token.journal.with_reasons(lambda: self._evaluate(token, start))
            if self.recurring and isinstance(value, Months):
                anchor = self._anchor(token, start)
                return Duration(value.months, timedelta(0)).following(anchor, start)[0], why
            found = instant_of(value, start)
            return found, why or elapsed(value, start, found)
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
        # A deadline that is counted again must come out as it did: its today is the day it began.
        at = _counting_from(start)
        return evaluate_for(token, self.compiled, at=at, today=at)

    def _literal_due(self, token: Any, start: datetime) -> datetime:
        if not self.text.startswith("R"):
            return instant_of(self.text, start)
        cycle, known = Cycle.read(self.text), token.internal_data
        found, passed = cycle.next(self._anchor(token, start), start)
        if cycle.count is not None and LEFT not in known:
            known[LEFT] = cycle.count - passed
        return found

    @staticmethod
    def _anchor(token: Any, start: datetime) -> datetime:
        """Return what a repetition counts from: where it began, or where a person moved an occurrence to."""
        return from_micros(token.internal_data.setdefault(ANCHOR, to_micros(start)))

    def next_due(self, token: Any) -> tuple[datetime, tuple[Json, ...]] | None:
        """Return the occurrence after the one that ``token`` just fired; None after the last.

        Raises :class:`EngineError` if the rule does not move forward.
        """
        if not self.recurring or token.internal_data.get(LEFT, 2) <= 1:
            return None
        if MOVED in token.internal_data:
            token.internal_data.pop(ANCHOR, None)
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
