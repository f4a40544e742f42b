"""Deploying a pack: checked, bundled, numbered; new cases use it at once, running cases keep theirs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from zuozhen.model.errors import Conflict, ContentError, Finding
from zuozhen.model.ids import new_id
from zuozhen.packs import Library, Pack, bundle
from zuozhen.services.actors import Actor
from zuozhen.services.checking import check_files
from zuozhen.services.context import Context
from zuozhen.services.releases import open_release
from zuozhen.services.schedule import arm_starts
from zuozhen.store.tables import Release as ReleaseRow


@dataclass(frozen=True, slots=True)
class Deployed:
    """The outcome: ``fresh`` is false when the very same content is already live."""

    slug: str
    version: int
    fresh: bool
    findings: tuple[Finding, ...]


def deploy(
    context: Context, files: Mapping[str, bytes], *, note: str = "", actor: Actor | None = None
) -> Deployed:
    """Deploy the files of one pack as a new release.

    Raises:
        ContentError: the check found errors; ``findings`` name each place.
    """
    findings = check_files(files)
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        raise ContentError(
            f"流程包有 {len(errors)} 处错误，没有部署。", findings, hint="请按提示逐条修改后重新部署。"
        )
    packed = bundle(files)
    digest = hashlib.sha256(packed).hexdigest()
    pack = Pack.from_files(files)
    with context.database.write() as session:
        last = session.execute(
            select(ReleaseRow.version, ReleaseRow.sha256)
            .where(ReleaseRow.tenant == pack.code)
            .order_by(ReleaseRow.version.desc())
            .limit(1)
        ).first()
        if last is not None and last.sha256 == digest:
            return Deployed(pack.slug, last.version, False, findings)
        version = (
            session.scalar(select(func.max(ReleaseRow.version)).where(ReleaseRow.tenant == pack.code)) or 0
        ) + 1
        release = open_release(files, release_id=new_id(), version=version)
        session.add(
            ReleaseRow(
                tenant=pack.code,
                id=release.id,
                slug=pack.slug,
                version=version,
                sha256=digest,
                bundle=packed,
                note=note[:500],
                deployed_by=actor.id if actor else None,
                deployed_at=context.clock(),
            )
        )
        try:
            session.flush()
        except IntegrityError as error:  # PostgreSQL: somebody else took this version number meanwhile
            raise Conflict("有人正在部署同一地区的流程包，本次没有部署。", hint="请稍候再试。") from error
        arm_starts(context, session, release)
    context.wake()
    return Deployed(pack.slug, version, True, findings)


def deploy_missing(context: Context, library: Library) -> Sequence[Deployed]:
    """Deploy every pack of the content folders that has no release yet (first start)."""
    with context.database.read() as session:
        known = set(session.scalars(select(ReleaseRow.slug).distinct()))
    return [
        deploy(context, library.files(slug), note="首次部署") for slug in library.slugs() if slug not in known
    ]


def releases_of(context: Context, tenant: int) -> list[tuple[int, datetime, str, str]]:
    """Return (version, when, note, SHA-256) of a jurisdiction's releases, newest first."""
    with context.database.read() as session:
        rows = session.execute(
            select(ReleaseRow.version, ReleaseRow.deployed_at, ReleaseRow.note, ReleaseRow.sha256)
            .where(ReleaseRow.tenant == tenant)
            .order_by(ReleaseRow.version.desc())
        )
        return [(version, at, note, digest) for version, at, note, digest in rows]
