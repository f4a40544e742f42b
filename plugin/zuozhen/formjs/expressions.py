"""FEEL and text templates inside forms: compiled at loading, and never an error while somebody types."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from zuozhen.feel import Expression, Prepared, compile_expression, compile_unary, to_json
from zuozhen.model.errors import FeelError
from zuozhen.model.step import Functions, Json
from zuozhen.model.types import Type

_PLACEHOLDER = re.compile(r"\{\{([^{}]{1,500})\}\}")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an expression may read: variables (JSON values) and registered functions."""

    variables: Mapping[str, Any]
    functions: Functions | None = None
    types: Mapping[str, Type] = field(default_factory=dict)
    """The variables whose texts are dates or times (``Scope.temporal``)."""

    def within(self, variables: Mapping[str, Any], types: Mapping[str, Type] | None = None) -> Surroundings:
        """Return the same functions with more (or nearer) variables and their types."""
        return Surroundings(
            {**self.variables, **variables}, self.functions, {**self.types, **types} if types else self.types
        )

    def read_by(self, expression: Expression) -> Mapping[str, Any]:
        """Return the variables as an expression reads them: dates as dates."""
        if self.types and not expression.names.isdisjoint(self.types):
            return Prepared(self.variables, types=self.types)
        return self.variables


@dataclass(frozen=True, slots=True)
class Rule:
    """One compiled FEEL expression of a form."""

    text: str
    expression: Expression

    @property
    def names(self) -> frozenset[str]:
        """The variables the expression reads."""
        return self.expression.names

    def value(self, around: Surroundings) -> Json:
        """Return the JSON value; what cannot be computed (missing or odd data) is ``None``."""
        try:
            return to_json(self.expression.evaluate(around.read_by(self.expression), around.functions))
        except FeelError:
            return None

    def holds(self, around: Surroundings) -> bool:
        """Tell whether the value is exactly true, as form-js decides."""
        return self.value(around) is True


class Condition(Rule):
    """A form-js unary test (``conditional.hide``) over the form's data; it hides where it is exactly true.

    A rule that cannot tell (an answer is missing, a number is compared with a text) answers null: null is
    not true, nor is its negation, so the component shows. form-js itself would hide it.
    """

    __slots__ = ()


def compile_rule(text: str) -> Rule:
    """Compile a FEEL expression (a leading ``=`` is allowed); raises ``FeelError``."""
    return Rule(text, compile_expression(text))


def compile_condition(text: str) -> Condition:
    """Compile a ``conditional.hide`` text; raises ``FeelError``."""
    return Condition(text, compile_unary(text))


@dataclass(frozen=True, slots=True)
class Template:
    """A label, hint or text: plain, one FEEL expression (``=…``), or plain with ``{{ FEEL }}`` in it."""

    parts: tuple[str | Rule, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The variables the text reads."""
        return frozenset[str]().union(*(part.names for part in self.parts if isinstance(part, Rule)))

    def render(self, around: Surroundings) -> str:
        """Return plain text (not HTML)."""
        return "".join(
            part if isinstance(part, str) else plain_text(part.value(around)) for part in self.parts
        )

    def plain(self) -> str:
        """Return the text without its computed parts, for messages about the form itself."""
        return "".join(part for part in self.parts if isinstance(part, str))


def compile_template(text: str) -> Template:
    """Compile a label, hint or text; raises ``FeelError``."""
    if text.startswith("="):
        return Template((compile_rule(text),))
    parts: list[str | Rule] = []
    end = 0
    for match in _PLACEHOLDER.finditer(text):
        if match.start() > end:
            parts.append(text[end : match.start()])
        parts.append(compile_rule(match[1].strip()))
        end = match.end()
    if end < len(text):
        parts.append(text[end:])
    for part in parts:
        if isinstance(part, str) and "{{" in part:
            raise FeelError(
                "“{{”之后没有完整的表达式和“}}”",
                text=text,
                position=text.find("{{"),
                hint="写法如 {{ enterprise }}",
            )
    return Template(tuple(parts))


def plain_text(value: Any) -> str:
    """Return a JSON or FEEL value as text for people."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return "、".join(plain_text(item) for item in value)
    if isinstance(value, Mapping):
        return "，".join(plain_text(item) for item in value.values())
    return str(value)
