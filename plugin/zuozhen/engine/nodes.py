"""One small parser per kind of flow node: XML to a task specification of ours."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.parser.task_parsers import TaskParser
from SpiffWorkflow.bpmn.specs.event_definitions import ErrorEventDefinition, EscalationEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition, TerminateEventDefinition

from zuozhen.engine.activities import RETIME_TOPIC, ServiceTask
from zuozhen.engine.ballots import BY_SHARE, options_of
from zuozhen.engine.ballots import RULES as VOTE_RULES
from zuozhen.engine.diagram import Element
from zuozhen.engine.events import MessageDefinition
from zuozhen.engine.expressions import is_expression
from zuozhen.engine.findings import Collector
from zuozhen.engine.loops import ParallelMultiInstance, SequentialMultiInstance
from zuozhen.engine.moments import is_literal
from zuozhen.engine.reading import BPMN, camunda, timer_text
from zuozhen.engine.timers import TimerDefinition
from zuozhen.engine.votes import Vote
from zuozhen.feel import Expression

INSTANCE_SUFFIX = " [instance]"


class Node(TaskParser):
    """A node without particulars; the base of the others."""

    @property
    def bpmn_attributes(self) -> dict[str, Any]:
        """Return constructor arguments every specification takes."""
        return {"lane": self.element.lane or None, "bpmn_name": self.element.name or None}

    @property
    def element(self) -> Element:
        """The facts of this node."""
        found: Element = self.process_parser.parser.elements[self.bpmn_id]
        return found

    @property
    def problems(self) -> Collector:
        """Where findings go."""
        collector: Collector = self.process_parser.parser.problems
        return collector

    def parse_node(self) -> Any:
        """Return the specification of this node, not connected yet."""
        spec = self.create_task()
        self.describe(spec)
        loop = self.node.find(BPMN + "multiInstanceLoopCharacteristics")
        if loop is not None:
            spec = self._repeat(spec, loop)
        return spec

    def describe(self, spec: Any) -> None:
        """Set what all nodes have; called before a multi-instance wrapper is put around."""
        element = self.element
        spec.element = element
        told = element.properties.get("zz:stage") or element.properties.get("zz:public")
        spec.announced = bool(told) and not spec.announced_by_itself
        compiled = [(name, self.feel(text)) for name, text in element.outputs]
        spec.outputs_after = tuple(compiled)

    def feel(self, text: str) -> Expression | None:
        """Compile FEEL text of this node."""
        return self.problems.expression(text, self.node)

    def optional_feel(self, text: str) -> Expression | None:
        """Compile FEEL text if there is any."""
        return self.feel(text) if text else None

    def _repeat(self, instance: Any, loop: Any) -> Any:
        """Put a multi-instance activity in the place of ``instance``."""
        sequential = loop.get("isSequential") == "true"
        collection = (
            camunda(loop, "collection")
            or (loop.findtext(BPMN + "loopDataInputRef") or "").strip()
            or (loop.findtext(BPMN + "loopCardinality") or "").strip()
        )
        if not collection:
            self.problems.add(
                "multi-instance", "多实例没有集合", self.node, "请填写集合（camunda:collection）"
            )
        specs = self.spec.task_specs
        del specs[instance.name]
        instance.name += INSTANCE_SUFFIX
        specs[instance.name] = instance
        spec_class = SequentialMultiInstance if sequential else ParallelMultiInstance
        activity = spec_class(self.spec, self.bpmn_id, task_spec=instance.name, **self.bpmn_attributes)
        activity.element = self.element
        compiled = self.optional_feel(collection)
        if compiled is not None:
            activity.collection = compiled
        activity.item_variable = self.element.item
        activity.output_variable = (loop.findtext(BPMN + "loopDataOutputRef") or "").strip()
        activity.output_item = _id_of(loop, "outputDataItem")
        activity.vote = self._vote()
        ballot = "" if activity.vote is None else activity.vote.ballot
        activity.local_names = ("loopCounter", activity.item_variable, activity.output_item, ballot)
        # Nobody else may read what the activity collects: it is kept because the activity does.
        self.problems.collected |= {activity.output_item, ballot} - {""}
        activity.condition_rule = self.optional_feel(
            (loop.findtext(BPMN + "completionCondition") or "").strip()
        )
        return activity

    def _vote(self) -> Vote | None:
        """Return how the instances decide together, if they do."""
        properties = {name: value.strip() for name, value in self.element.properties.items()}
        rule, outcome = properties.get("zz:vote", ""), properties.get("zz:outcome", "")
        if not rule:
            return None
        share = self.optional_feel(properties.get("zz:share", "")) if rule in BY_SHARE else None
        if rule not in VOTE_RULES or not outcome or (rule in BY_SHARE and share is None):
            known = "、".join(VOTE_RULES)
            self.problems.add(
                "vote",
                "会签的规则不完整",
                self.node,
                f"zz:vote 写 {known} 之一，zz:outcome 写结果的变量名，按比例的还要写 zz:share",
            )
            return None
        ballot, yes = properties.get("zz:ballot", ""), options_of(properties.get("zz:yes", ""))
        return Vote(rule, outcome, ballot, yes, share)


def _id_of(loop: Any, tag: str) -> str:
    child = loop.find(BPMN + tag)
    return "" if child is None else child.get("id") or child.get("name") or ""


class UserNode(Node):
    """A user task."""

    def describe(self, spec: Any) -> None:
        """Compile role and assignee if they are FEEL."""
        super().describe(spec)
        if is_expression(self.element.group):
            spec.group_rule = self.feel(self.element.group)
        if is_expression(self.element.assignee):
            spec.assignee_rule = self.feel(self.element.assignee)


class EventNode(Node):
    """An event; subclasses say which definitions they may have."""

    allowed: tuple[str, ...] = ()

    def create_task(self) -> Any:
        """Return the event's specification with its definition."""
        return self.spec_class(
            self.spec, self.bpmn_id, event_definition=self.definition(), **self.bpmn_attributes
        )

    def definition(self) -> Any:
        """Return what the event waits for or throws."""
        tags = [
            child.tag[len(BPMN) : -len("EventDefinition")]
            for child in self.node
            if isinstance(child.tag, str)
            and child.tag.startswith(BPMN)
            and child.tag.endswith("EventDefinition")
        ]
        if not tags:
            return self.bare_definition()
        if len(tags) > 1 or tags[0] not in self.allowed:
            self.problems.add(
                "unsupported", f"此处不支持 {'、'.join(tags)} 事件", self.node, "请改用支持的事件类型"
            )
            return NoneEventDefinition()
        return getattr(self, tags[0])(self.node.find(f"{BPMN}{tags[0]}EventDefinition"))

    def bare_definition(self) -> Any:
        """Return the definition of an event drawn without any."""
        return NoneEventDefinition()

    def message(self, _node: Any = None) -> MessageDefinition:
        """Return the message definition of this node."""
        properties = self.element.properties
        trigger = properties.get("zz:trigger", "").strip()
        if not self.element.message and not trigger:
            self.problems.add("message", "没有消息，或引用的消息没有名称", self.node, "请为它选择消息")
        key = self.optional_feel(properties.get("zz:key", "").strip())
        return MessageDefinition(self.element.message, key, trigger)

    def timer(self, _node: Any) -> Any:
        """Return the timer definition of this node."""
        tag, text = timer_text(self.node)
        if not text:
            self.problems.add("timer", "定时事件没有填写时间", self.node, "请填写时限，例如 workdays(10)")
            return NoneEventDefinition()
        if not is_literal(text) and self.feel(text) is None:
            return NoneEventDefinition()
        return TimerDefinition(self.bpmn_id, text, recurring=tag == "timeCycle" or text.startswith("R"))

    def error(self, node: Any) -> Any:
        """Return the error definition."""
        known = self.process_parser.parser.errors.get(node.get("errorRef")) or {}
        return ErrorEventDefinition(known.get("name"), known.get("error_code"))

    def escalation(self, node: Any) -> Any:
        """Return the escalation definition."""
        known = self.process_parser.parser.escalations.get(node.get("escalationRef")) or {}
        return EscalationEventDefinition(known.get("name"), known.get("escalation_code"))

    def terminate(self, _node: Any) -> Any:
        """Return the terminate definition."""
        return TerminateEventDefinition()


class CatchNode(EventNode):
    """A start or intermediate catch event, or a receive task."""

    allowed = ("timer", "message")

    def bare_definition(self) -> Any:
        """A receive task waits for its message; a catch event must say for what."""
        kind = self.element.kind
        if kind == "receiveTask":
            return self.message()
        if kind != "startEvent":
            self.problems.add("event", "捕获事件没有说明等待什么", self.node, "请选择消息或定时")
        return NoneEventDefinition()


class BoundaryNode(EventNode):
    """A boundary event."""

    allowed = ("timer", "message", "error", "escalation")

    def create_task(self) -> Any:
        """Return the boundary event's specification."""
        definition = self.definition()
        spec = self.spec_class(
            self.spec,
            self.bpmn_id,
            event_definition=definition,
            cancel_activity=self.element.interrupting,
            **self.bpmn_attributes,
        )
        spec.on_throw = isinstance(definition, ErrorEventDefinition | EscalationEventDefinition)
        if isinstance(definition, TimerDefinition) and definition.recurring and self.element.interrupting:
            self.problems.add("timer", "中断型边界定时不能是周期", self.node, "请改为非中断，或填写一个时限")
        return spec

    def bare_definition(self) -> Any:
        """A boundary event must say for what it waits."""
        self.problems.add("event", "边界事件没有说明等待什么", self.node, "请选择定时或消息")
        return NoneEventDefinition()


class ThrowNode(EventNode):
    """An intermediate throw event."""

    allowed = ("message", "escalation")


class EndNode(EventNode):
    """An end event."""

    allowed = ("message", "error", "escalation", "terminate")


class ServiceNode(EventNode):
    """A service task or send task: external topic, or (send task) a message."""

    allowed = ("message",)

    def create_task(self) -> Any:
        """Return the specification: a message sender if there is a message, else an external task."""
        element = self.element
        if element.kind == "sendTask" and not element.topic:
            return self.spec_class(
                self.spec, self.bpmn_id, event_definition=self.message(), **self.bpmn_attributes
            )
        if not element.topic:
            self.problems.add(
                "topic", "服务任务没有主题", self.node, "请设为外部任务并填写主题（camunda:topic）"
            )
        return ServiceTask(self.spec, self.bpmn_id, **self.bpmn_attributes)

    def describe(self, spec: Any) -> None:
        """Read the particulars of the engine's own topic."""
        super().describe(spec)
        if self.element.topic == RETIME_TOPIC:
            properties = self.element.properties
            spec.activity_id = properties.get("zz:activity", "").strip()
            spec.until = self.optional_feel(properties.get("zz:until", "").strip())
            if spec.until is None or spec.activity_id not in self.process_parser.parser.elements:
                self.problems.add(
                    "retime", "调整时限的任务应填写 zz:activity 和 zz:until", self.node, "请补充这两个属性"
                )


class EventGatewayNode(Node):
    """An event-based gateway; its events keep their own definitions."""

    def create_task(self) -> Any:
        """Return the gateway."""
        none = NoneEventDefinition()
        return self.spec_class(self.spec, self.bpmn_id, event_definition=none, **self.bpmn_attributes)


class SubProcessNode(Node):
    """An embedded sub-process."""

    def create_task(self) -> Any:
        """Return the sub-process activity; its inside is parsed at once."""
        parser = self.process_parser.parser
        parser.create_parser(self.node, filename=self.filename)
        inner = parser.process_parsers[self.bpmn_id]
        inner.parent = self.process_parser
        inner.get_spec()
        return self.spec_class(self.spec, self.bpmn_id, subworkflow_spec=self.bpmn_id, **self.bpmn_attributes)


class CallNode(Node):
    """A call activity."""

    def create_task(self) -> Any:
        """Return the call activity."""
        called = self.node.get("calledElement") or ""
        return self.spec_class(self.spec, self.bpmn_id, subworkflow_spec=called, **self.bpmn_attributes)
