"""``radio``, ``select``, ``checklist``, ``taglist`` and ``checkbox``: choosing instead of typing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from zuozhen.formjs.components.base import DATE_LISTS, Answerable, Choice, State
from zuozhen.formjs.expressions import Rule, Surroundings
from zuozhen.formjs.schema import Reader
from zuozhen.model.step import Json
from zuozhen.model.types import BOOLEAN, TEXT, Type, choice, list_of

MAXIMUM_CHOICES = 1_000
_LONGEST_VALUE = 200


class Options(Answerable):
    """Base of the components that choose from options: static, handed in, or computed."""

    verb = "选择"

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        self.values_key = reader.text("valuesKey", limit=100)
        self.values_rule: Rule | None = reader.rule("valuesExpression")
        self.static = tuple(self._static(reader))
        if not (self.static or self.values_key or self.values_rule or reader.has("values")):
            reader.error("form-choices", "没有任何选项", "请添加选项，或指定选项来源（valuesKey）")

    @staticmethod
    def _static(reader: Reader) -> Iterator[Choice]:
        seen: set[str] = set()
        for raw in reader.items("values")[:MAXIMUM_CHOICES]:
            option = _choice(raw)
            if option is None or option[0] in seen:
                reader.error("form-choices", "选项缺少值（value）或值重复", "请为每个选项填写不同的值")
                continue
            seen.add(option[0])
            yield option

    def reads(self) -> frozenset[str]:
        """Return also the variables of computed options."""
        return super().reads() | (self.values_rule.names if self.values_rule else frozenset())

    def drawn_by(self) -> frozenset[str]:
        """Return also the variables of computed options."""
        return super().drawn_by() | (self.values_rule.names if self.values_rule else frozenset())

    def choices(self, around: Surroundings, options: Mapping[str, Sequence[Choice]]) -> tuple[Choice, ...]:
        """Return the options: computed, handed in under ``valuesKey``, among the variables, or static."""
        if self.values_rule is not None:
            return _choices(self.values_rule.value(around))
        if self.values_key:
            return _choices(options.get(self.values_key, around.variables.get(self.values_key)))
        return self.static

    def feel_type(self, lists: Mapping[str, Type]) -> Type:
        """Return a text out of the options, or what the list holds."""
        return self.option_type(lists)

    @property
    def page_kind(self) -> str:
        """Return that the options are texts, or dates."""
        return f"{self.option_type(DATE_LISTS).kind} option"

    def option_type(self, lists: Mapping[str, Type]) -> Type:
        """Return the type of the value of one option."""
        if self.values_rule is not None:
            return TEXT
        if self.values_key:
            return lists.get(self.values_key, TEXT)
        return choice(value for value, _ in self.static)

    @staticmethod
    def label_of(value: str, choices: Sequence[Choice]) -> str:
        """Return the label of a value; the value itself where the option is gone."""
        return next((label for known, label in choices if known == value), value)


class OneOption(Options):
    """Base of the components with one chosen value."""

    def parse(self, typed: Sequence[str]) -> Json:
        """Return the chosen value as typed; whether it is an option is checked later."""
        return (typed[0][:_LONGEST_VALUE] or None) if typed else None

    def coerce(self, value: Json) -> Json:
        """Return a stored value as text, as options have it."""
        return _value(value)

    def shown(self, value: Json) -> str:
        """Return the value as text, as options have it."""
        return value if isinstance(value, str) else _value(value) or ""

    def check(self, value: Json, state: State) -> Iterator[str]:
        """Yield a message if the value is not among the options."""
        if value not in (known for known, _ in state.choices):
            yield "请从给出的选项中选择"

    def display(self, value: Json, choices: Sequence[Choice]) -> str:
        """Return the label of the chosen option."""
        text = _value(value)
        return self.label_of(text, choices) if text else ""


class Radio(OneOption):
    """One of a few options, all of them visible."""

    type = "radio"
    control = "radios"


class Select(OneOption):
    """One of many options."""

    type = "select"
    control = "select"


class Checklist(Options):
    """Any number of options, all of them visible."""

    type = "checklist"
    control = "checks"

    def feel_type(self, lists: Mapping[str, Type]) -> Type:
        """Return a list of what can be chosen."""
        return list_of(self.option_type(lists))

    @property
    def page_kind(self) -> str:
        """Return that there are several, texts or dates."""
        return f"{super().page_kind}s"

    def parse(self, typed: Sequence[str]) -> Json:
        """Return the chosen values without doubles, in the order chosen."""
        return list(dict.fromkeys(text[:_LONGEST_VALUE] for text in typed[: MAXIMUM_CHOICES + 1] if text))

    def coerce(self, value: Json) -> Json:
        """Return a stored list of values; a single value is a list of one."""
        values = value if isinstance(value, list) else [value]
        return list(dict.fromkeys(text for item in values[:MAXIMUM_CHOICES] if (text := _value(item))))

    def check(self, value: Json, state: State) -> Iterator[str]:
        """Yield a message if a value is not among the options."""
        known = {value for value, _ in state.choices}
        if not known.issuperset(value):
            yield "请从给出的选项中选择"

    def display(self, value: Json, choices: Sequence[Choice]) -> str:
        """Return the labels joined by ``、``."""
        return "、".join(self.label_of(item, choices) for item in self.coerce(value))


class Taglist(Checklist):
    """Any number of many options."""

    type = "taglist"


class Checkbox(Answerable):
    """Yes or no; ``required`` means it must be ticked."""

    type = "checkbox"
    control = "checkbox"
    verb = "勾选"

    def feel_type(self, lists: Mapping[str, Type]) -> Type:  # noqa: ARG002
        """Return yes or no."""
        return BOOLEAN

    @property
    def page_kind(self) -> str:
        """Return yes or no."""
        return "boolean"

    def parse(self, typed: Sequence[str]) -> Json:
        """Return whether it was ticked."""
        return bool(typed) and typed[-1] not in ("", "false", "0", "off")

    def coerce(self, value: Json) -> Json:
        """Return a stored yes or no."""
        return value is True or value == "true"

    def shown(self, value: Json) -> str:
        """Return ``true`` for a tick."""
        return "true" if self.coerce(value) else ""

    def blank(self, value: Json) -> bool:
        """An unticked box is no answer."""
        return value is not True

    def display(self, value: Json, choices: Sequence[Choice]) -> str:  # noqa: ARG002
        """Return ``是`` or ``否``; nothing where nobody was asked."""
        return "" if value is None else ("是" if self.coerce(value) else "否")


def _value(raw: Any) -> str | None:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, (str, int, float)):
        return str(raw)[:_LONGEST_VALUE] or None
    return None


def _choice(raw: Any) -> Choice | None:
    """Return an option written as ``{value, label}``, ``(value, label)`` or a plain value."""
    if isinstance(raw, Mapping):
        value, label = _value(raw.get("value")), raw.get("label")
    elif isinstance(raw, (tuple, list)) and len(raw) == 2:
        value, label = _value(raw[0]), raw[1]
    else:
        value, label = _value(raw), raw
    if value is None:
        return None
    return value, str(label) if isinstance(label, (str, int, float)) and str(label) else value


def _choices(raw: Any) -> tuple[Choice, ...]:
    if not isinstance(raw, (list, tuple)):
        return ()
    items = tuple(raw[:MAXIMUM_CHOICES])
    plain = all(type(item) is tuple and [type(part) for part in item] == [str, str] for item in items)
    return _plain_choices(items) if plain else _read_choices(items)


def _read_choices(items: tuple[Any, ...]) -> tuple[Choice, ...]:
    found = (_choice(item) for item in items)
    return tuple({option[0]: option for option in found if option is not None}.values())


_plain_choices = lru_cache(maxsize=256)(_read_choices)
"""Lists of the pack are the same for thousands of cases. Only texts: to a cache 1 and true would be one."""
