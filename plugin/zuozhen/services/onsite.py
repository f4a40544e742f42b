"""A form of the enterprise on its own phone, on the spot (现场评价): staff show a QR code, they never fill it in."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from zuozhen.documents import qr_svg
from zuozhen.model.errors import NotFound
from zuozhen.services.actors import Actor, may_show
from zuozhen.services.context import Context
from zuozhen.services.signing import LinkTarget
from zuozhen.services.visibility import visible
from zuozhen.store.steps import append_event, load_by_token
from zuozhen.store.tables import Case, Token

SHOWN = "onsite_shown"
"""The kind of event by which the case remembers who showed a code, and when."""


@dataclass(frozen=True, slots=True)
class OnsiteCode:
    """What the page shows; ``picture`` is the QR code as a data address."""

    case_id: UUID
    number: str
    title: str
    enterprise: str
    task: str
    picture: str


def announce(context: Context, actor: Actor, token: str) -> None:
    """Write down in the case that the actor shows the code now.

    Raises:
        NotFound: no such task in a case the actor may see, or none whose code staff may show.
    """
    with context.database.write() as session:
        case, row = _found(session, actor, token)
        append_event(
            session,
            case,
            at=context.clock(),
            actor_id=actor.id,
            actor_name=actor.name,
            kind=SHOWN,
            payload={"element": row.element_id, "name": row.name, "token": token},
        )


def code(context: Context, actor: Actor, token: str) -> OnsiteCode:
    """Return the QR code of the enterprise's own link to one open task.

    Raises:
        NotFound: as for :func:`announce`.
    """
    with context.database.read() as session:
        case, row = _found(session, actor, token)
        release = context.releases.get(session, case.tenant, case.release_id)
    link = context.signer.link(LinkTarget(case.tenant, case.id, row.token))
    picture = b64encode(qr_svg(f"{context.base_url}/p/{release.slug}/link/{link}")).decode()
    return OnsiteCode(
        case.id,
        case.number or "",
        case.title,
        case.enterprise,
        row.name,
        f"data:image/svg+xml;base64,{picture}",
    )


def _found(session: Session, actor: Actor, token: str) -> tuple[Case, Token]:
    found = load_by_token(session, actor.tenant, token)
    row = next((t for t in found.tokens if t.token == token and may_show(t)), None) if found else None
    seen = row is not None and session.scalar(select(Case.id).where(visible(actor), Case.id == row.case_id))
    if found is None or row is None or seen is None:
        raise NotFound("没有可以出示二维码的企业事项。", hint="可能企业已经提交；请回到办件刷新后再看。")
    return found.case, row
