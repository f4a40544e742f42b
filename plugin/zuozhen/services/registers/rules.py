"""The formulas of one register, compiled once for a whole pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from zuozhen.model.errors import Forbidden, NotFound
from zuozhen.packs import Register
from zuozhen.services.actors import Actor
from zuozhen.services.facts import Needs
from zuozhen.services.listing.formulas import (
    Fault,
    Formula,
    Functions,
    day_of,
    extended,
    formula,
    needs_of,
    text_of,
    texts_of,
)
from zuozhen.services.registers.views import RegisterRow
from zuozhen.services.releases import Release


def open_register(release: Release, actor: Actor, key: str) -> Register:
    """Return a register that the actor may open.

    Raises:
        NotFound: there is none of this name.
        Forbidden: it is open to other posts only.
    """
    for register in release.pack.registers:
        if register.key == key:
            if not may_open(register, actor):
                raise Forbidden(f"“{register.title}”只对指定的岗位开放。")
            return register
    raise NotFound("没有这个清单或台账。", hint="请从“台账”页选择。")


def may_open(register: Register, actor: Actor) -> bool:
    """Say whether a register is open to somebody (empty ``open_to``: to all staff)."""
    return not register.open_to or bool(actor.groups & set(register.open_to))


@dataclass(frozen=True, slots=True)
class RegisterRules:
    """The compiled formulas of a register."""

    columns: tuple[Formula, ...]
    filter: Formula | None
    department: Formula | None
    period: Formula
    filters: tuple[tuple[str, Formula], ...]

    @classmethod
    def of(cls, register: Register) -> RegisterRules:
        return cls(
            tuple(Formula(column.value) for column in register.columns),
            formula(register.filter),
            formula(register.department),
            Formula(register.period),
            tuple((choice.key, Formula(choice.value)) for choice in register.filters),
        )

    @property
    def needs(self) -> Needs:
        choices = (rule for _key, rule in self.filters)
        return needs_of((*self.columns, self.filter, self.department, self.period, *choices))

    def includes(self, facts: Mapping[str, Any], functions: Functions) -> bool | Fault:
        """Say whether a case belongs in the register: unless its filter says no."""
        if self.filter is None:
            return True
        answer = self.filter(facts, functions)
        return answer if isinstance(answer, Fault) else answer is not False

    def day(self, facts: Mapping[str, Any], functions: Functions) -> date | None:
        """Return the day by which a case falls into a period."""
        return day_of(self.period(facts, functions))

    def choices(self, facts: Mapping[str, Any], functions: Functions) -> dict[str, tuple[str, ...]]:
        """Return the texts of a case for every filter."""
        return {key: texts_of(rule(facts, functions)) for key, rule in self.filters}

    def row(self, case_id: UUID, facts: Mapping[str, Any], functions: Functions, number: int) -> RegisterRow:
        """Return the line of a case; ``number`` counts from 1 and is what ``row`` reads."""
        numbered = extended(facts, {"row": number})
        values = tuple(column(numbered, functions) for column in self.columns)
        return RegisterRow(case_id, tuple(text_of(value) for value in values), values)

    def department_of(self, facts: Mapping[str, Any], functions: Functions) -> str:
        return text_of(self.department(facts, functions)) if self.department else ""
