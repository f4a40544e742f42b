"""Moving deadlines: extension, statutory override and recalculation all come through here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from SpiffWorkflow.util.task import TaskState

from zuozhen.engine.journal import from_micros, to_micros
from zuozhen.engine.timers import DUE, MISSED, MOVED, TimerDefinition
from zuozhen.model.step import Json


def enclosing(token: Any) -> Iterator[Any]:
    """Yield the token of an activity, then of everything it is inside: multi-instance, sub-process."""
    while True:
        yield token
        if token.triggered:
            token = token.parent
        elif token.workflow.parent_workflow is not None:
            token = token.workflow.owner
        else:
            return


def deadline_events(activity: Any) -> list[Any]:
    """Return the boundary timer specifications drawn on an activity."""
    if not activity.task_spec.split_name:
        return []
    events = activity.parent.task_spec.targets[1:]
    return [spec for spec in events if isinstance(spec.event_definition, TimerDefinition)]


def armed_timers(activity: Any) -> list[Any]:
    """Return the armed boundary timer tokens of an activity."""
    if not activity.task_spec.split_name:
        return []
    events = deadline_events(activity)
    return [
        token
        for token in activity.parent.children
        if token._state == TaskState.WAITING and token.task_spec in events
    ]


def deadline(token: Any) -> tuple[int | None, Any, str]:
    """Return (instant in microseconds, event specification, token of the timer) of a task's deadline.

    It is the earliest armed one of the task and everything it is inside; when none is armed, the
    earliest that has passed without ending its activity, which has no token any more.
    """
    activities = list(enclosing(token))
    armed = [
        (timer.internal_data[DUE], timer.task_spec, timer.id)
        for activity in activities
        for timer in armed_timers(activity)
    ]
    found = armed or [
        (activity.internal_data[MISSED][0], spec, "")
        for activity in activities
        if MISSED in activity.internal_data
        for spec in deadline_events(activity)
        if spec.name == activity.internal_data[MISSED][1]
    ]
    return min(found, key=lambda candidate: candidate[0], default=(None, None, ""))


def retime(token: Any, due_at: datetime, why: tuple[Json, ...], timer_id: str = "") -> bool:
    """Move the deadline of the nearest activity around ``token`` that has one, or a timer token itself.

    The latest of several timers is the deadline; earlier ones remind of it and move by as much. Recurring
    timers stay, unless there is no other. With ``timer_id`` that boundary event alone is moved. A timer
    that already fired is armed anew. Returns whether there was anything to move.
    """
    if isinstance(getattr(token.task_spec, "event_definition", None), TimerDefinition):
        _set(token, due_at, why)
        return True
    for activity in enclosing(token):
        events = [spec for spec in deadline_events(activity) if timer_id in ("", spec.name)]
        if events:
            once = [spec for spec in events if not spec.event_definition.recurring]
            _retime_together(activity, once or events, due_at, why)
            return True
    return False


def _retime_together(activity: Any, events: list[Any], due_at: datetime, why: tuple[Json, ...]) -> None:
    known = {spec: instant for spec in events if (instant := _instant(activity, spec)) is not None}
    if len(events) == 1 or not known:
        for spec in events:
            _move(activity, spec, due_at, why)
        return
    latest = max(known.values())
    now = activity.journal.now_micros
    for spec, instant in known.items():
        moved = to_micros(due_at) + instant - latest
        if instant == latest or moved > now or _armed(activity, spec):
            _move(activity, spec, from_micros(moved), why)


def _armed(activity: Any, spec: Any) -> list[Any]:
    return [timer for timer in armed_timers(activity) if timer.task_spec is spec]


def _instant(activity: Any, spec: Any) -> int | None:
    """Return when a boundary timer fires or, if it was the last one to pass, when it did."""
    for timer in _armed(activity, spec):
        due: int = timer.internal_data[DUE]
        return due
    missed = activity.internal_data.get(MISSED)
    return missed[0] if missed and missed[1] == spec.name else None


def _move(activity: Any, spec: Any, due_at: datetime, why: tuple[Json, ...]) -> None:
    armed = _armed(activity, spec)
    if not armed:
        passed = _instant(activity, spec)
        timer = activity.parent._add_child(spec, TaskState.FUTURE)
        timer._inherit_data()
        timer._set_state(TaskState.WAITING)
        timer.internal_data[DUE] = activity.journal.now_micros if passed is None else passed
        armed = [timer]
    activity.internal_data.pop(MISSED, None)
    for timer in armed:
        _set(timer, due_at, why)


def _set(timer: Any, due_at: datetime, why: tuple[Json, ...]) -> None:
    """Give an armed timer another date and remember the one it had before anybody moved it."""
    timer.internal_data.setdefault(MOVED, timer.internal_data[DUE])
    timer.task_spec.event_definition.set_due(timer, due_at, why)
    timer.journal.write("retimed", timer.task_spec.element, timer.id)


def retime_activity(top: Any, activity_id: str, due_at: datetime, why: tuple[Json, ...]) -> None:
    """Move the deadlines of every live token of a drawn activity; none is fine (it is already done)."""
    live = [
        token
        for workflow in top.all_workflows()
        for token in workflow.living()
        if token.task_spec.name == activity_id
    ]
    for token in live:
        retime(token, due_at, why)
