"""The little that a pack must know of its diagram: it is well-formed and which processes it holds."""

from __future__ import annotations

from typing import Final

from zuozhen.model.errors import ContentError, Finding
from zuozhen.packs.safexml import read_xml

_BPMN: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"


def process_ids(data: bytes, file: str) -> tuple[frozenset[str], list[Finding]]:
    """Return the ids of the processes of a BPMN diagram, or the finding that says why not."""
    try:
        root = read_xml(data, file)
    except ContentError as error:
        return frozenset(), list(error.findings)
    if root.tag != f"{{{_BPMN}}}definitions":
        hint = "根元素应为 bpmn:definitions"
        return frozenset(), [Finding("error", "xml-not-bpmn", "不是 BPMN 2.0 流程图", file=file, hint=hint)]
    found = (element.get("id") for element in root.iterchildren(f"{{{_BPMN}}}process"))
    return frozenset(id_ for id_ in found if id_), []
