"""What a register looks like, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from zuozhen.model.clock import chinese_date
from zuozhen.packs import Register
from zuozhen.services.releases import Release
from zuozhen.services.sessionkeys import label_of


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One line: what people read, and the values behind it (numbers and dates keep their kind)."""

    case_id: UUID
    texts: tuple[str, ...]
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class RegisterView:
    """A register over one session, or over a period.

    ``keys`` name the columns for print templates; ``session`` is empty for a period, whose days stand in
    ``span``.
    """

    release: Release
    register: Register
    session: str
    lines: tuple[RegisterRow, ...]
    departments: tuple[str, ...] = ()
    span: str = ""

    @property
    def key(self) -> str:
        return self.register.key

    @property
    def title(self) -> str:
        return self.register.title

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(column.key for column in self.register.columns)

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(column.label for column in self.register.columns)

    @property
    def notes(self) -> tuple[str, ...]:
        return self.register.notes

    @property
    def session_label(self) -> str:
        """What people call the session."""
        return label_of(self.release, self.session)

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        return tuple(line.texts for line in self.lines)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to see of a register: days from ``first`` to ``last`` (none: open), a text, choices.

    ``after`` is how many lines to pass over.
    """

    first: date | None = None
    last: date | None = None
    query: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)
    after: int = 0

    @property
    def span(self) -> str:
        """The days in words; 全部 without any."""
        if self.first is None and self.last is None:
            return "全部"
        first, last = (chinese_date(day) if day else "" for day in (self.first, self.last))
        return f"{first or '最早'}至{last or '最近'}"


@dataclass(frozen=True, slots=True)
class FilterView:
    """A choice above a register: texts that occur, with how many cases have them."""

    key: str
    label: str
    choices: tuple[tuple[str, int], ...]
    chosen: str


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """One page of a register by period. ``count`` is over all pages, ``problems`` name broken filters."""

    view: RegisterView
    asked: Asked
    filters: tuple[FilterView, ...]
    count: int
    before: int | None
    after: int | None
    problems: tuple[str, ...]
