"""Safe reading of BPMN XML: bounded size and node count, no DOCTYPE, no entities, no network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from zuozhen.model.errors import ContentError, Finding

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"

MAX_BYTES = 2 * 1024 * 1024
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
    if len(xml) > MAX_BYTES:
        raise _refusal(
            "xml-too-large", f"流程图文件超过 {MAX_BYTES // 1024 // 1024} MB", file, "请把流程图拆成几个文件"
        )
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_pis=True,
        remove_comments=True,
    )
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        line = getattr(error, "lineno", None)
        raise _refusal(
            "xml-broken", "流程图文件不是完整的 XML，无法读取", file, "请用建模器重新导出", line
        ) from error
    docinfo: Any = root.getroottree().docinfo
    if docinfo.doctype:
        raise _refusal(
            "xml-doctype", "流程图文件含有 DOCTYPE 声明，出于安全不予读取", file, "请删去 DOCTYPE 一行"
        )
    if root.tag != f"{BPMN}definitions":
        raise _refusal("xml-not-bpmn", "文件不是 BPMN 2.0 流程图", file, "请上传建模器保存的 .bpmn 文件")
    findings = tuple(_oversized(root, file))
    if findings:
        raise ContentError(findings[0].message, findings)
    return root


def _refusal(code: str, message: str, file: str, hint: str, line: int | None = None) -> ContentError:
    finding = Finding("error", code, message, file=file, line=line or None, hint=hint)
    return ContentError(message, (finding,), hint=hint)


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
