"""The draft as it stands: the live release's files overlaid by what the administrators have saved."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from zuozhen.model.errors import NotFound
from zuozhen.packs.bundle import fingerprint
from zuozhen.packs.paths import manifest_path as manifest_of
from zuozhen.services.context import Context
from zuozhen.store.studiofiles import NEVER, digest, drafted, newest_revs
from zuozhen.store.tables import StudioFile

ChangeOfFile: TypeAlias = Literal["added", "changed", "removed"]


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A file of the draft. ``rev`` 0 is the live file that nobody has ever edited; a save names the rev it read."""

    path: str
    content: bytes
    rev: int
    changed: bool = False
    updated_by: str = ""
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DraftChange:
    """A file in which the draft differs from the live release.

    ``outdated`` says that the live file has changed since this change began: deploying would undo that.
    """

    path: str
    kind: ChangeOfFile
    rev: int
    updated_by: str
    updated_at: datetime
    outdated: bool


def files(context: Context, tenant: int) -> dict[str, bytes]:
    """Return the draft's files: what a deployment would deploy.

    Raises:
        NotFound: nothing is deployed in the jurisdiction.
    """
    with context.database.read() as session:
        return overlaid(context.releases.live(session, tenant).files, drafted(session, tenant))


def entries(context: Context, tenant: int) -> tuple[DraftFile, ...]:
    """Return every file of the draft, by path."""
    with context.database.read() as session:
        live = context.releases.live(session, tenant).files
        rows = {row.path: row for row in drafted(session, tenant)}
        revs = newest_revs(session, tenant)
    effective = overlaid(live, rows.values())
    return tuple(
        _draft_file(path, content, revs.get(path, NEVER), rows.get(path), live)
        for path, content in sorted(effective.items())
    )


def read_file(context: Context, tenant: int, path: str) -> DraftFile:
    """Return one file of the draft.

    Raises:
        NotFound: the draft has no such file.
    """
    with context.database.read() as session:
        live = context.releases.live(session, tenant).files
        row = session.get(StudioFile, (tenant, path))
        rev = newest_revs(session, tenant, [path]).get(path, NEVER)
    content = row.content if row is not None else live.get(path)
    if content is None:
        raise NotFound(f"草稿中没有文件“{path[:120]}”。", hint="它可能已被删除，可在“修改记录”中恢复。")
    return _draft_file(path, content, rev, row, live)


def rev_of(context: Context, tenant: int, path: str) -> int:
    """Return the number that a save of ``path`` must name, also where the draft has no such file (now)."""
    with context.database.read() as session:
        return newest_revs(session, tenant, [path]).get(path, NEVER)


def changes(context: Context, tenant: int) -> tuple[DraftChange, ...]:
    """Return the files in which the draft differs from the live release, by path."""
    with context.database.read() as session:
        live = context.releases.live(session, tenant).files
        return tuple(
            DraftChange(
                row.path,
                "removed" if row.content is None else "changed" if row.path in live else "added",
                row.rev,
                row.updated_name,
                row.updated_at,
                row.base != digest(live.get(row.path)),
            )
            for row in drafted(session, tenant)
            if row.content != live.get(row.path)
        )


def fingerprint_of(context: Context, tenant: int) -> str:
    """Return the name of the draft's content, which an act on the whole draft must know."""
    return fingerprint(files(context, tenant))


def slug(context: Context, tenant: int) -> str:
    """Return the name of the jurisdiction's pack.

    Raises:
        NotFound: nothing is deployed there.
    """
    with context.database.read() as session:
        return context.releases.live(session, tenant).slug


def manifest_path(context: Context, tenant: int) -> str:
    """Return the path of the pack.toml."""
    return manifest_of(slug(context, tenant))


def diagram_path(context: Context, tenant: int) -> str:
    """Return the path of the diagram that the draft's pack.toml names (of the live one while it is broken)."""
    with context.database.read() as session:
        live = context.releases.live(session, tenant)
        effective = overlaid(live.files, drafted(session, tenant))
    try:
        name = tomllib.loads(effective[manifest_of(live.slug)].decode()).get("diagram")
    except (KeyError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        name = None
    path = f"processes/{live.slug}/{name}"
    return path if path in effective else live.pack.diagram_path


def overlaid(live: Mapping[str, bytes], rows: Iterable[StudioFile]) -> dict[str, bytes]:
    """Return the live files with the draft's laid over them."""
    effective = dict(live)
    for row in rows:
        if row.content is None:
            effective.pop(row.path, None)
        else:
            effective[row.path] = row.content
    return effective


def _draft_file(
    path: str, content: bytes, rev: int, row: StudioFile | None, live: Mapping[str, bytes]
) -> DraftFile:
    if row is None or content == live.get(path):
        return DraftFile(path, content, rev)
    return DraftFile(path, content, rev, True, row.updated_name, row.updated_at)
