"""Running cases read in batches, and where one of them would land. Nothing here writes."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from zuozhen import engine
from zuozhen.engine import Diagram
from zuozhen.model.errors import NotFound, ZuozhenError
from zuozhen.model.migration import Migrated, Order, Refusal
from zuozhen.model.step import Environment
from zuozhen.services.context import Context
from zuozhen.services.releases import Release
from zuozhen.store.base import fixed
from zuozhen.store.tables import CASE_OPEN, Case
from zuozhen.store.tables import Release as ReleaseRow

logger = logging.getLogger(__name__)

UNEXPECTED = "unexpected"
"""Code of a refusal that is a fault of the program."""

BATCH = 500
"""Cases read by one statement."""


class Running(NamedTuple):
    """What is needed of an open case to say where it would land."""

    id: UUID
    number: str
    """Its number; a case without one is known by its business key (坐诊场次的日期)."""
    title: str
    enterprise: str
    process_id: str
    release_id: UUID
    state: bytes
    data: Mapping[str, Any]
    variables: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which running cases are meant; an empty member does not narrow."""

    cases: frozenset[UUID] = frozenset()
    versions: frozenset[int] = frozenset()
    processes: frozenset[str] = frozenset()


EVERYTHING = Chosen()


class Target(NamedTuple):
    """A release with running cases: how many, and whether it is the one that new cases use."""

    release_id: UUID
    version: int
    cases: int
    live: bool


def find_release(context: Context, session: Session, tenant: int, wanted: UUID | int | None) -> Release:
    """Return a release by id or version number; ``None`` means the live one.

    Raises:
        NotFound: there is no such release in the jurisdiction.
    """
    if wanted is None:
        return context.releases.live(session, tenant)
    if isinstance(wanted, int):
        found = session.scalar(
            select(ReleaseRow.id).where(ReleaseRow.tenant == tenant, ReleaseRow.version == wanted)
        )
        if found is None:
            raise NotFound(f"没有第 {wanted} 版流程。", hint="请从版本列表中选择。")
        wanted = found
    release = context.releases.get(session, tenant, wanted)
    if release.tenant != tenant:
        raise NotFound("此版本的流程已不存在。")
    return release


def targets(context: Context, tenant: int) -> tuple[Target, ...]:
    """Return the live release and every other one that open cases still run on, newest first."""
    with context.database.read() as session:
        live = context.releases.live(session, tenant)
        rows = session.execute(
            select(ReleaseRow.id, ReleaseRow.version, func.count())
            .join(Case, (Case.tenant == ReleaseRow.tenant) & (Case.release_id == ReleaseRow.id))
            .where(ReleaseRow.tenant == tenant, Case.status == fixed(CASE_OPEN))
            .group_by(ReleaseRow.id, ReleaseRow.version)
        ).all()
    found = {release_id: Target(release_id, version, count, False) for release_id, version, count in rows}
    found[live.id] = Target(live.id, live.version, found[live.id].cases if live.id in found else 0, True)
    return tuple(sorted(found.values(), key=lambda target: -target.version))


def running_cases(session: Session, tenant: int, chosen: Chosen, *, not_on: UUID | None) -> Iterator[Running]:
    """Yield the open cases that are meant, oldest first, those on the release ``not_on`` left out."""
    query = select(Case.id).where(Case.tenant == tenant, Case.status == fixed(CASE_OPEN))
    if not_on is not None:
        query = query.where(Case.release_id != not_on)
    if chosen.processes:
        query = query.where(Case.process_id.in_(chosen.processes))
    if chosen.versions:
        releases = select(ReleaseRow.id).where(
            ReleaseRow.tenant == tenant, ReleaseRow.version.in_(chosen.versions)
        )
        query = query.where(Case.release_id.in_(releases))
    # Ids first: they are found through the index of open cases, however many are over.
    wanted = sorted(case_id for case_id in session.scalars(query) if case_id in (chosen.cases or (case_id,)))
    for first in range(0, len(wanted), BATCH):
        rows = session.execute(
            select(
                Case.id,
                func.coalesce(func.nullif(Case.number, ""), Case.business_key),
                Case.title,
                Case.enterprise,
                Case.process_id,
                Case.release_id,
                Case.state,
                Case.data,
                Case.variables,
            )
            .where(Case.tenant == tenant, Case.id.in_(wanted[first : first + BATCH]))
            .order_by(Case.id)
        )
        yield from (Running(*row) for row in rows)


def try_move(
    old: Diagram,
    new: Diagram,
    case: Running | Case,
    env: Environment,
    order: Order,
    fill: Mapping[str, Any] | None = None,
) -> Migrated:
    """Return where a case would land; what the engine cannot do is a refusal, never an exception."""
    try:
        return engine.migrate(old, new, case.process_id, case.state, env, order, fill)
    except ZuozhenError as error:
        return refused("engine", error.message, error.hint)
    except Exception as error:
        logger.exception("migration of case %s could not be computed", case.id)
        return refused(UNEXPECTED, f"无法计算：{type(error).__name__}: {error}", "请把此信息告诉系统管理员。")


def refused(code: str, message: str, hint: str = "") -> Migrated:
    """Return the outcome of a case that stays where it is for one reason."""
    return Migrated((), (), (Refusal("", "", code, message, hint),), (), (), None)
