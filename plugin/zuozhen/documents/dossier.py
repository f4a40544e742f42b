"""The dossier of a case: one zip that can be read, printed and verified without this program.

Content: ``case.json`` (the machine-readable record), ``events.json`` (the history with its hash chain),
``forms/*.pdf`` (each form as it was archived), ``attachments/*``, ``dossier.pdf`` (cover, contents and all
forms as one volume) and ``manifest.json`` (size, SHA-256 and SM3 of every other file). The same input gives
the same bytes. After DA/T 85-2019 政务服务事项电子文件归档规范.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from zuozhen.documents.archive import canonical_json, instant_text
from zuozhen.documents.source import RendererLike, RenderInput, VolumeInput, VolumePart
from zuozhen.model.clock import LOCAL

SCHEMA = "zuozhen.dossier/1"
MANIFEST, CASE, EVENTS, VOLUME = "manifest.json", "case.json", "events.json", "dossier.pdf"
FIRST_LINK = "0" * 64
CHAIN_RULE = (
    "hash = SHA-256(previous hash | state_sha256 | canonical JSON); canonical JSON: UTF-8, keys sorted, "
    "no blanks, of the members actor, actor_name, at, case_id, kind, payload, rev, seq, tenant; "
    "hashes as 32 raw bytes; the first event follows 32 zero bytes"
)
CHAINED = ("actor", "actor_name", "at", "case_id", "kind", "payload", "rev", "seq", "tenant")
"""Members of an event that its hash covers (the rule of the store's event chain)."""

NO_STATE = hashlib.sha256(b"").hexdigest()
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069]+')


@dataclass(frozen=True, slots=True)
class DossierForm:
    """One form of the case: ``pdf`` as archived at the time (made now when ``None``) and its source."""

    title: str
    source: RenderInput
    pdf: bytes | None = None


@dataclass(frozen=True, slots=True)
class DossierFile:
    """One attachment as uploaded; ``name`` as the enterprise or the staff gave it."""

    name: str
    content: bytes
    media_type: str = "application/octet-stream"
    title: str = ""


@dataclass(frozen=True, slots=True)
class DossierInput:
    """Everything of one case.

    ``events`` are JSON objects in order of ``seq`` with the members of :data:`CHAINED`, ``state_sha256`` and
    ``hash`` (hex); ``head`` is the hash kept on the case. ``cover`` are label and text of the cover's lines.
    """

    title: str
    number: str
    office: str
    created: datetime
    case: Mapping[str, Any]
    events: Sequence[Mapping[str, Any]]
    head: str
    forms: tuple[DossierForm, ...]
    attachments: tuple[DossierFile, ...] = ()
    cover: tuple[tuple[str, str], ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Entry:
    path: str
    title: str
    media_type: str
    content: bytes


def build_dossier(renderer: RendererLike, source: DossierInput) -> bytes:
    """Return the zip; errors are those of the renderer."""
    case = canonical_json(source.case)
    entries = [
        _Entry(CASE, "办件数据", "application/json", case),
        _Entry(EVENTS, "办理过程记录", "application/json", _events_json(source)),
        *_form_entries(renderer, source.forms),
        *_attachment_entries(source.attachments),
        _Entry(VOLUME, source.title, "application/pdf", renderer.volume(_volume(source, case)).pdf),
    ]
    entries.sort(key=lambda entry: entry.path)
    moment = source.created.astimezone(LOCAL)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for entry in (_manifest(source, entries), *entries):
            info = zipfile.ZipInfo(entry.path, (max(moment.year, 1980), *moment.timetuple()[1:6]))
            info.create_system = 3
            info.external_attr = 0o100644 << 16
            archive.writestr(info, entry.content)
    return out.getvalue()


def event_hash(previous: str, event: Mapping[str, Any]) -> str:
    """Return the hash (hex) of an exported event after one with the hash ``previous``; see CHAIN_RULE."""
    content = {name: event.get(name) for name in CHAINED}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    state = bytes.fromhex(event.get("state_sha256") or NO_STATE)
    link = bytes.fromhex(previous) + state + text.encode("utf-8", "backslashreplace")
    return hashlib.sha256(link).hexdigest()


def chain_events(events: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return ``events`` with ``hash`` by the documented rule; for hosts without a chain of their own."""
    previous, chained = FIRST_LINK, []
    for event in events:
        previous = event_hash(previous, event)
        chained.append({**event, "hash": previous})
    return chained


def digests(content: bytes) -> dict[str, str]:
    """Return the hashes of a file; SM3 (GB/T 32905) where this Python's OpenSSL offers it."""
    values = {"sha256": hashlib.sha256(content).hexdigest()}
    if "sm3" in hashlib.algorithms_available:
        values["sm3"] = hashlib.new("sm3", content).hexdigest()
    return values


def _events_json(source: DossierInput) -> bytes:
    record = {
        "rule": CHAIN_RULE,
        "first": FIRST_LINK,
        "head": source.head,
        "events": [*map(dict, source.events)],
    }
    return canonical_json(record)


def _form_entries(renderer: RendererLike, forms: Sequence[DossierForm]) -> Iterator[_Entry]:
    for number, form in enumerate(forms, 1):
        content = renderer.pdf(form.source) if form.pdf is None else form.pdf
        path = f"forms/{number:02d}-{safe_name(form.title, 60)}.pdf"
        yield _Entry(path, form.title, "application/pdf", content)


def _attachment_entries(files: Sequence[DossierFile]) -> Iterator[_Entry]:
    for number, file in enumerate(files, 1):
        path = f"attachments/{number:02d}-{safe_name(file.name, 60)}"
        yield _Entry(path, file.title or file.name, file.media_type, file.content)


def safe_name(name: str, limit: int) -> str:
    """Return ``name`` usable as a file name everywhere, at most ``limit`` characters, its suffix kept."""
    cleaned = _UNSAFE.sub("_", name).strip(" ._") or "文件"
    stem, dot, suffix = cleaned.rpartition(".")
    if dot and stem and len(suffix) <= 10:
        return f"{stem[: limit - len(suffix) - 1]}.{suffix}"
    return cleaned[:limit]


def _volume(source: DossierInput, case: bytes) -> VolumeInput:
    return VolumeInput(
        title=source.title,
        office=source.office,
        cover=source.cover,
        parts=tuple(VolumePart(form.title, form.source) for form in source.forms),
        created=source.created,
        meta={**source.meta, "number": source.number, "office": source.office},
        attachments={CASE: case},
    )


def _manifest(source: DossierInput, entries: Sequence[_Entry]) -> _Entry:
    files = [
        {
            "path": entry.path,
            "title": entry.title,
            "media_type": entry.media_type,
            "size": len(entry.content),
            **digests(entry.content),
        }
        for entry in entries
    ]
    record = {
        "schema": SCHEMA,
        "number": source.number,
        "title": source.title,
        "office": source.office,
        "created": instant_text(source.created),
        "files": files,
    }
    return _Entry(MANIFEST, "卷内文件清单", "application/json", canonical_json(record))
