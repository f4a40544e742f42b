"""Accounts and secrets: found by exactly what is presented, used once, refused when out of date."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError
from tests.store.running import in_threads
from tests.store.stepmaking import DAY, NOW, TENANT

from zuozhen.model.ids import new_id
from zuozhen.store.accounts import (
    account_by_api_token,
    account_by_id,
    account_by_username,
    accounts,
    use_login_link,
)
from zuozhen.store.database import Database
from zuozhen.store.tables import Account, ApiToken, LoginLink


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


def test_accounts_are_found_within_their_jurisdiction(database: Database) -> None:
    account_id = an_account(database)
    an_account(database, "lisi", active=False, unit="gongxin")
    with database.read() as session:
        found = account_by_username(session, TENANT, "zhangsan")
        assert found is not None
        assert (found.id, found.groups, found.admin, found.active) == (account_id, ["window"], [], True)
        assert account_by_username(session, TENANT, "ZhangSan") is None
        assert account_by_username(session, TENANT + 1, "zhangsan") is None
        assert account_by_id(session, TENANT + 1, account_id) is None
        assert [account.username for account in accounts(session, TENANT)] == ["zhangsan", "lisi"]
        assert [account.username for account in accounts(session, TENANT, active_only=True)] == ["zhangsan"]


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


def test_api_tokens(database: Database) -> None:
    account_id = an_account(database)
    with database.write() as session:
        for number, columns in enumerate(({}, {"revoked_at": NOW}, {"expires_at": NOW + DAY})):
            session.add(
                ApiToken(
                    tenant=TENANT, account_id=account_id, hash=str(number) * 64, created_at=NOW, **columns
                )
            )
    with database.read() as session:
        valid = account_by_api_token(session, "0" * 64, NOW)
        assert valid is not None
        assert valid[1].id == account_id
        assert account_by_api_token(session, "1" * 64, NOW) is None
        assert account_by_api_token(session, "2" * 64, NOW) is not None
        assert account_by_api_token(session, "2" * 64, NOW + DAY + timedelta(seconds=1)) is None
        assert account_by_api_token(session, "3" * 64, NOW) is None
