"""Documents from templates and forms, in this process. Threads may share a renderer."""

from __future__ import annotations

import bisect
import hashlib
import logging
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from zuozhen.documents import continuation
from zuozhen.documents.archive import DATA_NAME, canonical_json, instant_text, write_archive
from zuozhen.documents.cleaning import Cleaner
from zuozhen.documents.fetcher import BASE, Fetcher
from zuozhen.documents.fonts import FontSet
from zuozhen.documents.sandbox import package_text, render_template
from zuozhen.documents.source import Rendered, RenderInput, VolumeInput
from zuozhen.documents.volume import contents_source, cover_source, page_numbers
from zuozhen.model.printing import PrintForm

STYLES = ("base.css", "table.css", "volume.css")
FIT_STEPS = ((1.0, 0.8), (1.0, 0.6), (0.92, 0.5), (0.84, 0.4), (0.76, 0.3))
"""Factors of print and of empty room, tried in turn until a form stays on its pages."""

MAX_SHRINKABLE = 2
"""Pages too many that smaller print may still save (a tall row moves to the next page as a whole)."""

CONTINUED_FIT = (0.92, 0.4)
UNDRAWABLE = "〓"
GENERIC = "{% extends 'table.html' %}"
_FIT = re.compile(r'<html [^>]*data-fit="(\d+)"')
# The layout engine reports refused addresses and odd CSS here; the former come back in Rendered.refused.
logging.getLogger("weasyprint").setLevel(logging.CRITICAL)


class Renderer:
    """Makes archival PDFs with the fonts in ``font_dirs``; ``cache_dir`` holds fontconfig's cache."""

    def __init__(self, font_dirs: Sequence[Path], cache_dir: Path) -> None:
        self._fonts = FontSet(font_dirs, cache_dir)
        self._threads = threading.local()

    def missing_glyphs(self, text: str) -> tuple[str, ...]:
        """Return the characters of ``text`` that no installed font can draw."""
        return self._fonts.missing(text)

    def pdf(self, source: RenderInput) -> bytes:
        """Make one document; :class:`ContentError` for a broken template."""
        return self.render(source).pdf

    def render(self, source: RenderInput) -> Rendered:
        """Make one document and tell what was lost on the way."""
        work = _Work(self, source)
        document = work.fitted()
        data = source_data(source)
        attachments = {DATA_NAME: data, **source.attachments}
        meta = {**source.meta, "data_sha256": _sha256(data)}
        if source.form is not None:
            meta.setdefault("form", source.form.key)
        identity = work.html.encode("utf-8", "replace")
        written = write_archive(
            document, created=source.created, meta=meta, attachments=attachments, identity=identity
        )
        return work.rendered(written, len(document.pages))

    def volume(self, source: VolumeInput) -> Rendered:
        """Make one bound volume: cover, contents, all parts with running page numbers, one font subset."""
        works = [_Work(self, part.source) for part in source.parts]
        starts, laid_out, page = [], [], 1
        for number, work in enumerate(works, 1):
            document = work.fitted(anchor=f"part-{number}", first_page=page)
            starts.append(page)
            laid_out.append(document)
            page += len(document.pages)
        front = [_Work(self, cover_source(source)), _Work(self, contents_source(source, starts))]
        documents = [work.fitted() for work in front] + laid_out
        whole = documents[0].copy([page for document in documents for page in document.pages])
        html = "".join(work.html for work in (*front, *works))
        written = write_archive(
            whole,
            created=source.created,
            meta=source.meta,
            attachments=source.attachments,
            identity=html.encode("utf-8", "replace"),
        )
        parts = [work.rendered(b"", 0) for work in works]
        return Rendered(
            written,
            len(whole.pages),
            missing=tuple(sorted({glyph for part in parts for glyph in part.missing})),
            truncated=tuple(f"{i}.{name}" for i, part in enumerate(parts, 1) for name in part.truncated),
            refused=tuple(sorted({address for part in parts for address in part.refused})),
            continued=any(part.continued for part in parts),
        )

    # ------------------------------------------------------------ layout

    def drawable(self, html: str) -> tuple[str, tuple[str, ...]]:
        """Replace characters no font has by 〓 and say below the text which they were."""
        missing = self._fonts.missing(html)
        if not missing:
            return html, ()
        codes = "、".join(f"U+{ord(glyph):04X}" for glyph in missing[:20])
        codes += "等" if len(missing) > 20 else ""
        note = f"注：“{UNDRAWABLE}”代表字库中没有的字（{codes}），原字见本文件所附电子数据。"
        html = html.translate(dict.fromkeys(map(ord, missing), UNDRAWABLE))
        head, end, tail = html.rpartition("</body>")
        return f'{head}<p class="missing">{note}</p>{end}{tail}', missing

    def lay_out(self, html: str, fetcher: Fetcher, extra: Sequence[str] = ()) -> Any:
        """Return the laid-out WeasyPrint document of ``html``."""
        from weasyprint import CSS, HTML

        fonts, styles = self._thread_state()
        sheets = [CSS(string=text, font_config=fonts, url_fetcher=Fetcher()) for text in extra]
        page = HTML(string=html, base_url=BASE, url_fetcher=fetcher)
        return page.render(font_config=fonts, stylesheets=[*styles, *sheets])

    def _thread_state(self) -> tuple[Any, list[Any]]:
        """Font configuration and parsed styles of this thread: they are costly and not thread-safe."""
        if not hasattr(self._threads, "state"):
            self._fonts.activate()
            from weasyprint import CSS
            from weasyprint.text.fonts import FontConfiguration

            from zuozhen.documents import patches

            patches.install()
            fonts = FontConfiguration()
            styles = [
                CSS(string=package_text("css", name), font_config=fonts, url_fetcher=Fetcher())
                for name in STYLES
            ]
            self._threads.state = (fonts, styles)
        state: tuple[Any, list[Any]] = self._threads.state
        return state


class _Work:
    """One document on its way: cleaned context, HTML, and the trials to fit it on its pages."""

    def __init__(self, renderer: Renderer, source: RenderInput) -> None:
        self.renderer = renderer
        self.template = GENERIC if source.template is None else source.template
        self.cleaner = Cleaner()
        self.context = _context(source, self.cleaner)
        self.fetcher = Fetcher(source.assets)
        self.html = ""
        self.missing: tuple[str, ...] = ()
        self.continued = False
        self._extra: tuple[str, ...] = ()
        self._anchor = ""

    def fitted(self, anchor: str = "", first_page: int = 0) -> Any:
        """Return the laid-out document, on as many pages as its template allows if that can be done."""
        self._extra = (page_numbers(first_page),) if first_page else ()
        self._anchor = anchor
        plain, self.missing = self._html(self.context)
        document = self._lay_out(plain)
        match = _FIT.search(plain)
        pages = int(match[1]) if match else 0
        if not pages or len(document.pages) <= pages:
            return document
        return (
            self._shrunk(plain, pages, len(document.pages)) or self._continued(pages) or self._lay_out(plain)
        )

    def _shrunk(self, plain: str, pages: int, needed: int) -> Any:
        """Try smaller print; not when the text is far too long, where every trial is slow and in vain."""
        if needed > pages + MAX_SHRINKABLE:
            return None
        for number, (fit, room) in enumerate(FIT_STEPS):
            document = self._lay_out(_scaled(plain, fit, room))
            if len(document.pages) <= pages:
                return document
            if number == 0 and len(self._lay_out(_scaled(plain, *FIT_STEPS[-1])).pages) > pages:
                return None  # hopeless: save the trials between
        return None

    def _continued(self, pages: int) -> Any:
        """Move what does not fit to a continuation page; ``None`` when the form has no long text to move."""
        limits = continuation.LIMITS
        first = bisect.bisect_left(limits, True, key=lambda limit: self._fits_cut(limit, pages))
        if first == len(limits):
            return None
        self.continued = True
        whole, self.missing = self._html(continuation.shortened(self.context, limits[first]))
        return self._lay_out(_scaled(whole, *CONTINUED_FIT))

    def _fits_cut(self, limit: int, pages: int) -> bool:
        """Tell whether the form alone fits when its long texts are cut after ``limit`` characters."""
        context = continuation.shortened(self.context, limit)
        if not context["continued"]:
            return False
        form_only, _ = self._html({**context, "continued": []})
        return len(self._lay_out(_scaled(form_only, *CONTINUED_FIT)).pages) <= pages

    def _html(self, context: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
        html, missing = self.renderer.drawable(render_template(self.template, context))
        if self._anchor:
            html = html.replace("<body ", f'<body id="{self._anchor}" ', 1)
        return html, missing

    def _lay_out(self, html: str) -> Any:
        self.html = html
        return self.renderer.lay_out(html, self.fetcher, self._extra)

    def rendered(self, pdf: bytes, pages: int) -> Rendered:
        """Return the outcome with everything worth telling."""
        return Rendered(
            pdf,
            pages,
            missing=self.missing,
            truncated=self.cleaner.names(),
            refused=tuple(dict.fromkeys(self.fetcher.refused)),
            continued=self.continued,
        )


def source_data(source: RenderInput) -> bytes:
    """Return the machine-readable record that goes with a document, uncut and uncleaned."""
    form = source.form
    record = {
        "schema": "zuozhen.form/1",
        "form": form.key if form else str(source.meta.get("form", "")),
        "title": form.title if form else str(source.meta.get("title", "")),
        "created": instant_text(source.created),
        "data": dict(source.data) or (dict(form.raw) if form else {}),
        "text": dict(form.text) if form else {},
        "meta": dict(source.meta),
    }
    return canonical_json(record)


def _context(source: RenderInput, cleaner: Cleaner) -> dict[str, Any]:
    """Return what a template sees: plain cleaned data, nothing else."""
    form = source.form
    facts = Cleaner().mapping(source.facts) if source.facts and "facts" in (source.template or "") else {}
    raw = source.data or (form.raw if form else source.facts)
    text: Mapping[str, Any] = (
        form.text if form else {key: value for key, value in raw.items() if _is_scalar(value)}
    )
    return {
        "d": cleaner.mapping(raw),
        "t": cleaner.mapping({key: "" if value is None else str(value) for key, value in text.items()}, "t"),
        "meta": {**cleaner.mapping(source.meta, "meta"), "facts": facts},
        "form": cleaner.mapping(_plain_form(form) if form else {}, "form"),
        "parameters": cleaner.mapping(source.parameters, "parameters"),
        "created": instant_text(source.created),
    }


def _plain_form(form: PrintForm) -> dict[str, Any]:
    return {
        "key": form.key,
        "title": form.title,
        "attachment": form.attachment,
        "landscape": form.landscape,
        "notes": form.notes,
        "rows": [[asdict(cell) for cell in row] for row in form.rows],
    }


def _is_scalar(value: object) -> bool:
    return value is None or (isinstance(value, str | int | float) and not isinstance(value, bool))


def _scaled(html: str, fit: float, room: float) -> str:
    return html.replace("<html ", f'<html style="--fit:{fit};--room:{room}" ', 1)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
