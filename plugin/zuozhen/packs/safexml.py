"""Reads XML that people hand in: no DTD, no entities, no network, bounded size. The one place that does."""

from __future__ import annotations

from typing import Any, TypeAlias

from lxml import etree

from zuozhen.model.errors import ContentError, Finding

XmlElement: TypeAlias = Any
"""An lxml element; lxml-stubs keep its class private."""

MAX_BYTES = 2 * 1024 * 1024


def read_xml(data: bytes, file: str = "") -> XmlElement:
    """Return the root element, without comments and processing instructions.

    Raises:
        ContentError: with one finding (and its line, where known) if the text is longer than 2 MB, is
            not well-formed, or has a DOCTYPE.
    """
    if len(data) > MAX_BYTES:
        message = f"流程图文件超过 {MAX_BYTES // 1024 // 1024} MB"
        raise _refusal("xml-too-large", message, file, "请拆分流程图，或删去内嵌的图片等内容")
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
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        message = f"流程图文件不是完整的 XML，无法读取：{error}"
        line = getattr(error, "lineno", None)
        raise _refusal("xml-broken", message, file, "请用建模器重新导出，编码选 UTF-8", line) from error
    document: Any = root.getroottree().docinfo
    if document.doctype:
        message = "流程图文件含有 DOCTYPE 声明，出于安全不予读取"
        raise _refusal("xml-doctype", message, file, "请删去 <!DOCTYPE …> 一段", 1)
    return root


def _refusal(code: str, message: str, file: str, hint: str, line: int | None = None) -> ContentError:
    finding = Finding("error", code, message, file=file, line=line or None, hint=hint)
    return ContentError(message, (finding,), hint=hint)
