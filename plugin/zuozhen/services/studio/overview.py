"""What an administrator sees first in the studio: what is live, what the draft changes, what is left to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.office import overview as office_overview
from zuozhen.services.studio import workspace
from zuozhen.services.studio.checks import Checked, check_draft
from zuozhen.services.studio.comparing import Difference, compare
from zuozhen.services.studio.naming import title_of
from zuozhen.services.studio.versions import Version, versions
from zuozhen.services.studio.workspace import Autosave, DraftChange


@dataclass(frozen=True, slots=True)
class Overview:
    """The state of the studio in one jurisdiction.

    ``older`` are versions that cases still run on; ``titles`` are names of the files that are spoken of, by
    path; ``provisional_years`` have no published calendar.
    """

    title: str
    live: Version
    older: tuple[Version, ...]
    changes: tuple[DraftChange, ...]
    difference: Difference
    autosaves: tuple[Autosave, ...]
    checked: Checked
    provisional_years: tuple[int, ...]
    titles: Mapping[str, str]

    @property
    def running_on_older(self) -> int:
        return sum(version.running for version in self.older)


def overview(context: Context, actor: Actor) -> Overview:
    """Return the state of the studio as this administrator sees it."""
    tenant = actor.tenant
    office = office_overview(context, tenant)
    known = versions(context, tenant)
    files = workspace.files(context, tenant)
    changes = workspace.changes(context, tenant)
    autosaves = tuple(
        kept for kept in workspace.own_autosaves(context, actor) if kept.path != workspace.IMPORT
    )
    named = {**office.release.files, **files}
    return Overview(
        title=office.release.pack.title,
        live=known[0],
        older=tuple(version for version in known[1:] if version.running),
        changes=changes,
        difference=compare(office.release.files, files) if changes else Difference(),
        autosaves=autosaves,
        checked=check_draft(context, tenant),
        provisional_years=office.provisional_years,
        titles={
            path: title_of(path, named) for path in (*(c.path for c in changes), *(a.path for a in autosaves))
        },
    )
