"""Writes small diagrams for the linter's tests: one element per line, so that lines can be checked."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from html import escape

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
  id="definitions" targetNamespace="http://example.org/lint">"""
CLAUSE = "第三条"
MESSAGE = '<bpmn:message id="m" name="安排" />'
"""The message that ``message()`` refers to unless told otherwise."""


def extension(properties: dict[str, str], inner: str = "") -> str:
    """Write properties (``clause`` means ``zz:clause``); an empty value leaves the property out."""
    rows = "".join(
        f'<camunda:property name="zz:{name}" value="{escape(value)}" />'
        for name, value in properties.items()
        if value
    )
    wrapped = f"<camunda:properties>{rows}</camunda:properties>" if rows else ""
    return f"<bpmn:extensionElements>{wrapped}{inner}</bpmn:extensionElements>" if wrapped or inner else ""


def node(kind: str, id_: str, *, attrs: str = "", body: str = "", inner: str = "", **properties: str) -> str:
    """Write a flow node; ``inner`` goes into its extension elements, ``body`` after them."""
    name = "" if 'name="' in attrs else f' name="{id_}号"'
    given = f' id="{id_}"' if id_ else ""
    return f"<bpmn:{kind}{given}{name} {attrs}>{extension(properties, inner)}{body}</bpmn:{kind}>"


def outputs(**expressions: str) -> str:
    """Write an output mapping."""
    rows = "".join(
        f'<camunda:outputParameter name="{name}">{escape(text)}</camunda:outputParameter>'
        for name, text in expressions.items()
    )
    return f"<camunda:inputOutput>{rows}</camunda:inputOutput>"


def start(id_: str = "s", body: str = "", **properties: str) -> str:
    return node("startEvent", id_, body=body, **properties)


def end(id_: str = "e", body: str = "", **properties: str) -> str:
    return node("endEvent", id_, body=body, **properties)


def user(
    id_: str = "t",
    *,
    form: str = "accept",
    group: str = "window",
    clause: str = CLAUSE,
    attrs: str = "",
    body: str = "",
    inner: str = "",
    **properties: str,
) -> str:
    """Write a user task; an empty ``form`` or ``group`` is left out."""
    if form:
        attrs += f' camunda:formRef="{form}" camunda:formRefBinding="deployment"'
    if group:
        attrs += f' camunda:candidateGroups="{escape(group)}"'
    return node("userTask", id_, attrs=attrs, body=body, inner=inner, **{"clause": clause, **properties})


def service(id_: str, topic: str, *, attrs: str = 'camunda:type="external"', **properties: str) -> str:
    topic = f' camunda:topic="{topic}"' if topic else ""
    return node("serviceTask", id_, attrs=attrs + topic, **{"clause": CLAUSE, **properties})


def gateway(kind: str, id_: str, *, default: str = "", clause: str = CLAUSE) -> str:
    return node(f"{kind}Gateway", id_, attrs=f'default="{default}"' if default else "", clause=clause)


def timer(text: str, element: str = "timeDate") -> str:
    rule = f"<bpmn:{element}>{escape(text)}</bpmn:{element}>" if text else ""
    return f"<bpmn:timerEventDefinition>{rule}</bpmn:timerEventDefinition>"


def message(ref: str = "m") -> str:
    given = f' messageRef="{ref}"' if ref else ""
    return f"<bpmn:messageEventDefinition{given} />"


def catch(id_: str, body: str, **properties: str) -> str:
    return node("intermediateCatchEvent", id_, body=body, **properties)


def throw(id_: str, body: str = "", **properties: str) -> str:
    return node("intermediateThrowEvent", id_, body=body, **properties)


def boundary(id_: str, host: str, body: str, *, interrupting: bool = True, **properties: str) -> str:
    cancel = "" if interrupting else ' cancelActivity="false"'
    return node("boundaryEvent", id_, attrs=f'attachedToRef="{host}"{cancel}', body=body, **properties)


def sub_process(id_: str, *elements: str, attrs: str = "") -> str:
    """Write a sub-process over several lines."""
    inside = "\n".join(elements)
    return f'<bpmn:subProcess id="{id_}" name="{id_}号" {attrs}>\n{inside}\n</bpmn:subProcess>'


def flow(source: str, target: str, condition: str | None = None, id_: str | None = None) -> str:
    """Write a sequence flow; its id is ``source_target`` unless given (empty: no id)."""
    id_ = f"{source}_{target}" if id_ is None else id_
    given = f'id="{id_}" ' if id_ else ""
    test = (
        ""
        if condition is None
        else f"<bpmn:conditionExpression>{escape(condition)}</bpmn:conditionExpression>"
    )
    return f'<bpmn:sequenceFlow {given}sourceRef="{source}" targetRef="{target}">{test}</bpmn:sequenceFlow>'


def path(*ids: str) -> str:
    """Write the flows of a chain of nodes."""
    return "\n".join(flow(source, target) for source, target in itertools.pairwise(ids))


def process(*elements: str, id_: str = "p") -> str:
    inside = "\n".join(elements)
    return f'<bpmn:process id="{id_}" name="{id_}流程" isExecutable="true">\n{inside}\n</bpmn:process>'


def document(*parts: str, drawn: bool = True, hidden: Iterable[str] = ()) -> bytes:
    """Write the whole file, with a shape for every node and flow except the ``hidden`` ones."""
    text = "\n".join((HEAD, *parts))
    ids = re.findall(
        r"<bpmn:(?:\w+(?:Task|Event|Gateway|Process|Activity)|task|sequenceFlow) id=\"([^\"]+)\"", text
    )
    shapes = [f'<bpmndi:BPMNShape bpmnElement="{escape(each)}" />' for each in ids if each not in set(hidden)]
    picture = ["<bpmndi:BPMNDiagram>", *shapes, "</bpmndi:BPMNDiagram>"] if drawn else []
    return "\n".join((text, *picture, "</bpmn:definitions>")).encode()


def diagram(*elements: str, before: str = MESSAGE) -> bytes:
    """Write a file with one process."""
    return document(before, process(*elements))


def straight(*middle: str, before: str = MESSAGE) -> bytes:
    """Write a process start → the nodes named in ``middle`` one after the other → end.

    Boundary events are left out of the chain; add their flows as further elements.
    """
    chain = [
        found[1]
        for each in middle
        if (found := re.match(r"<bpmn:(?!boundaryEvent|endEvent|sequenceFlow)\w+ id=\"([^\"]+)\"", each))
        is not None
    ]
    return diagram(start(), *middle, end(), path("s", *chain, "e"), before=before)
