"""Accounts, one-time links and API tokens: looked up by what a person or program presents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from zuozhen.store.tables import Account, ApiToken, LoginLink


def account_by_username(session: Session, tenant: int, username: str) -> Account | None:
    """Return the account with exactly this user name, active or not."""
    return session.scalar(select(Account).where(Account.tenant == tenant, Account.username == username))


def account_by_id(session: Session, tenant: int, account_id: UUID) -> Account | None:
    """Return an account, active or not."""
    return session.get(Account, (tenant, account_id))


def accounts(session: Session, tenant: int, *, active_only: bool = False) -> Sequence[Account]:
    """Return the accounts of a jurisdiction by unit and user name."""
    query = select(Account).where(Account.tenant == tenant).order_by(Account.unit, Account.username)
    if active_only:
        query = query.where(Account.active)
    return session.scalars(query).all()


def use_login_link(session: Session, link_hash: str, now: datetime) -> Account | None:
    """Use up a one-time link and return its account; ``None`` when it is unknown, expired or used.

    Of two people with the same link exactly one gets in.
    """
    used = session.execute(
        update(LoginLink)
        .where(LoginLink.hash == link_hash, LoginLink.used_at.is_(None), LoginLink.expires_at > now)
        .values(used_at=now)
        .returning(LoginLink.tenant, LoginLink.account_id)
    ).first()
    if used is None:
        return None
    account = account_by_id(session, used.tenant, used.account_id)
    return account if account is not None and account.active else None


def account_by_api_token(session: Session, token_hash: str, now: datetime) -> tuple[ApiToken, Account] | None:
    """Return a valid API token and its active account."""
    row = session.execute(
        select(ApiToken, Account)
        .join(Account, and_(Account.tenant == ApiToken.tenant, Account.id == ApiToken.account_id))
        .where(
            ApiToken.hash == token_hash,
            ApiToken.revoked_at.is_(None),
            or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > now),
            Account.active,
        )
    ).first()
    return (row[0], row[1]) if row else None
