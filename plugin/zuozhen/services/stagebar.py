"""Which stages a case has behind it and before it, for the bar above a case."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from zuozhen.services.releases import Release
from zuozhen.store.tables import CASE_OPEN, Case, Event

REACHED: Final = ("started", "entered", "ended")
"""What the history says of a place at which a case was."""


def stages(release: Release, case: Case, events: Iterable[Event]) -> tuple[tuple[str, str], ...]:
    """Return (stage, done | current | coming) in the order of the diagram.

    A stage before the present one that the case never entered was not needed and is left out; so is, once the case
    has ended, every stage that it did not reach: a tick means that something was done.
    """
    names = dict.fromkeys(
        element.properties["zz:stage"]
        for element in release.diagram.elements.values()
        if element.process_id == case.process_id and element.properties.get("zz:stage")
    )
    if case.stage not in names:
        return tuple((name, "coming") for name in names)
    entered = {case.stage} | {
        entry["properties"]["zz:stage"]
        for event in events
        for entry in event.payload.get("log", ())
        if entry["kind"] in REACHED and entry.get("properties", {}).get("zz:stage")
    }
    if case.status != CASE_OPEN:
        return tuple((name, "done") for name in names if name in entered)
    order = list(names)
    before, after = order[: order.index(case.stage)], order[order.index(case.stage) + 1 :]
    return (
        *((name, "done") for name in before if name in entered),
        (case.stage, "current"),
        *((name, "coming") for name in after),
    )
