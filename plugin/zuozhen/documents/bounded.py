"""Jinja for templates that administrators write: plain data in, bounded text out, no way to Python objects."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from typing import Any, Final

from jinja2 import Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

REPEAT_LIMIT: Final = 100_000
"""The largest factor, and the longest text or list that a multiplication may make."""

BROKEN: Final = (
    TemplateError,
    ArithmeticError,
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    SyntaxError,  # Python's own, for what is nested too deep to be compiled
    RecursionError,
)
"""What a template may raise while it is compiled or rendered, however hostile it is (and ``MemoryError``)."""


class BoundedEnvironment(ImmutableSandboxedEnvironment):
    """Refuses arithmetic that would fill the memory before the output limit can act."""

    intercepted_binops = frozenset(("*", "**"))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "**":
            raise TemplateError("模板里不能使用乘方")
        for side, other in ((left, right), (right, left)):
            size = len(other) if isinstance(other, Sized) else 1
            if isinstance(side, int) and abs(side) * size > REPEAT_LIMIT:
                raise TemplateError("模板里的乘数太大")
        return super().call_binop(context, operator, left, right)


def render_bounded(template: Template, context: Mapping[str, Any], limit: int) -> str:
    """Return what a template makes of ``context``.

    Raises:
        Exception: one of ``BROKEN``; also when it makes more than ``limit`` characters.
    """
    parts: list[str] = []
    size = 0
    for part in template.generate(**context):
        size += len(part)
        if size > limit:
            raise TemplateError(f"模板生成的内容超过{limit}字")
        parts.append(part)
    return "".join(parts)
