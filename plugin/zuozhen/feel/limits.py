"""How much one expression may cost. Reaching a limit is a :class:`FeelError`, never a hang or a crash."""

from __future__ import annotations

from zuozhen.model.errors import FeelError

MAX_TEXT = 10_000
"""Characters of an expression."""

MAX_PARSE_DEPTH = 200
"""Nested parser calls; a pair of parentheses takes two."""

MAX_TREE_DEPTH = 100
"""Depth of the syntax tree. Compiling takes three Python frames a level, evaluating two."""

MAX_CALL_DEPTH = 8
"""FEEL functions calling each other."""

MAX_VALUE_DEPTH = 60
"""Nesting of lists and contexts in values that come in or go out."""

MAX_STEPS = 500_000
"""Steps of one evaluation; one step is roughly one visited syntax node or list element."""

MAX_STRING = 200_000
"""Characters of any string an evaluation makes."""

CHARACTERS_PER_STEP = 64
"""Copying this many characters costs about as much as one step."""

EXPENSIVE = 50
"""Steps charged for a logarithm, an exponential, a root or a power."""


class Meter:
    """Counts the steps of one evaluation down to zero."""

    __slots__ = ("steps",)

    def __init__(self, steps: int = MAX_STEPS) -> None:
        self.steps = steps

    def charge(self, steps: int) -> None:
        """Take ``steps`` from the budget."""
        self.steps -= steps
        if self.steps < 0:
            raise FeelError("表达式的计算量太大，已停止。", hint="请缩小列表或区间，或减少循环层数")

    def charge_text(self, length: int) -> None:
        """Take the cost of making a string of ``length`` characters."""
        if length > MAX_STRING:
            raise FeelError(f"表达式产生的文字超过 {MAX_STRING} 个字，已停止。", hint="请缩短要拼接的内容")
        self.charge(1 + length // CHARACTERS_PER_STEP)
