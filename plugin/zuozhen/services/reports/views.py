"""What a report looks like, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypeAlias
from uuid import UUID

from zuozhen.packs import Figure, Report, ReportTable
from zuozhen.services.listing.periods import Period
from zuozhen.services.releases import Release

Kind: TypeAlias = Literal["count", "share", "sum", "mean"]


@dataclass(frozen=True, slots=True)
class Number:
    """One calculated figure. ``cases`` is how many cases stand behind it, ``base`` of how many (a share).

    ``value`` is a count, a share from 0 to 1, a sum or a mean; ``None`` where there is nothing to divide by
    or the calculation failed, which ``fault`` says.
    """

    kind: Kind
    value: Decimal | None
    cases: int
    base: int | None = None
    fault: str = ""

    @property
    def text(self) -> str:
        if self.fault:
            return self.fault
        if self.value is None:
            return "—"
        if self.kind == "share":
            return f"{self.value * 100:.1f}%"
        return str(self.cases) if self.kind == "count" else f"{self.value:,.2f}".rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True)
class FigureView:
    """A figure of the whole report."""

    figure: Figure
    number: Number


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group of a table; ``group`` is what people read."""

    group: str
    numbers: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class TableView:
    """Figures by group. ``left_out`` groups are not listed; ``overlapping``: some case counts in several
    groups; ``ungrouped``: some case that the columns count is in none."""

    table: ReportTable
    columns: tuple[Figure, ...]
    rows: tuple[GroupRow, ...]
    total: tuple[Number, ...]
    left_out: int = 0
    overlapping: bool = False
    ungrouped: bool = False

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a reader who adds up the groups should know."""
        found = ["一件可计入多类，各类之和可能大于合计。"] if self.overlapping else []
        found += ["不属于任何一类的未列出，各类之和可能小于合计。"] if self.ungrouped else []
        if self.left_out:
            found.append(f"只列前 {len(self.rows)} 类，另有 {self.left_out} 类未列出。")
        return tuple(found)


@dataclass(frozen=True, slots=True)
class ParameterView:
    """What a report can be narrowed to; ``value`` is chosen now, empty for none."""

    key: str
    label: str
    choices: tuple[tuple[str, str], ...]
    value: str

    @property
    def text(self) -> str:
        return dict(self.choices).get(self.value, "")


@dataclass(frozen=True, slots=True)
class ReportView:
    """A report over one period. ``count`` cases fall into it; ``problems`` name broken formulas."""

    release: Release
    report: Report
    period: Period
    parameter: ParameterView | None
    figures: tuple[FigureView, ...]
    tables: tuple[TableView, ...]
    count: int
    made_at: datetime
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case behind a number; ``value`` is what it adds to a sum."""

    case_id: UUID
    number: str
    title: str
    enterprise: str
    stage: str
    status: str
    outcome: str
    day: date | None
    value: str


@dataclass(frozen=True, slots=True)
class CasesBehind:
    """The cases behind one number: a page of them, and how many there are."""

    report: Report
    period: Period
    parameter: ParameterView | None
    figure: Figure | None
    table: ReportTable | None
    group: str
    lines: tuple[CaseLine, ...]
    count: int
    before: int | None
    after: int | None
