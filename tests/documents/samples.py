"""Made-up answers and small helpers for the document tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.packs_content.papers import CREATED, samples_of

from zuozhen.documents import RenderInput

ROOT = Path(__file__).resolve().parents[2]
FONTS = ROOT / "instance" / "fonts"
TEMPLATES = ROOT / "templates" / "print" / "530381-xuanwei"

_PAPERS = {sample.key: sample for sample in samples_of("530381-xuanwei")}
"""The samples of the built-in pack; :mod:`tests.packs_content.test_prints` compares how they look."""

FILLED: dict[str, dict[str, Any]] = {key: dict(sample.data) for key, sample in _PAPERS.items()}
META = dict(_PAPERS["register"].meta)
REGISTER, SERVICE_LIST, CLINIC_RECORD = (FILLED[key] for key in ("register", "service_list", "clinic_record"))


def print_source(
    key: str, data: dict[str, Any] | None = None, meta: dict[str, Any] | None = None
) -> RenderInput:
    """Return the render input of one attachment; without ``data`` the filled-in sample."""
    template = (TEMPLATES / f"{key}.html").read_text(encoding="utf-8")
    answers = FILLED[key] if data is None else data
    return RenderInput(created=CREATED, template=template, data=answers, meta=META if meta is None else meta)


def body(html: str, **data: Any) -> RenderInput:
    """Return the render input of a template whose body is ``html``."""
    template = "{% extends 'page.html' %}{% set title = '测试' %}{% block body %}" + html + "{% endblock %}"
    return RenderInput(created=CREATED, template=template, data=data)
