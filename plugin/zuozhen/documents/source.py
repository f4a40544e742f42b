"""What goes into a renderer and what comes out; the same for the in-process one and the pool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from zuozhen.model.errors import ZuozhenError
from zuozhen.model.printing import PrintForm


class RenderFailed(ZuozhenError):
    """A document could not be made; the message says which and why."""

    status = 500


class RenderTimeout(RenderFailed):
    """A document took longer than the limit and its process was ended."""


class Asset(NamedTuple):
    """A picture that a template may show with ``<img src="{{ 'name'|asset }}">``."""

    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class RenderInput:
    """One document to make.

    ``template`` is the text of a sandboxed Jinja template, which sees ``d`` (raw answers), ``t`` (display
    text), ``meta`` and ``form``; ``None`` draws ``form`` as a generic table. Without ``data`` the raw answers
    are ``form.raw``. ``created`` (aware) is the only date in the file. ``attachments`` are embedded by name,
    next to ``data.json``, the machine-readable answers that every document carries.

    ``facts`` are what a template may read besides, as ``meta.facts``, and as ``d`` where there is no data and no
    form (a letter). They are never attached: a letter does not carry the whole case along. ``parameters`` are the
    named values of the pack.
    """

    created: datetime
    template: str | None = None
    form: PrintForm | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    attachments: Mapping[str, bytes] = field(default_factory=dict)
    assets: Mapping[str, Asset] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VolumePart:
    """One document of a volume, with its line in the table of contents."""

    title: str
    source: RenderInput


@dataclass(frozen=True, slots=True)
class VolumeInput:
    """A bound volume: cover, table of contents, then every part with running page numbers.

    ``cover`` are the lines of the cover, label and text.
    """

    title: str
    office: str
    cover: tuple[tuple[str, str], ...]
    parts: tuple[VolumePart, ...]
    created: datetime
    meta: Mapping[str, Any] = field(default_factory=dict)
    attachments: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished PDF and everything a person should know about it.

    ``missing`` are characters no font can draw (printed as 〓), ``truncated`` the names of values cut at
    the size limit (whole in the attached data), ``refused`` addresses a template asked for in vain,
    ``continued`` tells that long text went to a continuation page (附页).
    """

    pdf: bytes
    pages: int
    missing: tuple[str, ...] = ()
    truncated: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    continued: bool = False


class RendererLike(Protocol):
    """What the services use: :class:`~zuozhen.documents.render.Renderer` or ``RenderPool``."""

    def render(self, source: RenderInput) -> Rendered:
        """Make one document."""

    def pdf(self, source: RenderInput) -> bytes:
        """Make one document and return the file only."""

    def volume(self, source: VolumeInput) -> Rendered:
        """Make one bound volume."""

    def missing_glyphs(self, text: str) -> tuple[str, ...]:
        """Return the characters of ``text`` that no installed font can draw."""
