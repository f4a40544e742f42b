"""People: accounts, passwords, first-login links, API tokens. No default password anywhere."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from math import ceil
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from zuozhen.model.errors import Forbidden, Gone, Invalid, NotFound, Problem
from zuozhen.model.ids import new_id
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.rights import actor_of
from zuozhen.store.accounts import use_login_link as consume_login_link
from zuozhen.store.tables import Account, ApiToken, LoginLink

ADMIN_SYSTEM, ADMIN_SECURITY, ADMIN_AUDIT = "system", "security", "audit"
ADMIN_ROLES = (ADMIN_SYSTEM, ADMIN_SECURITY, ADMIN_AUDIT)
MAX_FAILED = 5
LOCK_FOR = timedelta(minutes=30)
LINK_LIFE = timedelta(hours=72)
MIN_PASSWORD = 10
USERNAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{1,31}")

_hasher = PasswordHasher()


@cache
def _dummy() -> str:
    """Return the hash that is verified when a name is unknown, so that the time taken tells nothing.

    Made at the first sign-in, whoever it is: a server that starts does not wait for it.
    """
    return _hasher.hash(secrets.token_urlsafe(16))


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A successful login: what the session cookie has to remember."""

    tenant: int
    account_id: UUID
    epoch: int


def create_account(
    context: Context,
    tenant: int,
    username: str,
    display_name: str,
    *,
    unit: str = "",
    groups: Sequence[str] = (),
    admin: Sequence[str] = (),
    password: str | None = None,
    hashed: str = "",
) -> UUID:
    """Create an account; without a password it can only be entered through a first-login link.

    ``hashed`` is what :func:`hash_password` made of the password, if it is known already.

    Raises:
        Invalid: the name is taken or malformed, the password too weak, or two administrator roles combined.
    """
    if not USERNAME.fullmatch(username):
        raise Invalid(
            "登录名只能用字母、数字、点、横线，2 到 32 位。", (Problem("username", "登录名", "格式不对"),)
        )
    if len(set(admin)) > 1:
        raise Invalid("系统、安全、审计管理员必须由三人分别担任。")
    if password is not None:
        check_password_rules(password, username)
        hashed = hashed or hash_password(password)  # slow on purpose: outside of any transaction
    with context.database.write() as session:
        taken = select(Account.id).where(Account.tenant == tenant, Account.username == username)
        if session.scalar(taken) is not None:
            raise Invalid("登录名已被使用。", (Problem("username", "登录名", "已被使用"),))
        account = Account(
            tenant=tenant,
            id=new_id(),
            username=username,
            display_name=display_name,
            password_hash=hashed or None,
            unit=unit,
            groups=sorted(set(groups)),
            admin=sorted(set(admin)),
            created_at=context.clock(),
        )
        session.add(account)
        return account.id


def hash_password(password: str) -> str:
    """Return what is stored of a password."""
    return _hasher.hash(password)


def check_password_rules(password: str, username: str) -> None:
    """Raise ``Invalid`` unless the password has 10 characters of three kinds and is not the name."""
    kinds = sum(
        bool(re.search(pattern, password)) for pattern in (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^a-zA-Z0-9]")
    )
    if len(password) < MIN_PASSWORD or kinds < 3 or username.lower() in password.lower():
        message = f"密码至少 {MIN_PASSWORD} 位，含大写字母、小写字母、数字、符号中的三种，且不含登录名。"
        raise Invalid(message, (Problem("password", "密码", message),))


def sign_in(context: Context, username: str, password: str, *, tenant: int | None = None) -> SignedIn:
    """Check a name and password; five failures lock the account for 30 minutes (SEC-2).

    Login names are unique within a jurisdiction: without ``tenant`` only a name that no two have gets in,
    or one that says where, as ``name@110000``.

    Raises:
        Forbidden: wrong, locked or inactive (the message does not say which of name and password).
    """
    now, dummy = context.clock(), _dummy()
    with context.database.read() as session:
        found = _named(session, username, tenant)
    account = found[0] if len(found) == 1 else None
    if account is None or account.password_hash is None or not account.active:
        _verify(dummy, password)
        raise _wrong()
    right = _verify(account.password_hash, password)  # slow on purpose: outside of any transaction
    with context.database.write() as session:
        row = session.get(Account, (account.tenant, account.id), with_for_update=True)
        if row is None or row.password_hash != account.password_hash:
            raise _wrong()
        if row.locked_until is not None and row.locked_until > now:
            minutes = ceil((row.locked_until - now).total_seconds() / 60)
            raise Forbidden(f"连续多次输错，账号已锁定，请 {minutes} 分钟后再试。")
        if right:
            row.failed, row.locked_until, row.last_login_at = 0, None, now
            return SignedIn(row.tenant, row.id, row.epoch)
        row.failed += 1
        if row.failed >= MAX_FAILED:
            row.failed, row.locked_until = 0, now + LOCK_FOR
    raise _wrong()


def _named(session: Session, username: str, tenant: int | None = None) -> Sequence[Account]:
    """Return the accounts of a login name: at most one in each jurisdiction, at most two in all."""
    name, _, code = username.strip()[:64].partition("@")
    query = select(Account).where(Account.username == name).limit(2)
    if code:
        named = int(code) if re.fullmatch("[0-9]{6}", code) else None
        query = query.where(Account.tenant == named)
    if tenant is not None:
        query = query.where(Account.tenant == tenant)
    return session.scalars(query).all()


def _wrong() -> Forbidden:
    return Forbidden("登录名或密码不正确。", hint="请核对所在地区；忘记密码请联系管理员重置。")


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password[:1024])
    except (VerificationError, InvalidHashError):
        return False


def account_of(context: Context, tenant: int, account_id: UUID, epoch: int) -> tuple[Account, Actor] | None:
    """Return the account of a session with its rights: one statement.

    ``None`` when it was deactivated or its sessions were ended.
    """
    with context.database.read() as session:
        return actor_of(
            context,
            session,
            Account.tenant == tenant,
            Account.id == account_id,
            Account.active.is_(True),
            Account.epoch == epoch,
        )


def new_login_link(context: Context, tenant: int, account_id: UUID) -> str:
    """Return the secret of a one-time link that lets the account set its password (72 hours).

    Raises:
        NotFound: no such account in the jurisdiction.
    """
    secret = secrets.token_urlsafe(24)
    with context.database.write() as session:
        if session.get(Account, (tenant, account_id)) is None:
            raise NotFound("账号不存在。")
        session.add(
            LoginLink(
                tenant=tenant,
                hash=context.signer.digest_exact(secret),
                account_id=account_id,
                expires_at=context.clock() + LINK_LIFE,
            )
        )
    return secret


def link_account(context: Context, secret: str) -> Account:
    """Return the account of an unused first-login link.

    Raises:
        NotFound: no such link. Gone: used or expired.
    """
    with context.database.read() as session:
        link = session.scalar(select(LoginLink).where(LoginLink.hash == context.signer.digest_exact(secret)))
        if link is None:
            raise NotFound("首次登录链接不正确。", hint="请完整复制链接，或请管理员重新生成。")
        if link.used_at is not None or link.expires_at < context.clock():
            raise Gone("首次登录链接已使用或已过期。", hint="请管理员重新生成链接。")
        account = session.get(Account, (link.tenant, link.account_id))
        if account is None or not account.active:
            raise Gone("该账号已停用。")
        return account


def use_login_link(context: Context, secret: str, password: str) -> SignedIn:
    """Set the password and sign in; the link is consumed (by POST only, by one person only)."""
    account = link_account(context, secret)
    check_password_rules(password, account.username)
    password_hash = _hasher.hash(password)
    now = context.clock()
    with context.database.write() as session:
        row = consume_login_link(session, context.signer.digest_exact(secret), now)
        if row is None:
            raise Gone("首次登录链接已使用。", hint="请管理员重新生成链接。")
        row.password_hash = password_hash
        row.epoch += 1
        row.failed, row.locked_until, row.last_login_at = 0, None, now
        return SignedIn(row.tenant, row.id, row.epoch)


def change_password(context: Context, account: Account, old: str, new: str) -> SignedIn:
    """Change one's own password; every other session of the account ends."""
    if account.password_hash is None or not _verify(account.password_hash, old):
        raise Invalid("原密码不正确。", (Problem("old", "原密码", "原密码不正确"),))
    check_password_rules(new, account.username)
    password_hash = _hasher.hash(new)
    with context.database.write() as session:
        row = session.get(Account, (account.tenant, account.id))
        if row is None:
            raise NotFound("账号不存在。")
        row.password_hash = password_hash
        row.epoch += 1
        return SignedIn(row.tenant, row.id, row.epoch)


def colleagues(context: Context, tenant: int) -> list[tuple[UUID, str, str]]:
    """Return (id, name, unit) of the active accounts of a jurisdiction, by name."""
    with context.database.read() as session:
        rows = session.execute(
            select(Account.id, Account.display_name, Account.unit)
            .where(Account.tenant == tenant, Account.active.is_(True))
            .order_by(Account.display_name)
        )
        return [(row.id, row.display_name, row.unit) for row in rows]


def staffed(context: Context) -> frozenset[int]:
    """Return the jurisdictions that have an account (for the others a first-login link is printed)."""
    with context.database.read() as session:
        return frozenset(session.scalars(select(Account.tenant).distinct()))


def new_api_token(context: Context, account: Account, label: str) -> str:
    """Return a fresh API token; only its hash is kept."""
    secret = "zz_" + secrets.token_urlsafe(32)
    with context.database.write() as session:
        session.add(
            ApiToken(
                tenant=account.tenant,
                id=new_id(),
                account_id=account.id,
                hash=context.signer.digest_exact(secret),
                label=label[:80],
                created_at=context.clock(),
            )
        )
    return secret


def token_account(context: Context, secret: str) -> tuple[Account, Actor] | None:
    """Return the account of an API token that is neither revoked nor expired, with its rights: one statement."""
    token = (
        exists()
        .where(ApiToken.tenant == Account.tenant, ApiToken.account_id == Account.id)
        .where(ApiToken.hash == context.signer.digest_exact(secret), ApiToken.revoked_at.is_(None))
        .where(or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > context.clock()))
    )
    with context.database.read() as session:
        return actor_of(context, session, token, Account.active.is_(True))


def account_named(context: Context, username: str) -> Account:
    """Return an account by login name, as ``name@110000`` where several jurisdictions have that name.

    Raises:
        NotFound: there is none. Invalid: there are several.
    """
    with context.database.read() as session:
        found = _named(session, username)
    if not found:
        raise NotFound(f"没有登录名为“{username}”的账号。")
    if len(found) > 1:
        raise Invalid(
            f"几个地区都有登录名“{username}”。",
            hint=f"请写明地区的区划代码，如 {username}@{found[0].tenant}。",
        )
    return found[0]


def set_active(context: Context, tenant: int, account_id: UUID, active: bool) -> None:
    """Activate or deactivate an account; its sessions end at once."""
    with context.database.write() as session:
        account = session.get(Account, (tenant, account_id))
        if account is None:
            raise NotFound("账号不存在。")
        account.active = active
        account.epoch += 1
