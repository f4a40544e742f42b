"""Components without an input: ``text``, ``separator``, ``spacer``, ``expression``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from zuozhen.formjs.components.base import Answerable, Choice, Component
from zuozhen.formjs.expressions import Rule, Surroundings, plain_text
from zuozhen.formjs.markdown import Block, Run, blocks
from zuozhen.formjs.schema import Reader
from zuozhen.model.step import Json
from zuozhen.model.types import ANY, Type

_MARK = "\ue000"
"""Stands for a computed value while the Markdown around it is read (a private-use character)."""


def _filled(run: Run, values: Iterator[str]) -> Run:
    text = _fill(run.text, values)
    return Run(text, run.strong, _fill(run.address, (quote(value, safe="") for value in values)))


def _fill(marked: str, values: Iterator[str]) -> str:
    first, *others = marked.split(_MARK)
    return first + "".join(next(values, "") + piece for piece in others)


class Text(Component):
    """Text between the fields, in a small subset of Markdown."""

    type = "text"
    control = "text"

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        self.text = reader.template("text", limit=10_000)

    def drawn_by(self) -> frozenset[str]:
        """Return also the variables of the text."""
        return super().drawn_by() | self.text.names

    def blocks(self, around: Surroundings) -> tuple[Block, ...]:
        """Return the text to show; computed values are plain text, never Markdown."""
        values = [plain_text(part.value(around)) for part in self.text.parts if isinstance(part, Rule)]
        marked = "".join(part if isinstance(part, str) else _MARK for part in self.text.parts)
        filling = iter(values)
        return tuple(
            Block(
                block.kind,
                tuple(tuple(_filled(run, filling) for run in line) for line in block.lines),
                block.level,
            )
            for block in blocks(marked)
        )


class Separator(Component):
    """A line between parts of the form."""

    type = "separator"
    control = "separator"


class Spacer(Component):
    """Empty space; its height is a matter of the page's style."""

    type = "spacer"
    control = "spacer"


class Computed(Answerable):
    """``expression``: a value computed on the server, never taken from the browser."""

    type = "expression"
    control = "computed"

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        self.rule: Rule | None = reader.rule("expression")
        if self.rule is None and not reader.report.broken:
            reader.error("form-feel", "计算字段没有表达式", "请填写表达式，或删除该字段")

    def reads(self) -> frozenset[str]:
        """Return also the variables of the expression."""
        return super().reads() | (self.rule.names if self.rule else frozenset())

    def feel_type(self, lists: Mapping[str, Type]) -> Type:  # noqa: ARG002
        """Return that nothing is known: what it gives depends on the fields that it reads."""
        return ANY

    def compute(self, around: Surroundings) -> Json:
        """Return the value; ``None`` where it cannot be computed."""
        return self.rule.value(around) if self.rule else None

    def coerce(self, value: Json) -> Json:
        """Any stored value is kept until it is computed again."""
        return value

    def parse(self, typed: Sequence[str]) -> Json:  # noqa: ARG002
        """Nothing typed counts."""
        return None

    def blank(self, value: Json) -> bool:  # noqa: ARG002
        """A computed value is never missing: nobody could fill it in."""
        return False

    def display(self, value: Json, choices: Sequence[Choice]) -> str:  # noqa: ARG002
        """Return the value as text."""
        return plain_text(value)

    def shown(self, value: Json) -> str:
        """Return the value as text."""
        return plain_text(value)
