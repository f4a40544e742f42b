"""What the diagram editor offers to choose from: the roles, forms, templates and rules of the draft."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from zuozhen.model.errors import ContentError
from zuozhen.packs import Pack
from zuozhen.packs.units import is_over

DATE_TYPES = frozenset({"datetime"})
UNITS_KEY = "units"
"""The ``valuesKey`` of lists of units: a field with it may name the group of a later task."""

LONGEST_LIST = 500

_FILLED_IN = re.compile(r"\{\{.{0,200}?\}\}|\{%.{0,200}?%\}")
_EMPTY_BRACKETS = re.compile(r"（\s*）|\(\s*\)")


@dataclass(frozen=True, slots=True)
class Option:
    """A value with the words that people read."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of a form that expressions may read; ``options`` are its fixed choices, if it has any."""

    key: str
    label: str
    kind: str
    options: tuple[Option, ...] = ()
    values_key: str = ""


@dataclass(frozen=True, slots=True)
class FormChoice:
    """A form that a task may show."""

    key: str
    title: str
    fields: tuple[FormField, ...]


@dataclass(frozen=True, slots=True)
class Choices:
    """The lists of one draft. ``problem`` says in Chinese why lists of the manifest are empty, if they are."""

    roles: tuple[Option, ...] = ()
    units: tuple[Option, ...] = ()
    forms: tuple[FormChoice, ...] = ()
    messages: tuple[Option, ...] = ()
    recurrences: tuple[str, ...] = ()
    problem: str = ""

    @property
    def chosen_units(self) -> tuple[Option, ...]:
        """Expressions for the unit that was chosen in a form before: one per field, by its label."""
        found: dict[str, str] = {}
        for form in self.forms:
            for field in form.fields:
                if field.values_key == UNITS_KEY and field.kind in ("select", "radio"):
                    found.setdefault(field.key, field.label)
        return tuple(Option(f"={key}", label) for key, label in found.items())


def read_choices(files: Mapping[str, bytes], slug: str, today: date | None = None) -> Choices:
    """Return the lists of a draft; what cannot be read is left out, never raised.

    ``files`` are the draft's files by path, ``slug`` is the folder of the jurisdiction; units that are over by
    ``today`` are not offered any more.
    """
    forms = tuple(_form(key, files[path]) for key, path in _named(files, "forms", slug, ".json"))
    messages = tuple(
        Option(key, _subject(files[path]) or key)
        for key, path in _named(files, "templates/message", slug, ".txt")
    )
    try:
        pack = Pack.from_files(files)
    except ContentError as error:
        return Choices(
            forms=forms, messages=messages, problem=f"{error.message}，岗位、单位和周期暂时不能选择。"
        )
    return Choices(
        roles=tuple(Option(role.id, role.name) for role in pack.roles),
        units=tuple(_units(pack, files, today)),
        forms=forms,
        messages=messages,
        recurrences=tuple(spec.name for spec in pack.recurrences),
    )


def _units(pack: Pack, files: Mapping[str, bytes], today: date | None) -> Iterator[Option]:
    """Yield the units to choose from; one that is over is left only where a diagram still names it."""
    drawn = b"".join(content for path, content in files.items() if path.endswith(".bpmn"))
    for unit in pack.units:
        if today is None or not is_over(unit, today):
            yield Option(unit.id, unit.name)
        elif f'"{unit.id}"'.encode() in drawn:
            yield Option(unit.id, f"{unit.name}（已撤销）")


def _named(files: Mapping[str, bytes], folder: str, slug: str, suffix: str) -> list[tuple[str, str]]:
    """Return (key, path) of the files of one kind by key; the jurisdiction's own win over common ones."""
    found: dict[str, str] = {}
    for part in ("_common", slug):
        prefix = f"{folder}/{part}/"
        for path in files:
            if path.startswith(prefix) and path.endswith(suffix):
                found[path.removeprefix(prefix).removesuffix(suffix)] = path
    return sorted(found.items())[:LONGEST_LIST]


def _subject(content: bytes) -> str:
    """Return the subject of a message (its first line) without what is filled in later."""
    subject = content.decode(errors="replace").partition("\n")[0]
    return _EMPTY_BRACKETS.sub("", _FILLED_IN.sub("", subject)).strip()[:80]


def _form(key: str, content: bytes) -> FormChoice:
    """Read what the editor needs of a form; a broken one is offered by its key alone."""
    try:
        schema = json.loads(content)
    except (ValueError, RecursionError):
        return FormChoice(key, key, ())
    title = _text(_mapping(_mapping(schema).get("properties")).get("title"))
    return FormChoice(key, title or key, tuple(_fields(schema))[:LONGEST_LIST])


def _fields(schema: Any) -> Iterator[FormField]:
    stack = [schema]
    while stack:
        component = _mapping(stack.pop())
        key = _text(component.get("key"))
        if key:
            kind, options = _text(component.get("type")), _options(component.get("values"))
            values_key = _text(component.get("valuesKey"))
            yield FormField(key, _text(component.get("label")) or key, kind, options, values_key)
        parts = component.get("components")
        # The fields of a repeated group are columns of one list, not variables of the case.
        if isinstance(parts, list) and component.get("type") != "dynamiclist":
            stack += reversed(parts)


def _options(values: Any) -> tuple[Option, ...]:
    pairs = [_mapping(value) for value in values] if isinstance(values, list) else []
    return tuple(
        Option(value, _text(pair.get("label")) or value)
        for pair in pairs
        if (value := _text(pair.get("value")))
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
