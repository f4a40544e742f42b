"""Letters to enterprises and groups, and published announcements: rendered from the pack's templates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jinja2 import ChainableUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment
from sqlalchemy import select

from zuozhen.connectors import Letter, TemporaryError, UndeliverableError
from zuozhen.model.errors import ContentError, NotFound
from zuozhen.services.actors import ENTERPRISE
from zuozhen.services.casebook import answers_of, case_facts, texts_of, unit_names
from zuozhen.services.context import Context
from zuozhen.services.options import session_label
from zuozhen.services.releases import Release
from zuozhen.services.signing import LinkTarget
from zuozhen.store.tables import Announcement, Case, Job, Notice, Token

MAX_LETTER = 5000
OPEN = 1
_ENVIRONMENT = SandboxedEnvironment(autoescape=False, undefined=ChainableUndefined)


def notify(context: Context, job: Job) -> None:
    """Send one letter and keep what was sent; the portal shows it to the enterprise at any rate."""
    with context.database.read() as session:
        if session.get(Notice, (job.tenant, job.id)) is not None:
            return  # carried out before; only the mark was lost
        case = session.get(Case, (job.tenant, job.case_id))
        if case is None:
            return
        release = context.releases.get(session, case.tenant, case.release_id)
        token = session.scalar(
            select(Token.token).where(
                Token.tenant == case.tenant,
                Token.case_id == case.id,
                Token.grp == ENTERPRISE,
                Token.kind == "task",
                Token.status == OPEN,
            )
        )
    properties = job.payload["properties"]
    link = ""
    if token is not None:
        target = LinkTarget(case.tenant, case.id, token)
        link = f"{context.base_url}/p/{release.slug}/link/{context.signer.link(target)}"
    subject, body = render_letter(release, case, properties["zz:template"], job.payload["variables"], link)
    recipient = properties.get("zz:to", ENTERPRISE)
    first: Mapping[str, Any] = next(iter(answers_of(case).values()), {})
    address = str(first.get("email") or "") if recipient == ENTERPRISE else ""
    channel = "email" if address else "record"
    name = case.enterprise if recipient == ENTERPRISE else unit_names(release).get(recipient, recipient)
    status, error = "recorded", None
    try:
        letter = Letter(name, address, channel, subject, body, job.id.hex)
        connector = context.connectors.get(channel) or context.connectors["record"]
        receipt = connector.send(letter)
        status = "sent" if channel in context.connectors and channel != "record" else receipt[:40]
    except UndeliverableError as undeliverable:
        status, error = "undeliverable", str(undeliverable)[:500]
    except TemporaryError:
        raise  # the worker tries again
    now = context.clock()
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
                status=status,
                error=error,
                at=now,
                sent_at=now if status != "undeliverable" else None,
            )
        )


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
    try:
        text = _ENVIRONMENT.from_string(source).render(
            case=case_facts(case, release),
            data=answers_of(case),
            text=texts_of(case, release),
            variables=dict(variables),
            clinic=session_label(session),
            link=link,
            pack={
                "name": release.pack.name,
                "title": release.pack.title,
                "hotline": release.pack.portal.hotline,
            },
            names=unit_names(release),
        )
    except (TemplateError, ArithmeticError, TypeError, ValueError) as error:
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
