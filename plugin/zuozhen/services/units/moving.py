"""Moving the open work of units that are gone to their successors: at a deployment, and on the day of an abolition.

The state of a case keeps the group that its diagram named, so nothing is lost: who works on it follows from the units
of the live release. Moving is looking again, as often as you like; going back to former units moves it back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from zuozhen import engine
from zuozhen.model.clock import at_local, local_date
from zuozhen.model.errors import Conflict, ZuozhenError
from zuozhen.packs import Unit
from zuozhen.packs.units import is_over, with_heirs
from zuozhen.services import incidents
from zuozhen.services.actors import system
from zuozhen.services.casebook import unit_names
from zuozhen.services.context import Context
from zuozhen.services.releases import Release
from zuozhen.services.surroundings import environment
from zuozhen.services.units.changes import concerned
from zuozhen.services.units.members import settle_members, settled
from zuozhen.store.accounts import account_by_id
from zuozhen.store.casetables import is_open
from zuozhen.store.jobs import insert_jobs
from zuozhen.store.steps import LoadedCase, NewJob, append_event, load_case
from zuozhen.store.tables import Case, Job, Token

KIND: Final = "units"
EVENT: Final = "regrouped"


@dataclass(frozen=True, slots=True)
class Moved:
    """One open task that another group has to do."""

    row: Token
    to: str


def arm(context: Context, session: Session, release: Release, former: Sequence[Unit]) -> None:
    """Ask for the moves that the units of a new live release bring, now and on the days to come.

    Accounts of a unit whose row is gone are entered with its successor at once.

    ``former`` are the units of the release before it.
    """
    now = context.clock()
    ahead = (Job.due_at > now, Job.attempts == 0)  # what is due, or will be tried again, stays to be done
    session.execute(
        delete(Job).where(Job.tenant == release.tenant, Job.kind == KIND, Job.done_at.is_(None), *ahead)
    )
    settle_members(session, release.tenant, settled(former, release.pack.units, local_date(now)))
    days = {unit.until for unit in release.pack.units if unit.until and unit.until > local_date(now)}
    due = [(at_local(day), day.isoformat()) for day in sorted(days)]
    groups = concerned(former, release.pack.units)
    if tuple(former) != release.pack.units and groups:
        due.insert(0, (now, "now"))
    payload = {"groups": sorted(groups)}
    insert_jobs(
        session,
        release.tenant,
        [NewJob(None, KIND, f"{release.version}:{what}", at, payload) for at, what in due],
    )


def carry(context: Context, job: Job) -> None:
    """Move what has to move (effect of a ``units`` job); work that nobody takes over becomes an incident."""
    sweep(context, job.tenant, job.payload["groups"])
    left = _left(context, job.tenant)
    if left:
        error = ZuozhenError(f"单位已经撤销、没有承接单位，还有在办任务：{'、'.join(left)}。")
        incidents.record(context, job.tenant, "", error, job_id=job.id)


def _left(context: Context, tenant: int) -> list[str]:
    """Return by name, with its count, each unit that is over and still has open tasks."""
    today = local_date(context.clock())
    with context.database.read() as session:
        live = context.releases.live(session, tenant)
        over = {unit.id: unit.name for unit in live.units if is_over(unit, today) and not unit.successors}
        rows = session.execute(
            select(Token.grp, func.count())
            .where(Token.tenant == tenant, Token.grp.in_(sorted(over)), is_open("task"))
            .group_by(Token.grp)
            .order_by(Token.grp)
        ).all()
    return [f"{over[group]} {count} 项" for group, count in rows]


def sweep(context: Context, tenant: int, groups: Iterable[str]) -> int:
    """Give open tasks that lie with one of ``groups`` to whoever has to do them today; returns how many moved.

    Each case is a transaction of its own; one that was moved already is left alone, one that is damaged becomes an
    incident.

    Raises:
        Conflict: somebody holds a case; the others were moved, this one may be by another try.
    """
    with context.database.read() as session:
        live = context.releases.live(session, tenant)
        wanted = frozenset(groups) | concerned(live.units)
        cases = session.scalars(cases_with(tenant, wanted)).all()
    moved, held = 0, None
    for case_id in cases:
        try:
            moved += _move_case(context, tenant, case_id)
        except Conflict as error:
            held = error
        except ZuozhenError as error:  # a case that cannot be read must not keep the others
            incidents.record(context, tenant, "", error, case_id=case_id)
    if held is not None:
        raise held
    return moved


def cases_with(tenant: int, groups: Iterable[str]) -> Any:
    """Return the query for the cases with an open task of one of the groups, the earliest first."""
    return (
        select(Token.case_id)
        .where(Token.tenant == tenant, Token.grp.in_(sorted(groups)), is_open("task"))
        .distinct()
        .order_by(Token.case_id)
    )


def _move_case(context: Context, tenant: int, case_id: UUID) -> int:
    with context.database.write(durable=False) as session:  # done again if it is lost
        found = load_case(session, tenant, case_id)
        if found is None:
            return 0
        release = context.releases.get(session, tenant, found.case.release_id)
        moved = moves_of(context, session, found, release, context.clock())
        if moved:
            _write(context, session, found.case, release, moved)
        return len(moved)


def moves_of(
    context: Context, session: Session, found: LoadedCase, release: Release, now: datetime
) -> list[Moved]:
    """Return the open tasks that have to go to another group by the units of ``release`` at ``now``."""
    case, tokens = found
    rows = {row.token: row for row in tokens if row.kind == "task"}
    if not rows:
        return []
    env = environment(context, session, release, now, data=case.data)
    step = engine.restore(release.diagram, case.process_id, case.state, env, [row.token for row in tokens])
    return [
        Moved(rows[task.token], task.group)
        for task in step.tasks
        if task.token in rows and rows[task.token].grp != task.group
    ]


def _write(context: Context, session: Session, case: Case, release: Release, moved: Sequence[Moved]) -> None:
    names = unit_names(release)
    lines = []
    for one in moved:
        row, before = one.row, one.row.grp
        row.grp = one.to
        lines.append(
            {
                "element": row.element_id,
                "name": row.name,
                "token": row.token,
                "from": names.get(before, before),
                "to": names.get(one.to, one.to),
                **_given_back(session, release, row, before, local_date(context.clock())),
            }
        )
    actor = system(case.tenant)
    append_event(
        session,
        case,
        at=context.clock(),
        actor_id=actor.id,
        actor_name=actor.name,
        kind=EVENT,
        payload={"groups": lines},
    )


def _given_back(session: Session, release: Release, row: Token, before: str, today: Any) -> Mapping[str, str]:
    """Give a task back to its group if the person who has it belonged to the old one and not to the new."""
    account = account_by_id(session, row.tenant, row.assignee) if row.assignee else None
    if account is None:
        return {}
    own = {account.unit, *account.groups} - {""}
    held = with_heirs(release.units, own, today)
    if row.grp in held or before not in own | held:
        return {}
    row.assignee = None
    return {"released": account.display_name}
