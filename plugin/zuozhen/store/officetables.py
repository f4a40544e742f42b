"""Tables of the office around the cases: files, notices, the portal's texts, accounts, counters, drafts."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from zuozhen.model.ids import new_id
from zuozhen.store.base import Base, case_key


class Document(Base):
    """A file of a case (or of the office): its content lies in the blob store under ``sha256``."""

    __tablename__ = "document"
    __table_args__ = (
        case_key(),
        Index("ix_document_case", "tenant", "case_id"),
        Index("ix_document_sha256", "sha256"),
    )

    tenant: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID | None]
    kind: Mapped[str] = mapped_column(String(16))  # form | attachment | document | report | dossier …
    form_key: Mapped[str] = mapped_column(default="")
    title: Mapped[str] = mapped_column(default="")
    file_name: Mapped[str]
    media_type: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]
    meta: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Notice(Base):
    """A notice to a person or group (短信, 邮件, 站内): what was sent, to whom, with what result."""

    __tablename__ = "notice"
    __table_args__ = (
        case_key(),
        Index("ix_notice_case", "tenant", "case_id"),
        Index("ix_notice_recipient", "tenant", "recipient", "id"),
    )

    tenant: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID | None]
    recipient: Mapped[str]
    address: Mapped[str] = mapped_column(default="")
    channel: Mapped[str]
    subject: Mapped[str] = mapped_column(default="")
    body: Mapped[str]
    status: Mapped[str]
    error: Mapped[str | None]
    at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class NoticeRead(Base):
    """A notice that an account has read; who is told as one of a group reads for itself alone."""

    __tablename__ = "notice_read"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "notice_id"], ["notice.tenant", "notice.id"]),
        ForeignKeyConstraint(["tenant", "account_id"], ["account.tenant", "account.id"]),
    )

    tenant: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    notice_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class Announcement(Base):
    """A text published on the portal (接诊公告)."""

    __tablename__ = "announcement"
    __table_args__ = (case_key(), Index("ix_announcement_case", "tenant", "case_id"))

    tenant: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID | None]
    title: Mapped[str]
    body: Mapped[str]
    meta: Mapped[dict[str, Any]] = mapped_column(default=dict)
    published_at: Mapped[datetime]


class Account(Base):
    """A member of staff. ``epoch`` grows when all sessions of the account must end."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("tenant", "username"),)

    tenant: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    username: Mapped[str]
    display_name: Mapped[str]
    password_hash: Mapped[str | None]
    unit: Mapped[str] = mapped_column(default="")
    groups: Mapped[list[str]] = mapped_column(default=list)
    admin: Mapped[list[str]] = mapped_column(default=list)
    active: Mapped[bool] = mapped_column(default=True)
    failed: Mapped[int] = mapped_column(Integer, default=0)
    locked_until: Mapped[datetime | None]
    epoch: Mapped[int] = mapped_column(Integer, default=0)
    last_login_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class LoginLink(Base):
    """A one-time link: only the hash of its secret is kept."""

    __tablename__ = "login_link"
    __table_args__ = (ForeignKeyConstraint(["tenant", "account_id"], ["account.tenant", "account.id"]),)

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    tenant: Mapped[int] = mapped_column(Integer)
    account_id: Mapped[UUID]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ApiToken(Base):
    """A bearer token of the REST interface: only its hash is kept."""

    __tablename__ = "api_token"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "account_id"], ["account.tenant", "account.id"]),
        UniqueConstraint("hash"),
    )

    tenant: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID]
    hash: Mapped[str] = mapped_column(String(64))
    label: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Counter(Base):
    """The last number given out under a name (受理编号 of a year, a QR poster's visits)."""

    __tablename__ = "counter"

    tenant: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)


class Draft(Base):
    """Half-typed answers of somebody without an account; ``id`` is the hash of the draft's secret."""

    __tablename__ = "draft"
    __table_args__ = (Index("ix_draft_updated", "updated_at"),)

    tenant: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    form_key: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    updated_at: Mapped[datetime]


class IssuedNumber(Base):
    """A number that was given out under a rule of the pack (编号簿). It stays for ever, voided or not.

    ``scope`` is the period that the sequence belongs to (``2026``, ``2026-09`` or empty), ``seq`` its place in
    the sequence of that period and prefix, ``text`` the number as written. ``field`` of the form ``form_key``
    holds it among the answers; both are empty for the number of the case itself.
    """

    __tablename__ = "issued_number"
    __table_args__ = (
        case_key(),
        UniqueConstraint("tenant", "rule", "scope", "prefix", "seq"),
        Index("ix_issued_number_case", "tenant", "case_id"),
        Index("ix_issued_number_rule", "tenant", "rule", "id"),
    )

    tenant: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    rule: Mapped[str]
    scope: Mapped[str] = mapped_column(default="")
    prefix: Mapped[str] = mapped_column(default="")
    seq: Mapped[int] = mapped_column(Integer)
    text: Mapped[str]
    case_id: Mapped[UUID]
    form_key: Mapped[str] = mapped_column(default="")
    field: Mapped[str] = mapped_column(default="")
    issued_at: Mapped[datetime]
    voided_at: Mapped[datetime | None]
    voided_by: Mapped[UUID | None]
    void_reason: Mapped[str | None]


class TableEdit(Base):
    """One change of the rows of a reference table (资料表); the newest of a table is what it holds now.

    ``rev`` counts from 1 for each table: of two people who change it at once the second is refused. ``act`` is
    ``added``, ``changed``, ``deleted`` or ``reset``; ``old`` and ``new`` are the row before and after, ``rows``
    the whole table afterwards (``None``: those of the release count again).
    """

    __tablename__ = "table_edit"

    tenant: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    table_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    rev: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    act: Mapped[str] = mapped_column(String(16))
    old: Mapped[dict[str, Any] | None]
    new: Mapped[dict[str, Any] | None]
    rows: Mapped[list[Any] | None]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str]
    at: Mapped[datetime]
