"""Published announcements as staff need them: the text to copy elsewhere, and the paper the diagram made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from zuozhen.model.errors import NotFound
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.visibility import visible
from zuozhen.store.tables import Announcement, Case, Document

SHOWN = 100
PAPER = "application/pdf"


@dataclass(frozen=True, slots=True)
class AnnouncementView:
    """One announcement; ``case_id`` and ``papers`` (PDF) only for those who may see its case."""

    item: Announcement
    slug: str
    text: str
    case_id: UUID | None
    papers: tuple[Document, ...]


def published(context: Context, actor: Actor) -> Sequence[Announcement]:
    """Return the announcements of the actor's jurisdiction, the newest first: they are public."""
    with context.database.read() as session:
        return session.scalars(
            select(Announcement)
            .where(Announcement.tenant == actor.tenant)
            .order_by(Announcement.published_at.desc(), Announcement.id.desc())
            .limit(SHOWN)
        ).all()


def announcement_view(context: Context, actor: Actor, announcement_id: UUID) -> AnnouncementView:
    """Return one announcement.

    Raises:
        NotFound: there is none in the actor's jurisdiction.
    """
    with context.database.read() as session:
        item = session.get(Announcement, (actor.tenant, announcement_id))
        if item is None:
            raise NotFound("没有这篇公告。")
        slug = context.releases.live(session, actor.tenant).slug
        case_id = session.scalar(select(Case.id).where(visible(actor), Case.id == item.case_id))
        papers = _papers(session, actor, case_id) if case_id is not None else ()
    return AnnouncementView(item, slug, f"{item.title}\n\n{item.body}", case_id, tuple(papers))


def _papers(session: Session, actor: Actor, case_id: UUID) -> Sequence[Document]:
    return session.scalars(
        select(Document)
        .where(
            Document.tenant == actor.tenant,
            Document.case_id == case_id,
            Document.kind == "document",
            Document.media_type == PAPER,
        )
        .order_by(Document.created_at)
    ).all()
