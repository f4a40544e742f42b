"""FEEL texts of a pack, compiled once and evaluated for many cases; what fails becomes a value that says so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, TypeAlias

from zuozhen import feel
from zuozhen.model.clock import LOCAL, chinese_date, local_date
from zuozhen.model.errors import FeelError
from zuozhen.services.facts import Needs

ISO_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d($|T\d\d:\d\d[0-9:.+Z-]*$)", re.ASCII)

Functions: TypeAlias = Mapping[str, Callable[..., Any]]

MAX_ITEMS: Final = 50
"""Texts that one case may give for one question, such as the groups it counts in."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A formula that could not be calculated; people see ``text`` instead of its value."""

    message: str

    @property
    def text(self) -> str:
        return f"（计算出错：{self.message}）"


class Formula:
    """One FEEL text of the pack. Calling it never raises: a mistake is a :class:`Fault`."""

    __slots__ = ("_expression", "_fault", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._expression: feel.Expression | None = None
        self._fault = Fault("")
        try:
            self._expression = feel.compile_expression(text)
        except FeelError as error:
            self._fault = Fault(error.message)

    @property
    def expressions(self) -> tuple[feel.Expression, ...]:
        """The compiled expression; none if it cannot be compiled."""
        return () if self._expression is None else (self._expression,)

    def __call__(self, facts: Mapping[str, Any], functions: Functions) -> Any:
        """Return a FEEL value or a :class:`Fault`."""
        if self._expression is None:
            return self._fault
        try:
            return self._expression.evaluate(facts, functions)
        except FeelError as error:
            return Fault(error.message)


def formula(text: str) -> Formula | None:
    """Return the formula of an optional text."""
    return Formula(text) if text.strip() else None


def needs_of(formulas: Iterable[Formula | None]) -> Needs:
    """Return what the formulas read of a case, and the head of the case in any event."""
    read = [expression for one in formulas if one is not None for expression in one.expressions]
    needs = Needs.of(read)
    return replace(needs, names=(needs.names or frozenset()) | {"case"})


def holds(rule: Formula | None, facts: Mapping[str, Any], functions: Functions) -> bool | Fault:
    """Say whether a condition is true; one that is absent is, one that answers null is not."""
    if rule is None:
        return True
    answer = rule(facts, functions)
    return answer if isinstance(answer, Fault) else answer is True


def extended(facts: Mapping[str, Any], more: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return facts with a few names more; what was turned into FEEL values stays so."""
    if not more:
        return facts
    return facts.extended(more) if isinstance(facts, feel.Prepared) else {**facts, **more}


def day_of(value: Any) -> date | None:
    """Return the local day of a date, a date-time or the ISO text of one; anything else is no day."""
    try:
        if isinstance(value, str):
            value = datetime.fromisoformat(value) if len(value) > 10 else date.fromisoformat(value)
        if isinstance(value, datetime):
            return local_date(value) if value.tzinfo else value.date()
    except (ValueError, OverflowError):  # the first and last days of the calendar have no local time
        return None
    return value if isinstance(value, date) else None


def number_of(value: Any) -> Decimal | None:
    """Return a FEEL number; a yes/no or a text is none."""
    return value if isinstance(value, Decimal) else None


def text_of(value: Any) -> str:
    """Return a FEEL value as people read it: lists joined, nothing for null."""
    if isinstance(value, Fault):
        return value.text
    try:
        plain = feel.to_json(value)
    except FeelError as error:
        return Fault(error.message).text
    if plain is None:
        return ""
    if isinstance(plain, bool):
        return "是" if plain else "否"
    if isinstance(plain, list):
        return "、".join(text for item in plain if (text := "" if item is None else _written(item)))
    return _written(plain)


def _written(plain: Any) -> str:
    """Return a JSON value as text; facts are ISO dates, people write 2026年9月1日."""
    text = str(plain)
    day = day_of(text) if ISO_DAY.match(text) else None
    if day is None:
        return text
    if len(text) == len("2026-09-01"):
        return chinese_date(day)
    instant = datetime.fromisoformat(text)
    local = instant.astimezone(LOCAL) if instant.tzinfo else instant
    return f"{chinese_date(day)} {local:%H:%M}"


def texts_of(value: Any) -> tuple[str, ...]:
    """Return the different texts of a text or a list of texts, in their order."""
    items = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(text for item in items[:MAX_ITEMS] if (text := text_of(item).strip())))
