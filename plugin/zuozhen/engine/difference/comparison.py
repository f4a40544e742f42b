"""What the parts of the comparison share: both versions, how things are called, and what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from zuozhen.engine.difference.source import Item, Sheet
from zuozhen.engine.difference.words import Names
from zuozhen.model.difference import AREA_NAMES, Area, Change, ChangeKind

VARIABLE: Final = "="
"""Before the name of a variable in the labels handed in: ``=decision``, ``=decision=accept``."""
_STRENGTH: Final[Mapping[ChangeKind, int]] = {"moved": 0, "changed": 1, "removed": 2, "added": 2}
_AREAS: Final = tuple(AREA_NAMES)


@dataclass(slots=True)
class Comparison:
    """``old`` already has the ids of ``new`` (see ``matching``); ``former`` are its own ids, where different."""

    old: Sheet
    new: Sheet
    file: str
    labels: Mapping[str, str]
    former: Mapping[str, str]
    old_names: Names = field(init=False)
    new_names: Names = field(init=False)
    variables: Mapping[str, str] = field(init=False)
    old_marks: dict[str, ChangeKind] = field(default_factory=dict)
    new_marks: dict[str, ChangeKind] = field(default_factory=dict)
    _found: list[tuple[int, int, Change]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.old_names, self.new_names = Names(self.old), Names(self.new)
        self.variables = {
            name[len(VARIABLE) :]: label for name, label in self.labels.items() if name.startswith(VARIABLE)
        }

    @property
    def common(self) -> list[str]:
        """Ids in both versions, in the order of the new one."""
        return [id_ for id_ in self.new.items if id_ in self.old.items]

    @property
    def added(self) -> list[Item]:
        return [item for id_, item in self.new.items.items() if id_ not in self.old.items]

    @property
    def removed(self) -> list[Item]:
        return [item for id_, item in self.old.items.items() if id_ not in self.new.items]

    def say(
        self, kind: ChangeKind, area: Area, sentence: str, item: Item, *, old: str = "", new: str = ""
    ) -> None:
        """Note one change of a thing, and mark it on the pictures."""
        self.mark(kind, item.id)
        element = self._drawn(item) if kind != "removed" else self.former.get(item.id, item.id)
        change = Change(kind, area, sentence, self.file, "" if element.startswith("?") else element, old, new)
        self._found.append((_AREAS.index(area), item.order, change))

    def mark(self, kind: ChangeKind, id_: str) -> None:
        """Mark a thing on the pictures it is on; a stronger mark stays."""
        drawn = self._drawn(self.new.get(id_) or self.old.items[id_])
        if kind != "added":
            _put(self.old_marks, self.former.get(drawn, drawn), kind)
        if kind != "removed":
            _put(self.new_marks, drawn, kind)

    def _drawn(self, item: Item) -> str:
        """Return the id under which a thing is in the picture: a process is shown by its pool."""
        if item.kind != "process":
            return item.id
        for sheet in (self.new, self.old):
            if pools := sheet.pools.get(item.id):
                return pools[0].id
        return item.id

    def changes(self) -> tuple[Change, ...]:
        """Return everything noted: by area, then in the order of the document."""
        ordered = sorted(self._found, key=lambda found: found[:2])
        return tuple(dict.fromkeys(change for _, _, change in ordered))


def _put(marks: dict[str, ChangeKind], id_: str, kind: ChangeKind) -> None:
    if id_ not in marks or _STRENGTH[kind] > _STRENGTH[marks[id_]]:
        marks[id_] = kind
