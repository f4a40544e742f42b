"""Letters to enterprises and groups, and published announcements: rendered from the pack's templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from jinja2 import ChainableUndefined
from sqlalchemy import select
from sqlalchemy.orm import Session

from zuozhen.connectors import Letter, UndeliverableError
from zuozhen.documents import BROKEN, BoundedEnvironment, render_bounded
from zuozhen.model.errors import ContentError, NotFound
from zuozhen.services.actors import ENTERPRISE
from zuozhen.services.casebook import answers_of, case_facts, texts_of, unit_names
from zuozhen.services.context import Context
from zuozhen.services.options import session_label
from zuozhen.services.releases import Release
from zuozhen.services.signing import LinkTarget
from zuozhen.store.casetables import is_open
from zuozhen.store.tables import Announcement, Case, Job, Notice, Token

MAX_LETTER = 5000
PENDING = "pending"
RECORD = "record"
"""The channel that sends nothing: the letter stands on the portal."""
MOST_CHARACTERS = 100_000
"""What a template may make before it is cut to a letter's length."""
_ENVIRONMENT = BoundedEnvironment(autoescape=False, undefined=ChainableUndefined)


def notify(context: Context, job: Job) -> None:
    """Write one letter, show it on the portal, then send it; a lost mark repeats at most the sending."""
    notice = _written(context, job)
    if notice is None or notice.status != PENDING:
        return
    letter = Letter(notice.name, notice.address, notice.channel, notice.subject, notice.body, notice.id.hex)
    connector = context.connectors.get(notice.channel, context.connectors[RECORD])
    status, error = "recorded" if connector is context.connectors[RECORD] else "sent", ""
    try:
        connector.send(letter)
    except UndeliverableError as undeliverable:
        status, error = "undeliverable", str(undeliverable)[:500]
    with context.database.write() as session:
        row = session.get(Notice, (job.tenant, job.id))
        if row is not None:
            row.status, row.error = status, error
            row.sent_at = context.clock() if status != "undeliverable" else None


@dataclass(frozen=True, slots=True)
class _Letter:
    """A letter as written down: ``status`` tells whether it still has to be sent."""

    id: UUID
    name: str
    address: str
    channel: str
    subject: str
    body: str
    status: str


def _written(context: Context, job: Job) -> _Letter | None:
    """Return the letter of a job, writing it down the first time."""
    with context.database.read() as session:
        row = session.get(Notice, (job.tenant, job.id))
        case = session.get(Case, (job.tenant, job.case_id))
        if case is None:
            return None
        release = context.releases.get(session, case.tenant, case.release_id)
        token = _enterprise_task(session, case)
    properties = job.payload["properties"]
    recipient = properties.get("zz:to", ENTERPRISE)
    name = case.enterprise if recipient == ENTERPRISE else unit_names(release).get(recipient, recipient)
    if row is not None:
        return _Letter(row.id, name, row.address, row.channel, row.subject, row.body, row.status)
    link = _link(context, release, case, token) if token else ""
    subject, body = render_letter(release, case, properties["zz:template"], job.payload["variables"], link)
    channel, address = _channel(context, case) if recipient == ENTERPRISE else (RECORD, "")
    with context.database.write() as session:
        session.add(
            Notice(
                tenant=case.tenant,
                id=job.id,
                case_id=case.id,
                recipient=recipient,
                address=address,
                channel=channel,
                subject=subject,
                body=body,
                status=PENDING,
                at=context.clock(),
            )
        )
    return _Letter(job.id, name, address, channel, subject, body, PENDING)


def _enterprise_task(session: Session, case: Case) -> str | None:
    """Return the open task of the enterprise itself (a rating), which a letter may link to."""
    return session.scalar(
        select(Token.token).where(
            Token.tenant == case.tenant, Token.case_id == case.id, Token.grp == ENTERPRISE, is_open("task")
        )
    )


def _link(context: Context, release: Release, case: Case, token: str) -> str:
    target = LinkTarget(case.tenant, case.id, token)
    return f"{context.base_url}/p/{release.slug}/link/{context.signer.link(target)}"


def _channel(context: Context, case: Case) -> tuple[str, str]:
    """Return (channel, address): e-mail before SMS, as far as the enterprise gave one and the office has it."""
    first: Mapping[str, Any] = next(iter(answers_of(case).values()), {})
    for channel, key in (("email", "email"), ("sms", "phone")):
        address = str(first.get(key) or "")
        if address and channel in context.connectors:
            return channel, address
    return RECORD, ""


def publish(context: Context, job: Job) -> None:
    """Publish an announcement of a session on the portal (XW-3.1-c)."""
    with context.database.read() as session:
        case = session.get(Case, (job.tenant, job.case_id))
        if case is None or session.get(Announcement, (job.tenant, job.id)) is not None:
            return
        release = context.releases.get(session, case.tenant, case.release_id)
    template = job.payload["properties"]["zz:template"]
    subject, body = render_letter(release, case, template, job.payload["variables"], "")
    with context.database.write() as session:
        session.add(
            Announcement(
                tenant=case.tenant,
                id=job.id,
                case_id=case.id,
                title=subject,
                body=body,
                meta={"session": case.business_key or ""},
                published_at=context.clock(),
            )
        )


def render_letter(
    release: Release, case: Case, template: str, variables: Mapping[str, Any], link: str
) -> tuple[str, str]:
    """Return (subject, body): the template's first line and the rest.

    Raises:
        NotFound: the release has no such template.
        ContentError: the template is broken.
    """
    source = release.message_template(template)
    if source is None:
        raise NotFound(f"消息模板“{template}”不在已部署的版本中。")
    session = str(variables.get(release.pack.business_key) or case.business_key or "")
    facts = {
        "case": case_facts(case, release),
        "data": answers_of(case),
        "text": texts_of(case, release),
        "variables": dict(variables),
        "clinic": session_label(session),
        "link": link,
        "pack": {
            "name": release.pack.name,
            "title": release.pack.title,
            "hotline": release.pack.portal.hotline,
        },
        "names": unit_names(release),
    }
    try:
        text = render_bounded(_ENVIRONMENT.from_string(source), facts, MOST_CHARACTERS)
    except (*BROKEN, MemoryError) as error:
        raise ContentError(f"消息模板“{template}”有错误：{error}") from error
    subject, _, body = text.strip().partition("\n")
    return subject.strip()[:200], body.strip()[:MAX_LETTER]


def letters_of(context: Context, case: Case) -> list[tuple[datetime, str, str, str]]:
    """Return (when, subject, body, status) of what was told to the enterprise, oldest first."""
    with context.database.read() as session:
        rows = session.scalars(
            select(Notice)
            .where(Notice.tenant == case.tenant, Notice.case_id == case.id, Notice.recipient == ENTERPRISE)
            .order_by(Notice.at)
        )
        return [(row.at, row.subject, row.body, row.status) for row in rows]
