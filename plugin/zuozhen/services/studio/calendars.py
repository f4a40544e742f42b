"""The working calendar of a jurisdiction: which years are known, what a new year changes, publishing it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

from zuozhen.model.clock import local_date
from zuozhen.model.errors import ContentError, Finding, Invalid, NotFound
from zuozhen.packs.calendars import calendar_path, read_calendars
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.deployment import calendar_title, deploy
from zuozhen.services.migrating import CaseOutlook, Preview, preview_counting
from zuozhen.services.releases import Release
from zuozhen.services.studio import workspace
from zuozhen.workdays import (
    Calendar,
    DayChange,
    YearTable,
    changed_days,
    national,
    national_with,
    parse_table,
)

YEARS_BACK: Final = 2
LOCAL: Final = "local"

Origin: TypeAlias = Literal["product", "own", "provisional"]


@dataclass(frozen=True, slots=True)
class Year:
    """One year of the live calendar: from the product, from a file of one's own, or computed (暂定).

    ``local`` cites the notice of the local days of that year, if there are any.
    """

    number: int
    origin: Origin
    source: str
    local: str


@dataclass(frozen=True, slots=True)
class Proposed:
    """A year's table before it is published: what it says, what is wrong, and what it changes.

    ``over`` is the live version that all this was compared with. ``dues`` is empty where the table cannot
    be read or changes nothing.
    """

    table: Mapping[str, Any]
    path: str
    findings: tuple[Finding, ...]
    changes: tuple[DayChange, ...]
    calendar: Calendar
    dues: Preview | None
    over: int

    @property
    def publishable(self) -> bool:
        return all(finding.severity != "error" for finding in self.findings)

    @property
    def affected(self) -> tuple[CaseOutlook, ...]:
        """The running cases of which a deadline would move."""
        return self.dues.affected if self.dues is not None else ()


@dataclass(frozen=True, slots=True)
class Published:
    """The outcome: ``migration_id`` is the recalculation that the worker now carries out, if one is needed."""

    version: int
    migration_id: UUID | None


def years(context: Context, tenant: int) -> tuple[Year, ...]:
    """Return the years around now, the newest first, and every year that the jurisdiction has files of."""
    release = _live(context, tenant)
    this = local_date(context.clock()).year
    tables = _own(release.files, release.slug)
    shown = {*range(this - YEARS_BACK, this + 2), *(table.year for table in tables)}
    return tuple(_year(number, release.rules.calendar, tables) for number in sorted(shown, reverse=True))


def live_calendar(context: Context, tenant: int) -> Calendar:
    """Return the calendar that the jurisdiction counts with now."""
    return _live(context, tenant).rules.calendar


def own_table(context: Context, tenant: int, year: int, *, local: bool) -> Mapping[str, Any]:
    """Return a year's arrangement or local days as a table to start an edit from; empty where there is none."""
    release = _live(context, tenant)
    path = calendar_path(release.slug, year, LOCAL if local else "")
    for known, table in read_calendars(release.files, release.slug)[0]:
        if known == path:
            return table
    shipped = next((table for table in national().tables if table.year == year), None)
    return {} if local or shipped is None else _as_table(shipped)


def propose(context: Context, tenant: int, table: Mapping[str, Any]) -> Proposed:
    """Judge a year's table, compare it with the live calendar and count every open deadline by it.

    Nothing is written. ``table`` has the shape of a year's data file.
    """
    release = _live(context, tenant)
    old = release.rules.calendar
    number = table.get("year")
    year = number if isinstance(number, int) and not isinstance(number, bool) else 0
    path = calendar_path(release.slug, year, LOCAL if table.get("local") is True else "")
    try:
        read = parse_table(table, file=path)
    except ContentError as error:
        return Proposed(table, path, error.findings, (), old, None, release.version)
    new = _calendar({**release.files, path: _written(table)}, release.slug)
    changes = tuple(changed_days(old, new, [read.year]))
    return Proposed(table, path, (), changes, new, _dues(context, tenant, old, new), release.version)


def propose_withdrawal(context: Context, tenant: int, year: int, *, local: bool) -> Proposed:
    """Say what :func:`withdraw` would change. Nothing is written.

    Raises:
        NotFound: the jurisdiction has no such file.
    """
    release = _live(context, tenant)
    path, files = _without(release, year, local)
    tables = dict(read_calendars(release.files, release.slug)[0])
    old, new = release.rules.calendar, _calendar(files, release.slug)
    changes = tuple(changed_days(old, new, [year]))
    dues = _dues(context, tenant, old, new)
    return Proposed(tables.get(path, {}), path, (), changes, new, dues, release.version)


def publish(context: Context, actor: Actor, table: Mapping[str, Any], *, over: int, note: str) -> Published:
    """Deploy a release that differs from the live one in this calendar only, and recount open deadlines.

    The draft of the studio has the same file afterwards. The recount runs in the background, each case in
    a transaction of its own; the old dates and the reason stand in each case's history.

    Raises:
        ContentError: the table is wrong. Conflict: another version than ``over`` is live by now, or a
        migration is at work. Invalid: nothing would change.
    """
    try:
        read = parse_table(table)
    except ContentError as error:
        raise Invalid(error.message, hint="；".join(str(finding) for finding in error.findings)) from error
    part = LOCAL if read.local else ""
    title = calendar_title(read)
    release = _live(context, actor.tenant)
    path = calendar_path(release.slug, read.year, part)
    return _deploy(context, actor, {**release.files, path: _written(table)}, path, over, title, note)


def withdraw(context: Context, actor: Actor, year: int, *, local: bool, over: int, note: str) -> Published:
    """Take a year's own file out again: the product's arrangement, or the provisional one, counts.

    Raises:
        NotFound: the jurisdiction has no such file. Conflict: as :func:`publish`.
    """
    release = _live(context, actor.tenant)
    path, files = _without(release, year, local)
    title = f"撤下{year}年{'本地节假日' if local else '放假安排'}"
    return _deploy(context, actor, files, path, over, title, note)


def _without(release: Release, year: int, local: bool) -> tuple[str, dict[str, bytes]]:
    """Return the path of a year's own file and all files but it. Raises ``NotFound``."""
    path = calendar_path(release.slug, year, LOCAL if local else "")
    if path not in release.files:
        raise NotFound("本地区没有导入过这份安排，没有可以撤下的。", hint="请从工作日历的年份列表进入。")
    return path, {known: content for known, content in release.files.items() if known != path}


def moved_dues(context: Context, tenant: int, files: Mapping[str, bytes]) -> Preview | None:
    """Return what deploying ``files`` does to open deadlines by the calendar that arrives with them.

    ``None`` where they bring no other calendar than the live one.
    """
    try:
        live = _live(context, tenant)
        new = _calendar(files, live.slug)
    except (NotFound, ContentError):  # nothing runs there yet, or the check says what is wrong
        return None
    return _dues(context, tenant, live.rules.calendar, new)


def _dues(context: Context, tenant: int, old: Calendar, new: Calendar) -> Preview | None:
    return preview_counting(context, tenant, new) if old.version != new.version else None


def _deploy(
    context: Context,
    actor: Actor,
    files: Mapping[str, bytes],
    path: str,
    over: int,
    title: str,
    note: str,
) -> Published:
    text = f"{title}：{note.strip()}" if note.strip() else title
    deployed = deploy(context, files, note=text, actor=actor, over=over)
    if not deployed.fresh:
        raise Invalid("这份安排与现行的完全相同，没有发布。")
    _into_draft(context, actor, path, files.get(path))
    return Published(deployed.version, deployed.recount)


def _into_draft(context: Context, actor: Actor, path: str, content: bytes | None) -> None:
    """Make the draft hold the published file too, where somebody had changed it there."""
    if workspace.files(context, actor.tenant).get(path) != content:
        rev = workspace.rev_of(context, actor.tenant, path)
        workspace.save_file(context, actor, path, content, rev=rev, note="与已发布的日历一致")


def _live(context: Context, tenant: int) -> Release:
    with context.database.read() as session:
        return context.releases.live(session, tenant)


def _own(files: Mapping[str, bytes], slug: str) -> tuple[YearTable, ...]:
    return tuple(parse_table(table, file=path) for path, table in read_calendars(files, slug)[0])


def _calendar(files: Mapping[str, bytes], slug: str) -> Calendar:
    return national_with(_own(files, slug))


def _written(table: Mapping[str, Any]) -> bytes:
    return (json.dumps(table, ensure_ascii=False, indent=2, default=str) + "\n").encode()


def _year(number: int, calendar: Calendar, tables: tuple[YearTable, ...]) -> Year:
    mine = next((table for table in tables if table.year == number and not table.local), None)
    local = next((table.source for table in tables if table.year == number and table.local), "")
    origin: Origin = "own" if mine else "product" if calendar.is_published(number) else "provisional"
    return Year(number, origin, calendar.source(number), local)


def _as_table(known: YearTable) -> dict[str, Any]:
    """Return a year that came with the product in the shape of its data file."""
    holidays: dict[tuple[str, str], dict[str, Any]] = {}
    extra: list[dict[str, Any]] = []
    for row in known.rows:
        own_source = {} if row.source == known.source else {"source": row.source}
        holiday = holidays.setdefault((row.name, row.source), {"name": row.name, **own_source})
        if row.workday:
            holiday.setdefault("work", []).append(row.first.isoformat())
        elif "off" in holiday:
            extra.append(
                {**own_source, "name": row.name, "off": [row.first.isoformat(), row.last.isoformat()]}
            )
        else:
            holiday["off"] = [row.first.isoformat(), row.last.isoformat()]
    return {"year": known.year, "source": known.source, "holiday": [*holidays.values(), *extra]}
