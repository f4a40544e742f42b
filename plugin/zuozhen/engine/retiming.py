"""Moving deadlines: extension, statutory override and recalculation all come through here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from SpiffWorkflow.util.task import TaskState

from zuozhen.engine.timers import DUE, MISSED, TimerDefinition
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


def retime(token: Any, due_at: datetime, why: tuple[Json, ...]) -> bool:
    """Move the boundary timers of the nearest activity around ``token`` that has any.

    A timer that already fired is armed anew. Returns whether there was one.
    """
    for activity in enclosing(token):
        events = deadline_events(activity)
        for spec in events:
            _move(activity, spec, due_at, why)
        if events:
            return True
    return False


def _move(activity: Any, spec: Any, due_at: datetime, why: tuple[Json, ...]) -> None:
    split, journal = activity.parent, activity.journal
    armed = [timer for timer in armed_timers(activity) if timer.task_spec is spec]
    activity.internal_data.pop(MISSED, None)
    if not armed:
        timer = split._add_child(spec, TaskState.FUTURE)
        timer._inherit_data()
        timer._set_state(TaskState.WAITING)
        armed = [timer]
    for timer in armed:
        spec.event_definition.set_due(timer, due_at, why)
        journal.write("retimed", spec.element, timer.id)


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
