"""Start, catch, boundary, throw and end events; receive and send tasks."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.control import SimpleBpmnTask
from SpiffWorkflow.bpmn.specs.event_definitions import ErrorEventDefinition, EscalationEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.simple import TerminateEventDefinition
from SpiffWorkflow.util.task import TaskState

from zuozhen.engine.expressions import evaluate_json, evaluate_text
from zuozhen.engine.gateways import EventBasedGateway
from zuozhen.engine.prediction import Flow, cancel_attached
from zuozhen.engine.throwing import throw_message
from zuozhen.engine.timers import ANCHOR, DUE, LEFT, SINCE, TimerDefinition, passed_of, set_passed
from zuozhen.feel import Expression
from zuozhen.model.errors import EngineError
from zuozhen.model.step import End

KEY = "key"
"""Internal data of a waiting message token: its correlation key."""


class MessageDefinition(MessageEventDefinition):
    """A message as drawn: name, compiled ``zz:key``, who may trigger it by hand (``trigger``)."""

    def __init__(self, name: str, key: Expression | None, trigger: str) -> None:
        super().__init__(name)
        self.key = key
        self.trigger = trigger

    def arm(self, token: Any) -> bool:
        """Begin to wait."""
        if self.key is not None:
            token.internal_data[KEY] = evaluate_text(token, self.key, "关联键")
        return False


class StartEvent(Flow, defaults.StartEvent):
    """A start event; the timer or message that started the case has already happened."""

    def _run_hook(self, my_task: Any) -> bool:
        if my_task.workflow.parent_workflow is None:
            my_task.journal.write("started", self.element, my_task.id)
            return True
        return Flow._run_hook(self, my_task)


class Catching(Flow):
    """Waits for a timer or a message. ``event_definition`` is ours: it has ``arm``."""

    announced_by_itself = True
    event_definition: Any

    def _update_hook(self, my_task: Any) -> bool:
        my_task._inherit_data()
        if self.event_definition.arm(my_task):
            return True
        my_task._set_state(TaskState.WAITING)
        if not self.element.attached_to:
            my_task.journal.write("entered", self.element, my_task.id)
        return False

    def _done(self, my_task: Any) -> None:
        journal = my_task.journal
        journal.fates[my_task.id] = "fired"
        if isinstance(self.event_definition, TimerDefinition):
            journal.write("fired", self.element, my_task.id)
        elif isinstance(self.event_definition, MessageDefinition):
            journal.write("acted" if self.event_definition.trigger else "received", self.element, my_task.id)
        if isinstance(my_task.parent.task_spec, EventBasedGateway):
            for sibling in my_task.parent.children:
                sibling.cancel()


class IntermediateCatchEvent(Catching, defaults.IntermediateCatchEvent):
    """A timer or message in the flow."""


class ReceiveTask(Catching, defaults.ReceiveTask):
    """A task that waits for a message."""


class BoundarySplit(Flow, SimpleBpmnTask):
    """Stands before an activity with boundary events: its first child is the activity, the others its
    armed timers and messages. Error and escalation events get a token only when thrown."""

    def _on_complete(self, my_task: Any) -> None:
        # The activity enters last: it may finish at once and must find its boundary events armed.
        targets = (spec for spec in self.targets if not getattr(spec, "on_throw", False))
        main, *events = [my_task._add_child(target, TaskState.FUTURE) for target in targets]
        for child in (*events, main):
            child.task_spec._update(child)


class BoundaryEvent(Catching, defaults.BoundaryEvent):
    """An event on the border of an activity. ``on_throw``: error or escalation, never waits."""

    on_throw = False

    def _on_complete(self, my_task: Any) -> None:
        if self.cancel_activity:
            for sibling in my_task.parent.children:
                if sibling.task_spec is my_task.parent.task_spec.targets[0]:
                    self._take_over(my_task, sibling)
        super()._on_complete(my_task)

    @staticmethod
    def _take_over(my_task: Any, activity: Any) -> None:
        """Take over what an activity that is cut short has written, and what it leaves behind."""
        if activity._state < TaskState.COMPLETED:
            my_task.take_within(activity)
            my_task.put(activity.task_spec.conclusion(activity))

    def _done(self, my_task: Any) -> None:
        super()._done(my_task)
        split = my_task.parent
        if self.cancel_activity:
            cancel_attached(split)
        elif isinstance(self.event_definition, TimerDefinition):
            following = self.event_definition.next_due(my_task)
            if following is not None:
                self._arm_next(my_task, split, following)
            elif not self.event_definition.recurring:
                self._note_missed(my_task, split)
        elif not self.on_throw:
            again = split._add_child(self, TaskState.FUTURE)
            self._update(again)

    def _note_missed(self, my_task: Any, split: Any) -> None:
        """Keep the passed deadline on its activity: what is overdue must not look as if it had no limit."""
        for sibling in split.children:
            if sibling.task_spec is split.task_spec.targets[0]:
                set_passed(sibling, {**passed_of(sibling), self.name: my_task.internal_data[DUE]})

    def _arm_next(self, my_task: Any, split: Any, following: Any) -> None:
        again = split._add_child(self, TaskState.FUTURE)
        again._inherit_data()
        again.internal_data[SINCE] = my_task.internal_data[DUE]
        if ANCHOR in my_task.internal_data:
            again.internal_data[ANCHOR] = my_task.internal_data[ANCHOR]
        left = my_task.internal_data.get(LEFT)
        if left is not None:
            again.internal_data[LEFT] = left - 1
        if self.event_definition.set_due(again, *following):
            again._ready()
        else:
            again._set_state(TaskState.WAITING)


def throw_code(token: Any, definition: Any) -> bool:
    """Throw an error or escalation to the nearest enclosing boundary event that catches it.

    Returns whether one did. An event without code catches every code.
    """
    workflow = token.workflow
    while workflow.parent_workflow is not None:
        owner = workflow.owner
        activity = owner.parent if owner.triggered else owner
        if activity.task_spec.split_name:
            split = activity.parent
            for spec in split.task_spec.targets:
                if getattr(spec, "on_throw", False) and spec.event_definition == definition:
                    child = split._add_child(spec, TaskState.FUTURE)
                    child._inherit_data()
                    child._ready()
                    return True
        workflow = owner.workflow
    return False


class IntermediateThrowEvent(Flow, defaults.IntermediateThrowEvent):
    """Throws a message or an escalation and goes on."""

    def _run_hook(self, my_task: Any) -> bool:
        if isinstance(self.event_definition, MessageDefinition):
            throw_message(my_task, self.event_definition)
        elif isinstance(self.event_definition, EscalationEventDefinition):
            throw_code(my_task, self.event_definition)
        return Flow._run_hook(self, my_task)


class EndEvent(Flow, defaults.EndEvent):
    """Takes a token away; may throw, or end its whole process at once."""

    def _run_hook(self, my_task: Any) -> bool:
        definition = self.event_definition
        if isinstance(definition, MessageDefinition):
            throw_message(my_task, definition)
        return Flow._run_hook(self, my_task)

    def _on_complete(self, my_task: Any) -> None:
        for name, expression in self.outputs_after:
            my_task.put({name: evaluate_json(my_task, expression)})
        workflow, definition = my_task.workflow, self.event_definition
        workflow.ended = True
        workflow.keeper().take(my_task)
        if workflow.parent_workflow is None:
            my_task.journal.end = End(self.element.id, self.element.name, self.element.properties)
        if isinstance(definition, TerminateEventDefinition):
            workflow.cancel_all()
        elif isinstance(definition, EscalationEventDefinition):
            throw_code(my_task, definition)
        elif isinstance(definition, ErrorEventDefinition):
            workflow.cancel_all()
            if not throw_code(my_task, definition):
                raise EngineError(
                    f"错误结束“{self.element.label}”没有被任何边界事件接住",
                    element_id=self.element.id,
                    hint="请在外层子流程上添加错误边界事件，或改用普通结束事件",
                )
