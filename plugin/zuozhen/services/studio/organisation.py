"""People of a jurisdiction: accounts with their unit, roles and administrator's role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from zuozhen.model.clock import local_date
from zuozhen.model.errors import Conflict, Invalid, NotFound, Problem
from zuozhen.packs import Pack
from zuozhen.packs.units import heir, lasting
from zuozhen.services.accounts import ADMIN_ROLES, ADMIN_SYSTEM
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.store.tables import Account

LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Person:
    """An account as the page of people shows it; ``places`` are unit and roles by name."""

    id: UUID
    username: str
    name: str
    unit: str
    groups: tuple[str, ...]
    admin: str
    active: bool
    has_password: bool
    last_login_at: datetime | None
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class People:
    """Everybody, and the live organisation that they are assigned to: (id, name) of the units that are not over, and of roles."""

    people: tuple[Person, ...]
    units: tuple[tuple[str, str], ...]
    roles: tuple[tuple[str, str], ...]


def people(context: Context, tenant: int) -> People:
    """Return all accounts of a jurisdiction by login name, active ones first."""
    with context.database.read() as session:
        pack = context.releases.live(session, tenant).pack
        rows = session.scalars(
            select(Account).where(Account.tenant == tenant).order_by(Account.active.desc(), Account.username)
        ).all()
        today = local_date(context.clock())
        found = tuple(_person(row, pack, today) for row in rows)
    return People(
        found,
        tuple((unit.id, unit.name) for unit in lasting(pack.units, today)),
        tuple((role.id, role.name) for role in pack.roles),
    )


def change_person(
    context: Context,
    actor: Actor,
    account_id: UUID,
    *,
    name: str,
    unit: str,
    groups: Sequence[str],
    admin: str,
) -> None:
    """Change name, unit, roles and administrator's role of an account; its rights change with its next click.

    Groups that the live organisation does not know (any more) are dropped.

    Raises:
        NotFound: no such account. Invalid: a field will not do. Conflict: one's own administrator's role.
    """
    problems = (
        [] if 0 < len(name.strip()) <= LONGEST_NAME else [Problem("name", "姓名", "姓名应为 1 到 40 个字")]
    )
    if admin and admin not in ADMIN_ROLES:
        problems.append(Problem("admin", "管理员", "没有这种管理员"))
    with context.database.write() as session:
        pack = context.releases.live(session, actor.tenant).pack
        units = {known.id for known in lasting(pack.units, local_date(context.clock()))}
        roles = {known.id for known in pack.roles}
        if unit and unit not in units:
            problems.append(Problem("unit", "单位", "没有这个单位"))
        if problems:
            raise Invalid("没有保存，请按提示改正。", problems)
        row = session.get(Account, (actor.tenant, account_id))
        if row is None:
            raise NotFound("账号不存在。")
        if account_id == actor.id and admin != ADMIN_SYSTEM:
            raise Conflict("不能取消自己的系统管理员身份。", hint="请由另一名系统管理员操作。")
        row.display_name = name.strip()
        row.unit = unit
        row.groups = sorted({group for group in groups if group in roles | units})
        row.admin = [admin] if admin else []


def _person(row: Account, pack: Pack, today: date) -> Person:
    """Return an account with its unit and groups as they are today: who was of an abolished unit is of its successor."""
    unit = heir(pack.units, row.unit, today)
    own = tuple(dict.fromkeys(heir(pack.units, group, today) for group in row.groups))
    names = {unit.id: unit.name for unit in pack.units} | {role.id: role.name for role in pack.roles}
    groups = ([unit] if unit else []) + [group for group in own if group != unit]
    return Person(
        row.id,
        row.username,
        row.display_name,
        unit,
        own,
        row.admin[0] if row.admin else "",
        row.active,
        row.password_hash is not None,
        row.last_login_at,
        tuple(names.get(group, group) for group in groups),
    )
