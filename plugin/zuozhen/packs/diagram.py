"""The little that a pack must know of its diagram: it is well-formed and which processes it holds."""

from __future__ import annotations

from typing import Any, Final

from lxml import etree

from zuozhen.model.errors import Finding

LARGEST: Final = 2_000_000
_BPMN: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"


def process_ids(data: bytes, file: str) -> tuple[frozenset[str], list[Finding]]:
    """Return the ids of the processes of a BPMN diagram, or the finding that says why not.

    Entities, document types and the network are never followed.
    """
    if len(data) > LARGEST:
        return frozenset(), [_finding(file, f"流程图超过 {LARGEST // 1_000_000} MB", "删去无关的图形后重试")]
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        return frozenset(), [_finding(file, "流程图不是合格的 XML", "用建模器重新保存", error.lineno)]
    except (ValueError, LookupError):
        return frozenset(), [_finding(file, "流程图无法读取", "用 UTF-8 编码重新保存")]
    document: Any = root.getroottree().docinfo
    if document.doctype:
        return frozenset(), [_finding(file, "流程图不得含有 DOCTYPE", "用建模器重新保存")]
    if root.tag != f"{{{_BPMN}}}definitions":
        return frozenset(), [_finding(file, "不是 BPMN 2.0 流程图", "根元素应为 bpmn:definitions")]
    found = (element.get("id") for element in root.iterchildren(f"{{{_BPMN}}}process"))
    return frozenset(id_ for id_ in found if id_), []


def _finding(file: str, message: str, hint: str, line: int | None = None) -> Finding:
    return Finding("error", "diagram", message, file=file, line=line, hint=hint)
