"""The value of a part of an expression: what can be known of it before its variables are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zuozhen.feel import syntax
from zuozhen.feel.expression import HANDLERS
from zuozhen.feel.frame import Frame
from zuozhen.feel.unit import Unit
from zuozhen.feel.values import Value


def part_value(
    node: syntax.Node, text: str, variables: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]
) -> Value:
    """Return the value of a node of the expression ``text``; its inner names must be bound inside of it.

    Raises:
        FeelError: as :meth:`zuozhen.feel.Expression.evaluate`.
    """
    return Unit(text, HANDLERS).compile(node)(Frame(variables, functions), None)
