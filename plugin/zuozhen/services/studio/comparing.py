"""What differs between two versions of a pack: every file by what it is, in sentences."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Final

from zuozhen.engine.difference import VARIABLE, DiagramDifference, diagram_difference
from zuozhen.formjs.difference import compare_forms, form_labels, form_lists, form_title
from zuozhen.model.difference import AREA_NAMES, Area, Change, ChangeKind
from zuozhen.model.errors import ContentError
from zuozhen.packs.difference import (
    compare_calendars,
    compare_manifests,
    compare_parameters,
    compare_scenarios,
    compare_templates,
)
from zuozhen.packs.parameterreads import reads
from zuozhen.services.studio.naming import title_of
from zuozhen.services.studio.textdiff import Line, text_difference

Files = Mapping[str, bytes]
_ORDER: Final = {area: number for number, area in enumerate(AREA_NAMES)}


@dataclass(frozen=True, slots=True)
class Difference:
    """``changes`` by area. ``coloured_old`` and ``coloured_new`` say what to mark on either diagram, by
    element id; ``suggested_mapping`` is old id → new id of steps that only changed their id; ``texts`` are
    the differing lines of templates, tables and scenarios by path (``None``: too long to be compared)."""

    changes: tuple[Change, ...] = ()
    coloured_old: Mapping[str, ChangeKind] = field(default_factory=dict)
    coloured_new: Mapping[str, ChangeKind] = field(default_factory=dict)
    suggested_mapping: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, tuple[Line, ...] | None] = field(default_factory=dict)

    @property
    def counts(self) -> dict[Area, int]:
        """How many changes there are in each area, in the order in which people read."""
        found = {area: sum(change.area == area for change in self.changes) for area in AREA_NAMES}
        return {area: count for area, count in found.items() if count}


def compare(old_files: Files, new_files: Files) -> Difference:
    """Return every difference between two versions of a pack.

    Files that cannot be read are one change that says so: nothing is raised, whatever the files hold.
    """
    old, new = aligned(old_files, new_files), dict(new_files)
    diagrams = diagram_of(old), diagram_of(new)
    comparison = _Comparison(old, new)
    drawn = comparison.diagram(*diagrams)
    changes = list(drawn.changes)
    texts: dict[str, tuple[Line, ...] | None] = {}
    for path in sorted(old.keys() | new.keys()):
        before, after = old.get(path), new.get(path)
        if before == after or path in diagrams:
            continue
        changes += comparison.file(path)
        if not path.startswith("forms/") and path.endswith((".html", ".txt", ".toml", ".css")):
            texts[path] = text_difference(path, before, after)
    ordered = tuple(sorted(changes, key=lambda change: _ORDER[change.area]))
    return Difference(ordered, drawn.old_marks, drawn.new_marks, drawn.mapping, texts)


def diagram_of(files: Files) -> str:
    """Return the path of the diagram that the pack.toml names; else of the only one; empty for none."""
    drawn = sorted(path for path in files if path.startswith("processes/") and path.endswith(".bpmn"))
    for path in sorted(files):
        if PurePosixPath(path).name == "pack.toml":
            named = str(PurePosixPath(path).parent / str(_toml(files[path]).get("diagram", "")))
            if named in files:
                return named
    return drawn[0] if drawn else ""


def aligned(old: Files, new: Files) -> dict[str, bytes]:
    """Return the old files under the paths of the new pack, if the two packs have different names."""
    slugs = [_slug(files) for files in (old, new)]
    if slugs[0] == slugs[1] or not all(slugs):
        return dict(old)
    return {path.replace(f"/{slugs[0]}/", f"/{slugs[1]}/", 1): content for path, content in old.items()}


def _slug(files: Files) -> str:
    found = (PurePosixPath(path) for path in sorted(files) if path.startswith("processes/"))
    return next((path.parts[1] for path in found if path.name == "pack.toml" and len(path.parts) == 3), "")


def labels_of(*versions: Files) -> dict[str, str]:
    """Return what groups, forms and variables are called; a later version's words win.

    Variables stand under ``=decision``, their values under ``=decision=accept``.
    """
    labels: dict[str, str] = {}
    for files in versions:
        labels |= _labels(files)
    return labels


def _labels(files: Files) -> dict[str, str]:
    labels: dict[str, str] = {}
    table = next(
        (_toml(files[path]) for path in sorted(files) if PurePosixPath(path).name == "pack.toml"), {}
    )
    groups, codes = _groups(table), table.get("codes")
    for path in sorted(files):
        if not path.startswith("forms/") or not path.endswith(".json"):
            continue
        key = PurePosixPath(path).stem
        labels |= {f"{VARIABLE}{name}": label for name, label in form_labels(files[path]).items()}
        labels[key] = form_title(files[path], key)
        for field_key, name in form_lists(files[path]).items():
            known = codes.get(name) if isinstance(codes, dict) else None
            options = known if isinstance(known, dict) else groups if name == "units" else {}
            labels |= {f"{VARIABLE}{field_key}={value}": str(label) for value, label in options.items()}
    return labels | groups


def _groups(table: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    for kind in ("unit", "role"):
        things = table.get(kind)
        for thing in things if isinstance(things, list) else []:
            if isinstance(thing, dict) and thing.get("id") and thing.get("name"):
                found[str(thing["id"])] = str(thing["name"])
    return found


def _toml(content: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode())
    except (ValueError, RecursionError):
        return {}


@dataclass(frozen=True, slots=True)
class _Comparison:
    old: Files
    new: Files

    def diagram(self, old_path: str, new_path: str) -> DiagramDifference:
        before, after = self.old.get(old_path), self.new.get(new_path)
        if before == after:
            return DiagramDifference((), {}, {}, {})
        path = new_path or old_path
        if before is None or after is None:
            word, kind = _came_or_went(after)
            return DiagramDifference((Change(kind, "path", f"{word}流程图", path),), {}, {}, {})
        try:
            return diagram_difference(before, after, file=path, names=labels_of(self.old, self.new))
        except ContentError as error:
            return DiagramDifference((_unreadable(path, "流程图", "path", error),), {}, {}, {})

    def file(self, path: str) -> Iterable[Change]:
        """Return the differences of any other file."""
        name = self._name(path)
        try:
            yield from self._told(path, name)
        except ContentError as error:
            area: Area = "form" if path.startswith("forms/") else "table"
            yield _unreadable(path, name, area, error)

    def _told(self, path: str, name: str) -> Iterator[Change]:
        before, after = self.old.get(path), self.new.get(path)
        place = PurePosixPath(path)
        if path.startswith("forms/") and place.suffix == ".json":
            yield from compare_forms(before, after, file=path)
        elif path.startswith("templates/"):
            yield from compare_templates(before, after, file=path, name=name)
        elif place.parent.name == "calendar":
            yield from compare_calendars(before, after, file=path)
        elif place.name == "scenarios.toml":
            yield from compare_scenarios(before, after, file=path)
        elif place.name == "pack.toml" and before is not None and after is not None:
            yield from compare_manifests(before, after, file=path)
            yield from self._parameters(path)
        else:
            area: Area = "scenario" if place.name == "demo.toml" else "property"
            yield from compare_templates(before, after, file=path, name=name, area=area)

    def _parameters(self, path: str) -> Iterator[Change]:
        tables = [_toml(files[path]).get("parameters") for files in (self.old, self.new)]
        old, new = (table if isinstance(table, dict) else {} for table in tables)
        if old == new:
            return
        readers: dict[str, list[str]] = {}
        for read in reads(self.new):
            readers.setdefault(read.key, []).append(read.label)
        yield from compare_parameters(old, new, readers, file=path)

    def _name(self, path: str) -> str:
        return title_of(path, self.new if path in self.new else self.old)


def _came_or_went(after: bytes | None) -> tuple[str, ChangeKind]:
    return ("新增", "added") if after is not None else ("删除", "removed")


def _unreadable(path: str, name: str, area: Area, error: ContentError) -> Change:
    return Change("changed", area, f"{name}有改动，但有一版无法读取，不能逐项比较：{error.message}", path)
