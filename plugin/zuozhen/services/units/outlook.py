"""What a deployment moves from units that go to those that take over: shown before anything is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from zuozhen.model.clock import at_local, local_date
from zuozhen.model.errors import ContentError, NotFound, ZuozhenError
from zuozhen.packs import Pack, Unit
from zuozhen.packs.units import heir
from zuozhen.services.casebook import unit_names
from zuozhen.services.context import Context
from zuozhen.services.privacy import PRIVATE, private_processes
from zuozhen.services.releases import Release, as_of
from zuozhen.services.units.changes import changed_units, concerned
from zuozhen.services.units.members import settled
from zuozhen.services.units.moving import cases_with, moves_of
from zuozhen.services.units.uses import Uses, uses_of
from zuozhen.store.steps import LoadedCase, load_case
from zuozhen.store.tables import Case


@dataclass(frozen=True, slots=True)
class TaskMove:
    """One open task that goes to another group; ``draft`` says that somebody has begun to fill it in."""

    case_id: UUID
    number: str
    title: str
    task: str
    origin: str
    target: str
    draft: bool


@dataclass(frozen=True, slots=True)
class UnitChange:
    """One unit whose life changes. ``kind`` is ``removed``, ``ended``, ``ending``, ``moved`` or ``back``.

    ``heirs`` are the successors by name, each with its rule; ``taker`` is who gets what is asked without a case:
    accounts, roles, rotas. Without heirs its work stays where it is.
    """

    kind: str
    name: str
    until: date | None
    heirs: tuple[tuple[str, str], ...]
    taker: str
    uses: Uses

    @property
    def split(self) -> bool:
        return len(self.heirs) > 1


@dataclass(frozen=True, slots=True)
class Outlook:
    """What happens to units and to the tasks that lie with them: at once, and on a day to come."""

    changes: tuple[UnitChange, ...]
    now: tuple[TaskMove, ...]
    later: Mapping[date, tuple[TaskMove, ...]]


def outlook(context: Context, tenant: int, files: Mapping[str, bytes]) -> Outlook | None:
    """Return what deploying ``files`` does to units and their work; ``None`` if their lives stay as they are."""
    with context.database.read() as session:
        try:
            live, pack = context.releases.live(session, tenant), Pack.from_files(files)
        except (NotFound, ContentError):  # nothing runs there yet, or the check says what is wrong
            return None
        if live.pack.units == pack.units:
            return None
        now = context.clock()
        coming = replace(live, pack=pack, units=pack.units, context={}, lists={}, papers={})
        changes = tuple(_changes(context, session, live, coming, local_date(now)))
        groups = concerned(live.pack.units, pack.units)
        if not changes and not groups:
            return None
        days = {unit.until for unit in pack.units if unit.until and unit.until > local_date(now)}
        cases = [
            found
            for case_id in session.scalars(cases_with(tenant, groups)).all()
            if (found := load_case(session, tenant, case_id)) is not None
        ]
        at_once = tuple(_moves(context, session, cases, coming, now))
        known, later = set(at_once), {}
        for day in sorted(days):
            moves = _moves(context, session, cases, coming, at_local(day))
            later[day] = tuple(move for move in moves if move not in known)
            known |= set(later[day])
    if not changes and not known:
        return None
    return Outlook(changes, at_once, {day: moves for day, moves in later.items() if moves})


def _changes(
    context: Context, session: Session, live: Release, coming: Release, today: date
) -> Iterator[UnitChange]:
    changed = changed_units(live.pack.units, coming.pack.units, today)
    names = unit_names(coming)
    for gone, taker in settled(live.pack.units, coming.pack.units, today).items():
        unit = next(unit for unit in live.pack.units if unit.id == gone)
        uses = uses_of(context, session, coming.pack, gone)
        yield UnitChange("removed", unit.name, unit.until, (), names[taker], uses)
    for kind, units in (
        ("ended", changed.ended),
        ("ending", changed.ending),
        ("moved", changed.moved),
        ("back", changed.back),
    ):
        for unit in units:
            yield _change(context, session, coming.pack, kind, unit, names)


def _change(
    context: Context, session: Session, pack: Pack, kind: str, unit: Unit, names: Mapping[str, str]
) -> UnitChange:
    heirs = tuple((names.get(one.id, one.id), one.when) for one in unit.successors)
    taker = heir(pack.units, unit.id, unit.until) if unit.until else unit.id
    return UnitChange(
        kind, unit.name, unit.until, heirs, names.get(taker, taker), uses_of(context, session, pack, unit.id)
    )


def _moves(
    context: Context, session: Session, cases: Sequence[LoadedCase], coming: Release, at: datetime
) -> Iterator[TaskMove]:
    names, private = unit_names(coming), private_processes(coming.pack)
    for found in cases:
        case = found.case
        release = as_of(context.releases.get(session, case.tenant, case.release_id), coming)
        try:
            moves = moves_of(context, session, found, release, at)
        except ZuozhenError:
            continue  # a damaged case: the worker will say so
        for moved in moves:
            row = moved.row
            yield TaskMove(
                case.id,
                case.number or case.business_key,
                _title(case, private),
                row.name,
                names.get(row.grp, row.grp),
                names.get(moved.to, moved.to),
                bool(row.draft),
            )


def _title(case: Case, private: frozenset[str]) -> str:
    return PRIVATE if case.process_id in private else case.title
