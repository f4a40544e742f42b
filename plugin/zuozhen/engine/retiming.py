"""Deadlines: which of an activity's timers is the one people see, and moving it with its reminders and ladder.

Extension, statutory override and hand correction all come through here (docs/decisions/0015).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from itertools import chain
from typing import Any, Final

from SpiffWorkflow.util.task import TaskState

from zuozhen.engine.journal import from_micros, to_micros
from zuozhen.engine.moments import instant_of
from zuozhen.engine.timers import DUE, MOVED, TimerDefinition, passed_of, set_passed
from zuozhen.model.clock import due_date
from zuozhen.model.errors import ZuozhenError
from zuozhen.model.step import Json

DEADLINE: Final = "zz:deadline"
"""The property of the boundary timer that is the deadline of its activity."""
SCOPE: Final = "zz:scope"
"""The property of a retime task: ``all`` moves the deadlines of all instances of an activity."""
FARTHEST: Final = 60
"""Working days up to which a reminder keeps its distance in working days; beyond, in time."""


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


def timer_events(activity: Any) -> list[Any]:
    """Return the boundary timer specifications drawn on an activity."""
    if not activity.task_spec.split_name:
        return []
    events = activity.parent.task_spec.targets[1:]
    return [spec for spec in events if isinstance(spec.event_definition, TimerDefinition)]


def deadline_event(activity: Any) -> Any:
    """Return the boundary timer that is the activity's deadline, ``None`` if it has no timer.

    The one that is marked; else the first that interrupts; else the first that does not repeat. Others remind of it
    or follow it.
    """
    events = timer_events(activity)
    once = [spec for spec in events if not spec.event_definition.recurring]
    marked = (spec for spec in events if spec.element.properties.get(DEADLINE, "").strip() == "true")
    interrupting = (spec for spec in once if spec.cancel_activity)
    return next(chain(marked, interrupting, once, events), None)


def armed_timers(activity: Any) -> list[Any]:
    """Return the armed boundary timer tokens of an activity."""
    events = timer_events(activity)
    if not events:
        return []
    return [
        token
        for token in activity.parent.children
        if token._state == TaskState.WAITING and token.task_spec in events
    ]


def deadline(token: Any) -> tuple[int | None, Any, str]:
    """Return (instant in microseconds, event specification, token of the timer) of a task's deadline.

    It is that of the task itself, armed or passed (then its timer has no token any more); only a task without one
    has the deadline of what it is inside.
    """
    for activity in enclosing(token):
        spec = deadline_event(activity)
        if spec is None:
            continue
        for timer in armed_timers(activity):
            if timer.task_spec is spec:
                return timer.internal_data[DUE], spec, timer.id
        passed = passed_of(activity).get(spec.name)
        if passed is not None:
            return passed, spec, ""
    return None, None, ""


def retime(token: Any, due_at: datetime, why: tuple[Json, ...], timer_id: str = "") -> bool:
    """Move the deadline of the nearest activity around ``token`` that has one, or a timer token itself.

    The other timers of the activity keep their distance to it: in working days where a rule counts those, else in
    time; one that had fired is armed anew if it comes to lie in the future. Recurring timers stay, unless there is
    no other. With ``timer_id`` that boundary event alone is moved. Returns whether there was anything to move.
    """
    if isinstance(getattr(token.task_spec, "event_definition", None), TimerDefinition):
        _set(token, due_at, why)
        return True
    for activity in enclosing(token):
        events = timer_events(activity)
        if timer_id:
            events = [spec for spec in events if spec.name == timer_id]
            if events:
                _move(activity, events[0], due_at, why)
                return True
        elif events:
            _move_together(activity, deadline_event(activity), due_at, why)
            return True
    return False


def _move_together(activity: Any, limit: Any, due_at: datetime, why: tuple[Json, ...]) -> None:
    before = _instant(activity, limit)
    others = [
        (spec, instant)
        for spec in timer_events(activity)
        if spec is not limit
        and not spec.event_definition.recurring
        and (instant := _instant(activity, spec)) is not None
    ]
    _move(activity, limit, due_at, why)
    for spec, instant in others if before is not None else ():
        working = any("workdays" in one.event_definition.text for one in (spec, limit))
        moved = _at_distance(
            activity, from_micros(instant), from_micros(before or 0), due_at, working=working
        )
        if to_micros(moved) > activity.journal.now_micros or _armed(activity, spec):
            _move(activity, spec, moved, why)


def _at_distance(
    activity: Any, instant: datetime, before: datetime, after: datetime, *, working: bool
) -> datetime:
    """Return the instant as far from ``after`` as ``instant`` was from ``before``, in ``working`` days or in time."""
    journal = activity.journal
    functions = journal.functions(journal.now_micros)
    count = functions.get("before" if instant < before else "workdays")
    if working and count is not None and _is_end_of_day(instant) and _is_end_of_day(before):
        try:
            found = journal.with_reasons(
                lambda: _in_workdays(count, due_date(instant), due_date(before), due_date(after))
            )[0]
        except ZuozhenError:  # beyond the years of the calendar
            found = None
        if found is not None:
            return instant_of(found, after)
    return after + (instant - before)


def _in_workdays(count: Callable[..., Any], day: date, before: date, after: date) -> Any:
    for number in range(1, FARTHEST + 1):
        if day < before:
            if count(before, workdays=number) == day:
                return count(after, workdays=number)
        elif count(number, before) == day:
            return count(number, after)
    return None


def _is_end_of_day(instant: datetime) -> bool:
    return bool(instant_of(due_date(instant), instant) == instant)


def _armed(activity: Any, spec: Any) -> list[Any]:
    return [timer for timer in armed_timers(activity) if timer.task_spec is spec]


def _instant(activity: Any, spec: Any) -> int | None:
    """Return when a boundary timer fires or when it did."""
    for timer in _armed(activity, spec):
        due: int = timer.internal_data[DUE]
        return due
    return passed_of(activity).get(spec.name)


def _move(activity: Any, spec: Any, due_at: datetime, why: tuple[Json, ...]) -> None:
    armed = _armed(activity, spec)
    if not armed:
        passed = _instant(activity, spec)
        timer = activity.parent._add_child(spec, TaskState.FUTURE)
        timer._inherit_data()
        timer._set_state(TaskState.WAITING)
        timer.internal_data[DUE] = activity.journal.now_micros if passed is None else passed
        armed = [timer]
    set_passed(activity, {name: at for name, at in passed_of(activity).items() if name != spec.name})
    for timer in armed:
        _set(timer, due_at, why)


def _set(timer: Any, due_at: datetime, why: tuple[Json, ...]) -> None:
    """Give an armed timer another date and remember the one it had before anybody moved it."""
    timer.internal_data.setdefault(MOVED, timer.internal_data[DUE])
    timer.task_spec.event_definition.set_due(timer, due_at, why)
    timer.journal.write("retimed", timer.task_spec.element, timer.id)


def retime_activity(
    origin: Any, activity_id: str, due_at: datetime, why: tuple[Json, ...], *, everywhere: bool
) -> None:
    """Move the deadlines of a drawn activity; none is fine (it is already done).

    It is that beside ``origin``, the token that asks: inside an instance of a multi-instance sub-process that
    instance's own, the others stay. ``everywhere`` moves all.
    """
    workflow = origin.workflow
    while True:
        inside = workflow.top_workflow if everywhere else workflow
        live = [
            token
            for each in _within(inside)
            for token in each.living()
            if token.task_spec.name == activity_id
        ]
        for token in live:
            retime(token, due_at, why)
        if live or inside.parent_workflow is None:
            return
        workflow = inside.owner.workflow


def _within(workflow: Any) -> Iterator[Any]:
    """Yield a workflow and everything that runs inside it."""
    for each in workflow.top_workflow.all_workflows():
        around = each
        while around is not workflow and around.parent_workflow is not None:
            around = around.owner.workflow
        if around is workflow:
            yield each
