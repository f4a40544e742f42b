"""What a person is told (消息): the notices to its groups, readable without a task in their cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select

from zuozhen.model.errors import Invalid, NotFound
from zuozhen.services.actors import Actor
from zuozhen.services.casebook import unit_names
from zuozhen.services.context import Context
from zuozhen.services.visibility import visible
from zuozhen.store.cases import mentions
from zuozhen.store.database import dialect_of, upsert
from zuozhen.store.tables import Account, Case, Notice, NoticeRead

PAGE: Final = 30
MOST_COUNTED: Final = 100
"""Unread notices are counted no further: nobody needs to know whether there are 100 or 300."""


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One notice; ``case_id``, ``number`` and ``title`` only for those who may see its case (empty otherwise).

    What it says was masked for its group when it was written (docs/decisions/0009).
    """

    id: UUID
    at: datetime
    to: str
    subject: str
    body: str
    unread: bool
    case_id: UUID | None
    number: str
    title: str


@dataclass(frozen=True, slots=True)
class NoticePage:
    """One page of notices, the newest first; ``next_key`` continues it."""

    rows: tuple[NoticeRow, ...]
    next_key: str


def notice_page(
    context: Context, actor: Actor, *, query: str = "", unread: bool = False, after: str = ""
) -> NoticePage:
    """Return notices to the actor's groups, filtered by a text in them or their case.

    Raises:
        Invalid: ``after`` is no key of a page.
    """
    with context.database.read() as session:
        statement = _notices(actor)
        if text := query.strip()[:80]:
            words = (Notice.subject, Notice.body)
            found = or_(*(column.icontains(text, autoescape=True) for column in words), mentions(text))
            statement = statement.where(found)
        if unread:
            statement = statement.where(_unread(actor))
        if after:
            statement = statement.where(Notice.id < _key(after))
        names = unit_names(context.releases.live(session, actor.tenant))
        rows = session.execute(statement.order_by(Notice.id.desc()).limit(PAGE + 1)).all()
        shown = tuple(_row(row, names) for row in rows[:PAGE])
    return NoticePage(shown, shown[-1].id.hex if len(rows) > PAGE else "")


def read_notice(context: Context, actor: Actor, notice_id: UUID) -> NoticeRow:
    """Return one notice and remember that the actor has read it.

    Raises:
        NotFound: there is none to a group of the actor.
    """
    with context.database.read() as session:
        row = session.execute(_notices(actor).where(Notice.id == notice_id)).first()
        names = unit_names(context.releases.live(session, actor.tenant))
    if row is None:
        raise NotFound("没有这条消息。", hint="消息只有收到它的单位、岗位的人员可以看。")
    found = _row(row, names)
    if found.unread:
        _mark(context, actor, Notice.id == notice_id)
    return found


def read_all(context: Context, actor: Actor) -> None:
    """Remember everything that the actor has been told so far as read."""
    _mark(context, actor)


def unread_count(context: Context, actor: Actor) -> int:
    """Return how many notices the actor has not read, at most ``MOST_COUNTED``; costs nothing without a group."""
    if not actor.groups or actor.id is None:
        return 0
    found = (
        select(literal(1))
        .select_from(Notice)
        .where(_to(actor), _unread(actor))
        .limit(MOST_COUNTED)
        .subquery()
    )
    with context.database.read() as session:
        return session.scalar(select(func.count()).select_from(found)) or 0


def _mark(context: Context, actor: Actor, *which: ColumnElement[bool]) -> None:
    """Mark notices as read; to read one twice at once does no harm."""
    if actor.id is None:
        return
    with context.database.write() as session:
        unread = select(
            Notice.tenant, literal(actor.id, NoticeRead.account_id.type), Notice.id, literal(context.clock())
        ).where(_to(actor), _unread(actor), *which)
        columns = ["tenant", "account_id", "notice_id", "at"]
        statement = upsert(dialect_of(session), NoticeRead).from_select(columns, unread)
        session.execute(statement.on_conflict_do_nothing())


def _notices(actor: Actor) -> Select[Notice, UUID, str | None, str, bool]:
    seen = and_(Case.tenant == Notice.tenant, Case.id == Notice.case_id, visible(actor))
    return (
        select(Notice, Case.id, Case.number, Case.title, _unread(actor).label("unread"))
        .select_from(Notice)
        .outerjoin(Case, seen)
        .where(_to(actor))
    )


def _to(actor: Actor) -> ColumnElement[bool]:
    return and_(Notice.tenant == actor.tenant, Notice.recipient.in_(actor.groups))


def _unread(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of a notice that the account has not read; older ones than the account do not count."""
    read = (
        select(NoticeRead.notice_id)
        .where(
            NoticeRead.tenant == Notice.tenant,
            NoticeRead.account_id == actor.id,
            NoticeRead.notice_id == Notice.id,
        )
        .exists()
    )
    since = (
        select(Account.created_at)
        .where(Account.tenant == actor.tenant, Account.id == actor.id)
        .scalar_subquery()
    )
    return and_(~read, Notice.at >= since)


def _row(row: Any, names: Any) -> NoticeRow:
    notice, case_id, number, title, unread = row
    return NoticeRow(
        notice.id,
        notice.at,
        names.get(notice.recipient, notice.recipient),
        notice.subject,
        notice.body,
        bool(unread),
        case_id,
        number or "",
        title or "",
    )


def _key(text: str) -> UUID:
    try:
        return UUID(hex=text)
    except ValueError as error:
        raise Invalid("翻页参数不正确，请从第一页重新查看。") from error
