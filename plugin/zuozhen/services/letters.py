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
from zuozhen.formjs import CONCEALED
from zuozhen.model.clock import local_date
from zuozhen.model.errors import ContentError, NotFound
from zuozhen.services.actors import ENTERPRISE, Actor
from zuozhen.services.casebook import answers_of, form_keys, unit_names
from zuozhen.services.context import Context
from zuozhen.services.facts import Needs, case_facts_of, facts_of
from zuozhen.services.recipients import letter_id, reader_of, recipients_of
from zuozhen.services.releases import Release
from zuozhen.services.sessionkeys import label_of
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
    """Write one letter to each recipient, show it on the portal, then send it.

    ``zz:to`` is a group or the enterprise, several of them separated by commas, or FEEL giving one or a list.
    A lost mark repeats at most the sending.

    Raises:
        ContentError: a recipient is no unit or role of the pack.
    """
    for notice in _written(context, job):
        if notice.status == PENDING:
            _send(context, job.tenant, notice)


def _send(context: Context, tenant: int, notice: _Letter) -> None:
    letter = Letter(notice.name, notice.address, notice.channel, notice.subject, notice.body, notice.id.hex)
    connector = context.connectors.get(notice.channel, context.connectors[RECORD])
    status, error = "recorded" if connector is context.connectors[RECORD] else "sent", ""
    try:
        connector.send(letter)
    except UndeliverableError as undeliverable:
        status, error = "undeliverable", str(undeliverable)[:500]
    with context.database.write() as session:
        row = session.get(Notice, (tenant, notice.id))
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


def _written(context: Context, job: Job) -> list[_Letter]:
    """Return the letters of a job, writing down those that are not written yet."""
    properties, variables = job.payload["properties"], job.payload["variables"]
    letters: list[_Letter] = []
    new: list[Notice] = []
    with context.database.read() as session:
        case = session.get(Case, (job.tenant, job.case_id))
        if case is None:
            return []
        release = context.releases.get(session, case.tenant, case.release_id)
        to = properties.get("zz:to", ENTERPRISE)
        needs = Needs.by_text(release.message_template(properties["zz:template"]))
        for recipient in recipients_of(context, session, release, case, to, variables):
            id_ = job.id if to == recipient else letter_id(job.id, recipient)
            reader = reader_of(case.tenant, recipient)
            facts = facts_of(context, session, case, needs=needs, reader=reader)
            theirs = recipient == ENTERPRISE
            name = facts["case"]["enterprise"] if theirs else unit_names(release)[recipient]
            row = session.get(Notice, (job.tenant, id_))
            if row is None:
                token = _enterprise_task(session, case) if theirs else None
                link = _link(context, release, case, token) if token else ""
                subject, body = render_letter(
                    release, case, properties["zz:template"], variables, link, facts
                )
                channel, address = _channel(context, case) if theirs else (RECORD, "")
                row = Notice(
                    tenant=case.tenant,
                    id=id_,
                    case_id=case.id,
                    recipient=recipient,
                    address=address,
                    channel=channel,
                    subject=subject,
                    body=body,
                    status=PENDING,
                    at=context.clock(),
                )
                new.append(row)
            letters.append(_Letter(id_, name, row.address, row.channel, row.subject, row.body, row.status))
    if new:
        with context.database.write() as session:
            session.add_all(new)
    return letters


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
        needs = Needs.by_text(release.message_template(template))
        facts = facts_of(context, session, case, needs=needs, reader=Actor(case.tenant, ""))
    subject, body = render_letter(release, case, template, job.payload["variables"], "", facts)
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
    release: Release,
    case: Case,
    template: str,
    variables: Mapping[str, Any],
    link: str,
    facts: Mapping[str, Any] | None = None,
) -> tuple[str, str]:
    """Return (subject, body): the template's first line and the rest.

    ``facts`` are those of the case (``services.facts``); without them the letter knows what the case row says.

    Raises:
        NotFound: the release has no such template.
        ContentError: the template is broken.
    """
    source = release.message_template(template)
    if source is None:
        raise NotFound(f"消息模板“{template}”不在已部署的版本中。")
    session = str(variables.get(release.pack.business_key) or case.business_key or "")
    if facts is None:
        facts = case_facts_of(case, release, local_date(case.updated_at or case.created_at))
    known = {
        **facts,
        "data": {key: facts[key] for key in form_keys(case) if key in facts},
        "variables": _variables_of(facts, variables),
        "clinic": label_of(release, session) if session else "",
        "link": link,
        "pack": {
            "name": release.pack.name,
            "title": release.pack.title,
            "hotline": release.pack.portal.hotline,
        },
    }
    try:
        text = render_bounded(_ENVIRONMENT.from_string(source), known, MOST_CHARACTERS)
    except (*BROKEN, MemoryError) as error:
        raise ContentError(f"消息模板“{template}”有错误：{error}") from error
    subject, _, body = text.strip().partition("\n")
    return subject.strip()[:200], body.strip()[:MAX_LETTER]


def _variables_of(facts: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables as they were when the letter was asked for, without those that are secret."""
    now = facts["variables"]
    return {**now, **{key: value for key, value in variables.items() if now.get(key) != CONCEALED}}


def letters_of(context: Context, case: Case) -> list[tuple[datetime, str, str, str]]:
    """Return (when, subject, body, status) of what was told to the enterprise, oldest first."""
    with context.database.read() as session:
        rows = session.scalars(
            select(Notice)
            .where(Notice.tenant == case.tenant, Notice.case_id == case.id, Notice.recipient == ENTERPRISE)
            .order_by(Notice.at)
        )
        return [(row.at, row.subject, row.body, row.status) for row in rows]
