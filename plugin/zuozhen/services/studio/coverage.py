"""How much of a diagram the scenarios have gone through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from zuozhen.engine import Diagram, Element
from zuozhen.packs.safexml import read_xml

UNTRODDEN: Final = frozenset({"task", "manualTask"})
"""Kinds that mean nothing to the engine: drawn for people."""
_SEQUENCE_FLOW: Final = "{http://www.omg.org/spec/BPMN/20100524/MODEL}sequenceFlow"


@dataclass(frozen=True, slots=True)
class Flow:
    """One sequence flow."""

    id: str
    name: str
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Visits:
    """How often elements were gone through, by id, and flows, by the ids of their two ends.

    Two flows between the same two nodes cannot be told apart.
    """

    elements: Mapping[str, int]
    flows: Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was gone through: counts by id, what never was, and the share of elements in whole percent."""

    elements: Mapping[str, int]
    flows: Mapping[str, int]
    wanted: int
    reached: int
    missing: tuple[Element, ...]
    untaken: tuple[Flow, ...]

    kinds: tuple[tuple[str, int, int], ...] = ()
    """(name, reached, wanted) of tasks, deadlines and ends, counted separately."""

    @property
    def percent(self) -> int:
        return 100 * self.reached // self.wanted if self.wanted else 100

    @property
    def counts(self) -> tuple[tuple[str, int, int], ...]:
        """(name, reached, wanted) of tasks, deadlines, ends, all elements and all flows."""
        flows = sum(1 for count in self.flows.values() if count)
        every = ("环节", self.reached, self.wanted), ("连线", flows, flows + len(self.untaken))
        return *self.kinds, *every


def _is_task(element: Element) -> bool:
    return element.kind.endswith("Task")


def _is_deadline(element: Element) -> bool:
    return bool(element.rule)


def _is_end(element: Element) -> bool:
    return element.kind == "endEvent"


_KINDS: Final = (("任务", _is_task), ("时限", _is_deadline), ("结束", _is_end))


def visits_of(taken: Mapping[tuple[str, str], int], logs: Iterable[Sequence[Mapping[str, Any]]]) -> Visits:
    """Count from the flows that tokens took, by their two ends, and from the logs of the cases.

    What no flow leads to (starts, events on the border of a task) happened as often as a flow left it;
    the logs add those from which none leads away.
    """
    entered: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for (source, target), count in taken.items():
        entered[target] += count
        left[source] += count
    entered |= Counter({id_: count for id_, count in left.items() if not entered[id_]})
    happened = Counter(
        entry["element"]
        for log in logs
        for entry in log
        if entry["kind"] in ("started", "fired", "received", "acted")
    )
    return Visits(dict(entered | happened), dict(taken))


def coverage(visited: Iterable[Visits], diagram: Diagram, xml: bytes) -> Coverage:
    """Add up where scenarios went in a diagram (``xml`` is its text, for the sequence flows)."""
    elements: Counter[str] = Counter()
    taken: Counter[tuple[str, str]] = Counter()
    for visits in visited:
        elements.update(visits.elements)
        taken.update(visits.flows)
    flows = flows_of(xml)
    counts = {flow.id: taken[flow.source, flow.target] for flow in flows}
    wanted = [element for element in diagram.elements.values() if element.kind not in UNTRODDEN]
    missing = tuple(element for element in wanted if not elements[element.id])
    kinds = tuple(
        (name, sum(bool(elements[e.id]) for e in wanted if fits(e)), sum(fits(e) for e in wanted))
        for name, fits in _KINDS
    )
    return Coverage(
        {id_: count for id_, count in elements.items() if id_ in diagram.elements},
        counts,
        len(wanted),
        len(wanted) - len(missing),
        missing,
        tuple(flow for flow in flows if flow.source in diagram.elements and not counts[flow.id]),
        kinds,
    )


def flows_of(xml: bytes) -> tuple[Flow, ...]:
    """Return the sequence flows of a diagram in document order. Raises ``ContentError`` for broken XML."""
    return tuple(
        Flow(
            node.get("id") or "",
            node.get("name") or "",
            node.get("sourceRef") or "",
            node.get("targetRef") or "",
        )
        for node in read_xml(xml).iter(_SEQUENCE_FLOW)
    )
