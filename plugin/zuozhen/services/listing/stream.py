"""One pass over the cases of a process, oldest first, each with what the pack's FEEL may read of it.

Rows come in batches and are let go again: the memory of a pass does not grow with the number of cases.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import Session, defer

from zuozhen.feel import Prepared, lift
from zuozhen.model.clock import at_local, end_of_day, local_date
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.facts import Needs, facts_of_cases
from zuozhen.services.listing.formulas import Functions
from zuozhen.services.releases import Release
from zuozhen.services.visibility import visible
from zuozhen.store.tables import Case

BATCH: Final = 400
"""Cases loaded at once."""

OF_PACK: Final = frozenset({"names", "codes", "tables", "units", "roles"})

_INSTANTS: Final = {"case.registered_on": Case.created_at, "case.ended_on": Case.ended_at}
_SESSION_DAY: Final = "case.session_on"


@dataclass(frozen=True, slots=True)
class Entry:
    """One case of a pass with its facts."""

    case: Case
    facts: Mapping[str, Any]


class Shared:
    """What all cases of a release have in common, turned into FEEL values once for the whole pass."""

    def __init__(self) -> None:
        self._lifted: dict[str, tuple[Any, Any]] = {}

    def prepared(self, facts: Mapping[str, Any]) -> Prepared:
        """Return facts that many formulas may read."""
        for name in OF_PACK & facts.keys():
            known = self._lifted.get(name)
            if known is None or known[0] is not facts[name]:
                self._lifted[name] = (facts[name], lift(facts[name]))
        types = facts.types if isinstance(facts, Prepared) else {}
        return Prepared(facts, {name: self._lifted[name][1] for name in OF_PACK & facts.keys()}, types)


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass over cases needs: who looks, at which process of which release, and what is read.

    ``actor`` decides which cases there are, ``reader`` which masked answers of them show (LC-4-b).
    """

    context: Context
    session: Session
    actor: Actor
    release: Release
    process: str
    needs: Needs
    functions: Functions
    reader: Actor
    shared: Shared = field(default_factory=Shared)

    def entries(self, *conditions: ColumnElement[bool]) -> Iterator[Entry]:
        """Yield the cases that the actor may see and that meet ``conditions``, oldest first."""
        query = (
            select(Case)
            .where(*self._conditions(), *conditions)
            .options(defer(Case.state), defer(Case.head))
            .order_by(Case.created_at, Case.id)
            .limit(BATCH)
        )
        after: tuple[datetime, UUID] | None = None
        while True:
            cases = self.session.scalars(_continued(query, after)).all()
            facts = facts_of_cases(self.context, self.session, cases, needs=self.needs, reader=self.reader)
            for case, known in zip(cases, facts, strict=True):
                yield Entry(case, self.shared.prepared(known))
            if len(cases) < BATCH:
                return
            after = (cases[-1].created_at, cases[-1].id)

    def first_day(self) -> date | None:
        """Return the local day on which the oldest of all these cases was registered."""
        oldest = self.session.scalar(select(func.min(Case.created_at)).where(*self._conditions()))
        return local_date(oldest) if oldest is not None else None

    def _conditions(self) -> tuple[ColumnElement[bool], ...]:
        process = self.release.pack.processes.get(self.process, "")
        return (visible(self.actor), Case.process_id == process)


def within(rule: str, first: date | None, last: date | None) -> ColumnElement[bool]:
    """Return a condition that leaves out cases which ``rule`` cannot put between two days.

    For dates that the store knows it is exact; for any other FEEL it leaves nothing out.
    """
    rule = rule.strip()
    parts: list[ColumnElement[bool]] = []
    if rule in _INSTANTS:
        column = _INSTANTS[rule]
        parts += [column >= at_local(first)] if first else []
        parts += [column < end_of_day(last)] if last else []
    elif rule == _SESSION_DAY:
        parts += [Case.business_key >= first.isoformat()] if first else []
        parts += [Case.business_key < (last + timedelta(days=1)).isoformat()] if last else []
    return and_(true(), *parts)


def _continued(query: Select[Any], after: tuple[datetime, UUID] | None) -> Select[Any]:
    if after is None:
        return query
    at, id_ = after
    return query.where(or_(Case.created_at > at, and_(Case.created_at == at, Case.id > id_)))
