"""Counting: a report's numbers from what the formulas say of each case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from zuozhen.packs import Report, ReportTable
from zuozhen.services.reports.rules import FigureRule, Judged
from zuozhen.services.reports.views import FigureView, GroupRow, Kind, Number, TableView

MOST_GROUPS: Final = 200
"""Groups that a table lists; more are counted and said to be left out."""


class Count:
    """One figure on its way: how many cases, and the sum of what they add."""

    __slots__ = ("cases", "sum")

    def __init__(self) -> None:
        self.cases = 0
        self.sum = Decimal(0)


@dataclass(slots=True)
class _Counts:
    """All figures of a report over one set of cases."""

    figures: list[Count]
    faults: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, size: int) -> _Counts:
        return cls([Count() for _ in range(size)])

    def add(self, judged: Judged) -> None:
        for count, member, value in zip(self.figures, judged.members, judged.values, strict=True):
            if member:
                count.cases += 1
                count.sum += value or 0
        for number, text in judged.faults.items():
            self.faults.setdefault(number, text)


class Tally:
    """Takes case after case and keeps numbers only."""

    def __init__(self, report: Report, rules: Sequence[FigureRule]) -> None:
        self.count = 0
        self._report = report
        self._rules = rules
        self._all = _Counts.of(len(rules))
        self._groups: list[dict[str, _Counts]] = [{} for _ in report.tables]
        self._overlapping = [False] * len(report.tables)
        self._ungrouped: list[_Counts] = [_Counts.of(len(rules)) for _ in report.tables]

    def add(self, judged: Judged) -> None:
        self.count += 1
        self._all.add(judged)
        for number, groups in enumerate(judged.groups):
            self._overlapping[number] |= len(groups) > 1
            if not groups:
                self._ungrouped[number].add(judged)
            known = self._groups[number]
            for group in groups:
                if group not in known:
                    known[group] = _Counts.of(len(self._rules))
                known[group].add(judged)

    def figures(self) -> tuple[FigureView, ...]:
        return tuple(
            FigureView(rule.figure, self._number(self._all, place)) for place, rule in enumerate(self._rules)
        )

    def tables(self) -> tuple[TableView, ...]:
        return tuple(self._table(place, table) for place, table in enumerate(self._report.tables))

    def _table(self, place: int, table: ReportTable) -> TableView:
        places = [self._place(key) for key in table.columns]
        rows = [
            GroupRow(group, tuple(self._number(counts, at) for at in places))
            for group, counts in self._groups[place].items()
        ]
        rows = [row for row in rows if any(_says_something(number) for number in row.numbers)]
        rows.sort(key=_by_name if table.chart == "line" else _by_size)
        return TableView(
            table,
            tuple(self._rules[at].figure for at in places),
            tuple(rows[:MOST_GROUPS]),
            tuple(self._number(self._all, at) for at in places),
            max(0, len(rows) - MOST_GROUPS),
            self._overlapping[place],
            any(self._ungrouped[place].figures[at].cases for at in places),
        )

    def _place(self, key: str) -> int:
        return next(place for place, rule in enumerate(self._rules) if rule.figure.key == key)

    def _number(self, counts: _Counts, place: int) -> Number:
        """Return a figure over one set of cases; a share of a figure that failed has failed as well."""
        rule, count = self._rules[place], counts.figures[place]
        kind = kind_of(rule)
        base = counts.figures[rule.of].cases if kind == "share" and rule.of is not None else None
        if fault := self._fault(counts, place):
            return Number(kind, None, count.cases, base, fault)
        if kind == "share":
            return Number(kind, Decimal(count.cases) / base if base else None, count.cases, base)
        if kind == "mean":
            return Number(kind, count.sum / count.cases if count.cases else None, count.cases)
        return Number(kind, count.sum if kind == "sum" else Decimal(count.cases), count.cases)

    def _fault(self, counts: _Counts, place: int | None) -> str:
        while place is not None:
            if place in counts.faults:
                return counts.faults[place]
            place = self._rules[place].of
        return ""


def kind_of(rule: FigureRule) -> Kind:
    """Return how a figure is calculated."""
    if rule.value is not None:
        return "mean" if rule.figure.average else "sum"
    return "share" if rule.of is not None else "count"


def _says_something(number: Number) -> bool:
    return bool(number.cases or number.base or number.fault)


def _by_size(row: GroupRow) -> tuple[Decimal, str]:
    first = row.numbers[0].value if row.numbers else None
    return -(first or Decimal(0)), row.group


def _by_name(row: GroupRow) -> str:
    return row.group
