"""The finding of a unit that goes while it is used: said by every check that knows the installation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from sqlalchemy.orm import Session

from zuozhen.model.clock import local_date
from zuozhen.model.errors import Finding, NotFound
from zuozhen.packs import Pack, Unit
from zuozhen.packs.paths import manifest_path
from zuozhen.services.context import Context
from zuozhen.services.units.changes import changed_units
from zuozhen.services.units.members import settled
from zuozhen.services.units.stale import stale_findings
from zuozhen.services.units.uses import uses_of

CODE: Final = "unit-in-use"


def unit_findings(context: Context, session: Session, pack: Pack) -> tuple[Finding, ...]:
    """Return an error for every unit that the pack drops, or abolishes without a successor, while it is used, and
    warnings for what it still says of units that are over.

    Costs SQL beyond the look at the live release only if a unit goes.
    """
    stale = tuple(stale_findings(pack, local_date(context.clock())))
    try:
        live = context.releases.live(session, pack.code)
    except NotFound:
        return stale
    if live.pack.units == pack.units:
        return stale
    return (*_findings(context, session, live.pack, pack), *stale)


def _findings(context: Context, session: Session, live: Pack, pack: Pack) -> Iterator[Finding]:
    today = local_date(context.clock())
    file = manifest_path(pack.slug)
    changed = changed_units(live.units, pack.units, today)
    takers = settled(live.units, pack.units, today)
    for unit in changed.removed:
        uses = uses_of(context, session, pack, unit.id)
        if unit.id in takers:
            uses = replace(uses, people=())  # entered with the successor by the deployment
        if uses:
            until = unit.until or today
            yield Finding(
                "error",
                CODE,
                f"流程包中没有了单位“{unit.name}”（{unit.id}），它还在用：{uses.words}",
                file=file,
                element=unit.id,
                hint=f'请保留这一行，加上 until = "{until}" 和 successor = "承接单位的 id"；旧件仍用原名。',
            )
    for unit in changed.ended:
        if not unit.successors and (uses := uses_of(context, session, pack, unit.id)):
            yield Finding(
                "error",
                CODE,
                f"单位“{unit.name}”自 {unit.until} 起撤销，没有写承接单位，它还在用：{uses.words}",
                file=file,
                element=unit.id,
                line=_line(pack, unit),
                hint='请写 successor = "承接单位的 id"（分立的写 successors），或先办完、改派这些工作。',
            )


def _line(pack: Pack, unit: Unit) -> int | None:
    text = pack.files[manifest_path(pack.slug)].decode("utf-8")
    found = re.search(rf"^\s*id\s*=\s*[\"']{re.escape(unit.id)}[\"']", text, re.MULTILINE)
    return text.count("\n", 0, found.start()) + 1 if found else None
