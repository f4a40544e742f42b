"""What waits in a case, as values for people and store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent
from SpiffWorkflow.util.task import TaskState

from zuozhen.engine.activities import ASSIGNEE, GROUP, UserTask
from zuozhen.engine.events import KEY, MessageDefinition
from zuozhen.engine.expressions import is_expression
from zuozhen.engine.journal import from_micros
from zuozhen.engine.retiming import deadline
from zuozhen.engine.timers import DUE, TimerDefinition
from zuozhen.model.step import Json, Task, Timer, Variables, Wait


class Open:
    """Everything that is open in a case: tasks, timers and waits in the order they were entered."""

    def __init__(self, case: Any) -> None:
        self.tasks: list[Task] = []
        self.timers: list[Timer] = []
        self.waits: list[Wait] = []
        reasons: Mapping[str, tuple[Json, ...]] = case.journal.reasons
        for workflow in case.all_workflows():
            for token in workflow.living():
                if token._state == TaskState.WAITING:
                    self._add_waiting(token, reasons)
                elif isinstance(token.task_spec, UserTask):
                    self.tasks.append(_task(token, reasons))
        for found in (self.tasks, self.timers, self.waits):
            found.sort(key=_age)

    def _add_waiting(self, token: Any, reasons: Mapping[str, tuple[Json, ...]]) -> None:
        definition = getattr(token.task_spec, "event_definition", None)
        if isinstance(definition, TimerDefinition):
            self.timers.append(_timer(token, reasons))
        elif isinstance(definition, MessageDefinition):
            self.waits.append(_wait(token))


def open_tokens(case: Any) -> list[str]:
    """Return the ids of all open tasks, timers and waits."""
    return [
        token.id
        for workflow in case.all_workflows()
        for token in workflow.living()
        if isinstance(token.task_spec, UserTask)
        or (token._state == TaskState.WAITING and hasattr(token.task_spec, "event_definition"))
    ]


def _age(value: Task | Timer | Wait) -> str:
    """Sort key: the counter in the second half of the token id."""
    return value.token[16:]


def _task(token: Any, reasons: Mapping[str, tuple[Json, ...]]) -> Task:
    element = token.task_spec.element
    due, event, timer = deadline(token)
    group = token.internal_data.get(GROUP, element.group)
    heir = token.workflow.top_workflow.journal.heir
    literal_assignee = "" if is_expression(element.assignee) else element.assignee
    return Task(
        token=token.id,
        element_id=element.id,
        name=element.name,
        form_key=element.form_key,
        group=group if heir is None else heir(group, token.data),
        assignee=token.internal_data.get(ASSIGNEE, literal_assignee),
        entered_at=from_micros(token.last_state_change),
        due_at=None if due is None else from_micros(due),
        due_rule="" if event is None else event.element.rule,
        due_why=reasons.get(timer, ()),
        properties=element.properties,
        variables=token.data,
    )


def _timer(token: Any, reasons: Mapping[str, tuple[Json, ...]]) -> Timer:
    spec = token.task_spec
    return Timer(
        token=token.id,
        element_id=spec.element.id,
        due_at=from_micros(token.internal_data[DUE]),
        rule=spec.element.rule,
        why=reasons.get(token.id, ()),
        activity=_activity_of(token),
        interrupting=isinstance(spec, BoundaryEvent) and spec.cancel_activity,
    )


def _wait(token: Any) -> Wait:
    element = token.task_spec.element
    return Wait(
        token=token.id,
        element_id=element.id,
        label=element.label,
        message=element.message,
        key=token.internal_data.get(KEY, ""),
        trigger=token.task_spec.event_definition.trigger,
        form_key=element.form_key,
        activity=_activity_of(token),
        properties=element.properties,
    )


def _activity_of(token: Any) -> str:
    """Return the token of the user task a boundary event sits on; empty for any other event."""
    if not isinstance(token.task_spec, BoundaryEvent):
        return ""
    split = token.parent
    activity = split.task_spec.targets[0]
    for sibling in split.children:
        if (
            sibling.task_spec is activity
            and isinstance(activity, UserTask)
            and sibling._state == TaskState.READY
        ):
            return str(sibling.id)
    return ""


def case_variables(case: Any) -> Variables:
    """Return the variables of the case: of every variable the newest value any token knows."""
    root = case.task_tree
    merged: dict[str, Json] = dict(root.data)
    newest: dict[str, int] = dict(root.stamps)
    for workflow in case.all_workflows():
        for token in workflow.living():
            for name, stamp in token.stamps.items():
                if stamp > newest.get(name, 0):
                    newest[name] = stamp
                    merged[name] = token.data[name]
    return merged
