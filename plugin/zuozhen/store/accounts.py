"""Accounts, one-time links and API tokens: looked up by what a person or program presents."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from zuozhen.store.tables import Account, LoginLink


def account_by_id(session: Session, tenant: int, account_id: UUID) -> Account | None:
    """Return an account, active or not."""
    return session.get(Account, (tenant, account_id))


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
