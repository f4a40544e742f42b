"""One file of the draft beside itself: its revisions, or two people's versions of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from zuozhen.model.difference import Change
from zuozhen.model.errors import NotFound
from zuozhen.packs.paths import path_mistake
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.studio import workspace
from zuozhen.services.studio.comparing import Difference, compare
from zuozhen.services.studio.naming import title_of
from zuozhen.services.studio.textdiff import Line, text_difference
from zuozhen.services.studio.versions import release_of, versions
from zuozhen.services.studio.workspace import Autosave, Revision


@dataclass(frozen=True, slots=True)
class HistoryView:
    """The revisions of a path, newest first; ``chosen`` is compared with what ``before`` names.

    ``present`` is false for a file that the draft does not have (any more). ``lines`` is ``None`` where texts
    cannot be compared.
    """

    path: str
    title: str
    present: bool
    changed: bool
    revisions: tuple[Revision, ...]
    chosen: Revision | None
    before: str
    changes: tuple[Change, ...]
    lines: tuple[Line, ...] | None

    @property
    def newest(self) -> int:
        return self.revisions[0].rev if self.revisions else 0


@dataclass(frozen=True, slots=True)
class ConflictView:
    """One's own unsaved text and the saved one; ``difference`` and ``lines`` lead from theirs to mine."""

    path: str
    title: str
    is_diagram: bool
    mine: Autosave | None
    rev: int
    by: str
    at: datetime | None
    theirs: bytes | None
    difference: Difference
    lines: tuple[Line, ...] | None


def history_of(context: Context, tenant: int, path: str, rev: int) -> HistoryView:
    """Return the history of a file; ``rev`` 0 chooses none.

    Raises:
        NotFound: a file that there never was, or a revision that nobody saved.
    """
    files = workspace.files(context, tenant)
    listed = () if path_mistake(path) else workspace.revisions(context, tenant, path)
    if not listed and path not in files:
        raise NotFound(f"没有文件“{path[:120]}”。")
    changed = any(change.path == path for change in workspace.changes(context, tenant))
    title = title_of(path, files)
    if not rev:
        return HistoryView(path, title, path in files, changed, listed, None, "", (), None)
    chosen = workspace.revision(context, tenant, path, rev)
    before, old = _before(context, tenant, path, chosen, listed)
    told = compare(_with(files, path, old), _with(files, path, chosen.content)).changes
    lines = text_difference(path, old, chosen.content)
    return HistoryView(path, title, path in files, changed, listed, chosen, before, told, lines)


def _before(
    context: Context, tenant: int, path: str, chosen: Revision, listed: tuple[Revision, ...]
) -> tuple[str, bytes | None]:
    """Return what a revision changed: the revision before it, or the release that was live until then."""
    before = max((known.rev for known in listed if known.rev < chosen.rev), default=0)
    if before:
        return f"第 {before} 次保存", workspace.revision(context, tenant, path, before).content
    known = versions(context, tenant)
    release = next((one for one in known if one.at < chosen.at), known[-1])
    return f"第 {release.number} 版", release_of(context, tenant, release.number).files.get(path)


def _with(files: Mapping[str, bytes], path: str, content: bytes | None) -> dict[str, bytes]:
    others = {known: data for known, data in files.items() if known != path}
    return others if content is None else {**others, path: content}


def conflict_of(context: Context, actor: Actor, path: str) -> ConflictView:
    """Return both texts of a file that two people have edited.

    Raises:
        NotFound: a file that there never was and that one has not begun either.
    """
    mine = None if path_mistake(path) else workspace.own_autosave(context, actor, path)
    files = workspace.files(context, actor.tenant)
    if mine is None and path not in files:
        raise NotFound(f"没有文件“{path[:120]}”。")
    newest = next(iter(workspace.revisions(context, actor.tenant, path)), None)
    theirs = files.get(path)
    difference = compare(files, {**files, path: mine.content}) if mine else Difference()
    return ConflictView(
        path=path,
        title=title_of(path, {**({path: mine.content} if mine else {}), **files}),
        is_diagram=path.endswith(".bpmn"),
        mine=mine,
        rev=newest.rev if newest else 0,
        by=newest.by if newest else "",
        at=newest.at if newest else None,
        theirs=theirs,
        difference=difference,
        lines=text_difference(path, theirs, mine.content) if mine else (),
    )
