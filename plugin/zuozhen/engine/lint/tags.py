"""Rules about tags: what BPMN does not know is skipped by every engine without a word."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from lxml import etree

from zuozhen.engine.lint.complaint import Complaint
from zuozhen.engine.lint.context import LintContext
from zuozhen.engine.lint.drawing import Drawing, quoted
from zuozhen.engine.lint.source import BPMN, FLOW_NODES, local_tag

_EXTENSIONS = f"{BPMN}extensionElements"
_FLOW_ELEMENTS = FLOW_NODES | {
    "sequenceFlow",
    "dataObject",
    "dataObjectReference",
    "dataStoreReference",
}
_BESIDE = frozenset(
    {"laneSet", "textAnnotation", "association", "group", "property", "artifact", "ioSpecification"}
)
_EVERYWHERE = frozenset({"documentation", "extensionElements"})
_IN_PROCESS = _FLOW_ELEMENTS | _BESIDE | _EVERYWHERE | {
    "auditing",
    "monitoring",
    "supports",
    "resourceRole",
    "performer",
    "humanPerformer",
    "potentialOwner",
    "correlationSubscription",
    "ioBinding",
    "supportedInterfaceRef",
    "incoming",
    "outgoing",
    "multiInstanceLoopCharacteristics",
    "standardLoopCharacteristics",
    "dataInputAssociation",
    "dataOutputAssociation",
    "completionCondition",
}  # fmt: skip
_DEFINITIONS = frozenset(
    f"{kind}EventDefinition"
    for kind in (
        "message", "timer", "error", "escalation", "terminate", "signal", "link", "conditional", "compensate", "cancel",
    )
)  # fmt: skip
_IN_NODE = _DEFINITIONS | _EVERYWHERE | {
    "incoming",
    "outgoing",
    "auditing",
    "monitoring",
    "categoryValueRef",
    "property",
    "ioSpecification",
    "dataInput",
    "dataOutput",
    "inputSet",
    "outputSet",
    "dataInputAssociation",
    "dataOutputAssociation",
    "eventDefinitionRef",
    "multiInstanceLoopCharacteristics",
    "standardLoopCharacteristics",
    "resourceRole",
    "performer",
    "humanPerformer",
    "potentialOwner",
    "rendering",
    "script",
}  # fmt: skip
_INSIDE = {
    "timerEventDefinition": frozenset({"timeDate", "timeDuration", "timeCycle"}),
    "multiInstanceLoopCharacteristics": frozenset(
        {
            "loopCardinality",
            "loopDataInputRef",
            "loopDataOutputRef",
            "inputDataItem",
            "outputDataItem",
            "completionCondition",
            "complexBehaviorDefinition",
        }
    ),
    "laneSet": frozenset({"lane"}),
    "childLaneSet": frozenset({"lane"}),
    "lane": frozenset({"flowNodeRef", "childLaneSet", "partitionElement"}),
    "sequenceFlow": frozenset({"conditionExpression", "auditing", "monitoring", "categoryValueRef"}),
}
_SCOPES = frozenset({"subProcess", "transaction", "adHocSubProcess"})


def unknown(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Every tag in a process is one of BPMN's, in a place where BPMN has it."""
    for process in drawing.processes:
        yield from _within(process.element, _IN_PROCESS)


def _within(parent: etree._Element, allowed: frozenset[str]) -> Iterator[Complaint]:
    """Look at the children of an element, and into those that may hold something that is executed."""
    stack = [(parent, allowed)]
    while stack:
        element, known = stack.pop()
        for child in element:
            if not isinstance(child.tag, str):
                continue
            kind = local_tag(child)
            if kind not in known and child.tag != _EXTENSIONS:
                yield _complaint(child, kind, known)
            elif kind in _SCOPES:
                stack.append((child, _IN_PROCESS))
            elif kind in FLOW_NODES:
                stack.append((child, _IN_NODE))
            elif kind in _INSIDE:
                stack.append((child, _INSIDE[kind] | _EVERYWHERE))
            else:
                yield from _misplaced(child)


def _misplaced(leaf: etree._Element) -> Iterator[Complaint]:
    """Find nodes and flows inside something that holds none."""
    for each in leaf.iterdescendants():
        kind = local_tag(each)
        if kind in _FLOW_ELEMENTS or kind == "process":
            yield _complaint(each, kind, frozenset())


def _complaint(child: etree._Element, kind: str, known: frozenset[str]) -> Complaint:
    written = etree.QName(child).localname
    owner = next((each for each in (child, *child.iterancestors()) if each.get("id")), child)
    title = quoted(child.get("name") or written)
    if not kind and written in known:
        return Complaint(
            owner, f"元素{title}不在 BPMN 命名空间里，引擎会忽略它", f"请把标签改为带 BPMN 前缀的 {written}"
        )
    if not kind:
        return Complaint(
            owner,
            f"元素{title}不是 BPMN 的元素，引擎会忽略它",
            "扩展内容请放进 extensionElements；不用的请删去",
        )
    near = get_close_matches(written.lower(), {each.lower(): each for each in known}, n=1)
    meant = next((each for each in known if near and each.lower() == near[0]), "")
    hint = f"是不是 {meant}？" if meant else ""
    return Complaint(
        owner, f"元素{title}（{written}）在这里没有含义，引擎会忽略它", f"{hint}请在建模器里删去重画"
    )
