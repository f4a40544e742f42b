"""Migration for the studio's pages: what running cases would become, with the mapping the difference suggests."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from zuozhen.model.migration import Order
from zuozhen.services import migrating
from zuozhen.services.context import Context
from zuozhen.services.migrating import (
    ALL,
    DUE_TEXT,
    EVERYTHING,
    STATUS_TEXT,
    CaseOutlook,
    Chosen,
    Group,
    MigrationInfo,
    Preview,
    Report,
    Target,
    find_release,
    migrations,
    preview_csv,
    progress,
    report,
    report_csv,
    resume,
    roll_back,
    start,
    stop,
    targets,
    warnings_brought,
)
from zuozhen.services.studio.comparing import compare
from zuozhen.store.base import fixed
from zuozhen.store.tables import CASE_OPEN, Case


def preview(
    context: Context,
    tenant: int,
    target: UUID | int | None = None,
    order: Order | None = None,
    chosen: Chosen = EVERYTHING,
) -> Preview:
    """Return what moving the running cases to ``target`` (release id, version, default: live) would do.

    Raises:
        NotFound: there is no such release.
    """
    suggested = _suggested(context, tenant, target)
    return migrating.preview(context, tenant, target, order or Order(), chosen, suggested=suggested)


def _suggested(context: Context, tenant: int, target: UUID | int | None) -> dict[str, str]:
    """Return which elements of the target take the place of those that are gone, as the difference has it."""
    with context.database.read() as session:
        new = find_release(context, session, tenant, target)
        ids = session.scalars(
            select(Case.release_id)
            .where(Case.tenant == tenant, Case.status == fixed(CASE_OPEN), Case.release_id != new.id)
            .distinct()
        )
        olds = [context.releases.get(session, tenant, release_id) for release_id in ids]
    found: dict[str, str] = {}
    for old in sorted(olds, key=lambda release: release.version):
        if old.diagram.elements.keys() - new.diagram.elements.keys():
            found |= compare(old.files, new.files).suggested_mapping
    return found


__all__ = [
    "ALL",
    "DUE_TEXT",
    "EVERYTHING",
    "STATUS_TEXT",
    "CaseOutlook",
    "Chosen",
    "Group",
    "MigrationInfo",
    "Preview",
    "Report",
    "Target",
    "migrations",
    "preview",
    "preview_csv",
    "progress",
    "report",
    "report_csv",
    "resume",
    "roll_back",
    "start",
    "stop",
    "targets",
    "warnings_brought",
]
