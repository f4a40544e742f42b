"""Which thing of the old diagram is which of the new one: by id, and by place where only the id changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from zuozhen.engine.difference.source import FLOW, Item, Sheet

Mapped: TypeAlias = dict[str, str]
"""Id in the old diagram by … to id in the new one, only where they differ."""

REFERENCES = frozenset(
    {"scope", "lane", "source", "target", "attached", "default", "process", "plane", "prop:zz:activity"}
)
"""Facts that are ids of other things."""
MOST_ROUNDS = 20


def find_renamed(old: Sheet, new: Sheet) -> Mapped:
    """Return new ids of things that are the same but for their id.

    A node counts as the same if kind, name, surrounding and neighbours agree and no other fits; a flow if
    both its ends do; anything else if kind and name do.
    """
    renamed: Mapped = {}
    for _ in range(MOST_ROUNDS):
        left_old = [
            item for item in old.items.values() if item.id not in new.items and item.id not in renamed
        ]
        taken = set(renamed.values())
        left_new = [item for item in new.items.values() if item.id not in old.items and item.id not in taken]
        found = _pairs(_by_place(left_old, old, renamed), _by_place(left_new, new, {}))
        if not found:
            found = _pairs(_by_neighbours(left_old, old), _by_neighbours(left_new, new))
        if not found:
            return renamed
        renamed.update(found)
    return renamed


def with_new_ids(sheet: Sheet, renamed: Mapping[str, str]) -> Sheet:
    """Return the old diagram as if its things had always had their new ids."""
    if not renamed:
        return sheet
    items = {}
    for item in sheet.items.values():
        id_ = renamed.get(item.id, item.id)
        facts = {
            name: renamed.get(text, text) if name in REFERENCES else text for name, text in item.facts.items()
        }
        items[id_] = Item(id_, item.kind, item.name, renamed.get(item.scope, item.scope), item.order, facts)
    shapes = {renamed.get(id_, id_): shape for id_, shape in sheet.shapes.items()}
    return Sheet(items, shapes)


def _pairs(old: Mapping[object, list[str]], new: Mapping[object, list[str]]) -> Mapped:
    """Pair what fits exactly one to one."""
    return {ids[0]: new[key][0] for key, ids in old.items() if len(ids) == 1 and len(new.get(key, ())) == 1}


def _by_place(items: Iterable[Item], sheet: Sheet, renamed: Mapping[str, str]) -> dict[object, list[str]]:
    """Group things by kind, name and the (new) ids of what they touch."""
    touching = _touching(sheet)
    groups: dict[object, list[str]] = defaultdict(list)
    for item in items:
        facts = {name: renamed.get(text, text) for name, text in item.facts.items() if name in REFERENCES}
        around = {(way, renamed.get(other, other)) for way, other in touching[item.id]}
        if item.kind == FLOW or facts.get("attached") or around:
            place = (facts.get("source"), facts.get("target"), facts.get("attached"), facts.get("scope"))
            groups[(item.kind, item.name, place, frozenset(around))].append(item.id)
        elif item.name:
            groups[(item.kind, item.name, facts.get("scope"))].append(item.id)
    return groups


def _by_neighbours(items: Iterable[Item], sheet: Sheet) -> dict[object, list[str]]:
    """Group named nodes by the names of their neighbours: they may have new ids as well."""
    touching = _touching(sheet)
    groups: dict[object, list[str]] = defaultdict(list)
    for item in items:
        if item.is_node and item.name:
            around = frozenset(
                (way, neighbour.kind, neighbour.name)
                for way, other in touching[item.id]
                if (neighbour := sheet.get(other)) is not None
            )
            groups[(item.kind, item.name, around)].append(item.id)
    return groups


def _touching(sheet: Sheet) -> dict[str, set[tuple[str, str]]]:
    """Return, by node, the nodes before and after it and the activity it sits on."""
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for flow in sheet.flows():
        source, target = flow.facts.get("source", ""), flow.facts.get("target", "")
        found[source].add(("after", target))
        found[target].add(("before", source))
    for item in sheet.items.values():
        if item.facts.get("attached"):
            found[item.id].add(("on", item.facts["attached"]))
    return found
