"""What the public may see: jurisdictions, next sessions, announcements, masked results, posters, blank forms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from zuozhen.model.clock import local_date
from zuozhen.model.errors import NotFound
from zuozhen.packs import DataTable, Procedure
from zuozhen.services.bookingwindow import BookingWindow, booking_window
from zuozhen.services.context import Context
from zuozhen.services.datatables import public_tables, table_source
from zuozhen.services.options import coming_sessions
from zuozhen.services.prints import blank_source, poster_source
from zuozhen.services.registration import MATTER as MATTER
from zuozhen.services.releases import Release
from zuozhen.services.sessionkeys import label_of
from zuozhen.store.tables import CASE_OPEN, Announcement, Case

COMING_DATES = 12
REFUSALS = "refusal_ground"
"""The list of codes that holds the grounds of refusal."""
RECENT = 100
"""Announcements among which those of the coming sessions are looked for."""


@dataclass(frozen=True, slots=True)
class ComingSession:
    """A session that is coming: ``kind`` is what its procedure is called, empty where there is only one."""

    key: str
    label: str
    kind: str
    announcement: UUID | None


@dataclass(frozen=True, slots=True)
class PortalView:
    """What every portal page of a jurisdiction needs."""

    tenant: int
    slug: str
    release: Release
    sessions: tuple[ComingSession, ...]
    dates: tuple[date, ...]
    provisional: frozenset[date]
    announcements: tuple[Announcement, ...]
    online_channel: str
    qr_channel: str
    window: BookingWindow | None
    doors: tuple[Procedure, ...]
    """What an enterprise may start here, its own matter (挂号) first."""
    tables: tuple[DataTable, ...]
    blank_form: str
    """The form of the enterprise's own matter, to print and fill in by hand; ``blank_title`` is its title."""
    blank_title: str

    @property
    def holds_sessions(self) -> bool:
        """Say whether there are sessions to book (预约挂号) in this jurisdiction at all."""
        return self.release.pack.holds_sessions

    def is_provisional(self, key: str) -> bool:
        """Say whether a session's date lies in a year whose holidays are not published yet (D-10)."""
        return any(day.isoformat() == key[:10] for day in self.provisional)

    def door(self, alias: str) -> Procedure:
        """Return what an enterprise may start under this name.

        Raises:
            NotFound: there is none, or it is not for the public.
        """
        for procedure in self.doors:
            if procedure.alias == alias:
                return procedure
        raise NotFound("没有这类事项。", hint="请从首页重新选择。")


def portal_of(context: Context, tenant: int) -> PortalView:
    """Return the portal of the jurisdiction of a member of staff."""
    with context.database.read() as session:
        slug = context.releases.live(session, tenant).slug
    return portal_view(context, slug)


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
        sessions = _sessions(context, session, release)
    today, recurrence = local_date(context.clock()), release.pack.session_recurrence
    dates = tuple(release.next_dates(recurrence, today, COMING_DATES)) if recurrence else ()
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
        booking_window(release, context.clock()),
        tuple(sorted(_doors(release), key=lambda door: door.alias != MATTER)),
        public_tables(release),
        *_blank(release),
    )


def _blank(release: Release) -> tuple[str, str]:
    """Return the key and the title of the form that an enterprise's own matter begins with, if any."""
    process = release.diagram.processes[release.pack.processes[MATTER]]
    for start in process.starts:
        if start.kind == "none" and start.form_key:
            return start.form_key, release.form(start.form_key).title
    return "", ""


def _doors(release: Release) -> Iterator[Procedure]:
    """Yield the procedures for the public that begin with a form handed in."""
    for procedure in release.pack.procedures.values():
        process = release.diagram.processes.get(procedure.process)
        if procedure.public and process and any(start.kind == "none" for start in process.starts):
            yield procedure


def _sessions(context: Context, session: Session, release: Release) -> tuple[ComingSession, ...]:
    """Return the coming sessions of all procedures for the public, each with its newest announcement."""
    procedures = {known.process: known for known in release.pack.procedures.values() if known.session}
    today = local_date(context.clock()).isoformat()
    called: dict[str, str] = {
        key: process_id
        for key, process_id in session.execute(
            select(Case.business_key, Case.process_id).where(
                Case.tenant == release.tenant,
                Case.process_id.in_([one.process for one in procedures.values() if not one.private]),
                Case.status == CASE_OPEN,
                Case.business_key >= today,
            )
        )
        if key
    }
    coming = {key for key, _label in coming_sessions(context, session, release)}
    announced = {
        str(meta.get("session", "")): id_
        for id_, meta in session.execute(
            select(Announcement.id, Announcement.meta)
            .where(Announcement.tenant == release.tenant)
            .order_by(Announcement.published_at.desc())
            .limit(RECENT)
        ).all()[::-1]
    }
    return tuple(
        ComingSession(
            key,
            label_of(release, key),
            procedures[called[key]].label if key in called and len(procedures) > 1 else "",
            announced.get(key),
        )
        for key in sorted({*coming, *called})
    )


def announcement(context: Context, tenant: int, announcement_id: UUID) -> Announcement:
    with context.database.read() as session:
        found = session.get(Announcement, (tenant, announcement_id))
    if found is None:
        raise NotFound("没有这篇公告。")
    return found


def refusals(portal: PortalView) -> list[str]:
    """Return the grounds of refusal that the text of the scope does not name already."""
    pack = portal.release.pack
    scope = "".join(pack.portal.scope.split())
    return [text for text in pack.codes.get(REFUSALS, {}).values() if "".join(text.split()) not in scope]


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


def table_paper(context: Context, portal: PortalView, table: DataTable) -> bytes:
    """Return a public reference table as PDF."""
    source = table_source(context, portal.release, table)
    return _once(portal.release, ("table", table.key), lambda: context.documents.pdf(source))


def _once(release: Release, key: tuple[str, str], make: Callable[[], bytes]) -> bytes:
    if key not in release.papers:
        release.papers[key] = make()
    return release.papers[key]
