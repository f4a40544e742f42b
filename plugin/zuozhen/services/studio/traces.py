"""What a run on trial has left behind and what its clock will do next: letters, paper, messages, dates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from zuozhen.model.errors import NotFound
from zuozhen.services.actors import ENTERPRISE
from zuozhen.services.casebook import unit_names
from zuozhen.services.context import Context
from zuozhen.services.outbox import PAPER
from zuozhen.services.prints import submission_source
from zuozhen.services.releases import Release
from zuozhen.services.studio.trials import Trial
from zuozhen.store.cases import history
from zuozhen.store.casetables import is_waiting
from zuozhen.store.tables import (
    Announcement,
    Case,
    Event,
    Incident,
    Job,
    MessageRow,
    MessageTaken,
    Notice,
    Token,
)

CHANNELS: Final[Mapping[str, str]] = {"record": "网上办理进度", "email": "电子邮件", "sms": "短信"}
ANNOUNCED: Final = "网站公告"


@dataclass(frozen=True, slots=True)
class Coming:
    """What the clock will do next: a timer of a case or a process that starts by a date."""

    at: datetime
    name: str
    case: str
    rule: str
    element: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A letter or an announcement."""

    at: datetime
    case: str
    to: str
    channel: str
    address: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that was asked for; ``index`` counts from 0 over the run."""

    index: int
    at: datetime
    case: str
    title: str
    form_key: str
    case_id: UUID
    seq: int


@dataclass(frozen=True, slots=True)
class Carried:
    """A message between cases."""

    at: datetime
    name: str
    key: str
    source: str
    state: str


def coming(
    session: Session, trial: Trial, labels: Mapping[UUID, str], tokens: Sequence[Token]
) -> tuple[Coming, ...]:
    diagram = trial.content.release.diagram
    elements = diagram.elements
    found = [
        Coming(
            token.due_at, _timer_name(trial, token), labels[token.case_id], token.due_rule, token.element_id
        )
        for token in tokens
        if token.kind == "timer" and token.due_at is not None
    ]
    jobs = session.scalars(
        select(Job).where(
            Job.tenant == trial.content.tenant, is_waiting(), Job.kind.not_in(PAPER), Job.due_at > trial.now
        )
    )
    for job in jobs:
        if job.kind == "start":
            process = diagram.processes.get(job.payload["process"])
            start = elements.get(job.payload["start"])
            name = f"{process.name if process else ''}自动启动"
            found.append(Coming(job.due_at, name, "", start.rule if start else "", job.payload["start"]))
        else:
            case = labels.get(job.case_id, "") if job.case_id else ""
            found.append(Coming(job.due_at, f"重试自动操作 {job.kind}", case, "", ""))
    return tuple(sorted(found, key=lambda item: (item.at, item.element)))


def _timer_name(trial: Trial, token: Token) -> str:
    element = trial.content.release.diagram.elements.get(token.element_id)
    host = trial.content.release.diagram.elements.get(element.attached_to) if element else None
    name = token.name or (element.label if element else token.element_id)
    return f"{host.label}：{name}" if host is not None and host.label not in name else name


def letters(session: Session, release: Release, trial: Trial, labels: Mapping[UUID, str]) -> tuple[Sent, ...]:
    names = unit_names(release)
    rows = session.execute(
        select(Notice, Case.enterprise)
        .join(Case, (Case.tenant == Notice.tenant) & (Case.id == Notice.case_id))
        .where(Notice.tenant == trial.content.tenant)
        .order_by(Notice.at, Notice.id)
    ).all()
    return tuple(
        Sent(
            row.at,
            labels.get(row.case_id, "") if row.case_id else "",
            enterprise if row.recipient == ENTERPRISE else names.get(row.recipient, row.recipient),
            CHANNELS.get(row.channel, row.channel),
            row.address,
            row.subject,
            row.body,
        )
        for row, enterprise in rows
    )


def announcements(session: Session, trial: Trial, labels: Mapping[UUID, str]) -> tuple[Sent, ...]:
    rows = session.scalars(
        select(Announcement)
        .where(Announcement.tenant == trial.content.tenant)
        .order_by(Announcement.published_at, Announcement.id)
    )
    return tuple(
        Sent(
            row.published_at,
            labels.get(row.case_id, "") if row.case_id else "",
            "社会公众",
            ANNOUNCED,
            "",
            row.title,
            row.body,
        )
        for row in rows
    )


def papers(
    session: Session,
    release: Release,
    trial: Trial,
    labels: Mapping[UUID, str],
    events: Mapping[UUID, Sequence[Event]],
) -> tuple[Paper, ...]:
    """Return what was asked for in print: the n-th request of a form is its n-th submission."""
    jobs = session.scalars(
        select(Job)
        .where(Job.tenant == trial.content.tenant, Job.kind == "print")
        .order_by(Job.due_at, Job.id)
    ).all()
    handed = {
        (case_id, key): [event for event in of_case if event.payload.get("form") == key]
        for case_id, of_case in events.items()
        for key in {str(event.payload.get("form", "")) for event in of_case}
    }
    count: Counter[tuple[UUID, str]] = Counter()
    papers: list[Paper] = []
    for job in jobs:
        if job.case_id is None:
            continue
        place = (job.case_id, str(job.payload["form"]))
        event = handed[place][count[place]]
        count[place] += 1
        papers.append(
            Paper(
                len(papers),
                event.at,
                labels[event.case_id],
                release.form(place[1]).title,
                place[1],
                event.case_id,
                event.seq,
            )
        )
    return tuple(papers)


def messages(session: Session, trial: Trial, labels: Mapping[UUID, str]) -> tuple[Carried, ...]:
    """Return what the cases told each other; a message to all stays open for those to come."""
    tenant = trial.content.tenant
    taken = Counter(session.scalars(select(MessageTaken.message_id).where(MessageTaken.tenant == tenant)))
    rows = session.scalars(
        select(MessageRow).where(MessageRow.tenant == tenant).order_by(MessageRow.at, MessageRow.id)
    )
    return tuple(
        Carried(
            row.at,
            row.name,
            row.key,
            labels.get(row.source_case, "") if row.source_case else "",
            f"已有 {taken[row.id]} 件收取"
            if taken[row.id]
            else "已过有效期"
            if row.expires_at <= trial.now
            else "等待收取",
        )
        for row in rows
    )


def troubles(session: Session, trial: Trial) -> tuple[str, ...]:
    tenant = trial.content.tenant
    incidents = session.scalars(
        select(Incident)
        .where(Incident.tenant == tenant, Incident.resolved_at.is_(None))
        .order_by(Incident.at)
    ).all()
    jobs = session.scalars(
        select(Job).where(Job.tenant == tenant, Job.done_at.is_(None), Job.error.is_not(None))
    ).all()
    told = [f"{row.message}{f'［{row.element_id}］' if row.element_id else ''}" for row in incidents]
    told += [f"自动操作 {job.kind} 失败：{job.error}" for job in jobs]
    return tuple(dict.fromkeys(told))


def print_paper(context: Context, trial: Trial, index: int) -> tuple[bytes, str]:
    """Render one of the documents that were asked for; returns the PDF and its file name.

    Raises:
        NotFound: the run has no such document.
    """
    release, inner = trial.content.release, trial.scratch.context
    labels = dict.fromkeys(trial.aliases().values(), "")
    with inner.database.read() as session:
        events = {case_id: history(session, trial.content.tenant, case_id) for case_id in labels}
        wanted = papers(session, release, trial, labels, events)
        if not 0 <= index < len(wanted):
            raise NotFound("这次试运行没有这份文书。")
        paper = wanted[index]
        case = session.get_one(Case, (trial.content.tenant, paper.case_id))
        event = next(event for event in events[paper.case_id] if event.seq == paper.seq)
        source = submission_source(release, case, paper.form_key, event.payload["answers"], paper.at)
    return context.documents.pdf(source), f"试运行-{paper.title}.pdf"
