"""One case tried on a release with the variables that it takes along."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from sqlalchemy.orm import Session

from zuozhen.model.migration import Migrated, Order, Placement
from zuozhen.model.step import Environment
from zuozhen.services.actors import ENTERPRISE
from zuozhen.services.casebook import unit_names
from zuozhen.services.migrating.carrying import Carried, carried
from zuozhen.services.migrating.running import Running, refused, try_move
from zuozhen.services.releases import Release
from zuozhen.store.tables import Case

_WHO: Final = re.compile(r"(?<=岗位 )\S+|(?<=→ )\S+")
UNKNOWN: Final = "value"
"""Code of a refusal for want of a value that somebody has to give."""


def move_along(
    session: Session, old: Release, new: Release, case: Running | Case, env: Environment, order: Order
) -> tuple[Migrated, Carried]:
    """Return where a case would land, and what it takes along; without a value that it needs it is refused."""
    along = carried(session, old, new, case, env, order)
    moved = try_move(old.diagram, new.diagram, case, env, order, along.values)
    if along.missing:
        wanted = "、".join(
            f"{one.label}（{one.problem}）" if one.problem else one.label for one in along.missing
        )
        message = f"新流程要读{wanted}，这一件没有填过，办到那里会走错路"
        why = refused(UNKNOWN, message, "请在“需要补充的内容”中写明取值，或选择留空").refusals
        moved = replace(moved, step=None, dues=(), fires=(), notes=(), refusals=(*moved.refusals, *why))
    notes = (*along.notes, *moved.notes) if moved.step is not None else moved.notes
    return replace(moved, notes=notes, placements=tuple(_named(moved.placements, old, new))), along


def _named(placements: Iterable[Placement], old: Release, new: Release) -> Iterator[Placement]:
    """Say roles and units by name."""
    names = {**unit_names(old), **unit_names(new), ENTERPRISE: "企业"}
    for place in placements:
        changes = (_WHO.sub(lambda match: names.get(match[0], match[0]), text) for text in place.changes)
        yield replace(place, changes=tuple(changes)) if place.changes else place
