"""Facts for administrators: versions, waiting work, calendar gaps, known groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from zuozhen.model.clock import local_date
from zuozhen.packs.units import lasting
from zuozhen.services.context import Context
from zuozhen.services.releases import Release
from zuozhen.store.tables import CASE_OPEN, Case, Job
from zuozhen.store.tables import Release as ReleaseRow


@dataclass(frozen=True, slots=True)
class Overview:
    """The state of one jurisdiction's installation."""

    release: Release
    versions: tuple[tuple[int, datetime, str], ...]
    open_cases: int
    waiting_jobs: int
    oldest_job: datetime | None
    provisional_years: tuple[int, ...]


def overview(context: Context, tenant: int) -> Overview:
    now = context.clock()
    with context.database.read() as session:
        release = context.releases.live(session, tenant)
        versions = session.execute(
            select(ReleaseRow.version, ReleaseRow.deployed_at, ReleaseRow.note)
            .where(ReleaseRow.tenant == tenant)
            .order_by(ReleaseRow.version.desc())
        ).all()
        open_cases = session.scalar(
            select(func.count()).select_from(Case).where(Case.tenant == tenant, Case.status == CASE_OPEN)
        )
        waiting, oldest = session.execute(
            select(func.count(), func.min(Job.due_at)).where(
                Job.tenant == tenant, Job.done_at.is_(None), Job.due_at <= now
            )
        ).one()
    year = local_date(now).year
    calendar = release.rules.calendar
    provisional = tuple(y for y in (year, year + 1) if not calendar.is_published(y))
    return Overview(
        release,
        tuple((v, at, note) for v, at, note in versions),
        open_cases or 0,
        waiting,
        oldest,
        provisional,
    )


def known_groups(context: Context, tenant: int, wanted: Sequence[str]) -> list[str]:
    """Return those of the wanted groups that the live pack knows; no unit that is over."""
    with context.database.read() as session:
        pack = context.releases.live(session, tenant).pack
    known = {role.id for role in pack.roles} | {
        unit.id for unit in lasting(pack.units, local_date(context.clock()))
    }
    return [group for group in wanted if group in known]
