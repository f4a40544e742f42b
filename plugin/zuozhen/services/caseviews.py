"""The case page, the portal's progress page and the list of cases: read models, no changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from zuozhen.model.errors import Forbidden, NotFound
from zuozhen.services.actlimits import is_late, last_moment
from zuozhen.services.actors import ENTERPRISE, Actor, may_do, may_show
from zuozhen.services.casebook import case_facts, clause_text, form_keys, texts_of, unit_names
from zuozhen.services.context import Context
from zuozhen.services.deadlines import Deadline, deadline_of
from zuozhen.services.handacts import acts_of
from zuozhen.services.history import Line, PublicLine, public_lines, staff_lines
from zuozhen.services.makers import Makers, makers_of
from zuozhen.services.releases import Release
from zuozhen.services.stagebar import stages
from zuozhen.services.visibility import visible
from zuozhen.store.cases import history
from zuozhen.store.tables import (
    TOKEN_OPEN,
    Account,
    Announcement,
    Case,
    Document,
    Notice,
    Token,
)


@dataclass(frozen=True, slots=True)
class OpenTask:
    """Who has what, until when."""

    token: str
    element_id: str
    name: str
    group: str
    group_name: str
    assignee: str
    deadline: Deadline
    entered_at: datetime
    clause: str
    may_do: bool
    onsite: bool = False
    """Whether staff may show the enterprise a QR code of its form."""


@dataclass(frozen=True, slots=True)
class FilledForm:
    """A submitted form as label and text pairs."""

    key: str
    title: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CaseView:
    """Everything the case page shows."""

    case: Case
    facts: dict[str, Any]
    release: Release
    stages: tuple[tuple[str, str], ...]
    """(stage, done | current | coming) in the order of the diagram."""
    tasks: tuple[OpenTask, ...]
    acts: tuple[Token, ...]
    forms: tuple[FilledForm, ...]
    lines: tuple[Line, ...]
    documents: tuple[Document, ...]
    letters: tuple[Notice, ...]
    active_elements: tuple[str, ...]
    announcements: tuple[Announcement, ...]
    recipients: dict[str, str]
    """Names of those to whom letters go, by their key."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Everything the enterprise sees of its case."""

    case: Case
    facts: dict[str, Any]
    stages: tuple[tuple[str, str], ...]
    lines: tuple[PublicLine, ...]
    letters: tuple[Notice, ...]
    own_tasks: tuple[Token, ...]
    acts: tuple[Token, ...]
    tasks: tuple[OpenTask, ...]


def case_view(context: Context, actor: Actor, case_id: UUID) -> CaseView:
    """Return the case page of one case.

    Raises:
        NotFound: no such case, or none the actor may know of.
    """
    with context.database.read() as session:
        case = session.scalar(select(Case).where(visible(actor), Case.id == case_id))
        if case is None:
            raise NotFound("没有这件诉求，或不在您的查看范围内。")
        return _case_view(context, session, actor, case)


def progress(context: Context, tenant: int, case_id: UUID) -> Progress:
    """Return the progress page of one case; the caller has checked the code or link."""
    with context.database.read() as session:
        case = session.get(Case, (tenant, case_id))
        if case is None:
            raise NotFound("没有这件诉求。")
        release = context.releases.get(session, tenant, case.release_id)
        tokens = _open_tokens(session, case)
        letters = tuple(row for row in _letters(session, case) if row.recipient == ENTERPRISE)
        nobody = Actor(tenant, "")
        events = history(session, tenant, case_id)
        return Progress(
            case,
            case_facts(case, release),
            stages(release, case, events),
            tuple(public_lines(events)),
            letters,
            tuple(t for t in tokens if t.kind == "task" and t.grp == ENTERPRISE),
            tuple(
                t
                for t in tokens
                if t.kind == "wait"
                and t.trigger == ENTERPRISE
                and not is_late(last_moment(context, session, release, case, t, tokens), context.clock())
            ),
            tuple(
                _open_task(context, release, nobody, t, {})
                for t in tokens
                if t.kind == "task" and "zz:stage" in t.properties
            ),
        )


def find_by_code(context: Context, tenant: int, number: str, code: str) -> UUID:
    """Return the case of a receipt number and query code.

    Raises:
        Forbidden: they do not belong together (one message for both, so that nobody can fish for numbers).
    """
    with context.database.read() as session:
        row = session.execute(
            select(Case.id, Case.query_hash).where(
                Case.tenant == tenant, Case.number == number.strip().upper()[:64]
            )
        ).first()
    if row is None or row.query_hash is None or not context.signer.same(code, row.query_hash):
        raise Forbidden(
            "回执编号或查询码不正确。", hint="请核对登记回执；查询码遗失的，请携带营业执照到服务专窗查询。"
        )
    found: UUID = row.id
    return found


def _case_view(context: Context, session: Session, actor: Actor, case: Case) -> CaseView:
    release = context.releases.get(session, case.tenant, case.release_id)
    tokens = _open_tokens(session, case)
    people: dict[UUID, str] = {
        row.id: row.display_name
        for row in session.execute(
            select(Account.id, Account.display_name).where(
                Account.tenant == case.tenant, Account.id.in_([t.assignee for t in tokens if t.assignee])
            )
        )
    }
    documents = session.scalars(
        select(Document)
        .where(Document.tenant == case.tenant, Document.case_id == case.id)
        .order_by(Document.created_at)
    ).all()
    tasks = tuple(_open_task(context, release, actor, t, people) for t in tokens if t.kind == "task")
    events = history(session, case.tenant, case.id)
    return CaseView(
        case,
        case_facts(case, release),
        release,
        stages(release, case, events),
        tasks,
        acts_of(context, session, release, actor, case, tokens),
        _filled(makers_of(context, session, case, release), case),
        tuple(staff_lines(events)),
        tuple(documents),
        tuple(_letters(session, case)),
        tuple(dict.fromkeys(t.element_id for t in tokens if t.kind in ("task", "wait", "timer"))),
        tuple(_announcements(session, case)),
        {**unit_names(release), ENTERPRISE: "企业"},
    )


def _open_tokens(session: Session, case: Case) -> Sequence[Token]:
    return session.scalars(
        select(Token)
        .where(Token.tenant == case.tenant, Token.case_id == case.id, Token.status == TOKEN_OPEN)
        .order_by(Token.entered_at)
    ).all()


def _announcements(session: Session, case: Case) -> Sequence[Announcement]:
    return session.scalars(
        select(Announcement)
        .where(Announcement.tenant == case.tenant, Announcement.case_id == case.id)
        .order_by(Announcement.published_at)
    ).all()


def _letters(session: Session, case: Case) -> Sequence[Notice]:
    return session.scalars(
        select(Notice).where(Notice.tenant == case.tenant, Notice.case_id == case.id).order_by(Notice.at)
    ).all()


def _open_task(
    context: Context, release: Release, actor: Actor, token: Token, people: dict[UUID, str]
) -> OpenTask:
    names = unit_names(release)
    return OpenTask(
        token.token,
        token.element_id,
        token.name,
        token.grp,
        "企业" if token.grp == ENTERPRISE else names.get(token.grp, token.grp),
        people.get(token.assignee, "") if token.assignee else "",
        deadline_of(
            token.entered_at,
            token.due_at,
            context.clock(),
            warning_share=release.pack.deadlines.warning_share,
            rule=token.due_rule,
            why=token.due_why or (),
        ),
        token.entered_at,
        clause_text(release, token.properties.get("zz:clause", "")),
        may_do(actor, token),
        may_show(token),
    )


def _filled(makers: Makers, case: Case) -> tuple[FilledForm, ...]:
    texts = texts_of(case, makers)
    filled = []
    for key in form_keys(case):
        if key in texts:
            form = makers.form(key)
            pairs = tuple((form.label(name), text) for name, text in texts[key].items() if text)
            filled.append(FilledForm(key, form.title, pairs))
    return tuple(filled)
