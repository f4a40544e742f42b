"""The formulas of one report, and what they say of one case.

The report and the list of cases behind a number both judge by this, so they cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from zuozhen.packs import Figure, Report
from zuozhen.services.facts import Needs
from zuozhen.services.listing.formulas import (
    Fault,
    Formula,
    Functions,
    day_of,
    extended,
    formula,
    holds,
    needs_of,
    number_of,
    texts_of,
)

NO_GROUP: Final = "（未填写）"
"""Where a case counts whose group is null or empty; one that gives an empty list counts in no group."""


@dataclass(frozen=True, slots=True)
class FigureRule:
    """One figure: its conditions, and the place of the figure that it is a part of."""

    figure: Figure
    where: Formula | None
    value: Formula | None
    of: int | None


@dataclass(slots=True)
class Judged:
    """What the formulas say of one case: which figures it counts in, what it adds, its groups by table.

    ``faults`` are the figures that could not be calculated for it.
    """

    day: date | None
    members: list[bool] = field(default_factory=list)
    values: list[Decimal | None] = field(default_factory=list)
    groups: list[tuple[str, ...]] = field(default_factory=list)
    faults: dict[int, str] = field(default_factory=dict)


class ReportRules:
    """The compiled formulas of a report with its parameter's value (empty: not narrowed)."""

    def __init__(self, report: Report, parameter: str = "") -> None:
        places = {figure.key: number for number, figure in enumerate(report.figures)}
        self.report = report
        self.figures = tuple(
            FigureRule(figure, formula(figure.where), formula(figure.value), places.get(figure.of))
            for figure in report.figures
        )
        self.groups = tuple(Formula(table.group) for table in report.tables)
        self.problems: dict[str, None] = {}
        """What went wrong besides the figures, in words."""
        self._by = Formula(report.by)
        self._filter = formula(report.filter)
        self._narrow = formula(report.parameter.filter) if report.parameter and parameter else None
        self._given = {report.parameter.key: parameter} if report.parameter else {}

    @property
    def needs(self) -> Needs:
        """What the formulas read of a case."""
        figures = (part for rule in self.figures for part in (rule.where, rule.value))
        return needs_of((*figures, *self.groups, self._by, self._filter, self._narrow))

    def day(self, facts: Mapping[str, Any], functions: Functions) -> date | None:
        """Return the day by which a case falls into a period."""
        found = self._by(facts, functions)
        if isinstance(found, Fault):
            self.problems[f"统计日期{found.text}"] = None
        return day_of(found)

    def judge(self, facts: Mapping[str, Any], functions: Functions) -> Judged | None:
        """Return what the formulas say of a case, or ``None`` if the report leaves it out."""
        facts = extended(facts, self._given)
        for label, rule in (("筛选条件", self._filter), ("筛选范围", self._narrow)):
            kept = holds(rule, facts, functions)
            if isinstance(kept, Fault):
                self.problems[f"{label}{kept.text}"] = None  # a broken filter hides nothing
            elif not kept:
                return None
        judged = Judged(None)
        for number, figure in enumerate(self.figures):
            self._figure(judged, number, figure, facts, functions)
        for table, group in zip(self.report.tables, self.groups, strict=True):
            value = group(facts, functions)
            if isinstance(value, Fault):
                self.problems[f"“{table.title}”的分组{value.text}"] = None
            judged.groups.append(() if value == [] else texts_of(value) or (NO_GROUP,))
        return judged

    def _figure(
        self,
        judged: Judged,
        number: int,
        rule: FigureRule,
        facts: Mapping[str, Any],
        functions: Functions,
    ) -> None:
        """Note whether a case counts in a figure and what it adds."""
        member, value = False, None
        if rule.of is None or judged.members[rule.of]:
            answer = holds(rule.where, facts, functions)
            if isinstance(answer, Fault):
                judged.faults[number] = answer.text
            elif answer and rule.value is not None:
                given = rule.value(facts, functions)
                value = number_of(given)
                member = value is not None
                if isinstance(given, Fault):
                    judged.faults[number] = given.text
                elif given is not None and value is None:
                    judged.faults[number] = Fault("结果不是数字").text
            else:
                member = bool(answer)
        judged.members.append(member)
        judged.values.append(value)
