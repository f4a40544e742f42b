"""A small builder of BPMN texts for tests: nodes and flows in the order they are written."""

from __future__ import annotations

from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

HEADER = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<bpmn:definitions'
    ' xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    ' targetNamespace="http://test" id="defs">\n'
)
EVENT_TAGS = {
    "boundary": "boundaryEvent",
    "catch": "intermediateCatchEvent",
    "throw": "intermediateThrowEvent",
}


class Scope:
    """A process or an embedded sub-process."""

    def __init__(self, diagram: Diagram, scope_id: str) -> None:
        self.diagram = diagram
        self.id = scope_id
        self.parts: list[str] = []
        self.flows = 0

    def node(
        self,
        tag: str,
        node_id: str,
        inner: str = "",
        *,
        props: dict[str, str] | None = None,
        outputs: dict[str, str] | None = None,
        **attributes: str,
    ) -> str:
        """Add any node; keyword attributes with ``camunda_`` get the Camunda prefix."""
        extension = ""
        if props:
            items = "".join(
                f"<camunda:property name={quoteattr(k)} value={quoteattr(v)}/>" for k, v in props.items()
            )
            extension += f"<camunda:properties>{items}</camunda:properties>"
        if outputs:
            items = "".join(
                f"<camunda:outputParameter name={quoteattr(k)}>{escape(v)}</camunda:outputParameter>"
                for k, v in outputs.items()
            )
            extension += f"<camunda:inputOutput>{items}</camunda:inputOutput>"
        if extension:
            extension = f"<bpmn:extensionElements>{extension}</bpmn:extensionElements>"
        text = " ".join(
            f"{name.replace('camunda_', 'camunda:')}={quoteattr(value)}" for name, value in attributes.items()
        )
        self.parts.append(f'<bpmn:{tag} id="{node_id}" {text}>{extension}{inner}</bpmn:{tag}>\n')
        return node_id

    def start(self, node_id: str = "start", inner: str = "", **more: str) -> str:
        return self.node("startEvent", node_id, inner, **more)

    def end(self, node_id: str = "end", inner: str = "", **more) -> str:
        return self.node("endEvent", node_id, inner, **more)

    def terminate(self, node_id: str) -> str:
        return self.end(node_id, "<bpmn:terminateEventDefinition/>")

    def user(self, node_id: str, inner: str = "", **more) -> str:
        more.setdefault("name", f"办理{node_id}")
        more.setdefault("camunda_candidateGroups", "office")
        return self.node("userTask", node_id, inner, **more)

    def gateway(self, kind: str, node_id: str, **more) -> str:
        return self.node(f"{kind}Gateway", node_id, **more)

    def timer(self, tag: str, node_id: str, rule: str, *, kind: str = "timeDate", **more) -> str:
        value = f"<bpmn:{kind}>{escape(rule)}</bpmn:{kind}>"
        body = f"<bpmn:timerEventDefinition>{value}</bpmn:timerEventDefinition>"
        return self.node(EVENT_TAGS[tag], node_id, body, **more)

    def message(self, tag: str, node_id: str, name: str, /, **more) -> str:
        if name:
            self.diagram.messages.setdefault(name, f"msg_{len(self.diagram.messages)}")
        reference = f'messageRef="{self.diagram.messages[name]}"' if name else ""
        body = f"<bpmn:messageEventDefinition {reference}/>"
        return self.node(EVENT_TAGS.get(tag, tag), node_id, body, **more)

    def coded(self, tag: str, node_id: str, kind: str, code: str = "", **more) -> str:
        """Add an error or escalation event."""
        reference = f' {kind}Ref="{kind}_{code}"' if code else ""
        if code:
            self.diagram.codes.add((kind, code))
        return self.node(
            EVENT_TAGS.get(tag, tag), node_id, f"<bpmn:{kind}EventDefinition{reference}/>", **more
        )

    def flow(self, source: str, target: str, condition: str = "", flow_id: str = "") -> str:
        self.flows += 1
        flow_id = flow_id or f"{self.id}_f{self.flows}"
        body = (
            f"<bpmn:conditionExpression>{escape(condition)}</bpmn:conditionExpression>" if condition else ""
        )
        ends = f'sourceRef="{source}" targetRef="{target}"'
        self.parts.append(f'<bpmn:sequenceFlow id="{flow_id}" {ends}>{body}</bpmn:sequenceFlow>\n')
        return flow_id

    def chain(self, *nodes: str) -> None:
        for source, target in pairwise(nodes):
            self.flow(source, target)

    def sub(self, node_id: str) -> Scope:
        """Return an embedded sub-process to be filled; :meth:`close` it afterwards."""
        return Scope(self.diagram, node_id)

    def close(self, sub: Scope, inner: str = "", **more) -> str:
        return self.node("subProcess", sub.id, inner + "".join(sub.parts), **more)


class Diagram:
    """A file with one or more processes."""

    def __init__(self) -> None:
        self.messages: dict[str, str] = {}
        self.codes: set[tuple[str, str]] = set()
        self.processes: list[Scope] = []

    def process(self, process_id: str = "case") -> Scope:
        scope = Scope(self, process_id)
        self.processes.append(scope)
        return scope

    def xml(self) -> bytes:
        """Return the file."""
        text = HEADER
        for name, message_id in self.messages.items():
            text += f"<bpmn:message id={quoteattr(message_id)} name={quoteattr(name)}/>\n"
        for kind, code in sorted(self.codes):
            text += f'<bpmn:{kind} id="{kind}_{code}" name="{code}" {kind}Code="{code}"/>\n'
        for process in self.processes:
            text += f'<bpmn:process id="{process.id}" name="流程{process.id}" isExecutable="true">\n'
            text += "".join(process.parts) + "</bpmn:process>\n"
        return (text + "</bpmn:definitions>\n").encode()


def multi(collection: str, variable: str = "", *, sequential: bool = False, until: str = "") -> str:
    """Return multi-instance characteristics."""
    item = f' camunda:elementVariable="{variable}"' if variable else ""
    order = ' isSequential="true"' if sequential else ""
    done = f"<bpmn:completionCondition>{escape(until)}</bpmn:completionCondition>" if until else ""
    return (
        f"<bpmn:multiInstanceLoopCharacteristics camunda:collection={quoteattr(collection)}{item}{order}>"
        f"{done}</bpmn:multiInstanceLoopCharacteristics>"
    )
