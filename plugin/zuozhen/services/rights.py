"""The rights of an account under the live organisation, with those of the people it stands in for."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, aliased

from zuozhen.model.clock import local_date
from zuozhen.model.errors import NotFound
from zuozhen.packs import Pack
from zuozhen.packs.units import with_heirs
from zuozhen.services.actors import Absent, Actor
from zuozhen.services.context import Context
from zuozhen.services.releases import live_id
from zuozhen.store.tables import Account, Substitution

_Away = aliased(Account)


def actor_of(
    context: Context, session: Session, *conditions: ColumnElement[bool]
) -> tuple[Account, Actor] | None:
    """Return the account that meets ``conditions`` with its rights today, or ``None``: one statement.

    A substitution (代班) holds on its local days from the first to the last and gives the groups of the
    absent person, never an administrator's rights; it does not reach on to whom that person stands in for.
    Who belongs to an abolished unit belongs to its successor, who also has what that unit had.

    Raises:
        NotFound: nothing is deployed in the account's jurisdiction.
    """
    today = local_date(context.clock())
    rows = session.execute(
        select(
            Account,
            live_id(Account.tenant).scalar_subquery(),
            _Away.id,
            _Away.display_name,
            _Away.unit,
            _Away.groups,
        )
        .outerjoin(
            Substitution,
            and_(
                Substitution.tenant == Account.tenant,
                Substitution.substitute_id == Account.id,
                Substitution.starts_on <= today,
                Substitution.ends_on >= today,
                Substitution.ended_at.is_(None),
            ),
        )
        .outerjoin(_Away, and_(_Away.tenant == Account.tenant, _Away.id == Substitution.account_id))
        .where(*conditions)
        .order_by(_Away.username)
    ).all()
    if not rows:
        return None
    account, release_id = rows[0][0], rows[0][1]
    if release_id is None:
        raise NotFound("该地区尚未部署坐诊接诉流程。", hint="请管理员运行 zuozhen deploy 部署流程包。")
    pack = context.releases.newest(session, account.tenant, release_id).pack
    away = {row[2]: (row[3], row[4], row[5]) for row in rows if row[2] is not None}
    return account, _actor(pack, account, away, today)


def _actor(pack: Pack, account: Account, away: dict[UUID, tuple[str, str, list[str]]], today: date) -> Actor:
    def held(unit: str, groups: list[str]) -> frozenset[str]:
        return with_heirs(pack.units, _groups(unit, groups), today)

    own = held(account.unit, account.groups)
    sees_all = _sees_all(pack, own)
    theirs = {id_: (name, held(unit, groups)) for id_, (name, unit, groups) in away.items()}
    absent = tuple(
        Absent(id_, name, groups - own, not sees_all and _sees_all(pack, groups))
        for id_, (name, groups) in theirs.items()
    )
    return Actor(
        account.tenant,
        account.display_name,
        account.id,
        own.union(*(one.groups for one in absent)),
        sees_all or any(one.sees_all for one in absent),
        frozenset(account.admin),
        absent,
        frozenset(procedure.process for procedure in pack.procedures.values() if procedure.private),
        pack.words,
        pack.holds_sessions,
    )


def _groups(unit: str, groups: list[str]) -> frozenset[str]:
    return frozenset((*groups, unit)) - {""}


def _sees_all(pack: Pack, groups: frozenset[str]) -> bool:
    return any(role.id in groups and role.sees == "all" for role in pack.roles)
