"""Deploying a pack: checked, bundled, numbered; new cases use it at once, running cases keep theirs."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from zuozhen.model.errors import Conflict, ContentError, Finding, Invalid, Problem
from zuozhen.model.ids import new_id
from zuozhen.packs import Library, Pack, bundle, unbundle
from zuozhen.packs.calendars import read_calendars
from zuozhen.services import units
from zuozhen.services.actors import Actor
from zuozhen.services.checkinghere import check_here
from zuozhen.services.context import Context
from zuozhen.services.migrating import start_counting
from zuozhen.services.releases import Release, open_release
from zuozhen.services.schedule import arm_starts
from zuozhen.store.studiofiles import Saver, settle
from zuozhen.store.tables import Release as ReleaseRow
from zuozhen.workdays import YearTable, national_with, parse_table

logger = logging.getLogger(__name__)
LONGEST: Final = 500
"""Characters kept of a reason or a note."""
BY_NOBODY: Final = "系统"


@dataclass(frozen=True, slots=True)
class Deployed:
    """The outcome: ``fresh`` is false when the very same content is already live.

    ``recount`` is the migration that counts the open deadlines by the calendar that came with the release.
    """

    slug: str
    version: int
    fresh: bool
    findings: tuple[Finding, ...]
    recount: UUID | None = None


class Unexplained(Invalid):
    """Warnings that nobody has given a reason for; ``findings`` are those, nothing was deployed."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        problems = [Problem(finding_key(finding), "理由", finding.message) for finding in findings]
        super().__init__(
            f"有 {len(findings)} 处提醒没有写明理由，没有部署。",
            problems,
            hint="请改好后再部署，或逐条写明可以保留的理由。",
        )
        self.findings = tuple(findings)


def finding_key(finding: Finding) -> str:
    """Return a short name of a finding, the same for the same words at the same place."""
    place = "\0".join((finding.code, finding.file, finding.element, finding.message))
    return hashlib.sha256(place.encode(errors="replace")).hexdigest()[:16]


def deploy(
    context: Context,
    files: Mapping[str, bytes],
    *,
    note: str = "",
    reference: str = "",
    actor: Actor | None = None,
    reasons: Mapping[str, str] | None = None,
    found: Sequence[Finding] = (),
    strict: bool = False,
    over: int | None = None,
) -> Deployed:
    """Deploy the files of one pack as a new release: diagram, forms, templates and tables together.

    ``reference`` is the document that ordered the change (文号). ``found`` are further findings, such as
    scenarios that end differently. ``reasons`` let warnings pass, by ``finding_key`` or for all of a code; the live
    release's own reasons count on for the very same warnings. ``strict`` refuses warnings without a reason.
    ``over`` is the live version that the person was shown.

    Raises:
        ContentError: the check found errors; ``findings`` name each place.
        Unexplained: ``strict``, and warnings without a reason.
        Invalid: the pack of another jurisdiction than the actor's.
        Conflict: another version than ``over`` is live by now, somebody deploys at this moment, or the calendar
        is another one while a migration is at work.
    """
    checked = check_here(context, files, actor.tenant if actor else None, people=actor is not None)
    _refuse_errors(checked)
    findings = (*checked, *found)
    packed = bundle(files)
    unbundle(packed)  # what could not be read again must not become a release
    digest = hashlib.sha256(packed).hexdigest()
    pack = Pack.from_files(files)
    if actor is not None and pack.code != actor.tenant:
        message = f"pack.toml 中的 code 是 {pack.code}，不是本地区的 {actor.tenant}，没有部署。"
        raise Invalid(message, hint="请改回本地区的行政区划代码。")
    recount = None
    with context.database.write() as session:
        live = _live_row(session, pack.code)
        if over is not None and (live.version if live else 0) != over:
            raise Conflict(
                "您看到页面之后已有人部署了新的版本，本次没有部署。", hint="请核对与新版本的差别后再部署。"
            )
        if live is not None and live.sha256 == digest:
            return Deployed(pack.slug, live.version, False, findings)
        _refuse_errors(units.unit_findings(context, session, pack))  # work may have come to a unit since
        accepted = _accepted(findings, reasons or {}, live)
        if strict and (
            open_ := [f for f, line in zip(findings, accepted, strict=True) if not line["reason"]]
        ):
            raise Unexplained(open_)
        version = live.version + 1 if live else 1
        release = open_release(files, release_id=new_id(), version=version)
        now, name = context.clock(), actor.name if actor else BY_NOBODY
        session.add(
            ReleaseRow(
                tenant=pack.code,
                id=release.id,
                slug=pack.slug,
                version=version,
                sha256=digest,
                bundle=packed,
                note=note.strip()[:LONGEST],
                reference=reference.strip()[:LONGEST],
                accepted=accepted,
                deployed_by=actor.id if actor else None,
                deployed_name=name,
                deployed_at=now,
            )
        )
        try:
            session.flush()
            if live is not None:
                old = context.releases.get(session, pack.code, live.id).files
                saver = Saver(actor.id if actor else None, name, now)
                settle(session, pack.code, old, files, saver=saver, note=f"部署第 {version} 版")
        except IntegrityError as error:  # PostgreSQL: somebody else took this number meanwhile
            raise Conflict("有人正在部署或保存同一地区的内容，本次没有部署。", hint="请稍候再试。") from error
        arm_starts(context, session, release)
        former = context.releases.get(session, pack.code, live.id).pack.units if live is not None else ()
        units.arm(context, session, release, former)
        if live is not None:
            recount = _recount(context, session, actor or Actor(pack.code, BY_NOBODY), release, old, note)
    context.releases.deployed(release)
    context.wake()
    return Deployed(pack.slug, version, True, findings, recount)


def _refuse_errors(findings: Sequence[Finding]) -> None:
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        raise ContentError(
            f"流程包有 {len(errors)} 处错误，没有部署。", findings, hint="请按提示逐条修改后重新部署。"
        )


def calendar_title(table: YearTable) -> str:
    """Return what a year's table is called in histories and letters: which days, and who arranged them."""
    return f"{table.year}年{'本地节假日' if table.local else '放假安排'}（{table.source}）"


def _recount(
    context: Context, session: Session, actor: Actor, release: Release, old: Mapping[str, bytes], note: str
) -> UUID | None:
    """Have the open deadlines counted again if the release brings another calendar than ``old`` had."""
    before, now = _tables(old, release.slug), _tables(release.files, release.slug)
    if national_with(tuple(before.values())).version == release.rules.calendar.version:
        return None
    new = [calendar_title(table) for path, table in now.items() if before.get(path) != table]
    gone = [f"撤下{calendar_title(table)}" for path, table in before.items() if path not in now]
    others = {path for path in (*old, *release.files) if old.get(path) != release.files.get(path)}
    only = not others - (before.keys() | now.keys())  # the note of such a release is about the calendar
    reason = note.strip() if only and note.strip() else "、".join([*new, *gone])
    try:
        return start_counting(context, session, actor, release, reason[:LONGEST])
    except Conflict as error:
        raise Conflict(
            "有一次迁移正在进行，期限暂时不能按新的工作日历重算，没有部署。",
            hint="请等它完成或先停止它，再部署或发布日历。",
        ) from error


def _tables(files: Mapping[str, bytes], slug: str) -> dict[str, YearTable]:
    return {path: parse_table(table, file=path) for path, table in read_calendars(files, slug)[0]}


def accepted_reasons(context: Context, tenant: int) -> dict[str, str]:
    """Return the reasons that the live release's warnings were let pass with, by ``finding_key``."""
    with context.database.read() as session:
        return _reasons_of(_live_row(session, tenant))


def _live_row(session: Session, tenant: int) -> ReleaseRow | None:
    query = select(ReleaseRow).where(ReleaseRow.tenant == tenant).order_by(ReleaseRow.version.desc())
    return session.scalar(query.limit(1))


def _accepted(
    findings: Sequence[Finding], reasons: Mapping[str, str], live: ReleaseRow | None
) -> list[dict[str, str]]:
    """Return the warnings as they are kept with the release, each with its reason or an empty one."""
    before = _reasons_of(live)
    kept = []
    for finding in findings:
        key = finding_key(finding)
        reason = reasons.get(key, "").strip() or reasons.get(finding.code, "").strip() or before.get(key, "")
        kept.append(
            {
                "code": finding.code,
                "message": finding.message,
                "file": finding.file,
                "element": finding.element,
                "reason": reason[:LONGEST],
            }
        )
    return kept


def _reasons_of(live: ReleaseRow | None) -> dict[str, str]:
    lines = live.accepted or [] if live is not None else []
    return {
        finding_key(Finding("warning", line["code"], line["message"], line["file"], line["element"])): line[
            "reason"
        ]
        for line in lines
    }


def deploy_missing(context: Context, library: Library, wanted: Sequence[str] = ()) -> Sequence[Deployed]:
    """Deploy every pack of the content folders (or those ``wanted``) that has no release yet: first start.

    One broken pack does not keep the other jurisdictions from their work: it is reported in the log.

    Raises:
        ContentError: a wanted pack is broken. NotFound: it is in no content folder.
    """
    with context.database.read() as session:
        known = set(session.scalars(select(ReleaseRow.slug).distinct()))
    done = []
    for slug in wanted or library.slugs():
        if slug in known:
            continue
        try:
            done.append(deploy(context, library.files(slug), note="首次部署"))
        except ContentError as error:
            if slug in wanted:
                raise
            lines = "".join(f"\n  {finding}" for finding in error.findings)
            logger.error("流程包 %s 没有部署：%s%s", slug, error.message, lines)
    return done


def releases_of(context: Context, tenant: int) -> list[tuple[int, datetime, str, str]]:
    """Return (version, when, note, SHA-256) of a jurisdiction's releases, newest first."""
    with context.database.read() as session:
        rows = session.execute(
            select(ReleaseRow.version, ReleaseRow.deployed_at, ReleaseRow.note, ReleaseRow.sha256)
            .where(ReleaseRow.tenant == tenant)
            .order_by(ReleaseRow.version.desc())
        )
        return [(version, at, note, digest) for version, at, note, digest in rows]
