"""A diagram as a flat list of things with facts, whatever it holds: nothing is refused, nothing is lost.

A fact is a text under a name such as ``form``, ``prop:zz:clause`` or ``out:handling``. Two diagrams mean the
same exactly if they have the same things with the same facts, and gateways decide in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from zuozhen.engine.difference.facts import Facts, read_facts
from zuozhen.engine.difference.picture import BPMNDI, Shape, read_shapes
from zuozhen.engine.reading import BPMN, NODE_KINDS, kind_of
from zuozhen.packs.safexml import XmlElement, read_xml

FLOW = "sequenceFlow"
DEFINITIONS = "definitions"
_ARTIFACTS = frozenset({"textAnnotation", "association", "group", "dataObject", "dataObjectReference",
                        "dataStoreReference", "participant", "messageFlow", "lane"})  # fmt: skip
_ROOTS = frozenset({"process", "collaboration", "message", "error", "escalation", "signal", "category",
                    "dataStore", "itemDefinition", "resource"})  # fmt: skip
ITEM_KINDS = NODE_KINDS | _ARTIFACTS | _ROOTS | {FLOW}
_CONTAINERS = frozenset({"laneSet", "childLaneSet"})
_EMPTY_ID = "?"


@dataclass(slots=True)
class Item:
    """A node, flow, pool, lane, message … ``scope`` is the id of the thing around it, ``order`` its place
    in the document. ``id`` is made up (and begins with ``?``) for things without one."""

    id: str
    kind: str
    name: str
    scope: str
    order: int
    facts: Facts = field(default_factory=dict)

    @property
    def is_node(self) -> bool:
        return self.kind in NODE_KINDS

    @property
    def is_flow(self) -> bool:
        return self.kind == FLOW


@dataclass
class Sheet:
    """One version of a diagram: its things by id, and where they are drawn. Not changed once made."""

    items: dict[str, Item]
    shapes: dict[str, Shape]

    def flows(self) -> Iterator[Item]:
        """Iterate over the sequence flows in document order."""
        return (item for item in self.items.values() if item.is_flow)

    def get(self, id_: str | None) -> Item | None:
        """Return a thing by id, ``None`` if there is no such thing."""
        return self.items.get(id_ or "")

    @cached_property
    def flows_from(self) -> Mapping[str, list[Item]]:
        """The sequence flows by the node they leave, in document order."""
        return self._grouped(lambda item: item.facts.get("source") if item.is_flow else None)

    @cached_property
    def inside(self) -> Mapping[str, list[Item]]:
        """Things by what is directly around them."""
        return self._grouped(lambda item: item.scope)

    @cached_property
    def timers_on(self) -> Mapping[str, list[Item]]:
        """Timers by the activity they sit on."""
        return self._grouped(lambda item: item.facts.get("attached") if "timer" in item.facts else None)

    @cached_property
    def pools(self) -> Mapping[str, list[Item]]:
        """Pools by the process they show."""
        return self._grouped(lambda item: item.facts.get("process") if item.kind == "participant" else None)

    @cached_property
    def mentioned(self) -> frozenset[str]:
        """Which of messages, errors … anything refers to, by kind."""
        return frozenset(fact for item in self.items.values() for fact in item.facts)

    def _grouped(self, key: Callable[[Item], str | None]) -> Mapping[str, list[Item]]:
        groups: dict[str, list[Item]] = {}
        for item in self.items.values():
            if name := key(item):
                groups.setdefault(name, []).append(item)
        return groups


def read_sheet(xml: bytes, file: str) -> Sheet:
    """Return what a BPMN file holds. Raises ``ContentError`` only for unreadable XML."""
    root = read_xml(xml, file)
    items: dict[str, Item] = {}
    _Walk(items, read_references(root)).root(root)
    return Sheet(items, read_shapes(root))


def read_references(root: XmlElement) -> dict[str, str]:
    """Return what events refer to by id, as people know it: names of messages, codes of errors."""
    found: dict[str, str] = {}
    for child in root:
        if kind_of(child) in _ROOTS and child.get("id"):
            code = child.get("errorCode") or child.get("escalationCode") or ""
            name = child.get("name") or child.get("id")
            found[child.get("id")] = f"{name}（{code}）" if code and code != name else name
    return found


class _Walk:
    def __init__(self, items: dict[str, Item], references: dict[str, str]) -> None:
        self.items = items
        self.references = references

    def root(self, root: XmlElement) -> None:
        head = self._add(root, "", DEFINITIONS)
        for plane in root.iter(f"{BPMNDI}BPMNPlane"):
            head.facts["plane"] = plane.get("bpmnElement") or ""
        for child in root:
            self._visit(child, head.id)
        lanes = {
            (ref.text or "").strip(): self._lane_id(ref)
            for ref in root.iter(f"{BPMN}flowNodeRef")  # nested lanes come later and win
        }
        for id_, lane in lanes.items():
            if lane and id_ in self.items:
                self.items[id_].facts["lane"] = lane

    @staticmethod
    def _lane_id(ref: XmlElement) -> str:
        lane = ref.getparent()
        return (lane.get("id") or "") if lane is not None else ""

    def _visit(self, element: XmlElement, scope: str) -> None:
        kind = kind_of(element)
        if kind in ITEM_KINDS:
            item = self._add(element, scope, kind)
            for child in element:
                self._visit(child, item.id)
        elif kind in _CONTAINERS:
            for child in element:
                self._visit(child, scope)

    def _add(self, element: XmlElement, scope: str, kind: str) -> Item:
        order = len(self.items)
        id_ = element.get("id") if kind != DEFINITIONS else _EMPTY_ID + DEFINITIONS
        if not id_ or id_ in self.items:
            id_ = f"{_EMPTY_ID}{kind}{order}"
        name = " ".join((element.get("name") or "").split())
        facts = read_facts(element, self.references, ITEM_KINDS | _CONTAINERS)
        item = self.items[id_] = Item(id_, kind, name, scope, order, facts)
        if scope:
            item.facts["scope"] = scope
        return item
