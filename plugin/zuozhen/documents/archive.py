"""What makes a PDF an archival one: PDF/A-3a, data attached, metadata in XMP, always the same bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from xml.sax.saxutils import escape

VARIANT = "pdf/a-3a"
DATA_NAME = "data.json"
NAMESPACE = "urn:zuozhen:archive:1#"
FIELDS = {
    "number": ("caseNumber", "办件编号"),
    "case_id": ("caseId", "办件标识"),
    "form": ("formKey", "表单标识"),
    "version": ("processVersion", "流程版本"),
    "office": ("office", "立档单位"),
    "code": ("division", "行政区划代码"),
    "fonds": ("fonds", "全宗号"),
    "archive_code": ("archivalCode", "档号"),
    "retention": ("retention", "保管期限"),
    "data_sha256": ("dataSha256", "内嵌数据摘要"),
}
"""Key in ``meta`` → name of the XMP property and its description (after DA/T 46)."""


def canonical_json(value: Any) -> bytes:
    """Return ``value`` as UTF-8 JSON, sorted keys, one form for one value; lone surrogates stay escapes."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, default=_plain)
    return text.encode("utf-8", "backslashreplace")


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)


def instant_text(moment: datetime) -> str:
    """Return an aware instant in the form PDF metadata wants, UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def archive_metadata(meta: Mapping[str, Any]) -> bytes:
    """Return RDF to append to a document's XMP: our properties and the schema PDF/A wants for them."""
    values = [(*FIELDS[key], str(meta[key])) for key in FIELDS if meta.get(key) not in (None, "")]
    described = "".join(
        f'<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{name}</pdfaProperty:name>'
        "<pdfaProperty:valueType>Text</pdfaProperty:valueType>"
        "<pdfaProperty:category>external</pdfaProperty:category>"
        f"<pdfaProperty:description>{description}</pdfaProperty:description></rdf:li>"
        for name, description, _ in values
    )
    properties = "".join(f"<zz:{name}>{escape(text)}</zz:{name}>" for name, _, text in values)
    pdfa = "http://www.aiim.org/pdfa/ns/"
    rdf = (
        f'<rdf:Description rdf:about="" xmlns:pdfaExtension="{pdfa}extension/" '
        f'xmlns:pdfaSchema="{pdfa}schema#" xmlns:pdfaProperty="{pdfa}property#">'
        "<pdfaExtension:schemas><rdf:Bag>"
        '<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>zuozhen archive</pdfaSchema:schema>'
        f"<pdfaSchema:namespaceURI>{NAMESPACE}</pdfaSchema:namespaceURI><pdfaSchema:prefix>zz</pdfaSchema:prefix>"
        f"<pdfaSchema:property><rdf:Seq>{described}</rdf:Seq></pdfaSchema:property></rdf:li>"
        "</rdf:Bag></pdfaExtension:schemas></rdf:Description>"
        f'<rdf:Description rdf:about="" xmlns:zz="{NAMESPACE}">{properties}</rdf:Description>'
    )
    return rdf.encode("utf-8", "replace")


def write_archive(
    document: Any,
    *,
    created: datetime,
    meta: Mapping[str, Any],
    attachments: Mapping[str, bytes],
    identity: bytes,
) -> bytes:
    """Write a laid-out WeasyPrint document as PDF/A-3a; ``identity`` is hashed to the file identifier."""
    from weasyprint import Attachment

    moment = created.astimezone(UTC).replace(microsecond=0)
    embedded = [
        Attachment(
            string=content, name=name, relationship=_relationship(name), created=moment, modified=moment
        )
        for name, content in sorted(attachments.items())
    ]
    _append_metadata(document.metadata, archive_metadata(meta))
    digest = hashlib.sha256(identity)
    for name, content in sorted(attachments.items()):
        digest.update(name.encode("utf-8", "replace") + b"\0" + hashlib.sha256(content).digest())
    written: bytes = document.write_pdf(
        pdf_variant=VARIANT, pdf_identifier=digest.digest()[:16], attachments=embedded, finisher=_finish
    )
    return written


def _relationship(name: str) -> str:
    return "Source" if name == DATA_NAME else "Supplement"


def _append_metadata(metadata: Any, addition: bytes) -> None:
    """Put ``addition`` inside the RDF; the library's own option would put it outside, which PDF/A forbids."""
    generate = metadata.generate_rdf_metadata

    def with_addition(*arguments: Any, **named: Any) -> bytes:
        written: bytes = generate(*arguments, **named)
        return written.replace(b"</rdf:RDF>", addition + b"</rdf:RDF>")

    metadata.generate_rdf_metadata = with_addition


def _finish(_document: Any, pdf: Any) -> None:
    """List each embedded file once; the library lists it twice."""
    if "AF" in pdf.catalog:
        unique = list(dict.fromkeys(pdf.catalog["AF"]))
        pdf.catalog["AF"][:] = unique
