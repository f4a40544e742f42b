"""Accounts and secrets: found by exactly what is presented, used once, refused when out of date."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError
from tests.store.running import in_threads
from tests.store.stepmaking import DAY, NOW, TENANT

from zuozhen.model.ids import new_id
from zuozhen.store.accounts import use_login_link
from zuozhen.store.database import Database
from zuozhen.store.tables import Account, LoginLink


def an_account(database: Database, username: str = "zhangsan", **columns: Any) -> UUID:
    with database.write() as session:
        account = Account(
            tenant=TENANT,
            id=new_id(),
            username=username,
            **{"display_name": "张三", "groups": ["window"], "created_at": NOW, **columns},
        )
        session.add(account)
        return account.id


def test_a_user_name_exists_once(database: Database) -> None:
    an_account(database)
    with pytest.raises(IntegrityError):
        an_account(database)


def test_a_link_lets_exactly_one_in(database: Database) -> None:
    account_id = an_account(database)
    with database.write() as session:
        link = LoginLink(tenant=TENANT, hash="a" * 64, account_id=account_id, expires_at=NOW + DAY)
        session.add(link)

    def use(_: int) -> UUID | None:
        with database.write() as session:
            account = use_login_link(session, "a" * 64, NOW)
            return account.id if account else None

    assert sorted(in_threads(4, use), key=str) == [account_id, None, None, None]


@pytest.mark.parametrize(("at", "active"), [(NOW + 2 * DAY, True), (NOW, False)])
def test_an_expired_link_or_an_inactive_account_is_refused(database: Database, at: Any, active: bool) -> None:
    account_id = an_account(database, active=active)
    with database.write() as session:
        session.add(LoginLink(tenant=TENANT, hash="a" * 64, account_id=account_id, expires_at=NOW + DAY))
    with database.write() as session:
        assert use_login_link(session, "a" * 64, at) is None
        assert use_login_link(session, "b" * 64, NOW) is None
