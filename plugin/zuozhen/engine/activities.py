"""Tasks and sub-processes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.control import SimpleBpmnTask
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition
from SpiffWorkflow.util.task import TaskState

from zuozhen.engine.expressions import evaluate_for, evaluate_text
from zuozhen.engine.moments import instant_of
from zuozhen.engine.prediction import Flow
from zuozhen.engine.retiming import SCOPE, retime_activity
from zuozhen.engine.throwing import throw_message
from zuozhen.feel import Expression, to_json
from zuozhen.model.errors import EngineError
from zuozhen.model.step import Action

GROUP = "group"
ASSIGNEE = "assignee"
"""Internal data of an open user task, if the diagram gives an expression: what it yielded at entry."""

RETIME_TOPIC = "retime"


class Root(Flow, SimpleBpmnTask):
    """The invisible first node of a process; sends the token to one start event.

    A called process begins at the one that waits for nothing.
    """

    def _choose(self, my_task: Any) -> tuple[Any, ...]:
        if len(self.targets) == 1:
            return self.targets
        if my_task.workflow.parent_workflow is not None:
            plain = [spec for spec in self.targets if isinstance(spec.event_definition, NoneEventDefinition)]
            return tuple(plain[:1]) or self.targets[:1]
        start_id = my_task.workflow.start_id
        return tuple(spec for spec in self.targets if spec.name == start_id)


class PassThrough(Flow, defaults.NoneTask):
    """``task`` and ``manualTask``: drawn for people, nothing to do for the engine."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.manual = False


class UserTask(Flow, defaults.UserTask):
    """A task for a person. ``group_rule``/``assignee_rule`` are compiled if drawn as FEEL."""

    announced_by_itself = True
    group_rule: Expression | None = None
    assignee_rule: Expression | None = None

    def _update_hook(self, my_task: Any) -> bool:
        my_task._inherit_data()
        self.assign(my_task)
        my_task.journal.write("entered", self.element, my_task.id)
        return True

    def assign(self, my_task: Any) -> None:
        """Work out role and assignee that are drawn as FEEL, unless they are known already."""
        known = my_task.internal_data
        if self.group_rule is None and "," in self.element.group:
            raise EngineError(
                f"“{self.element.label}”的办理角色应只有一个，现在是 {self.element.group}",
                element_id=self.element.id,
                hint="请在流程图中只填写一个角色",
            )
        if self.group_rule is not None and GROUP not in known:
            known[GROUP] = evaluate_text(my_task, self.group_rule, "办理角色")
        if self.assignee_rule is not None and ASSIGNEE not in known:
            known[ASSIGNEE] = self._assignee(my_task, self.assignee_rule)

    def _assignee(self, my_task: Any, rule: Expression) -> str:
        value = to_json(evaluate_for(my_task, rule))
        return value if isinstance(value, str) else ""

    def _done(self, my_task: Any) -> None:
        my_task.journal.fates[my_task.id] = "completed"
        my_task.journal.write("completed", self.element, my_task.id)


class ServiceTask(Flow, defaults.ServiceTask):
    """An external task, fire and forget: it becomes an :class:`Action` and the token goes on.

    The engine itself does the topic ``retime``: ``activity_id`` and ``until`` come from its properties.
    """

    activity_id = ""
    until: Expression | None = None

    def _run_hook(self, my_task: Any) -> bool:
        if self.until is not None:
            self._retime(my_task, self.until)
        else:
            self._act(my_task)
        return Flow._run_hook(self, my_task)

    def _act(self, my_task: Any) -> None:
        element = self.element
        action = Action(
            token=my_task.id,
            element_id=element.id,
            name=element.name,
            topic=element.topic,
            properties=element.properties,
            variables=dict(my_task.data),
        )
        my_task.journal.actions.append(action)

    def _retime(self, my_task: Any, until: Expression) -> None:
        element, journal = self.element, my_task.journal
        value, why = journal.with_reasons(lambda: evaluate_for(my_task, until))
        try:
            due_at = instant_of(value, journal.now)
        except (ValueError, OverflowError) as error:
            raise EngineError(
                f"“{element.label}”的新期限 {until.text} 应得到日期，{error}",
                element_id=element.id,
                hint="请检查前面环节是否已填写新期限",
            ) from error
        day = value.isoformat() if isinstance(value, date | datetime) else str(value)
        reason = {"function": "retime", "due": day, "text": f"经“{element.label}”，期限调整为{day}"}
        everywhere = element.properties.get(SCOPE, "").strip() == "all"
        retime_activity(my_task, self.activity_id, due_at, (*why, reason), everywhere=everywhere)


class SendTask(Flow, defaults.SendTask):
    """A send task with a message; one with a topic is a :class:`ServiceTask`."""

    def _run_hook(self, my_task: Any) -> bool:
        throw_message(my_task, self.event_definition)
        return Flow._run_hook(self, my_task)


class _Nested(Flow):
    """Starts its inner process on entry and goes on when that has no token left."""

    announced_by_itself = True
    spec: str

    def _update_hook(self, my_task: Any) -> bool:
        my_task._inherit_data()
        my_task._set_state(TaskState.STARTED)
        my_task.journal.count_move(self.element.id, self.element.label)
        my_task.journal.write("entered", self.element, my_task.id)
        my_task.workflow.top_workflow.open_subprocess(my_task, self.spec)
        return False

    def _done(self, my_task: Any) -> None:
        my_task.journal.write("completed", self.element, my_task.id)


class SubProcess(_Nested, defaults.SubWorkflowTask):
    """An embedded sub-process."""

    shares_data = True


class CallActivity(_Nested, defaults.CallActivity):
    """Runs another process of the same file with all variables."""
