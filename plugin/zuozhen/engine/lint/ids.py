"""Rules about ids: the engine, running cases and messages find everything by them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from lxml import etree

from zuozhen.engine.lint.complaint import Complaint
from zuozhen.engine.lint.context import LintContext
from zuozhen.engine.lint.drawing import Drawing, Node, quoted
from zuozhen.engine.lint.source import BPMN, line_of, local_tag

_RESERVED = frozenset({"Start", "End", "Root"})
_RESERVED_ENDING = ".EndJoin"
_VALID = re.compile(r"[^\W\d][\w.-]*")


def missing(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Nodes, flows and processes without an id are dropped by the engine without a word."""
    for node in drawing.nodes:
        if not node.id:
            yield Complaint(
                node, f"{_nameless(node)}没有编号（id），引擎会忽略它", "请在建模器里给它填上编号"
            )
    for flow in drawing.flows:
        if not flow.id:
            yield Complaint(flow, f"{flow.title}没有编号（id），引擎会忽略它", "请删去这条连线重新画")
    for kind, word in (("error", "错误"), ("escalation", "升级")):
        for declared in drawing.root.iter(BPMN + kind):
            if not declared.get("id"):
                yield Complaint(declared, f"有一个{word}代码没有编号（id）", "请删去，在事件上重新选择或新建")
    for process in drawing.processes:
        if not process.id:
            yield Complaint(process, "有一个流程没有编号（id）", "请在建模器里给流程填上编号")


def duplicate(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """An id may be used once in the whole file."""
    elements = [each for each in drawing.root.iter() if each.get("id")]
    uses = Counter(each.get("id") for each in elements)
    first: dict[str, etree._Element] = {}
    for element in elements:
        id_ = element.get("id") or ""
        if uses[id_] > 1 and first.setdefault(id_, element) is not element:
            message = f"编号{quoted(id_)}用了 {uses[id_]} 次，第一次在第 {line_of(first[id_])} 行"
            yield Complaint(element, message, "每个元素的编号只能用一次，请改掉其中一个")


def reserved(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """The engine keeps some ids for its own parts."""
    for element in _identified(drawing):
        id_ = element.get("id") or ""
        if id_ in _RESERVED or id_.endswith(_RESERVED_ENDING):
            yield Complaint(element, f"编号{quoted(id_)}由引擎保留，不能使用", "请换一个编号，例如加上前缀")


def invalid(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Ids are XML names: no blanks, no leading digit."""
    for element in _identified(drawing):
        id_ = element.get("id") or ""
        if not _VALID.fullmatch(id_):
            message = f"编号{quoted(id_)}含有空格或不允许的字符"
            yield Complaint(element, message, "编号以字母开头，只用字母、数字、下划线、连字符")


def _identified(drawing: Drawing) -> Iterator[etree._Element]:
    return (each for each in drawing.root.iter() if local_tag(each) and each.get("id"))


def _nameless(node: Node) -> str:
    return node.title if node.name else f"有一个{node.title.split('“')[0]}"
