"""Takes the facts we use out of BPMN XML elements: Camunda attributes, properties, texts."""

from __future__ import annotations

from zuozhen.engine.diagram import Element
from zuozhen.packs.safexml import XmlElement

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"

SUBPROCESS_KINDS = frozenset({"subProcess", "transaction", "adHocSubProcess"})
ACTIVITY_KINDS = SUBPROCESS_KINDS | {
    "task", "userTask", "manualTask", "scriptTask", "serviceTask", "sendTask", "receiveTask",
    "businessRuleTask", "callActivity",
}  # fmt: skip
EVENT_KINDS = frozenset(
    {"startEvent", "endEvent", "boundaryEvent", "intermediateCatchEvent", "intermediateThrowEvent"}
)
GATEWAY_KINDS = frozenset(
    {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"}
)
NODE_KINDS = ACTIVITY_KINDS | EVENT_KINDS | GATEWAY_KINDS


def kind_of(node: XmlElement) -> str:
    """Return the local tag of a BPMN element, empty for anything of another namespace."""
    tag = node.tag
    return tag[len(BPMN) :] if isinstance(tag, str) and tag.startswith(BPMN) else ""


def camunda(node: XmlElement, name: str) -> str:
    """Return an attribute of the Camunda namespace, stripped; empty if absent."""
    return (node.get(CAMUNDA + name) or "").strip()


def properties(node: XmlElement) -> dict[str, str]:
    """Return the ``camunda:properties`` of the element itself (never those of elements inside it)."""
    found: dict[str, str] = {}
    for extension in node.findall(BPMN + "extensionElements"):
        for prop in extension.iterfind(f"{CAMUNDA}properties/{CAMUNDA}property"):
            name = prop.get("name") or prop.get("id")
            if name:
                found[name] = prop.get("value") or ""
    return found


def output_parameters(node: XmlElement) -> tuple[tuple[str, str], ...]:
    """Return (name, FEEL text) of every ``camunda:outputParameter``, in document order."""
    found = []
    for extension in node.findall(BPMN + "extensionElements"):
        for parameter in extension.iterfind(f"{CAMUNDA}inputOutput/{CAMUNDA}outputParameter"):
            found.append(((parameter.get("name") or "").strip(), (parameter.text or "").strip()))
    return tuple(found)


def item_variable(node: XmlElement) -> str:
    """Return the variable that holds the item of each instance; empty if the node has no such instances."""
    loop = node.find(BPMN + "multiInstanceLoopCharacteristics")
    if loop is None:
        return ""
    item = loop.find(BPMN + "inputDataItem")
    drawn = "" if item is None else item.get("id") or item.get("name") or ""
    return camunda(loop, "elementVariable") or drawn


def timer_text(node: XmlElement) -> tuple[str, str]:
    """Return (tag, text) of the timer drawn on an event: ``timeDate``, ``timeDuration``, ``timeCycle``."""
    definition = node.find(BPMN + "timerEventDefinition")
    if definition is None:
        return "", ""
    for tag in ("timeDate", "timeDuration", "timeCycle"):
        text = definition.findtext(BPMN + tag)
        if text and text.strip():
            return tag, text.strip()
    return "", ""


def message_ref(node: XmlElement) -> str:
    """Return the id of the message an event or task sends or receives; empty if none is drawn."""
    definition = node.find(BPMN + "messageEventDefinition")
    return (definition.get("messageRef") if definition is not None else node.get("messageRef")) or ""


def condition_text(flow: XmlElement) -> str:
    """Return the condition of a sequence flow, empty if it has none."""
    return (flow.findtext(BPMN + "conditionExpression") or "").strip()


def read_element(
    node: XmlElement, *, process_id: str, scope: str, lanes: dict[str, str], messages: dict[str, str]
) -> Element:
    """Return the facts of one flow node; ``lanes`` maps node id to lane name, ``messages`` id to name."""
    definition = node.find(BPMN + "messageEventDefinition")
    topic = camunda(node, "topic") or (camunda(definition, "topic") if definition is not None else "")
    node_id = node.get("id") or ""
    return Element(
        id=node_id,
        kind=kind_of(node),
        name=" ".join((node.get("name") or "").split()),
        process_id=process_id,
        lane=lanes.get(node_id, ""),
        line=node.sourceline or 0,
        properties=properties(node),
        form_key=camunda(node, "formRef") or camunda(node, "formKey"),
        group=camunda(node, "candidateGroups"),
        rule=timer_text(node)[1],
        attached_to=node.get("attachedToRef") or "",
        assignee=camunda(node, "assignee"),
        scope=scope,
        message=messages.get(message_ref(node), ""),
        topic=topic,
        interrupting=(node.get("cancelActivity") or "true").lower() != "false",
        outputs=output_parameters(node),
        item=item_variable(node),
    )
