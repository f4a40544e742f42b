"""What a release does to the units of the one that is live: the same for check, preview and deployment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from zuozhen.packs import Unit
from zuozhen.packs.units import is_over


@dataclass(frozen=True, slots=True)
class Changed:
    """``removed``: rows that are there no more; ``ended``: over from now on; ``ending``: on a day to come;
    ``moved``: over as before, with other successors; ``back``: over no more."""

    removed: tuple[Unit, ...]
    ended: tuple[Unit, ...]
    ending: tuple[Unit, ...]
    moved: tuple[Unit, ...]
    back: tuple[Unit, ...]


def changed_units(live: Sequence[Unit], new: Sequence[Unit], today: date) -> Changed:
    """Return what deploying ``new`` over ``live`` today does to units."""
    before = {unit.id: unit for unit in live}
    known = {unit.id for unit in new}
    over = [unit for unit in new if is_over(unit, today)]
    gone_before = {unit.id for unit in live if is_over(unit, today)}
    ending = [unit for unit in new if unit.until and unit.until > today]
    return Changed(
        tuple(unit for unit in live if unit.id not in known),
        tuple(unit for unit in over if unit.id not in gone_before),
        tuple(unit for unit in ending if _life(before.get(unit.id)) != _life(unit)),
        tuple(u for u in over if u.id in gone_before and before[u.id].successors != u.successors),
        tuple(unit for unit in new if unit.id in gone_before and not is_over(unit, today)),
    )


def concerned(*organisations: Iterable[Unit]) -> frozenset[str]:
    """Return the groups that work may lie with which these units' lives have to do with."""
    found: set[str] = set()
    for units in organisations:
        for unit in units:
            if unit.successors:
                found |= {unit.id, *(successor.id for successor in unit.successors)}
    return frozenset(found)


def _life(unit: Unit | None) -> object:
    return None if unit is None else (unit.until, unit.successors)
