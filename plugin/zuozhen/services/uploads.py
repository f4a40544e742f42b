"""Files that people hand in: kept by content, checked by content, never by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any, Protocol
from uuid import UUID

from zuozhen.model.errors import Invalid, Problem, TooLarge
from zuozhen.model.ids import new_id
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.store.tables import Document

MAX_BYTES = 20 * 1024 * 1024
MAX_FILES = 10
SIGNATURES: tuple[tuple[bytes, str, frozenset[str]], ...] = (
    (b"%PDF-", "application/pdf", frozenset({".pdf"})),
    (b"\x89PNG\r\n\x1a\n", "image/png", frozenset({".png"})),
    (b"\xff\xd8\xff", "image/jpeg", frozenset({".jpg", ".jpeg"})),
    (b"PK\x03\x04", "application/zip", frozenset({".docx", ".xlsx", ".pptx", ".ofd", ".wps", ".et"})),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "application/x-ole-storage",
        frozenset({".doc", ".xls", ".wps", ".et"}),
    ),
)
"""(first bytes, media type, file name endings that may carry them)."""
ACCEPTED = "PDF、图片（PNG、JPG）、Word、Excel、WPS、OFD"


class Upload(Protocol):
    """What the web hands over for one file (a werkzeug ``FileStorage``)."""

    filename: str | None

    def read(self, size: int = -1, /) -> bytes: ...


def read_uploads(
    context: Context,
    case_id: UUID,
    actor: Actor,
    uploads: Mapping[str, Sequence[Upload]],
    labels: Mapping[str, str],
) -> tuple[dict[str, list[dict[str, Any]]], list[Document]]:
    """Keep every file of a submission; return, by field, what the answers remember, and the rows to add.

    The rows refer to the case: add them to the session after the case is written.

    Raises:
        TooLarge: one file is larger than 20 MB or there are more than ten.
        Invalid: the content is of no accepted kind; names the field and the file.
    """
    kept: dict[str, list[dict[str, Any]]] = {}
    documents: list[Document] = []
    for key, files in uploads.items():
        if len(files) > MAX_FILES:
            raise TooLarge(f"“{labels.get(key, key)}”一次最多上传 {MAX_FILES} 个文件。")
        rows = [_keep(context, case_id, actor, key, labels.get(key, key), file) for file in files]
        kept[key] = [
            {"name": row.file_name, "size": row.size, "type": row.media_type, "sha256": row.sha256}
            for row in rows
        ]
        documents += rows
    return kept, documents


def _keep(context: Context, case_id: UUID, actor: Actor, key: str, label: str, file: Upload) -> Document:
    name = PurePath((file.filename or "附件").replace("\\", "/")).name[:120]
    content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise TooLarge(f"文件“{name}”超过 {MAX_BYTES // 1024 // 1024} MB。", hint="请压缩或拆分后重新上传。")
    media_type = _media_type(content, name)
    if media_type is None:
        message = f"文件“{name}”不是可接受的类型（{ACCEPTED}），或内容与扩展名不符。"
        raise Invalid("上传的文件有问题。", (Problem(key, label, message),))
    return Document(
        tenant=actor.tenant,
        id=new_id(),
        case_id=case_id,
        kind="attachment",
        form_key=key,
        title=label,
        file_name=name,
        media_type=media_type,
        sha256=context.blobs.put(content),
        size=len(content),
        created_at=context.clock(),
        created_by=actor.id,
        meta={},
    )


def _media_type(content: bytes, name: str) -> str | None:
    ending = PurePath(name).suffix.lower()
    for first, media_type, endings in SIGNATURES:
        if content.startswith(first) and ending in endings:
            return media_type
    return None
