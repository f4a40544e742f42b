"""Reads XML from people: no DTD, no entities, no network, bounded size."""

from __future__ import annotations

from typing import Any, TypeAlias

from lxml import etree

from zuozhen.model.errors import ContentError, Finding

XmlElement: TypeAlias = Any
"""An lxml element; lxml-stubs keep its class private."""

MAX_BYTES = 2 * 1024 * 1024


def parse_xml(xml: bytes) -> XmlElement:
    """Return the root element of ``xml``.

    Raises :class:`ContentError` with one finding (and the line, where known) if the text is longer
    than 2 MB, has a DOCTYPE, or is not well-formed.
    """
    if len(xml) > MAX_BYTES:
        raise _refusal("xml-size", "流程图文件超过2MB", "请拆分流程图，或删去内嵌的图片等内容")
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
    except etree.XMLSyntaxError as error:
        line = error.lineno or None
        raise _refusal("xml", f"流程图不是有效的XML：{error.msg}", "请用流程设计器重新导出", line) from error
    except ValueError as error:
        raise _refusal("xml", f"流程图不是有效的XML：{error}", "请用流程设计器重新导出") from error
    document: Any = root.getroottree().docinfo
    if document.doctype:
        raise _refusal(
            "xml-doctype", "流程图含有DOCTYPE声明，不予读取", "请删除<!DOCTYPE …>一段后重新上传", 1
        )
    return root


def _refusal(code: str, message: str, hint: str, line: int | None = None) -> ContentError:
    return ContentError(message, (Finding("error", code, message, line=line, hint=hint),), hint=hint)
