"""A form as a flat list of parts with facts, read from its JSON as it stands: also one that is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from zuozhen.formjs.schema import Report, read_json
from zuozhen.model.errors import ContentError

Facts: TypeAlias = dict[str, Any]

MAXIMUM_DEPTH: Final = 20
KEYLESS: Final = frozenset({"text", "html", "image", "separator", "spacer", "button", "iframe"})
_MEANINGLESS: Final = frozenset(
    {"id", "key", "path", "components", "type", "values", "conditional", "layout"}
)
_HEAD: Final = frozenset({"id", "type", "components", "schemaVersion", "executionPlatform", "properties",
                          "executionPlatformVersion", "exporter"})  # fmt: skip
_PLAIN: Final[Mapping[str, Any]] = {
    "validate.required": False, "readonly": False, "disabled": False, "showOutline": False,
    "searchable": False, "disallowPassedDates": False, "multiple": False, "properties.mask": "false",
}  # fmt: skip
"""Written or left out, they say the same."""


@dataclass(slots=True)
class Part:
    """One component. ``name`` is how it is addressed (the key with the keys around it, else ``#id``),
    ``facts`` are its settings by dotted name, ``row`` the names of what stands in the same row."""

    name: str
    id: str
    key: str
    type: str
    label: str
    parent: str
    facts: Facts = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)
    row: str = ""
    columns: int | None = None


@dataclass(slots=True)
class Form:
    """One version of a form: its parts in order by name, and what is said of the whole."""

    title: str
    parts: dict[str, Part]
    facts: Facts

    def order(self, parent: str) -> list[str]:
        """Return the names of the parts directly within ``parent``, in order."""
        return [name for name, part in self.parts.items() if part.parent == parent]

    def labels(self) -> dict[str, str]:
        """Return labels of fields by key, and of their options under ``key=value``."""
        found: dict[str, str] = {}
        for part in self.parts.values():
            if part.key and part.label:
                found.setdefault(part.key, part.label)
            for value, label in part.options.items():
                found.setdefault(f"{part.key}={value}", label)
        return found


def read_form(source: bytes, file: str) -> Form:
    """Return what a form says. Raises ``ContentError`` for what is no JSON object."""
    report = Report(file, "")
    raw = read_json(source, report)
    if raw is None:
        raise ContentError(f"表单 {file} 无法读取：{report.findings[0].message}", report.findings)
    parts: dict[str, Part] = {}
    for part in _parts(raw.get("components"), "", "", 0):
        name, number = part.name, 2
        while part.name in parts:
            part.name, number = f"{name}~{number}", number + 1
        parts[part.name] = part
    properties = raw.get("properties")
    facts = _flat({key: value for key, value in raw.items() if key not in _HEAD})
    facts |= _flat({"properties": properties if isinstance(properties, Mapping) else None})
    title = facts.get("properties.title") or _heading(parts) or file.rpartition("/")[2].removesuffix(".json")
    return Form(str(title), parts, facts)


def _heading(parts: Mapping[str, Part]) -> str:
    for part in parts.values():
        text = str(part.facts.get("text", ""))
        if text.startswith("# "):
            return text[2:].splitlines()[0].strip()
    return ""


def _parts(components: Any, parent: str, prefix: str, depth: int) -> Iterator[Part]:
    if not isinstance(components, Sequence) or isinstance(components, str) or depth > MAXIMUM_DEPTH:
        return
    for raw in components:
        if not isinstance(raw, Mapping):
            continue
        part = _part(raw, parent, prefix)
        yield part
        inner = f"{part.key}." if part.key and "components" in raw else ""
        yield from _parts(raw.get("components"), part.name, prefix + inner, depth + 1)


def _part(raw: Mapping[str, Any], parent: str, prefix: str) -> Part:
    id_, type_ = str(raw.get("id", "")), str(raw.get("type", ""))
    key = "" if type_ in KEYLESS else str(raw.get("key") or raw.get("path") or "")
    label = next((str(raw[name]) for name in ("label", "dateLabel", "timeLabel") if raw.get(name)), "")
    part = Part(f"{prefix}{key}" if key else f"#{id_ or type_}", id_, key, type_, label, parent)
    part.facts = _flat({name: value for name, value in raw.items() if name not in _MEANINGLESS})
    conditional = raw.get("conditional")
    if isinstance(conditional, Mapping) and conditional.get("hide"):
        part.facts["hide"] = str(conditional["hide"])
    layout = raw.get("layout")
    if isinstance(layout, Mapping):
        part.row, part.columns = str(layout.get("row") or ""), layout.get("columns")
    if isinstance(raw.get("values"), list):
        part.options = _options(raw["values"])
    return part


def _options(values: Sequence[Any]) -> dict[str, str]:
    options = {}
    for value in values:
        if isinstance(value, Mapping):
            text = str(value.get("value", ""))
            options[text] = str(value.get("label") or text)
        else:
            options[str(value)] = str(value)
    return options


def _flat(value: Any, prefix: str = "") -> Facts:
    """Return nested settings under dotted names; what is absent, null, empty or usual is left out."""
    if isinstance(value, Mapping):
        found: Facts = {}
        for name, inner in value.items():
            found |= _flat(inner, f"{prefix}.{name}" if prefix else str(name))
        return found
    if value in (None, "", []) or (prefix in _PLAIN and value == _PLAIN[prefix]):
        return {}
    if prefix.startswith("properties.") and not isinstance(value, str):
        value = ("true" if value else "false") if isinstance(value, bool) else str(value)
    return {prefix: json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value}
