"""What a migration would do: every running case looked at in memory, grouped by where it stands."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from zuozhen.model.migration import Order, Placement, Refusal
from zuozhen.services.context import Context
from zuozhen.services.migrating.aftermath import aftermath, told
from zuozhen.services.migrating.along import move_along
from zuozhen.services.migrating.carrying import Missing
from zuozhen.services.migrating.mapping import Removed, removed_places
from zuozhen.services.migrating.outlook import DueLine, Outlook, outlook_of
from zuozhen.services.migrating.running import (
    EVERYTHING,
    Chosen,
    Running,
    find_release,
    running_cases,
)
from zuozhen.services.privacy import PRIVATE, private_processes
from zuozhen.services.releases import Release, with_calendar
from zuozhen.services.surroundings import environment
from zuozhen.workdays import Calendar

RECOUNT: Final = Order(timers="from_start", recount=True)
"""What a new calendar does to open deadlines: counted again from where they began."""


@dataclass(frozen=True, slots=True)
class CaseOutlook:
    """One running case and what would become of it."""

    id: UUID
    number: str
    title: str
    enterprise: str
    outlook: Outlook


@dataclass(frozen=True, slots=True)
class DueSummary:
    """What happens to one deadline in a group: ``days`` is the range of the shift in calendar days."""

    name: str
    old_rule: str
    new_rule: str
    kinds: tuple[str, ...]
    count: int
    days: tuple[int, int] | None
    overdue: int


@dataclass(frozen=True, slots=True)
class Group:
    """Cases of one process and version that stand at the same places and fare alike."""

    key: str
    process_id: str
    process_name: str
    version: int
    places: tuple[Placement, ...]
    refusals: tuple[Refusal, ...]
    dues: tuple[DueSummary, ...]
    fires: tuple[str, ...]
    notes: tuple[str, ...]
    cases: tuple[CaseOutlook, ...]

    @property
    def refused(self) -> bool:
        return bool(self.refusals)

    @property
    def overdue(self) -> int:
        return sum(case.outlook.overdue for case in self.cases)

    @property
    def changes(self) -> bool:
        """Whether anything that people see is different afterwards."""
        return bool(self.dues or self.fires or any(p.changes or p.outcome == "mapped" for p in self.places))


@dataclass(frozen=True, slots=True)
class Question:
    """A variable that the new version reads and ``cases`` cases cannot tell; ``label`` is what people call it."""

    name: str
    label: str
    cases: int
    options: tuple[tuple[str, str], ...] = ()
    """Values and labels to choose from; none: it is typed."""
    problem: str = ""
    """What is wrong with the value that is given for it."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The whole outcome, nothing written. ``at`` is the instant that it holds for."""

    release_id: UUID
    version: int
    order: Order
    groups: tuple[Group, ...]
    removed: tuple[Removed, ...]
    at: datetime
    questions: tuple[Question, ...] = ()
    """Variables that somebody has to give before these cases can be moved, those that the order gives too."""

    @property
    def total(self) -> int:
        return sum(len(group.cases) for group in self.groups)

    @property
    def affected(self) -> tuple[CaseOutlook, ...]:
        """The cases of which a deadline would move."""
        return tuple(case for group in self.groups for case in group.cases if case.outlook.changed_dues)

    @property
    def refused(self) -> int:
        return sum(len(group.cases) for group in self.groups if group.refused)

    @property
    def overdue(self) -> int:
        return sum(group.overdue for group in self.groups if not group.refused)


def preview(
    context: Context,
    tenant: int,
    target: UUID | int | None,
    order: Order,
    chosen: Chosen = EVERYTHING,
    *,
    suggested: Mapping[str, str] | None = None,
) -> Preview:
    """Return what moving the running cases to ``target`` (default: the live release) would do.

    ``suggested`` leads from element ids that are gone to those that may take their place.

    Raises:
        NotFound: there is no such release.
    """
    with context.database.read() as session:
        new = find_release(context, session, tenant, target)
        cases = running_cases(session, tenant, chosen, not_on=new.id)
        return _look(context, session, cases, order, new, lambda _old: new, suggested or {})


def preview_counting(context: Context, tenant: int, calendar: Calendar) -> Preview:
    """Return what counting all open deadlines again by ``calendar`` would do; cases keep their releases."""
    with context.database.read() as session:
        live = context.releases.live(session, tenant)
        counting: dict[UUID, Release] = {}

        def same(old: Release) -> Release:
            if old.id not in counting:
                counting[old.id] = with_calendar(old, calendar)
            return counting[old.id]

        cases = running_cases(session, tenant, EVERYTHING, not_on=None)
        return _look(context, session, cases, RECOUNT, live, same, {})


def _look(
    context: Context,
    session: Session,
    cases: Iterable[Running],
    order: Order,
    shown: Release,
    target_of: Callable[[Release], Release],
    suggested: Mapping[str, str],
) -> Preview:
    now = context.clock()
    private = private_processes(shown.pack)
    alike: dict[tuple[object, ...], list[CaseOutlook]] = {}
    origins: dict[tuple[object, ...], Release] = {}
    asked: dict[str, tuple[Missing, list[UUID]]] = {}
    for case in cases:
        old = context.releases.get(session, shown.tenant, case.release_id)
        new = target_of(old)
        env = environment(context, session, new, now, data=case.data, former=old)
        moved, along = move_along(session, old, new, case, env, order)
        for one in (*along.missing, *along.answered):
            asked.setdefault(one.name, (one, []))[1].append(case.id)
        outlook = outlook_of(moved, old.diagram, new.diagram, now)
        follows = (*aftermath(new, case, moved, env), *(told(new, moved) if order.recount else ()))
        outlook = replace(outlook, notes=(*outlook.notes, *follows))
        key = _alike(case, old, outlook)
        origins.setdefault(key, old)
        alike.setdefault(key, []).append(CaseOutlook(case.id, case.number, *_about(case, private), outlook))
    groups = [_group(key, origins[key], found) for key, found in alike.items()]
    groups.sort(key=lambda g: (not g.refused, g.process_id, -g.version, -len(g.cases), g.key))
    removed = removed_places(
        [(origins[key].diagram, [case.outlook.places for case in found]) for key, found in alike.items()],
        shown.diagram,
        order.mapping,
        suggested,
    )
    questions = tuple(
        Question(name, one.label, len(ids), one.choices(shown), one.problem)
        for name, (one, ids) in asked.items()
    )
    return Preview(shown.id, shown.version, order, tuple(groups), removed, now, questions)


def _about(case: Running, private: frozenset[str]) -> tuple[str, str]:
    """Return title and enterprise, unless the case is of a private procedure."""
    return (PRIVATE, "") if case.process_id in private else (case.title, case.enterprise)


def _alike(case: Running, old: Release, outlook: Outlook) -> tuple[object, ...]:
    places = tuple(sorted({(place.element_id, place.target, place.outcome) for place in outlook.places}))
    reasons = tuple(sorted({(refusal.element_id, refusal.code) for refusal in outlook.refusals}))
    return (case.process_id, old.version, places, reasons)


def _group(key: tuple[object, ...], old: Release, cases: Sequence[CaseOutlook]) -> Group:
    process_id = str(key[0])
    process = old.diagram.processes.get(process_id)
    outlooks = [case.outlook for case in cases]
    places = {(place.element_id, place.target): place for look in outlooks for place in look.places}
    order = list(old.diagram.elements)
    return Group(
        hashlib.sha256(repr(key).encode()).hexdigest()[:16],
        process_id,
        process.name if process and process.name else process_id,
        old.version,
        tuple(sorted(places.values(), key=lambda p: _rank(order, p.element_id))),
        tuple({(r.element_id, r.message): r for look in outlooks for r in look.refusals}.values()),
        _summaries(outlooks),
        tuple(dict.fromkeys(name for look in outlooks for name in look.fires)),
        tuple(dict.fromkeys(note for look in outlooks for note in look.notes)),
        tuple(cases),
    )


def _rank(order: Sequence[str], element_id: str) -> int:
    return order.index(element_id) if element_id in order else len(order)


def _summaries(outlooks: Iterable[Outlook]) -> tuple[DueSummary, ...]:
    found: dict[tuple[str, str, str], list[DueLine]] = {}
    for look in outlooks:
        for due in look.changed_dues:
            found.setdefault((due.element_id, due.timer_id, due.name), []).append(due)
    return tuple(_summary(lines) for lines in found.values())


def _summary(lines: Sequence[DueLine]) -> DueSummary:
    days = [line.days for line in lines if line.days is not None]
    return DueSummary(
        lines[0].name,
        lines[0].old_rule,
        lines[0].new_rule,
        tuple(dict.fromkeys(line.kind for line in lines)),
        len(lines),
        (min(days), max(days)) if days else None,
        sum(line.overdue for line in lines),
    )
