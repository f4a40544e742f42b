"""Places of running cases that the new diagram does not have, and which of its tasks may take over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from zuozhen.engine import Diagram, Element
from zuozhen.model.migration import Placement

Stand = tuple[Diagram, Sequence[Sequence[Placement]]]
"""A diagram and, for each case that stands on it alike, its open places."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An element of the new diagram that may take over; ``near`` says that it lies in the same scope."""

    id: str
    name: str
    near: bool


@dataclass(frozen=True, slots=True)
class Removed:
    """An element that cases stand at and that cannot be kept: a person says where they go.

    ``chosen`` is what the present order says, ``suggested`` what the difference of the versions suggests;
    both are element ids or empty. ``cases`` counts the cases that stand there.
    """

    element_id: str
    name: str
    process_id: str
    cases: int
    candidates: tuple[Candidate, ...]
    chosen: str
    suggested: str


def removed_places(
    stands: Iterable[Stand], new: Diagram, mapping: Mapping[str, str], suggested: Mapping[str, str]
) -> tuple[Removed, ...]:
    """Return every open place that is mapped by hand or has nowhere to go."""
    drawn: dict[str, Element] = {}
    names: dict[str, str] = {}
    counts: dict[str, int] = {}
    for diagram, cases in stands:
        for places in cases:
            for element_id in {p.element_id for p in places if _is_asked(p, new, mapping)}:
                element = diagram.elements.get(element_id)
                if element is None:
                    continue
                drawn.setdefault(element_id, element)
                names.setdefault(element_id, element.label)
                counts[element_id] = counts.get(element_id, 0) + 1
    return tuple(
        Removed(
            element_id,
            names[element_id],
            element.process_id,
            counts[element_id],
            candidates(element, new),
            mapping.get(element_id, ""),
            suggested.get(element_id, ""),
        )
        for element_id, element in drawn.items()
    )


def candidates(old: Element, new: Diagram) -> tuple[Candidate, ...]:
    """Return what may take the place of ``old``: elements of its kind, those of the same scope first."""
    fitting = [
        element
        for element in new.elements.values()
        if element.process_id == old.process_id
        and element.kind == old.kind
        and bool(element.rule) == bool(old.rule)
        and bool(element.message) == bool(old.message)
    ]
    fitting.sort(key=lambda element: element.scope != old.scope)
    return tuple(Candidate(element.id, element.label, element.scope == old.scope) for element in fitting)


def _is_asked(place: Placement, new: Diagram, mapping: Mapping[str, str]) -> bool:
    if place.element_id in mapping:
        return True
    return place.outcome == "refused" and (not place.target or place.element_id not in new.elements)
