"""Reading a diagram for the linter: safely, and with a bounded number of nodes."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from zuozhen.model.errors import ContentError, Finding
from zuozhen.packs.safexml import read_xml

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"

MAX_NODES_PER_PROCESS = 300
MAX_NODES = 1500
MAX_FLOWS_PER_PROCESS = 2 * MAX_NODES_PER_PROCESS

ACTIVITIES = frozenset(
    {
        "task",
        "userTask",
        "manualTask",
        "scriptTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "businessRuleTask",
        "callActivity",
        "subProcess",
        "transaction",
        "adHocSubProcess",
    }
)
GATEWAYS = frozenset(
    {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"}
)
EVENTS = frozenset(
    {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}
)
FLOW_NODES = ACTIVITIES | GATEWAYS | EVENTS
SUB_PROCESSES = frozenset({"subProcess", "transaction", "adHocSubProcess"})


def local_tag(element: etree._Element) -> str:
    """Return the local name of a BPMN element, empty for elements of other namespaces."""
    tag = element.tag
    return tag[len(BPMN) :] if isinstance(tag, str) and tag.startswith(BPMN) else ""


def line_of(element: etree._Element) -> int | None:
    """Return the line of an element's opening tag, counted from 1."""
    line: int | None = getattr(element, "sourceline", None)
    return line


def read_source(xml: bytes, *, file: str) -> etree._Element:
    """Return the root of a BPMN file; raise ``ContentError`` with findings if it may not be read."""
    root: etree._Element = read_xml(xml, file)
    if root.tag != f"{BPMN}definitions":
        message = "文件不是 BPMN 2.0 流程图"
        finding = Finding("error", "xml-not-bpmn", message, file=file, hint="请上传建模器保存的 .bpmn 文件")
        raise ContentError(message, (finding,))
    findings = tuple(_oversized(root, file))
    if findings:
        raise ContentError(findings[0].message, findings)
    return root


def _oversized(root: etree._Element, file: str) -> Iterator[Finding]:
    """Find processes that are too large to be checked and run within bounded time."""
    hint = "请拆成子流程调用，或分成几个流程"
    total = 0
    for process in root.iter(f"{BPMN}process"):
        nodes = flows = 0
        for element in process.iter(f"{BPMN}*"):
            tag = local_tag(element)
            nodes += tag in FLOW_NODES
            flows += tag == "sequenceFlow"
        total += nodes
        for count, limit, word in (
            (nodes, MAX_NODES_PER_PROCESS, "节点"),
            (flows, MAX_FLOWS_PER_PROCESS, "连线"),
        ):
            if count > limit:
                message = f"一个流程的{word}有 {count} 个，超过上限 {limit}"
                yield Finding(
                    "error",
                    "too-many-nodes",
                    message,
                    file,
                    process.get("id") or "",
                    line_of(process),
                    hint,
                )
    if total > MAX_NODES:
        yield Finding(
            "error", "too-many-nodes", f"整个文件有 {total} 个节点，超过上限 {MAX_NODES}", file, hint=hint
        )
