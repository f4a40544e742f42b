"""What a move means for one case, as people read it; kept as JSON with the case's line in the report."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, TypeAlias

from zuozhen.engine import Diagram
from zuozhen.model.clock import due_date
from zuozhen.model.migration import DueChange, Migrated, Order, Placement, Refusal

DueKind: TypeAlias = Literal["same", "later", "earlier", "added", "removed", "kept"]


@dataclass(frozen=True, slots=True)
class DueLine:
    """One deadline before and after: ``old`` and ``new`` are the last days on time.

    ``days`` counts calendar days from old to new (``None`` where there is no old or no new date);
    ``overdue`` says that the new deadline has passed already while the old one had not.
    """

    name: str
    element_id: str
    timer_id: str
    old: date | None
    new: date | None
    kind: DueKind
    days: int | None
    overdue: bool
    old_rule: str
    new_rule: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """The outcome for one case without what only the store needs; ``fires`` are names of timers."""

    places: tuple[Placement, ...]
    dues: tuple[DueLine, ...]
    refusals: tuple[Refusal, ...]
    fires: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def counted_places(self) -> tuple[tuple[Placement, int], ...]:
        """The places with how many of each there are (会办的多个单位)."""
        alike: dict[tuple[str, str, str], list[Placement]] = {}
        for place in self.places:
            alike.setdefault((place.element_id, place.target, place.outcome), []).append(place)
        return tuple((places[0], len(places)) for places in alike.values())

    @property
    def refused(self) -> bool:
        return bool(self.refusals)

    @property
    def overdue(self) -> bool:
        return any(due.overdue for due in self.dues)

    @property
    def changed_dues(self) -> tuple[DueLine, ...]:
        return tuple(due for due in self.dues if due.kind != "same")


NOTHING = Outlook((), (), (), (), ())


def outlook_of(moved: Migrated, old: Diagram, new: Diagram, now: datetime) -> Outlook:
    """Return what moving from ``old`` to ``new`` means; ``now`` decides what is overdue.

    Mere possibilities (企业撤回) are left out where nothing about them changes.
    """
    names = [new.elements[id_].label if id_ in new.elements else id_ for id_ in moved.fires]
    return Outlook(
        tuple(place for place in moved.placements if not _is_possibility(place, old)),
        tuple(due_line(due, now) for due in moved.dues),
        moved.refusals,
        tuple(dict.fromkeys(names)),
        moved.notes,
    )


def _is_possibility(place: Placement, old: Diagram) -> bool:
    element = old.elements.get(place.element_id)
    by_hand = element is not None and bool(element.properties.get("zz:trigger"))
    return by_hand and place.outcome == "stays" and not place.changes


def due_line(due: DueChange, now: datetime) -> DueLine:
    """Return a changed deadline in days."""
    old = due_date(due.old) if due.old else None
    new = due_date(due.new) if due.new else None
    return DueLine(
        due.name,
        due.element_id,
        due.timer_id,
        old,
        new,
        _kind(due),
        (new - old).days if new and old else None,
        due.new is not None and due.new <= now and (due.old is None or due.old > now),
        due.old_rule,
        due.new_rule,
    )


def _kind(due: DueChange) -> DueKind:
    if due.old == due.new:
        return "kept" if due.kept else "same"
    if due.old is None:
        return "added"
    if due.new is None:
        return "removed"
    return "later" if due.new > due.old else "earlier"


# ---------------------------------------------------------------- as JSON


def to_json(outlook: Outlook) -> dict[str, Any]:
    """Return an outlook as JSON; :func:`from_json` reads it back."""
    return {
        "places": [dataclasses.asdict(place) for place in outlook.places],
        "dues": [_due_json(due) for due in outlook.dues],
        "refusals": [dataclasses.asdict(refusal) for refusal in outlook.refusals],
        "fires": list(outlook.fires),
        "notes": list(outlook.notes),
    }


def from_json(content: Mapping[str, Any]) -> Outlook:
    """Return the outlook kept as JSON; an empty object is a case that was not looked at yet."""
    return Outlook(
        tuple(
            Placement(**{**place, "changes": tuple(place["changes"])}) for place in content.get("places", ())
        ),
        tuple(
            DueLine(**{**due, "old": _day(due["old"]), "new": _day(due["new"])})
            for due in content.get("dues", ())
        ),
        tuple(Refusal(**refusal) for refusal in content.get("refusals", ())),
        tuple(content.get("fires", ())),
        tuple(content.get("notes", ())),
    )


def event_dues(dues: Iterable[DueChange]) -> list[dict[str, Any]]:
    """Return the deadlines that changed as a case's history keeps them: old, new and why."""
    return [
        {
            "element": due.element_id,
            "name": due.name,
            "timer": due.timer_id,
            "old": due.old.isoformat() if due.old else None,
            "new": due.new.isoformat() if due.new else None,
            "old_rule": due.old_rule,
            "new_rule": due.new_rule,
            "why": list(due.why),
        }
        for due in dues
        if due.old != due.new
    ]


def order_json(order: Order) -> dict[str, Any]:
    """Return an order as JSON; :func:`order_from` reads it back."""
    return {**dataclasses.asdict(order), "mapping": dict(order.mapping), "values": dict(order.values)}


def order_from(content: Mapping[str, Any]) -> Order:
    known = {field.name for field in dataclasses.fields(Order)}
    return Order(**{name: value for name, value in content.items() if name in known})


def _due_json(due: DueLine) -> dict[str, Any]:
    return {
        **dataclasses.asdict(due),
        "old": due.old.isoformat() if due.old else None,
        "new": due.new.isoformat() if due.new else None,
    }


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
