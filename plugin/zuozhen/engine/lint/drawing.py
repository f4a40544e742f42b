"""The diagram as the rules see it: scopes, nodes and flows linked to each other, with their XML elements."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from zuozhen.engine.lint.source import ACTIVITIES, BPMN, FLOW_NODES, GATEWAYS, SUB_PROCESSES, local_tag

CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
LONGEST_NAME = 40

_INNER_QUOTES = str.maketrans("“”", "‘’")

_WORDS = {
    "subProcess": "子流程",
    "callActivity": "调用活动",
    "startEvent": "开始事件",
    "endEvent": "结束事件",
}


@dataclass(eq=False, slots=True)
class Flow:
    """A sequence flow; ``source`` and ``target`` are ``None`` where they name no node of the same scope."""

    element: etree._Element
    id: str
    source: Node | None
    target: Node | None
    condition: str | None
    """The condition's text without surrounding blanks; ``None`` if no condition is drawn."""

    @property
    def title(self) -> str:
        """The flow as a clerk would point at it."""
        name = self.element.get("name") or ""
        if name.strip():
            return f"连线{quoted(name)}"
        ends = [quoted(node.label) if node else "“？”" for node in (self.source, self.target)]
        return f"从{ends[0]}到{ends[1]}的连线"


@dataclass(eq=False, slots=True)
class Node:
    """A flow node: an activity, a gateway or an event."""

    element: etree._Element
    id: str
    kind: str
    name: str
    scope: Scope
    properties: dict[str, str]
    inner: Scope | None = None
    """What is inside, for sub-processes."""
    host: Node | None = None
    """The activity a boundary event sits on."""
    incoming: list[Flow] = field(default_factory=list)
    outgoing: list[Flow] = field(default_factory=list)
    boundary: list[Node] = field(default_factory=list)
    definitions: list[etree._Element] = field(default_factory=list)
    """The event definitions: timer, message, error and so on."""
    by_kind: dict[str, etree._Element] = field(default_factory=dict)
    """The first definition of each kind."""
    code: str | None = None
    """The code of the error or escalation that is thrown or caught; a catching event without one takes all."""

    @property
    def label(self) -> str:
        """The name on the drawing, or the id of a nameless node."""
        return self.name or self.id

    @property
    def title(self) -> str:
        """The node as a clerk would point at it."""
        if self.kind in GATEWAYS:
            word = "网关"
        elif self.kind in ACTIVITIES:
            word = _WORDS.get(self.kind, "任务")
        else:
            word = _WORDS.get(self.kind, "事件")
        return f"{word}{quoted(self.label)}"

    @property
    def interrupting(self) -> bool:
        """Whether a boundary event cancels the activity it sits on."""
        return self.kind == "boundaryEvent" and self.element.get("cancelActivity") != "false"

    def definition(self, kind: str) -> etree._Element | None:
        """Return the event definition of a kind (``timer``, ``message``, …), if there is one."""
        return self.by_kind.get(kind)

    def camunda(self, attribute: str) -> str:
        """Return a ``camunda:`` attribute without surrounding blanks, empty if absent."""
        return (self.element.get(CAMUNDA + attribute) or "").strip()


@dataclass(eq=False, slots=True)
class Scope:
    """A process or the inside of a sub-process."""

    element: etree._Element
    id: str
    node: Node | None
    """The sub-process node; ``None`` for a process."""
    outer: Scope | None
    nodes: list[Node] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)

    @property
    def process(self) -> Scope:
        """The process this scope belongs to, itself if it is one."""
        scope = self
        while scope.outer is not None:
            scope = scope.outer
        return scope

    @property
    def title(self) -> str:
        """The scope as a clerk would point at it."""
        if self.node is not None:
            return self.node.title
        return f"流程{quoted(self.element.get('name') or self.id)}"

    @property
    def starts(self) -> list[Node]:
        """The start events."""
        return [node for node in self.nodes if node.kind == "startEvent"]


class Drawing:
    """One BPMN file: ``processes`` at the top, ``scopes``, ``nodes`` and ``flows`` of all depths.

    Only what is executed is read: ``sketches`` are the processes that are drawing only, because they hold no node
    (the pool of the enterprise) or are marked as not executable.
    """

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self.scopes: list[Scope] = []
        drawn = root.findall(f"{BPMN}process")
        self.processes = [self._read_scope(each, None, None) for each in drawn if _is_executed(each)]
        self.sketches = [each for each in drawn if not _is_executed(each)]
        self.nodes = [node for scope in self.scopes for node in scope.nodes]
        self.flows = [flow for scope in self.scopes for flow in scope.flows]
        self.by_id = {node.id: node for node in self.nodes if node.id}
        self._read_codes()
        self.messages = {
            each.get("id") or "": (each.get("name") or "").strip() for each in root.findall(f"{BPMN}message")
        }
        self._remembered: dict[str, Any] = {}

    def remember(self, name: str, make: Callable[[], Any]) -> Any:
        """Return what several rules need, made by the first that asks."""
        if name not in self._remembered:
            self._remembered[name] = make()
        return self._remembered[name]

    def drawn_ids(self) -> set[str]:
        """Return the ids of all nodes on the picture, executed or not."""
        found = set(self.by_id)
        for sketch in self.sketches:
            found |= {each.get("id") or "" for each in sketch.iter() if local_tag(each) in FLOW_NODES}
        return found

    def activities(self) -> Iterator[Node]:
        """Iterate over tasks, call activities and sub-processes."""
        return (node for node in self.nodes if node.kind in ACTIVITIES)

    def callers(self) -> dict[str, list[Node]]:
        """Return the call activities of each called process, by its id."""
        found: dict[str, list[Node]] = {}
        for node in self.nodes:
            if node.kind == "callActivity":
                found.setdefault(node.element.get("calledElement") or "", []).append(node)
        return found

    def timers(self) -> Iterator[tuple[Node, etree._Element]]:
        """Iterate over timer events and their definitions."""
        for node in self.nodes:
            definition = node.definition("timer")
            if definition is not None:
                yield node, definition

    def _read_codes(self) -> None:
        for kind in ("error", "escalation"):
            codes = {each.get("id"): each.get(f"{kind}Code") for each in self.root.findall(BPMN + kind)}
            for node in self.nodes:
                definition = node.definition(kind)
                if definition is not None:
                    node.code = codes.get(definition.get(f"{kind}Ref"))

    def _read_scope(self, element: etree._Element, node: Node | None, outer: Scope | None) -> Scope:
        scope = Scope(element, element.get("id") or "", node, outer)
        self.scopes.append(scope)
        for child in element:
            kind = local_tag(child)
            if kind in FLOW_NODES:
                scope.nodes.append(self._read_node(child, kind, scope))
        by_id = {each.id: each for each in scope.nodes if each.id}
        for child in element:
            if local_tag(child) == "sequenceFlow":
                scope.flows.append(_read_flow(child, by_id))
        for each in scope.nodes:
            if each.kind == "boundaryEvent":
                _attach(each, by_id)
        return scope

    def _read_node(self, element: etree._Element, kind: str, scope: Scope) -> Node:
        name = " ".join((element.get("name") or "").split())
        node = Node(element, element.get("id") or "", kind, name, scope, read_properties(element))
        for each in element:
            kind_of_event, suffix, _ = local_tag(each).partition("EventDefinition")
            if suffix:
                node.definitions.append(each)
                node.by_kind.setdefault(kind_of_event, each)
        if kind in SUB_PROCESSES:
            node.inner = self._read_scope(element, node, scope)
        return node


def _is_executed(process: etree._Element) -> bool:
    holds = any(local_tag(child) in FLOW_NODES for child in process)
    return holds and process.get("isExecutable") != "false"


def quoted(name: str) -> str:
    """Put a name into Chinese quotation marks, shortened if it is very long."""
    short = name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…"
    return f"“{short.translate(_INNER_QUOTES)}”"


def text_of(element: etree._Element | None) -> str:
    """Return the text of an element without surrounding blanks, empty if there is no element."""
    return "" if element is None else (element.text or "").strip()


def read_properties(element: etree._Element) -> dict[str, str]:
    """Return the ``camunda:properties`` of an element (direct extension elements only)."""
    path = f"{BPMN}extensionElements/{CAMUNDA}properties/{CAMUNDA}property"
    return {each.get("name") or "": (each.get("value") or "").strip() for each in element.iterfind(path)}


def output_parameters(element: etree._Element) -> Iterator[tuple[str, str]]:
    """Iterate over the names and expressions of the output mapping."""
    path = f"{BPMN}extensionElements/{CAMUNDA}inputOutput/{CAMUNDA}outputParameter"
    for each in element.iterfind(path):
        yield (each.get("name") or "").strip(), text_of(each)


def _read_flow(element: etree._Element, by_id: dict[str, Node]) -> Flow:
    source = by_id.get(element.get("sourceRef") or "")
    target = by_id.get(element.get("targetRef") or "")
    drawn = element.find(f"{BPMN}conditionExpression")
    flow = Flow(element, element.get("id") or "", source, target, None if drawn is None else text_of(drawn))
    if source is not None:
        source.outgoing.append(flow)
    if target is not None:
        target.incoming.append(flow)
    return flow


def _attach(event: Node, by_id: dict[str, Node]) -> None:
    host = by_id.get(event.element.get("attachedToRef") or "")
    if host is not None and host.kind in ACTIVITIES:
        event.host = host
        host.boundary.append(event)
