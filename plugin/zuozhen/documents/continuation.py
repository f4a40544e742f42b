"""Text too long for its form goes to a continuation page (附页); the cell says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zuozhen.documents.cleaning import cut_position

POINTER = "……（续见附页）"
CHARACTERS_A_LINE = 25
LIMITS = (1600, 1300, 1100, 950, 800, 700, 600, 500, 400, 300, 200, 120)
"""Characters left in a cell; the largest with which the form fits its pages is taken."""


def shortened(context: Mapping[str, Any], limit: int) -> dict[str, Any]:
    """Return ``context`` with long texts cut after ``limit`` characters and listed whole in ``continued``."""
    labels = _labels(context.get("form") or {})
    entries: dict[str, dict[str, str]] = {}

    def short(text: Any) -> Any:
        if not isinstance(text, str):
            return text
        position = cut_position(text, limit, limit // CHARACTERS_A_LINE)
        if len(text) <= position + len(POINTER):
            return text
        entries.setdefault(text, {"label": labels.get(text, ""), "text": text})
        return text[:position].rstrip() + POINTER

    result = dict(context)
    for name in ("d", "t"):
        result[name] = {key: short(value) for key, value in context[name].items()}
    if context.get("form"):
        rows = [[{**cell, "text": short(cell["text"])} for cell in row] for row in context["form"]["rows"]]
        result["form"] = {**context["form"], "rows": rows}
    result["continued"] = list(entries.values())
    return result


def _labels(form: Mapping[str, Any]) -> dict[str, str]:
    """Return for each value printed in the form the label that stands before it."""
    labels: dict[str, str] = {}
    for row in form.get("rows", ()):
        label = ""
        for cell in row:
            if cell["kind"] in ("label", "heading"):
                label = cell["text"]
            elif cell["text"]:
                labels.setdefault(cell["text"], label)
    return labels
