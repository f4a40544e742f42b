"""Loads a diagram: safe XML, what we refuse, facts of the elements, executable specifications."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from itertools import chain

from zuozhen.engine.diagram import Diagram, Element, Process, Start, StartKind
from zuozhen.engine.expressions import is_expression
from zuozhen.engine.findings import Collector
from zuozhen.engine.parser import MAX_NODES, DiagramParser
from zuozhen.engine.reading import (
    BPMN,
    NODE_KINDS,
    SUBPROCESS_KINDS,
    kind_of,
    read_element,
    timer_text,
)
from zuozhen.feel import compile_expression
from zuozhen.model.errors import FeelError
from zuozhen.model.step import AMBIENT
from zuozhen.packs.safexml import XmlElement, read_xml

REFUSED_NODES = {
    "transaction": "事务子流程",
    "adHocSubProcess": "即席子流程",
    "complexGateway": "复杂网关",
    "scriptTask": "脚本任务",
    "businessRuleTask": "业务规则任务",
}
REFUSED_PARTS = {
    "dataInputAssociation": "数据输入关联",
    "dataOutputAssociation": "数据输出关联",
    "ioSpecification": "输入输出规范",
    "standardLoopCharacteristics": "标准循环标记",
}


@lru_cache(maxsize=64)
def load_diagram(xml: bytes) -> Diagram:
    """Return the diagram in BPMN 2.0 XML, ready to run.

    Raises :class:`ContentError` whose findings name element id and line, if the text is not safe XML
    or holds anything the engine cannot execute.
    """
    root = read_xml(xml)
    problems = Collector()
    processes = [process for process in root.iterchildren(BPMN + "process") if _is_executed(process)]
    if not processes:
        problems.add_at(
            "process", "文件中没有可执行的流程", "", root.sourceline, "请上传BPMN流程图并勾选“可执行”"
        )
    elements: dict[str, Element] = {}
    for process in processes:
        _refuse(process, problems)
        elements.update(_elements(root, process))
    _check_ids(processes, problems)
    problems.raise_if_any()
    specs = DiagramParser(elements, problems).build(root, processes)
    names = problems.names | _payload_names(elements) | _names_of_effects(elements)
    return Diagram(
        processes={process.get("id"): _process(process, elements) for process in processes},
        elements=elements,
        names=frozenset(names | problems.collected) - AMBIENT,
        collected=frozenset(problems.collected - names),
        sha256=hashlib.sha256(xml).hexdigest(),
        specs=specs,
    )


def _is_executed(process: XmlElement) -> bool:
    """Tell whether a process is more than a drawing: it holds nodes and is not marked as not executable."""
    return process.get("isExecutable") != "false" and any(kind_of(child) in NODE_KINDS for child in process)


def _refuse(process: XmlElement, problems: Collector) -> None:
    nodes = [node for node in process.iter() if kind_of(node) in NODE_KINDS]
    if len(nodes) > MAX_NODES:
        message = f"一个流程最多{MAX_NODES}个节点，现有{len(nodes)}个"
        problems.add("size", message, nodes[MAX_NODES], "请把流程拆成几个流程，用调用活动或消息衔接")
    for node in nodes:
        kind = kind_of(node)
        if kind in REFUSED_NODES:
            problems.add("unsupported", f"不支持{REFUSED_NODES[kind]}", node, "请改用支持的元素")
        if node.get("triggeredByEvent") == "true":
            problems.add("unsupported", "不支持事件子流程", node, "请改用普通子流程加边界事件")
        if node.get("isForCompensation") == "true":
            problems.add("unsupported", "不支持补偿", node, "请改用普通任务")
    for part in process.iter():
        if kind_of(part) in REFUSED_PARTS:
            problems.add("unsupported", f"不支持{REFUSED_PARTS[kind_of(part)]}", part.getparent(), "请删去")


def _check_ids(processes: list[XmlElement], problems: Collector) -> None:
    seen: set[str] = set()
    for process in processes:
        for node in process.iter():
            kind = kind_of(node)
            if kind not in NODE_KINDS and kind not in ("sequenceFlow", "process"):
                continue
            node_id = node.get("id")
            if not node_id:
                problems.add("id", f"{kind} 没有编号（id）", node, "请在设计器中为它填写编号")
            elif node_id in seen:
                problems.add("id", f"编号 {node_id} 重复", node, "请改用不同的编号")
            seen.add(node_id or "")


def _elements(root: XmlElement, process: XmlElement) -> Iterator[tuple[str, Element]]:
    messages = {
        message.get("id"): message.get("name") or "" for message in root.iterchildren(BPMN + "message")
    }
    lanes = {
        (ref.text or "").strip(): ref.getparent().get("name") or ""
        for ref in process.iter(BPMN + "flowNodeRef")
    }
    for node in process.iter():
        if kind_of(node) in NODE_KINDS and node.get("id"):
            element = read_element(
                node,
                process_id=process.get("id") or "",
                scope=_scope_of(node),
                lanes=lanes,
                messages=messages,
            )
            yield element.id, element


def _scope_of(node: XmlElement) -> str:
    parent = node.getparent()
    while kind_of(parent) not in SUBPROCESS_KINDS and kind_of(parent) != "process":
        parent = parent.getparent()
    return parent.get("id") or ""


def _process(process: XmlElement, elements: dict[str, Element]) -> Process:
    process_id = process.get("id") or ""
    starts = tuple(
        _start(node, elements[node.get("id") or ""]) for node in process.iterchildren(BPMN + "startEvent")
    )
    return Process(process_id, process.get("name") or process_id, starts)


def _start(node: XmlElement, element: Element) -> Start:
    kind: StartKind = "none"
    if node.find(BPMN + "timerEventDefinition") is not None:
        kind = "timer"
    elif node.find(BPMN + "messageEventDefinition") is not None:
        kind = "message"
    key = element.properties.get("zz:key", "").strip()
    tag, rule = timer_text(node)
    if tag == "timeCycle" and rule.startswith("P"):
        rule = f"R/{rule}"  # A duration drawn as a cycle repeats without end.
    return Start(element.id, kind, rule, element.message, key, element.form_key)


def _names_of_effects(elements: dict[str, Element]) -> set[str]:
    """Return what side effects read when they are carried out; broken texts are the linter's matter."""
    texts = (
        element.properties.get(name, "")
        for element in elements.values()
        for name in ("zz:to", "zz:title", "zz:parameter", "zz:by")
    )
    found: set[str] = set()
    limits = (element.properties.get("zz:before", "") for element in elements.values())
    for text in chain(filter(is_expression, texts), filter(None, limits)):
        with suppress(FeelError):
            found |= compile_expression(text).names
    return found


def _payload_names(elements: dict[str, Element]) -> set[str]:
    names = {
        name.strip()
        for element in elements.values()
        for name in element.properties.get("zz:payload", "").split(",")
    }
    return names - {""}
