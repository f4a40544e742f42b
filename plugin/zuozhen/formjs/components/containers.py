"""``group`` and ``dynamiclist``: components that hold components."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from zuozhen.formjs.components.base import Answerable, Component
from zuozhen.formjs.components.scope import Scope
from zuozhen.formjs.schema import Reader
from zuozhen.model.step import Json
from zuozhen.model.types import Type, context_of, list_of

HARD_ROWS = 200
"""Rows of a list that are ever read, whatever the form says."""


class Group(Component):
    """A part of the form with a heading; its fields belong to the form itself."""

    type = "group"
    control = "group"
    container = True


class Composite(Answerable):
    """A container whose answers live under its own name: ``scope`` are the fields within."""

    container = True

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        self.key = reader.text("path", limit=100)
        self.scope = Scope()

    def feel_type(self, lists: Mapping[str, Type]) -> Type:
        """Return the fields within, by name."""
        return context_of({field.key: field.feel_type(lists) for field in self.scope.fields})

    def reads(self) -> frozenset[str]:
        """Return also what the fields within read from outside."""
        inner = frozenset[str]().union(*(field.reads() for field in self.scope.fields))
        return super().reads() | (inner - self.scope.keys)

    def parse(self, typed: Sequence[str]) -> Json:  # noqa: ARG002
        """Nothing is typed into the container itself."""
        return None


class NestedGroup(Composite):
    """A group with ``path``: its answers are one object under that name."""

    type = "group"
    control = "group"

    def coerce(self, value: Json) -> Json:
        """Return a stored object."""
        return value if isinstance(value, dict) else {}

    def blank(self, value: Json) -> bool:  # noqa: ARG002
        """The object is always there; its fields may be blank."""
        return False


class DynamicList(Composite):
    """``dynamiclist``: rows of the same fields; the answer is a list of objects, blank rows left out."""

    type = "dynamiclist"
    control = "list"

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        self.repetitions = reader.whole("defaultRepetitions", 0, HARD_ROWS)
        self.changeable = reader.flag("allowAddRemove", default=True)
        self.max_rows = self._max_rows(reader)

    def _max_rows(self, reader: Reader) -> int:
        text = self.properties.get("max_rows", "50")
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= HARD_ROWS):
            reader.error("form-type", f"属性 max_rows 应为 1 至 {HARD_ROWS} 的整数", "请修改自定义属性")
            return 50
        return int(text)

    def feel_type(self, lists: Mapping[str, Type]) -> Type:
        """Return a list of rows."""
        return list_of(super().feel_type(lists))

    @property
    def first_rows(self) -> int:
        """The number of rows an unfilled list starts with."""
        return min(1 if self.repetitions is None else self.repetitions, self.max_rows)

    def coerce(self, value: Json) -> Json:
        """Return stored rows; what is no object is left out."""
        items = value if isinstance(value, list) else []
        return [item for item in items[:HARD_ROWS] if isinstance(item, dict)]
