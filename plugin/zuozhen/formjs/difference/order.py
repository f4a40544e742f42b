"""Which parts of a form changed places: as few as explain the new order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from zuozhen.formjs.difference.source import Form, Part


def moved_parts(old: Form, new: Form, same: Mapping[str, str]) -> Iterator[tuple[Part, Part | None]]:
    """Yield each part that moved within its surrounding, and the part it now stands after.

    ``same`` is old name → new name of the parts in both versions.
    """
    for parent in ["", *(name for name in new.parts)]:
        former = [same[name] for name in old.order(_before(parent, same)) if name in same]
        here = new.order(parent)
        common = [name for name in here if name in set(former)]
        place = {name: number for number, name in enumerate(former)}
        kept = longest_rising([place[name] for name in common])
        for number, name in enumerate(common):
            if number not in kept:
                index = here.index(name)
                yield new.parts[name], new.parts[here[index - 1]] if index else None


def _before(parent: str, same: Mapping[str, str]) -> str:
    return next((old for old, name in same.items() if name == parent), parent)


def longest_rising(numbers: Sequence[int]) -> frozenset[int]:
    """Return the indexes of a longest rising subsequence: what need not move."""
    tails: list[int] = []
    ends: list[int] = []
    previous: list[int] = []
    for index, number in enumerate(numbers):
        position = bisect_left(tails, number)
        previous.append(ends[position - 1] if position else -1)
        tails[position : position + 1] = [number]
        ends[position : position + 1] = [index]
    found = set()
    index = ends[-1] if ends else -1
    while index >= 0:
        found.add(index)
        index = previous[index]
    return frozenset(found)
