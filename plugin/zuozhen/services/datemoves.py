"""What a deployment does to dates that people have seen: the booking period, the days of sessions, and what does not follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from zuozhen.model.clock import at_local, chinese_date, local_date
from zuozhen.model.errors import ContentError, NotFound
from zuozhen.packs import Pack
from zuozhen.services.bookingwindow import booking_window
from zuozhen.services.context import Context
from zuozhen.services.releases import Release, functions_of, rules_of
from zuozhen.services.sessioncases import session_processes
from zuozhen.services.sessionkeys import session_day
from zuozhen.store.base import fixed
from zuozhen.store.tables import CASE_OPEN, Announcement, Case, Notice

LOOKED_AHEAD: Final = 12
"""Dates of a rule that are compared: as many as its page shows."""
NAMED: Final = 10
"""Numbers that one sentence lists."""
DAYS: Final = 4
"""Days that one sentence lists."""
PUBLISHED: Final = timedelta(days=92)
"""How long ago an announcement or a letter may have told a date that is still to come."""


def date_moves(context: Context, tenant: int, files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return in sentences which dates move by deploying ``files``, what follows and what stays as it is."""
    with context.database.read() as session:
        try:
            live, pack = context.releases.live(session, tenant), Pack.from_files(files)
            rules = rules_of(pack)
        except (NotFound, ContentError):  # nothing runs there yet, or the check says what is wrong
            return ()
        coming = replace(
            live, pack=pack, units=pack.units, rules=rules, functions=functions_of(rules, pack.units)
        )
        return (
            *_window(context, session, live, coming),
            *_sessions(context, session, live, coming),
        )


def _window(context: Context, session: Session, live: Release, coming: Release) -> Iterator[str]:
    """Say how the booking period moves."""
    now = context.clock()
    old, new = booking_window(live, now), booking_window(coming, now)
    if old == new:
        return
    if new is None:
        yield "改为随时可以登记。"
        return
    if old is None:
        yield f"改为在挂号期内登记：{new.first}至{new.last}。"
        return
    if (old.first, old.last) != (new.first, new.last):
        state = "正在开放的" if old.open else "下一个"
        yield (
            f"{state}挂号期 {old.first}至{old.last} 改为 {new.first}至{new.last}：门户、登记页和定时公告部署后按新的。"
        )
    if old.open != new.open:
        yield "部署后挂号期随即" + ("开始" if new.open else "结束，没有交的登记草稿要等下一期") + "。"
    days = [text.split(" ")[0] for text in (old.first, old.last) if text not in (new.first, new.last)]
    yield from _told(session, live, days, local_date(now))


def _sessions(context: Context, session: Session, live: Release, coming: Release) -> Iterator[str]:
    """Say which days of sessions come and go, and who was told of one that goes."""
    today = local_date(context.clock())
    old, new = _days(live, today), _days(coming, today)
    if not old or old == new:
        return
    until = min(days[-1] for days in (old, new) if days)
    gone = [day for day in old if day not in new and day <= until]
    come = [day for day in new if day not in old and day <= until]
    if not gone and not come:
        return
    parts = [f"不再有 {_listed(gone)}" if gone else "", f"新增 {_listed(come)}" if come else ""]
    yield f"坐诊日：{'，'.join(part for part in parts if part)}；门户、预约和选场次的表单部署后按新的。"
    for day in gone:
        yield from _held_to(session, live, day)
    yield from _told(session, live, [chinese_date(day) for day in gone], today)


def _days(release: Release, today: date) -> list[date]:
    rule = release.pack.session_recurrence
    return release.next_dates(rule, today, LOOKED_AHEAD) if rule in release.rules.recurrences else []


def _held_to(session: Session, live: Release, day: date) -> Iterator[str]:
    """Name what was arranged for a day that is none any more: it stays there until somebody moves it."""
    rows = session.execute(
        select(Case.process_id, Case.number, Case.business_key)
        .where(
            Case.tenant == live.tenant,
            Case.status == fixed(CASE_OPEN),
            Case.business_key.startswith(day.isoformat()),
        )
        .order_by(Case.created_at)
    ).all()
    held = session_processes(live.pack)
    arranged = [row for row in rows if row.process_id in held and session_day(row.business_key) == day]
    booked = [row for row in rows if row.process_id not in held and session_day(row.business_key) == day]
    if arranged:
        yield f"{chinese_date(day)}已建的 {len(arranged)} 个场次不随之改期：请在场次里改期或取消。"
    if booked:
        numbers = "、".join(row.number or "未编号的" for row in booked[:NAMED])
        more = f"等 {len(booked)} 件" if len(booked) > NAMED else f"（{len(booked)} 件）"
        yield f"预约了{chinese_date(day)}的 {numbers}{more}不随之改期：请逐件改约，或改场次后由系统通知。"


def _told(session: Session, live: Release, days: Sequence[str], today: date) -> Iterator[str]:
    """Count what was published or sent with a date that moves: it is not rewritten."""
    if not days:
        return
    since = at_local(today - PUBLISHED)

    def dated(body: InstrumentedAttribute[str]) -> ColumnElement[bool]:
        return or_(*(body.contains(day, autoescape=True) for day in days))

    published = session.scalars(
        select(Announcement.title).where(
            Announcement.tenant == live.tenant,
            Announcement.published_at >= since,
            dated(Announcement.body),
        )
    ).all()
    if published:
        yield f"已发布的公告不改写，请另发更正：{'、'.join(f'《{title}》' for title in published[:NAMED])}。"
    letters = session.scalars(
        select(Notice.id).where(
            Notice.tenant == live.tenant,
            Notice.at >= since,
            dated(Notice.body),
        )
    ).all()
    if letters:
        yield f"已发出的 {len(letters)} 份消息写着原日期，不会自动更正。"


def _listed(days: Sequence[date]) -> str:
    shown = "、".join(chinese_date(day) for day in days[:DAYS])
    return f"{shown}等 {len(days)} 天" if len(days) > DAYS else shown
