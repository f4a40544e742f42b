"""The fields whose answers lie side by side, and the order in which they settle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from zuozhen.feel.lifting import temporal_parts
from zuozhen.formjs.components.base import DATE_LISTS, Answerable
from zuozhen.model.types import Type


@dataclass(frozen=True)
class Scope:
    """``fields`` in the order of the form; ``order`` so that each comes after those it reads."""

    fields: tuple[Answerable, ...] = ()
    order: tuple[Answerable, ...] = ()
    computed: Mapping[str, Type] = field(default_factory=dict)
    """What computed answers are, where the pack has worked it out (``typing.typed``)."""

    @property
    def keys(self) -> frozenset[str]:
        """The names of the answers."""
        return frozenset(field.key for field in self.fields)

    @cached_property
    def temporal(self) -> Mapping[str, Type]:
        """The answers that are dates or times: text in JSON, for FEEL what they are (docs/decisions/0011)."""
        own = {field.key: field.feel_type(DATE_LISTS) for field in self.fields}
        return temporal_parts({**own, **self.computed})


def settling_order(fields: Sequence[Answerable]) -> tuple[tuple[Answerable, ...], tuple[Answerable, ...]]:
    """Return the fields in settling order, and those that read each other in a circle."""
    keys = {field.key for field in fields}
    waiting = [(field, field.reads() & keys) for field in fields]
    ordered: list[Answerable] = []
    settled: set[str] = set()
    while waiting:
        ready = [field for field, reads in waiting if reads <= settled]
        if not ready:
            return tuple(ordered), tuple(field for field, _ in waiting)
        ordered.extend(ready)
        settled.update(field.key for field in ready)
        waiting = [(field, reads) for field, reads in waiting if field.key not in settled]
    return tuple(ordered), ()
