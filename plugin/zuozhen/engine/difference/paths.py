"""Which ways lead where: nodes and flows that came, went or now lead elsewhere.

A node put between two others changes flows as well. That is one change for people, so flows that only
serve an added or removed node are marked on the picture but not told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from zuozhen import feel
from zuozhen.engine.difference.comparison import Comparison
from zuozhen.engine.difference.settings import branch, is_referenced, value_words
from zuozhen.engine.difference.source import DEFINITIONS, FLOW, Item, Sheet
from zuozhen.engine.difference.timers import one_timer
from zuozhen.engine.difference.words import changed, listed, noun, quoted
from zuozhen.engine.reading import ACTIVITY_KINDS
from zuozhen.model.difference import Area, ChangeKind

_AREAS: Final[Mapping[str, Area]] = {
    "textAnnotation": "name",
    "association": "name",
    "group": "name",
    "lane": "property",
    "messageFlow": "message",
    "message": "message",
}
_DETAILS: Final[tuple[tuple[str, str], ...]] = (("group", "岗位"), ("assignee", "办理人"), ("form", "表单"))


MOST_BETWEEN: Final = 80
MOST_ENDS: Final = 12
"""Nodes of one version only that are looked through, and shared ones that are looked for behind them: a
diagram drawn wholly anew is not worth more."""


class Ways:
    """One version's flows, seen with the nodes that only it has taken out."""

    def __init__(self, sheet: Sheet, shared: Iterable[str]) -> None:
        self.shared = frozenset(shared)
        self._next: dict[str, list[str]] = {}
        self._last: dict[str, list[str]] = {}
        for flow in sheet.flows():
            source, target = ends(flow)
            self._next.setdefault(source, []).append(target)
            self._last.setdefault(target, []).append(source)
        self.pairs = frozenset(pair for flow in sheet.flows() for pair in self.between(flow))

    def between(self, flow: Item) -> frozenset[tuple[str, str]]:
        """Return the pairs of shared nodes that a flow is part of the way between."""
        source, target = ends(flow)
        before, after = self._nearest(source, self._last), self._nearest(target, self._next)
        return frozenset((one, other) for one in before for other in after)

    def _nearest(self, id_: str, ways: Mapping[str, list[str]]) -> set[str]:
        found: set[str] = set()
        seen: set[str] = set()
        waiting = [id_]
        while waiting and len(seen) < MOST_BETWEEN and len(found) < MOST_ENDS:
            here = waiting.pop()
            if here in seen:
                continue
            seen.add(here)
            if here in self.shared:
                found.add(here)
            else:
                waiting.extend(ways.get(here, ()))
        return found


def ends(flow: Item) -> tuple[str, str]:
    """Return the ids of the nodes a flow connects; empty for none."""
    return flow.facts.get("source", ""), flow.facts.get("target", "")


def redrawn_flows(old: Sheet, new: Sheet) -> dict[str, str]:
    """Return new ids of flows that were drawn anew when a node was put in or taken out."""
    shared = [id_ for id_ in new.items if id_ in old.items]
    ways = Ways(old, shared), Ways(new, shared)
    found: dict[str, str] = {}
    for end in (0, 1):
        groups: list[dict[object, list[str]]] = []
        done = {*found, *found.values()}
        for sheet, other, way in zip((old, new), (new, old), ways, strict=True):
            group: dict[object, list[str]] = {}
            for flow in sheet.flows():
                if flow.id not in other.items and flow.id not in done:
                    group.setdefault((ends(flow)[end], way.between(flow)), []).append(flow.id)
            groups.append(group)
        for key, ids in groups[0].items():
            others = groups[1].get(key, [])
            if len(ids) == len(others) == 1 and key[1]:  # type: ignore[index]
                found[ids[0]] = others[0]
    return found


def compare_paths(this: Comparison) -> None:
    """Note nodes and flows that were added, removed or led elsewhere, and changed orders of decision."""
    for item in this.added:
        _thing(this, item, "added")
    for item in this.removed:
        _thing(this, item, "removed")
    ways = Ways(this.old, this.common), Ways(this.new, this.common)
    for flow in this.added:
        if flow.is_flow:
            _one_flow(this, flow, "added", ways[0])
    for flow in this.removed:
        if flow.is_flow:
            _one_flow(this, flow, "removed", ways[1])
    for id_ in this.common:
        old, new = this.old.items[id_], this.new.items[id_]
        if new.is_flow and ends(old) != ends(new):
            _led_elsewhere(this, old, new, ways)
        if old.kind == new.kind == "exclusiveGateway":
            _order(this, new)


def _thing(this: Comparison, item: Item, kind: ChangeKind) -> None:
    sheet, other = (this.new, this.old) if kind == "added" else (this.old, this.new)
    if item.kind in (FLOW, DEFINITIONS):
        return
    owner = item.facts.get("process", "") if item.kind == "participant" else item.scope
    around = sheet.get(owner)
    inside = around is not None and around.kind != "collaboration" and around.id not in other.items
    if inside or is_referenced(this, item):
        this.mark(kind, item.id)
        return
    if "timer" in item.facts:
        this.say(kind, "deadline", one_timer(this, item, added=kind == "added"), item, **_texts(kind, item))
        return
    area = _AREAS.get(
        item.kind, "path" if item.is_node or item.kind in ("process", "participant") else "property"
    )
    this.say(kind, area, _sentence(this, item, kind), item, **_texts(kind, item))


def _texts(kind: ChangeKind, item: Item) -> dict[str, str]:
    text = item.facts.get("timer") or item.name
    return {"new": text} if kind == "added" else {"old": text}


def _sentence(this: Comparison, item: Item, kind: ChangeKind) -> str:
    names = this.new_names if kind == "added" else this.old_names
    if item.kind == "messageFlow":
        way = f"从{names.of(item.facts.get('source', ''))}到{names.of(item.facts.get('target', ''))}"
        what = f"消息流{quoted(item.name) if item.name else ''}（{way}）"
        return f"{'新增' if kind == 'added' else '删除'}{what}"
    name = names.of(item.id)
    what = f"{noun(item)}{quoted(item.name)}" if item.name else name
    place = names.place(item.id) if item.is_node else ""
    inner = _inside(this.new if kind == "added" else this.old, item)
    if kind == "removed":
        return f"删除{what}{f'（原{place}）' if place else ''}{inner}"
    return f"新增{what}{f'（{place}）' if place else ''}{inner}{_details(this, item)}"


def _inside(sheet: Sheet, item: Item) -> str:
    tasks = [
        quoted(other.name)
        for other in sheet.inside.get(item.id, ())
        if other.kind in ACTIVITY_KINDS and other.name
    ]
    return f"，含环节{listed(tasks)}" if tasks else ""


def _details(this: Comparison, item: Item) -> str:
    parts = [
        f"{label}{value_words(this, fact, item.facts[fact])}"
        for fact, label in _DETAILS
        if item.facts.get(fact)
    ]
    return f"，{'，'.join(parts)}" if parts else ""


def _one_flow(this: Comparison, flow: Item, kind: ChangeKind, other_ways: Ways) -> None:
    this.mark(kind, flow.id)
    source, target = ends(flow)
    condition = flow.facts.get("condition", "")
    words = feel.in_words(condition, this.variables) if condition else ""
    explained = source not in other_ways.shared or target not in other_ways.shared
    if explained or (source, target) in other_ways.pairs:
        if condition and kind == "added" and source in other_ways.shared:
            sentence = f"{branch(this, flow)}的条件：{words}"
            this.say(kind, "condition", sentence, flow, new=condition)
        return
    names = this.new_names if kind == "added" else this.old_names
    tail = f"，条件：{words}" if words else ""
    sentence = f"{'新增' if kind == 'added' else '删除'}走向：从{names.of(source)}到{names.of(target)}{tail}"
    texts = {"new": condition} if kind == "added" else {"old": condition}
    this.say(kind, "path", sentence, flow, **texts)


def _led_elsewhere(this: Comparison, old: Item, new: Item, ways: tuple[Ways, Ways]) -> None:
    this.mark("changed", new.id)
    touches_own = any(
        end not in way.shared for way, flow in zip(ways, (old, new), strict=True) for end in ends(flow)
    )
    if touches_own and ways[0].between(old) == ways[1].between(new):
        return
    before, after = ends(old), ends(new)
    source = this.new_names.of(after[0])
    if before[0] == after[0]:
        targets = this.old_names.of(before[1]), this.new_names.of(after[1])
        sentence = f"{source}之后的走向：{changed(*targets)}"
    elif before[1] == after[1]:
        sources = this.old_names.of(before[0]), source
        sentence = f"通向{this.new_names.of(after[1])}的连线起点：{changed(*sources)}"
    else:
        sentence = f"连线改接：{this.old_names.of(before[0])}到{this.old_names.of(before[1])} → {source}到{this.new_names.of(after[1])}"
    this.say("changed", "path", sentence, new, old=" → ".join(before), new=" → ".join(after))


def _order(this: Comparison, gateway: Item) -> None:
    """Exclusive gateways take the first branch whose condition holds: order counts there, nowhere else."""
    old, new = (_deciding(sheet, gateway.id) for sheet in (this.old, this.new))
    before = [flow.id for flow in old if flow.id in {flow.id for flow in new}]
    after = [flow.id for flow in new if flow.id in set(before)]
    if before == after:
        return
    ways = [
        "、".join(names.towards(sheet.items[id_].facts.get("target", "")) for id_ in ids)
        for names, sheet, ids in ((this.old_names, this.old, before), (this.new_names, this.new, after))
    ]
    sentence = f"{this.new_names.of(gateway.id)}判断各走向的先后：{changed(*ways)}"
    this.say("changed", "condition", sentence, gateway, old=" ".join(before), new=" ".join(after))


def _deciding(sheet: Sheet, gateway: str) -> list[Item]:
    default = sheet.items[gateway].facts.get("default", "")
    return [
        flow
        for flow in sheet.flows_from.get(gateway, ())
        if flow.id != default and flow.facts.get("condition")
    ]
