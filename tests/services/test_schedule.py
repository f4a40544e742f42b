"""Processes that start by themselves: ISO periods count from their first deployment, dates start once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from tests.builders import DIAGRAM, TENANT, Office, edited, pack_files

from zuozhen.model.clock import LOCAL
from zuozhen.services.deployment import deploy
from zuozhen.store.tables import Case, Job

MONTHLY = 'recurrence("排期日")'


def starting(office: Office, rule: str, note: str = "") -> None:
    """Deploy the pack with another rule for its timer start."""
    files = edited(pack_files(), DIAGRAM, MONTHLY, rule)
    if note:
        files = edited(files, DIAGRAM, 'name="诉求办理"', f'name="诉求办理{note}"')
    deploy(office.context, files)


def armed(office: Office) -> list[str]:
    """Return the local times of the starts to come."""
    with office.context.database.read() as session:
        rows = session.scalars(
            select(Job).where(Job.tenant == TENANT, Job.kind == "start", Job.done_at.is_(None))
        ).all()
        return [f"{row.due_at.astimezone(LOCAL):%Y-%m-%d %H:%M}" for row in rows]


def started(office: Office) -> int:
    with office.context.database.read() as session:
        found = select(Case.id).where(Case.tenant == TENANT, Case.process_id == "clinic")
        return len(session.scalars(found).all())


def test_a_period_counts_from_its_first_deployment_and_ends_as_written(office: Office) -> None:
    now = office.context.clock().astimezone(LOCAL)
    assert now < datetime(2026, 8, 31, 12, tzinfo=LOCAL)
    office.pass_to("2026-08-31 12:00")
    starting(office, "R2/P1M")
    assert armed(office) == ["2026-09-30 12:00"]
    office.pass_to("2026-09-15 12:00")
    starting(office, "R2/P1M", "（修订）")
    assert armed(office) == ["2026-09-30 12:00"], "another deployment does not begin the period anew"
    before = started(office)
    office.pass_to("2026-10-01 09:00")
    assert started(office) == before + 1
    assert armed(office) == ["2026-10-31 12:00"], "from the month's end to the month's end"
    office.pass_to("2026-11-02 09:00")
    assert (started(office), armed(office)) == (before + 2, [])


def test_a_date_starts_once_and_a_past_one_never(office: Office) -> None:
    office.pass_to("2026-08-31 12:00")
    starting(office, "2026-09-10T09:00:00+08:00")
    assert armed(office) == ["2026-09-10 09:00"]
    before = started(office)
    office.pass_to("2026-09-11 09:00")
    assert (started(office), armed(office)) == (before + 1, [])
    starting(office, "2026-09-01")
    assert armed(office) == []
