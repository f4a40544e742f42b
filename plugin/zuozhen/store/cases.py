"""Cases: found by number or key, listed for those who may see them, with their history and files."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, undefer
from sqlalchemy.sql import ColumnElement

from zuozhen.store.base import fixed
from zuozhen.store.tables import CASE_OPEN, Announcement, Case, Document, Event, Notice, Release, Token


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whose cases: those with a task, open or closed, of one of ``groups`` or of ``account``."""

    groups: Collection[str]
    account: UUID | None = None


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases to list; an empty member does not restrict. ``text``: title, enterprise, number."""

    viewer: Viewer | None = None
    process_id: str = ""
    status: str = ""
    stage: str = ""
    created_from: datetime | None = None
    created_before: datetime | None = None
    text: str = ""


class StageCount(NamedTuple):
    """How many open cases of a process stand at a stage."""

    process_id: str
    stage: str
    cases: int


def case_by_id(session: Session, tenant: int, case_id: UUID) -> Case | None:
    """Return a case without locking it."""
    return session.get(Case, (tenant, case_id))


def case_by_number(session: Session, tenant: int, number: str) -> Case | None:
    """Return the case with this receipt number."""
    # The second condition lets the databases use the index, which leaves out cases without a number.
    query = select(Case).where(Case.tenant == tenant, Case.number == number, Case.number != fixed(""))
    return session.scalar(query)


def cases_of_key(session: Session, tenant: int, business_key: str, *, process_id: str = "") -> Sequence[Case]:
    """Return the cases that share a business key (all cases of one 坐诊场次), oldest first."""
    if not business_key:
        return []
    query = (
        select(Case)
        .where(Case.tenant == tenant, Case.business_key == business_key, Case.business_key != fixed(""))
        .order_by(Case.created_at, Case.id)
    )
    if process_id:
        query = query.where(Case.process_id == process_id)
    return session.scalars(query).all()


def list_cases(
    session: Session, tenant: int, wanted: CaseFilter, *, after: UUID | None = None, limit: int = 20
) -> Sequence[Case]:
    """Return a page of cases, newest first; ``after`` is the id of the last one of the page before."""
    query = _cases(tenant, wanted).order_by(Case.id.desc()).limit(limit)
    if after is not None:
        query = query.where(Case.id < after)
    return session.scalars(query).all()


def count_cases(session: Session, tenant: int, wanted: CaseFilter) -> int:
    """Return how many cases a filter lists."""
    return session.scalar(_cases(tenant, wanted).with_only_columns(func.count())) or 0


def may_see(session: Session, tenant: int, case_id: UUID, viewer: Viewer) -> bool:
    """Say whether a case has, or had, a task of the viewer."""
    query = select(_worked_on(viewer)).select_from(Case).where(Case.tenant == tenant, Case.id == case_id)
    return bool(session.scalar(query))


def count_by_stage(session: Session, tenant: int, viewer: Viewer | None = None) -> list[StageCount]:
    """Return the open cases by process and stage."""
    query = (
        select(Case.process_id, Case.stage, func.count())
        .where(Case.tenant == tenant, Case.status == fixed(CASE_OPEN))
        .group_by(Case.process_id, Case.stage)
        .order_by(Case.process_id, Case.stage)
    )
    if viewer is not None:
        query = query.where(_worked_on(viewer))
    return [StageCount(*row) for row in session.execute(query)]


def mentions(text: str) -> ColumnElement[bool]:
    """Return the condition that a case's title, enterprise or number contains ``text``, any case."""
    return or_(
        Case.title.icontains(text, autoescape=True),
        Case.enterprise.icontains(text, autoescape=True),
        Case.number.icontains(text, autoescape=True),
    )


def _cases(tenant: int, wanted: CaseFilter) -> Select[Case]:
    query = select(Case).where(Case.tenant == tenant)
    if wanted.viewer is not None:
        query = query.where(_worked_on(wanted.viewer))
    if wanted.process_id:
        query = query.where(Case.process_id == wanted.process_id)
    if wanted.status:
        query = query.where(Case.status == wanted.status)
    if wanted.stage:
        query = query.where(Case.stage == wanted.stage)
    if wanted.created_from is not None:
        query = query.where(Case.created_at >= wanted.created_from)
    if wanted.created_before is not None:
        query = query.where(Case.created_at < wanted.created_before)
    if wanted.text:
        query = query.where(mentions(wanted.text))
    return query


def _worked_on(viewer: Viewer) -> ColumnElement[bool]:
    here = and_(Token.tenant == Case.tenant, Token.case_id == Case.id, Token.kind == fixed("task"))
    by_group = exists().where(here, Token.grp.in_(viewer.groups))
    if viewer.account is None:
        return by_group
    return or_(by_group, exists().where(here, Token.assignee == viewer.account))


# ---------------------------------------------------------------- what belongs to a case


def tokens_of(session: Session, tenant: int, case_id: UUID) -> Sequence[Token]:
    """Return all tokens of a case, open and closed, in order of entry."""
    query = select(Token).where(Token.tenant == tenant, Token.case_id == case_id)
    return session.scalars(query.order_by(Token.entered_at, Token.token)).all()


def history(session: Session, tenant: int, case_id: UUID, *, states: bool = False) -> Sequence[Event]:
    """Return the events of a case in order; ``states`` loads the snapshots too (to verify or go back)."""
    query = select(Event).where(Event.tenant == tenant, Event.case_id == case_id).order_by(Event.seq)
    if states:
        query = query.options(undefer(Event.state)).execution_options(populate_existing=True)
    return session.scalars(query).all()


def documents_of(session: Session, tenant: int, case_id: UUID, kind: str = "") -> Sequence[Document]:
    """Return the files of a case, oldest first."""
    query = select(Document).where(Document.tenant == tenant, Document.case_id == case_id)
    if kind:
        query = query.where(Document.kind == kind)
    return session.scalars(query.order_by(Document.created_at, Document.id)).all()


def notices_of(session: Session, tenant: int, case_id: UUID) -> Sequence[Notice]:
    """Return the notices of a case, oldest first."""
    query = select(Notice).where(Notice.tenant == tenant, Notice.case_id == case_id)
    return session.scalars(query.order_by(Notice.at, Notice.id)).all()


def announcements(
    session: Session, tenant: int, *, after: UUID | None = None, limit: int = 20
) -> Sequence[Announcement]:
    """Return a page of the portal's announcements, newest first."""
    query = select(Announcement).where(Announcement.tenant == tenant).order_by(Announcement.id.desc())
    if after is not None:
        query = query.where(Announcement.id < after)
    return session.scalars(query.limit(limit)).all()


def latest_release(session: Session, tenant: int, slug: str = "") -> Release | None:
    """Return the newest release of a jurisdiction (of one pack, if ``slug`` is given), bundle not loaded."""
    query = select(Release).where(Release.tenant == tenant).order_by(Release.version.desc()).limit(1)
    if slug:
        query = query.where(Release.slug == slug)
    return session.scalar(query)
