"""The facts of one BPMN element as texts under names; everything that is written there becomes some fact."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final, TypeAlias

from zuozhen.engine.reading import BPMN, CAMUNDA, kind_of, timer_text
from zuozhen.packs.safexml import XmlElement

Facts: TypeAlias = dict[str, str]

_XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
_MODELER: Final = "{http://camunda.org/schema/modeler/1.0}"
_NAMES: Final[Mapping[str, str]] = {
    "name": "name",
    "sourceRef": "source",
    "targetRef": "target",
    "attachedToRef": "attached",
    "default": "default",
    "cancelActivity": "interrupting",
    "isInterrupting": "interrupting",
    "processRef": "process",
    "messageRef": "message",
    f"{CAMUNDA}candidateGroups": "group",
    f"{CAMUNDA}candidateUsers": "users",
    f"{CAMUNDA}assignee": "assignee",
    f"{CAMUNDA}formRef": "form",
    f"{CAMUNDA}formKey": "form",
    f"{CAMUNDA}topic": "topic",
}
_DEFAULTS: Final = frozenset(
    {
        ("cancelActivity", "true"), ("isInterrupting", "true"), ("isSequential", "false"),
        ("isExecutable", "true"), ("triggeredByEvent", "false"), ("isForCompensation", "false"),
        ("startQuantity", "1"), ("completionQuantity", "1"), ("gatewayDirection", "Unspecified"),
        ("instantiate", "false"), ("parallelMultiple", "false"), ("eventGatewayType", "Exclusive"),
        ("isClosed", "false"), ("processType", "None"), ("isCollection", "false"),
        ("associationDirection", "None"), ("cancelRemainingInstances", "true"), ("textFormat", "text/plain"),
        ("implementation", "##unspecified"), (f"{CAMUNDA}asyncBefore", "false"),
        (f"{CAMUNDA}asyncAfter", "false"), (f"{CAMUNDA}exclusive", "true"),
    }
)  # fmt: skip
"""Written or left out, they say the same."""
_MEANINGLESS: Final = frozenset({"id", "exporter", "exporterVersion"})
_DERIVED: Final = frozenset({"incoming", "outgoing", "flowNodeRef"})
_EVENT: Final = "EventDefinition"


def read_facts(element: XmlElement, references: Mapping[str, str], own_items: Collection[str]) -> Facts:
    """Return the facts of one element; children of ``own_items`` kinds have facts of their own.

    ``references`` are the names of messages, errors … by id.
    """
    facts: Facts = {}
    _attributes(element, facts, references)
    for child in element:
        kind = kind_of(child)
        if kind in own_items or kind in _DERIVED or _is_picture(child):
            continue
        reader = _PARTS.get(kind)
        if reader is not None:
            reader(child, facts)
        elif kind.endswith(_EVENT):
            _event(child, facts, references)
        else:
            _append(facts, f"part:{_tag(child)}", canonical(child))
    return facts


def _attributes(
    element: XmlElement, facts: Facts, references: Mapping[str, str], prefix: str = "attr:"
) -> None:
    for name, value in sorted(element.attrib.items()):
        text = " ".join(value.split())
        ignored = name in _MEANINGLESS or name.startswith((_XSI, _MODELER))
        if ignored or not text or (name, text) in _DEFAULTS:
            continue
        key = _NAMES.get(name) or f"{prefix}{_short(name)}"
        if key == "form" and key in facts:
            continue  # formRef (read later by name) wins over formKey, as in the engine
        facts[key] = references.get(text, text) if name.endswith("Ref") and key in ("message",) else text
    if element.get(f"{CAMUNDA}formRef"):
        facts["form"] = " ".join((element.get(f"{CAMUNDA}formRef") or "").split())


def _event(element: XmlElement, facts: Facts, references: Mapping[str, str]) -> None:
    """What triggers or ends: the kind of event, and its timer, message, error …"""
    kind = kind_of(element)
    _append(facts, "event", kind)
    owner = element.getparent()
    if kind == f"timer{_EVENT}" and "timer" not in facts:
        tag, text = timer_text(owner)
        facts["timer"] = text
        if tag == "timeCycle" and not text.startswith("R"):
            facts["timer-cycle"] = "true"
        return
    for name, value in sorted(element.attrib.items()):
        if name in _MEANINGLESS or not value.strip():
            continue
        if name.endswith("Ref"):
            facts[name.removesuffix("Ref")] = references.get(value, value)
        elif name == f"{CAMUNDA}topic":
            facts.setdefault("topic", value.strip())
        else:
            facts[f"attr:{_short(name)}"] = value.strip()
    for child in element:
        if kind_of(child) == "extensionElements":
            _extensions(child, facts)
        else:
            _append(facts, f"part:{kind}", canonical(child))


def _extensions(element: XmlElement, facts: Facts) -> None:
    for child in element:
        tag = child.tag if isinstance(child.tag, str) else ""
        if tag == f"{CAMUNDA}properties":
            for prop in child.iterfind(f"{CAMUNDA}property"):
                name = prop.get("name") or prop.get("id") or ""
                facts[f"prop:{name}"] = (prop.get("value") or "").strip()
        elif tag == f"{CAMUNDA}inputOutput":
            _mapping(child, facts)
        elif tag:
            _append(facts, f"part:{_tag(child)}", canonical(child))


def _mapping(element: XmlElement, facts: Facts) -> None:
    """Input and output parameters; outputs are evaluated in order, so their order is a fact."""
    names = []
    for child in element:
        kind = {"outputParameter": "out", "inputParameter": "in"}.get(_tag(child).removeprefix("camunda:"))
        if kind is None:
            _append(facts, f"part:{_tag(child)}", canonical(child))
            continue
        name = (child.get("name") or "").strip()
        text = canonical(child) if len(child) else (child.text or "").strip()
        facts[f"{kind}:{name}"] = text
        if kind == "out":
            names.append(name)
    if len(names) > 1:
        facts["out-order"] = "、".join(names)


def _loop(element: XmlElement, facts: Facts) -> None:
    facts["loop"] = "sequential" if element.get("isSequential") == "true" else "parallel"
    for name, value in sorted(element.attrib.items()):
        if name not in (*_MEANINGLESS, "isSequential"):
            facts[f"loop:{_short(name).removeprefix('camunda:')}"] = value.strip()
    for child in element:
        facts[f"loop:{_tag(child)}"] = (child.text or "").strip() if not len(child) else canonical(child)


def _condition(element: XmlElement, facts: Facts) -> None:
    facts["condition"] = (element.text or "").strip()
    if element.get("language"):
        facts["attr:language"] = element.get("language")


def _documentation(element: XmlElement, facts: Facts) -> None:
    _append(facts, "documentation", (element.text or "").strip())


def _text(element: XmlElement, facts: Facts) -> None:
    _append(facts, "text", (element.text or "").strip())


_PARTS: Final[Mapping[str, Callable[[XmlElement, Facts], None]]] = {
    "extensionElements": _extensions,
    "multiInstanceLoopCharacteristics": _loop,
    "conditionExpression": _condition,
    "documentation": _documentation,
    "text": _text,
}


def canonical(element: XmlElement) -> str:
    """Return a text that is equal for equal content, whatever prefixes, blanks and attribute order."""
    attributes = "".join(
        f" {_short(name)}={value.strip()!r}"
        for name, value in sorted(element.attrib.items())
        if name != "id" and not name.startswith(_XSI)
    )
    inner = (element.text or "").strip() + "".join(
        canonical(child) + (child.tail or "").strip() for child in element
    )
    return f"<{_tag(element)}{attributes}>{inner}"


def _append(facts: Facts, name: str, text: str) -> None:
    if text:
        facts[name] = f"{facts[name]}\n{text}" if name in facts else text


def _is_picture(element: XmlElement) -> bool:
    return isinstance(element.tag, str) and "/spec/BPMN/20100524/DI}" in element.tag


def _tag(element: XmlElement) -> str:
    return _short(element.tag) if isinstance(element.tag, str) else "?"


def _short(name: str) -> str:
    """Return a name without its namespace; Camunda's keep their prefix."""
    if name.startswith(CAMUNDA):
        return f"camunda:{name[len(CAMUNDA) :]}"
    if name.startswith(BPMN):
        return name[len(BPMN) :]
    return name.rpartition("}")[2]
