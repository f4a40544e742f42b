"""What the public may see: jurisdictions, next sessions, announcements, masked results, posters, blank forms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from zuozhen.model.clock import local_date
from zuozhen.model.errors import NotFound
from zuozhen.services.context import Context
from zuozhen.services.options import coming_sessions
from zuozhen.services.prints import blank_source, poster_source
from zuozhen.services.releases import Release
from zuozhen.store.tables import CASE_ENDED, Announcement, Case

COMING_DATES = 12
RESULTS = 100


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """One administration that receives enterprises here."""

    tenant: int
    slug: str
    name: str
    title: str


@dataclass(frozen=True, slots=True)
class PortalView:
    """What every portal page of a jurisdiction needs."""

    tenant: int
    slug: str
    release: Release
    sessions: tuple[tuple[str, str], ...]
    dates: tuple[date, ...]
    provisional: frozenset[date]
    announcements: tuple[Announcement, ...]
    online_channel: str
    qr_channel: str

    def is_provisional(self, key: str) -> bool:
        """Say whether a session's date lies in a year whose holidays are not published yet (D-10)."""
        return any(day.isoformat() == key for day in self.provisional)


@dataclass(frozen=True, slots=True)
class Result:
    """One ended case as published (XW-3.1-d): the enterprise's name is masked on the page."""

    title: str
    enterprise: str
    outcome: str
    registered: datetime
    ended: datetime


def jurisdictions(context: Context) -> list[Jurisdiction]:
    """Return every jurisdiction with a deployed procedure."""
    with context.database.read() as session:
        releases = [
            context.releases.live(session, tenant) for tenant in context.releases.live_tenants(session)
        ]
    return [Jurisdiction(r.tenant, r.slug, r.pack.name, r.pack.title) for r in releases]


def portal_view(context: Context, slug: str) -> PortalView:
    """Return the portal of one jurisdiction.

    Raises:
        NotFound: nothing is deployed under this name.
    """
    code = slug.partition("-")[0]
    if not code.isascii() or not code.isdigit() or len(code) > 9:
        raise NotFound("没有这个地区的坐诊接诉。", hint="请检查网址，或从首页选择地区。")
    with context.database.read() as session:
        release = context.releases.live(session, int(code))
        if release.slug != slug:
            raise NotFound("没有这个地区的坐诊接诉。", hint="请检查网址，或从首页选择地区。")
        announcements = session.scalars(
            select(Announcement)
            .where(Announcement.tenant == release.tenant)
            .order_by(Announcement.published_at.desc())
            .limit(10)
        ).all()
        sessions = coming_sessions(context, session, release)
    today = local_date(context.clock())
    dates = tuple(release.next_dates(release.pack.session_recurrence, today, COMING_DATES))
    calendar = release.rules.calendar
    return PortalView(
        release.tenant,
        slug,
        release,
        tuple(sessions),
        dates,
        frozenset(day for day in dates if calendar.day(day).provisional),
        tuple(announcements),
        release.pack.portal.online_channel,
        release.pack.portal.qr_channel,
    )


def announcement(context: Context, tenant: int, announcement_id: UUID) -> Announcement:
    with context.database.read() as session:
        found = session.get(Announcement, (tenant, announcement_id))
    if found is None:
        raise NotFound("没有这篇公告。")
    return found


def results(context: Context, tenant: int) -> Sequence[Result]:
    """Return ended cases, newest first, without those marked 涉及商业秘密."""
    with context.database.read() as session:
        release = context.releases.live(session, tenant)
        rows = session.execute(
            select(Case.title, Case.enterprise, Case.outcome, Case.created_at, Case.ended_at)
            .where(
                Case.tenant == tenant,
                Case.process_id == release.pack.processes["case"],
                Case.status == CASE_ENDED,
                Case.confidential.is_(False),
                Case.ended_at.is_not(None),
            )
            .order_by(Case.ended_at.desc())
            .limit(RESULTS)
        ).all()
    return [
        Result(title, enterprise, outcome, at, end) for title, enterprise, outcome, at, end in rows if end
    ]


def poster(context: Context, portal: PortalView, counter: str) -> bytes:
    """Return the QR poster (附件1) of one counter as PDF."""
    source = poster_source(context, portal.release, counter)
    return _once(portal.release, ("poster", counter), lambda: context.documents.pdf(source))


def blank_form(context: Context, portal: PortalView, form_key: str) -> bytes:
    """Return the printable blank registration form; only the start form is public."""
    process = portal.release.diagram.processes[portal.release.pack.processes["case"]]
    if form_key not in {start.form_key for start in process.starts}:
        raise NotFound("没有这张空白表。")
    source = blank_source(portal.release, form_key, context.clock())
    return _once(portal.release, ("blank", form_key), lambda: context.documents.pdf(source))


def _once(release: Release, key: tuple[str, str], make: Callable[[], bytes]) -> bytes:
    if key not in release.papers:
        release.papers[key] = make()
    return release.papers[key]
