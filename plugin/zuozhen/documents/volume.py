"""Cover, table of contents and running page numbers of a bound volume."""

from __future__ import annotations

from collections.abc import Sequence

from zuozhen.documents.source import RenderInput, VolumeInput


def page_numbers(first: int) -> str:
    """Return a style that numbers a part's pages from ``first``, in place of numbers of its own."""
    number = 'content: "第 " counter(page) " 页"; font: 10.5pt "ZZ Song";'
    return (
        f"@page {{ @top-right {{ {number} }} }} @page land {{ @bottom-center {{ content: none }} }} "
        f"@page:first {{ counter-reset: page {first} }}"
    )


def cover_source(volume: VolumeInput) -> RenderInput:
    """Return the cover page of ``volume``."""
    lines = [list(line) for line in volume.cover]
    data = {"title": volume.title, "office": volume.office, "lines": lines, "date": volume.created}
    meta = {**volume.meta, "title": volume.title, "office": volume.office}
    return RenderInput(created=volume.created, template="{% extends 'cover.html' %}", data=data, meta=meta)


def contents_source(volume: VolumeInput, starts: Sequence[int]) -> RenderInput:
    """Return the table of contents of ``volume``; ``starts`` are the parts' first pages."""
    parts = [{"title": part.title, "page": page} for part, page in zip(volume.parts, starts, strict=True)]
    return RenderInput(
        created=volume.created,
        template="{% extends 'contents.html' %}",
        data={"parts": parts},
        meta={**volume.meta, "title": volume.title},
    )
