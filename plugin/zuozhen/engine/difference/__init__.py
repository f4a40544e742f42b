"""What differs between two versions of a diagram, in sentences that officials understand.

Works on the XML as it stands, so also for diagrams that may not run. Layout of the file, order of
attributes and prefixes of names make no difference; moved shapes are told apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from zuozhen.engine.difference.comparison import VARIABLE, Comparison
from zuozhen.engine.difference.matching import find_renamed, with_new_ids
from zuozhen.engine.difference.paths import compare_paths, redrawn_flows
from zuozhen.engine.difference.picture import movement
from zuozhen.engine.difference.settings import compare_settings
from zuozhen.engine.difference.source import read_sheet
from zuozhen.model.difference import Change, ChangeKind

__all__ = ["VARIABLE", "DiagramDifference", "compare_diagrams", "diagram_difference"]

_CHANGED: Final = ("added", "removed", "changed")


@dataclass(frozen=True, slots=True)
class DiagramDifference:
    """``old_marks`` and ``new_marks`` are what to colour on either picture, by element id.

    ``mapping`` is old id → new id of nodes that are the same but for their id: what a migration needs.
    """

    changes: tuple[Change, ...]
    old_marks: Mapping[str, ChangeKind]
    new_marks: Mapping[str, ChangeKind]
    mapping: Mapping[str, str]


def compare_diagrams(
    old_xml: bytes, new_xml: bytes, *, file: str, names: Mapping[str, str]
) -> tuple[Change, ...]:
    """Return every difference in meaning or drawing, ordered by area and place.

    Args:
        old_xml: BPMN 2.0 XML, at most 2 MB; it need not be executable.
        new_xml: the same of the other version.
        file: the path in the pack, for the changes.
        names: labels of groups and forms by id; labels of variables under ``=decision``, of their values
            under ``=decision=accept``.

    Raises:
        ContentError: one of the texts is no readable XML.
    """
    return diagram_difference(old_xml, new_xml, file=file, names=names).changes


def diagram_difference(
    old_xml: bytes, new_xml: bytes, *, file: str, names: Mapping[str, str]
) -> DiagramDifference:
    """Return the differences with what to colour; arguments and errors as :func:`compare_diagrams`."""
    old, new = read_sheet(old_xml, file), read_sheet(new_xml, file)
    renamed = find_renamed(old, new)
    old = with_new_ids(old, renamed)
    redrawn = redrawn_flows(old, new)
    old = with_new_ids(old, redrawn)
    former = {new_id: old_id for old_id, new_id in {**renamed, **redrawn}.items()}
    this = Comparison(old, new, file, names, former)
    compare_settings(this)
    compare_paths(this)
    _compare_pictures(this)
    nodes = {
        before: id_ for id_, before in former.items() if new.items[id_].is_node and not before.startswith("?")
    }
    return DiagramDifference(this.changes(), this.old_marks, this.new_marks, nodes)


def _compare_pictures(this: Comparison) -> None:
    for id_ in this.common:
        item = this.new.items[id_]
        moved = movement(this.old.shapes.get(id_), this.new.shapes.get(id_))
        if item.is_flow and id_ in this.former and this.new_marks.get(id_) not in _CHANGED:
            moved = f"重画了（编号 {this.former[id_]} → {id_}）"
        if not moved or (item.is_flow and this.new_marks.get(id_) in _CHANGED):
            continue
        this.say("moved", "drawing", f"{this.new_names.of(id_)}{moved}", item)
