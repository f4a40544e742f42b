"""Throw-away installations: the real parts over a database in memory, a clock of their own, nothing sent.

They share nothing with the installation that serves people but its renderer and its settings. Scenario
walks, runs on trial and the check before a deployment all live in one of these.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path

from zuozhen.connectors import RecordOnlyConnector
from zuozhen.documents import RendererLike
from zuozhen.model.clock import VirtualClock
from zuozhen.model.errors import ContentError, Finding, NotFound
from zuozhen.model.ids import new_id
from zuozhen.packs import bundle
from zuozhen.packs.bundle import fingerprint
from zuozhen.services import units
from zuozhen.services.checking import check_files
from zuozhen.services.context import Context
from zuozhen.services.releases import Release, Releases, open_release
from zuozhen.services.schedule import arm_starts
from zuozhen.services.signing import Signer
from zuozhen.store.blobs import BlobStore, Readable
from zuozhen.store.database import Database
from zuozhen.store.tables import Release as ReleaseRow


class MemoryBlobs(BlobStore):
    """Files kept in memory and gone with the installation."""

    def __init__(self) -> None:
        super().__init__(Path())
        self._kept: dict[str, bytes] = {}

    def put(self, content: bytes | Readable) -> str:
        """Keep ``content`` and return its SHA-256 (hex). Raises ``TooLarge``."""
        source = BytesIO(content) if isinstance(content, bytes) else content
        arrived = BytesIO()
        sha256 = self._copy(source, arrived.write)
        self._kept[sha256] = arrived.getvalue()
        return sha256

    def get(self, sha256: str) -> bytes:
        """Return the content. Raises ``NotFound``."""
        if sha256 not in self._kept:
            raise NotFound("文件不在文件库中。")
        return self._kept[sha256]


@dataclass(frozen=True, slots=True)
class Parts:
    """What a throw-away installation borrows."""

    documents: RendererLike
    base_url: str
    content_roots: tuple[Path, ...] = ()
    channels: frozenset[str] = frozenset()
    """Ways by which the real installation would send letters; here every letter is only recorded."""

    @classmethod
    def of(cls, context: Context) -> Parts:
        """Return what to borrow from the installation that serves people."""
        channels = frozenset(context.connectors)
        return cls(context.documents, context.base_url, context.content_roots, channels)


@dataclass(frozen=True, slots=True)
class Content:
    """The files of a pack, checked and parsed once for any number of throw-away installations."""

    release: Release
    packed: bytes
    sha256: str
    warnings: tuple[Finding, ...]

    @property
    def tenant(self) -> int:
        return self.release.tenant


@dataclass(frozen=True, slots=True)
class Scratch:
    """One throw-away installation with its clock; ``close`` it. A ``lent`` database stays with its owner."""

    context: Context
    clock: VirtualClock
    content: Content
    flows: Counter[tuple[str, str]]
    """How often a sequence flow between two nodes was taken."""
    lent: bool = False

    def close(self) -> None:
        if not self.lent:
            self.context.database.close()


def blank_database() -> Database:
    """Return a database in memory for throw-away installations one after the other; ``close`` it."""
    database = Database("sqlite://")
    try:
        database.create_all()
    except Exception:
        database.close()
        raise
    return database


def read_content(files: Mapping[str, bytes]) -> Content:
    """Check and parse the files of a pack.

    Raises:
        ContentError: the check found errors; warnings do not matter here.
    """
    findings = check_files(files)
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        raise ContentError(f"流程包有 {len(errors)} 处错误，不能运行。", errors, hint="请按提示逐条修改。")
    release = open_release(files, release_id=new_id(), version=1)
    return Content(release, bundle(files), fingerprint(files), findings)


def open_scratch(content: Content, start: datetime, parts: Parts, lent: Database | None = None) -> Scratch:
    """Return a fresh installation in memory at the instant ``start`` with ``content`` deployed.

    ``lent`` is a :func:`blank_database`, emptied first, for whoever opens many in turn.

    Raises:
        ContentError: a process that starts by a date gives no date after ``start``.
    """
    if lent is not None:
        lent.empty()
    database = lent or blank_database()
    clock = VirtualClock(start)
    releases = Releases()
    releases.deployed(content.release)
    recorder = RecordOnlyConnector()
    flows: Counter[tuple[str, str]] = Counter()

    def trace(source: str, target: str) -> None:
        flows[source, target] += 1

    context = Context(
        database=database,
        blobs=MemoryBlobs(),
        clock=clock,
        releases=releases,
        documents=parts.documents,
        signer=Signer(secrets.token_urlsafe(32)),
        connectors=dict.fromkeys({"record", *parts.channels}, recorder),
        base_url=parts.base_url,
        content_roots=parts.content_roots,
        trace=trace,
    )
    scratch = Scratch(context, clock, content, flows, lent is not None)
    try:
        _install(context, content)
    except Exception:
        scratch.close()
        raise
    return scratch


def _install(context: Context, content: Content) -> None:
    release = content.release
    with context.database.write() as session:
        session.add(
            ReleaseRow(
                tenant=release.tenant,
                id=release.id,
                slug=release.slug,
                version=release.version,
                sha256=content.sha256,
                bundle=content.packed,
                deployed_by=None,
                deployed_at=context.clock(),
            )
        )
        session.flush()
        arm_starts(context, session, release)
        units.arm(context, session, release, release.pack.units)
