"""The check of a pack against the installation that it is for: its accounts, the units that it uses, what is new."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from zuozhen.model.clock import local_date
from zuozhen.model.errors import ContentError, Finding, NotFound
from zuozhen.packs import Pack
from zuozhen.packs.paths import is_slug
from zuozhen.packs.units import with_heirs
from zuozhen.services.checking import check_files, held_groups, ordered
from zuozhen.services.context import Context
from zuozhen.services.paperchecks import new_forms
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
        found = _beside_others(context, session, pack) if pack is not None and pack.code == tenant else ()
    return ordered([*check_files(files, held=held), *found])


def unknown_here(context: Context | None, slug: str) -> str:
    """Return what the check of a pack could not know: without an installation, or in one without its accounts."""
    if context is None:
        return (
            "没有连同本系统核对：不知道哪些岗位没有人、哪些单位在用、哪些表单是新的；要核对请加 --accounts。"
        )
    if not is_slug(slug):
        return ""  # no pack has such a name, which the check says
    with context.database.read() as session:
        known = held_groups(session, int(slug.partition("-")[0])) is not None
    return "" if known else "本系统中还没有这个地区的账号，不知道哪些岗位没有人。"


def _beside_others(context: Context, session: Session, pack: Pack) -> tuple[Finding, ...]:
    """Return what is wrong beside the running cases and the live release."""
    found = unit_findings(context, session, pack)
    try:
        live = context.releases.live(session, pack.code)
    except NotFound:
        return found
    return (*found, *new_forms(pack, live.pack))


def _held(context: Context, session: Session, tenant: int, pack: Pack | None) -> frozenset[str] | None:
    held = held_groups(session, tenant)
    if held is None or pack is None:
        return held
    return with_heirs(pack.units, held, local_date(context.clock()))
