"""The check of a pack against the installation that it is for: its accounts, and the units that it uses."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from zuozhen.model.clock import local_date
from zuozhen.model.errors import ContentError, Finding
from zuozhen.packs import Pack
from zuozhen.packs.units import with_heirs
from zuozhen.services.checking import check_files, held_groups, ordered
from zuozhen.services.context import Context
from zuozhen.services.units import unit_findings


def check_here(
    context: Context, files: Mapping[str, bytes], tenant: int | None, *, people: bool = True
) -> tuple[Finding, ...]:
    """Check the files of a pack also against its jurisdiction, as the pages do: one answer everywhere.

    ``tenant`` is the jurisdiction that is asked for (``None``: the pack's own). ``people``: say which groups
    nobody belongs to.
    """
    try:
        pack = Pack.from_files(files)
    except ContentError:  # the check says what is wrong
        pack = None
    tenant = pack.code if tenant is None and pack is not None else tenant
    if tenant is None:
        return check_files(files)
    with context.database.read() as session:
        held = _held(context, session, tenant, pack) if people else None
        found = unit_findings(context, session, pack) if pack is not None and pack.code == tenant else ()
    return ordered([*check_files(files, held=held), *found])


def _held(context: Context, session: Session, tenant: int, pack: Pack | None) -> frozenset[str] | None:
    held = held_groups(session, tenant)
    if held is None or pack is None:
        return held
    return with_heirs(pack.units, held, local_date(context.clock()))
