"""From BPMN XML to SpiffWorkflow specifications of our own classes.

Derives from ``BpmnParser`` and uses its extension points, but builds a process in two passes (all
nodes, then all flows in document order) instead of walking the graph recursively: gateway branches
keep their order, long chains do not exhaust the stack, and every problem is found with its line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser, full_tag
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.specs import WorkflowSpec

from zuozhen.engine import activities, events, gateways
from zuozhen.engine.diagram import Element
from zuozhen.engine.findings import Collector
from zuozhen.engine.nodes import (
    BoundaryNode,
    CallNode,
    CatchNode,
    EndNode,
    EventGatewayNode,
    Node,
    ServiceNode,
    SubProcessNode,
    ThrowNode,
    UserNode,
)
from zuozhen.engine.reading import ACTIVITY_KINDS, BPMN, NODE_KINDS, condition_text, kind_of
from zuozhen.packs.safexml import XmlElement

MAX_NODES = 300
"""Nodes of one process, those of its sub-processes included."""


class ProcessSpec(BpmnProcessSpec):
    """The executable specification of one process or sub-process."""

    has_inclusive_join = False

    def __init__(self, name: str) -> None:
        # The stock constructor adds an end join; our workflows end when no token is left.
        WorkflowSpec.__init__(self, name=name)
        self.io_specification = None
        self.data_objects: dict[str, Any] = {}
        self.data_stores: dict[str, Any] = {}
        self.correlation_keys: dict[str, Any] = {}
        self.bpmn_start_events: list[Any] = []
        self.start = activities.Root(self, "(root)")


class FlatProcessParser(ProcessParser):
    """Builds the specification of one process or sub-process from the direct children of its XML node."""

    def _parse(self) -> None:
        self.spec = ProcessSpec(self.bpmn_id)
        self.add_tasks()

    def add_tasks(self) -> None:
        """Create all nodes, put splits before activities with boundary events, then connect the flows."""
        nodes = [node for node in self.node if kind_of(node) in NODE_KINDS]
        for node in nodes:
            self.parse_node(node)
        self._attach_boundaries(nodes)
        self._connect_flows()
        for spec in self.spec.task_specs.values():
            if isinstance(spec, gateways.InclusiveGateway) and sum(spec.needed.values()) > 1:
                spec.joins_inclusively = True
                spec.upstream = _upstream(self.spec.task_specs, spec)
                self.spec.has_inclusive_join = True
        self._check_starts(nodes)

    @property
    def problems(self) -> Collector:
        """Where findings go."""
        collector: Collector = self.parser.problems
        return collector

    def _check_starts(self, nodes: list[XmlElement]) -> None:
        starts = [node for node in nodes if kind_of(node) == "startEvent"]
        self.spec.start.targets = tuple(self.spec.task_specs[node.get("id")] for node in starts)
        if not starts:
            self.problems.add("start", "没有开始事件", self.node, "请画出一个开始事件")
        elif kind_of(self.node) != "process" and len(starts) > 1:
            self.problems.add("start", "子流程只能有一个开始事件", self.node, "请删去多余的开始事件")

    def _attach_boundaries(self, nodes: list[XmlElement]) -> None:
        specs = self.spec.task_specs
        attached: dict[str, list[Any]] = {}
        for node in nodes:
            if kind_of(node) == "boundaryEvent":
                attached.setdefault(node.get("attachedToRef") or "", []).append(node)
        for activity_id, boundary_nodes in attached.items():
            activity = specs.get(activity_id)
            if activity is None or activity.element.kind not in ACTIVITY_KINDS:
                for node in boundary_nodes:
                    self.problems.add(
                        "boundary", "边界事件没有附着在本流程的任务上", node, "请把它拖到任务边框上"
                    )
                continue
            split = events.BoundarySplit(self.spec, f"{activity_id} (boundary)")
            split.element = activity.element
            split.targets = (activity, *(specs[node.get("id")] for node in boundary_nodes))
            activity.split_name = split.name
            for target in split.targets:
                split.connect(target)

    def _connect_flows(self) -> None:
        specs = self.spec.task_specs
        leaving: dict[str, list[tuple[XmlElement, Any]]] = {}
        for flow in self.node.iterchildren(BPMN + "sequenceFlow"):
            source, target = specs.get(flow.get("sourceRef")), specs.get(flow.get("targetRef"))
            if not self._may_connect(flow, source, target):
                continue
            entry = specs[target.split_name] if target.split_name else target
            source.connect(entry)
            if isinstance(target, gateways.Join):
                target.needed = Counter(target.needed) + Counter([source.name])
            leaving.setdefault(source.name, []).append((flow, entry))
        for name, flows in leaving.items():
            self._set_targets(specs[name], flows)

    def _may_connect(self, flow: XmlElement, source: Any, target: Any) -> bool:
        """Tell whether a flow makes sense; note a problem if not."""
        if source is None or target is None:
            self.problems.add("flow", "连线的起点或终点不存在", flow, "请重新连接这条连线")
        elif isinstance(source, events.EndEvent):
            self.problems.add("flow", "结束事件之后不能有连线", flow, "请删去这条连线")
        elif isinstance(target, events.StartEvent | events.BoundaryEvent):
            self.problems.add("flow", "连线不能指向开始事件或边界事件", flow, "请改接到任务或网关")
        elif isinstance(source, gateways.EventBasedGateway) and not isinstance(target, events.Catching):
            self.problems.add("flow", "事件网关之后只能接捕获事件或接收任务", flow, "请改接到捕获事件")
        else:
            return True
        return False

    def _set_targets(self, spec: Any, flows: list[tuple[XmlElement, Any]]) -> None:
        spec.targets = tuple(target for _, target in flows)
        if isinstance(spec, gateways.Choice):
            self._set_choices(spec, flows)
            return
        for flow, _ in flows:
            if condition_text(flow) and not isinstance(spec, gateways.ParallelGateway):
                self.problems.add(
                    "condition", "只有排他网关和包容网关的连线可以写条件", flow, "请在此处加一个网关"
                )

    def _set_choices(self, spec: Any, flows: list[tuple[XmlElement, Any]]) -> None:
        default_id = self.get_node_by_id(spec.name).get("default")
        choices = []
        for flow, target in flows:
            text = condition_text(flow)
            if flow.get("id") and flow.get("id") == default_id:
                spec.default = target
            elif text:
                choices.append((self.parser.problems.expression(text, flow), target))
            elif len(flows) > 1:
                self.problems.add("condition", "网关的这条连线没有条件，也不是默认连线", flow, "请填写条件")
        spec.choices = tuple(choices)


def _upstream(specs: Mapping[str, Any], gateway: Any) -> dict[str, frozenset[str]]:
    """Return, by incoming node, every node from which it is reached without passing ``gateway``."""
    found: dict[str, frozenset[str]] = {}
    for name in gateway.needed:
        seen: set[str] = set()
        stack = [name]
        while stack:
            here = stack.pop()
            if here not in seen and here != gateway.name:
                seen.add(here)
                stack.extend(specs[here]._inputs)
        found[name] = frozenset(seen)
    return found


class DiagramParser(BpmnParser):
    """Parser of one diagram. ``elements`` are the facts of all flow nodes, by id."""

    PROCESS_PARSER_CLASS = FlatProcessParser
    PARSER_CLASSES = {  # noqa: RUF012 - the stock class has it as a plain class attribute
        full_tag("startEvent"): (CatchNode, events.StartEvent),
        full_tag("endEvent"): (EndNode, events.EndEvent),
        full_tag("intermediateCatchEvent"): (CatchNode, events.IntermediateCatchEvent),
        full_tag("intermediateThrowEvent"): (ThrowNode, events.IntermediateThrowEvent),
        full_tag("boundaryEvent"): (BoundaryNode, events.BoundaryEvent),
        full_tag("task"): (Node, activities.PassThrough),
        full_tag("manualTask"): (Node, activities.PassThrough),
        full_tag("userTask"): (UserNode, activities.UserTask),
        full_tag("serviceTask"): (ServiceNode, activities.ServiceTask),
        full_tag("sendTask"): (ServiceNode, activities.SendTask),
        full_tag("receiveTask"): (CatchNode, events.ReceiveTask),
        full_tag("subProcess"): (SubProcessNode, activities.SubProcess),
        full_tag("callActivity"): (CallNode, activities.CallActivity),
        full_tag("exclusiveGateway"): (Node, gateways.ExclusiveGateway),
        full_tag("parallelGateway"): (Node, gateways.ParallelGateway),
        full_tag("inclusiveGateway"): (Node, gateways.InclusiveGateway),
        full_tag("eventBasedGateway"): (EventGatewayNode, gateways.EventBasedGateway),
    }

    def __init__(self, elements: Mapping[str, Element], problems: Collector) -> None:
        super().__init__()
        self.elements = elements
        self.problems = problems

    def build(self, root: XmlElement, processes: list[XmlElement]) -> dict[str, ProcessSpec]:
        """Return the specification of every process and sub-process by id.

        Takes only what we execute from the file: pools of others, data stores and the like are drawing.
        Raises :class:`ContentError` with all findings if any part cannot be executed.
        """
        for process in processes:
            self.create_parser(process)
        try:
            self._add_errors(root)
            self._add_escalations(root)
        except ValidationException:
            self.problems.add_at(
                "code", "有错误或升级代码没有编号（id）", "", root.sourceline, "请为它填写编号"
            )
        for process in processes:
            self.get_spec(process.get("id"))
        specs = {scope_id: parser.spec for scope_id, parser in self.process_parsers.items()}
        self._check_calls(specs)
        self.problems.raise_if_any()
        return specs

    def _check_calls(self, specs: Mapping[str, ProcessSpec]) -> None:
        for scope in specs.values():
            for spec in scope.task_specs.values():
                if isinstance(spec, activities.CallActivity) and spec.spec not in specs:
                    element = self.elements[spec.element.id]
                    self.problems.add_at(
                        "call", f"调用的流程 {spec.spec} 不在本文件中", element.id, element.line
                    )
