"""What every kind of form component knows about itself: reading, parsing, checking, showing, printing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar, Final, Literal, TypeAlias

from zuozhen.formjs.expressions import Condition, Rule, Surroundings
from zuozhen.formjs.schema import Reader
from zuozhen.model.step import Json
from zuozhen.model.types import DATE, TEXT, Type

Control: TypeAlias = Literal[
    "input", "textarea", "select", "radios", "checks", "checkbox", "file", "computed",
    "group", "list", "text", "separator", "spacer",
]  # fmt: skip
"""How the page draws a component; the macro has one branch for each."""

Choice: TypeAlias = tuple[str, str]
"""Value and label of one option."""

DATE_LISTS: Final[Mapping[str, Type]] = {"clinics": DATE}
"""The option lists (``valuesKey``) whose values are dates."""

GRID = 16
"""Columns of a form-js row."""


@dataclass(slots=True)
class State:
    """What the answers make of one bound field at this moment."""

    hidden: bool = False
    """Its condition hides it: neither required nor accepted."""
    fixed: bool = False
    """No answer on this page can change ``hidden``: a hidden one need not be on the page."""
    readonly: bool = False
    required: bool = False
    choices: tuple[Choice, ...] = ()
    limits: Mapping[str, Any] = field(default_factory=dict)
    """Resolved ``min``, ``max``, ``minLength`` and ``maxLength``."""
    today: date | None = None


class Component:
    """One component of a form. Immutable once loaded; a subclass is one form-js ``type``.

    ``label`` and ``hint`` are templates, ``columns`` is the width in sixteenths (``None``: an equal
    share of ``row``), ``guards`` are the conditions of the component and of the groups around it.
    """

    type: ClassVar[str]
    control: ClassVar[Control]
    keyed: ClassVar[bool] = False
    container: ClassVar[bool] = False

    def __init__(self, reader: Reader) -> None:
        self.id = reader.text("id", limit=200)
        self.key = ""
        self.path = ""
        self.properties = reader.properties()
        self.label = reader.template("label")
        self.hint = reader.template("description")
        self.hide: Condition | None = reader.mapping("conditional").condition("hide")
        layout = reader.mapping("layout")
        self.row = layout.text("row", limit=200)
        self.columns = layout.whole("columns", 1, GRID)
        self.guards: tuple[Condition, ...] = ()
        self.children: tuple[Component, ...] = ()

    @property
    def title(self) -> str:
        """The label as plain text, else the key: how messages name the component."""
        return self.label.plain().strip() or self.key or self.id

    def reads(self) -> frozenset[str]:
        """Return the variables that must be settled before this component can be."""
        return frozenset[str]().union(*(guard.names for guard in self.guards))

    def drawn_by(self) -> frozenset[str]:
        """Return the variables on which depends how it looks while it is shown."""
        return self.label.names | self.hint.names

    def display(self, value: Json, choices: Sequence[Choice]) -> str:  # noqa: ARG002
        """Return an answer as text for people and paper."""
        return ""


class Answerable(Component):
    """A component with an answer under ``key``."""

    keyed = True
    verb: ClassVar[str] = "填写"
    """What a person does with it, for the message about a missing answer."""
    limit_types: ClassVar[tuple[type, ...]] = (int, float)
    """Types that a computed ``min``, ``max``, ``minLength`` or ``maxLength`` may have."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        self.key = reader.text("key", limit=100)
        hints = reader.hint(self.properties)
        validate = reader.mapping("validate")
        self.readonly = reader.flag_or_rule("readonly")
        self.disabled = reader.flag("disabled")
        self.required = validate.flag_or_rule("required")
        self.required_if = hints.rule("required.if")
        self.default: Json = reader.raw.get("defaultValue")
        self.default_rule = hints.rule("default")
        self.mask = self._mask(hints)
        self.when = self.properties.get("when.hint", "")
        self.limits: dict[str, int | float | Rule] = {}
        for name in ("min", "max", "minLength", "maxLength"):
            limit = validate.number_or_rule(name)
            if limit is not None:
                self.limits[name] = limit

    @property
    def may_be_blank(self) -> bool:
        """Whether a person who is asked for an answer need not give one.

        Fields that the page itself fills, or that are shown and demanded by conditions, do not count.
        """
        asked = self.control not in ("checkbox", "computed", "file") and self.readonly is False
        return asked and not (self.disabled or self.required or self.required_if)

    @staticmethod
    def _mask(hints: Reader) -> bool | Rule:
        text = hints.text("mask")
        return text == "true" if text in ("", "true", "false") else hints.rule("mask") or True

    def reads(self) -> frozenset[str]:
        """Return the variables of the conditions and of a computed ``readonly``."""
        return super().reads() | (self.readonly.names if isinstance(self.readonly, Rule) else frozenset())

    def drawn_by(self) -> frozenset[str]:
        """Return also the variables of a computed ``readonly``."""
        return super().drawn_by() | (self.readonly.names if isinstance(self.readonly, Rule) else frozenset())

    # -- the answer: a JSON value; ``None`` (or an empty list) is "no answer"

    def feel_type(self, lists: Mapping[str, Type]) -> Type:  # noqa: ARG002
        """Return what the answer is for FEEL; ``lists`` are the types of the values of each ``valuesKey``."""
        return TEXT

    @property
    def page_kind(self) -> str:
        """How the page reads its answer (``plugin/studio/src/page/kinds.js``)."""
        return "line"

    def coerce(self, value: Json) -> Json:
        """Return a stored value if this component could have made it, else ``None``."""
        return value if isinstance(value, str) else None

    def parse(self, typed: Sequence[str]) -> Json:
        """Return the answer in what was typed; raises ``ValueError`` with a Chinese message."""
        raise NotImplementedError

    def shown(self, value: Json) -> str:
        """Return a stored value, valid or not, as the text of an input."""
        return "" if value is None or isinstance(value, (list, dict)) else str(value)

    def blank(self, value: Json) -> bool:
        """Tell whether a value is no answer."""
        return value is None or value == "" or value == []

    def check(self, value: Json, state: State) -> Iterator[str]:  # noqa: ARG002
        """Yield what is wrong with a parsed answer that is not blank."""
        yield from ()

    def resolve_limits(self, around: Surroundings) -> Mapping[str, Any]:
        """Return the limits with computed ones evaluated; one that comes out as nonsense does not limit."""
        resolved = {}
        for name, limit in self.limits.items():
            value = limit.value(around) if isinstance(limit, Rule) else limit
            if isinstance(value, self.limit_types) and not isinstance(value, bool):
                resolved[name] = value
        return resolved

    def missing(self) -> str:
        """Return the message for a required answer that is not there."""
        return self.properties.get("required.message") or f"请{self.verb}“{within_quotes(self.title)}”"

    # -- the page

    def attributes(self, state: State) -> Mapping[str, str]:  # noqa: ARG002
        """Return HTML attributes of the input."""
        return {}

    def choices(self, around: Surroundings, options: Mapping[str, Sequence[Choice]]) -> tuple[Choice, ...]:  # noqa: ARG002
        """Return the options a person can choose from."""
        return ()

    def display(self, value: Json, choices: Sequence[Choice]) -> str:  # noqa: ARG002
        """Return an answer as text for people and paper."""
        return self.shown(value)


def within_quotes(text: str) -> str:
    """Return a text to be put in “quotes”: quotes in it become the inner ones."""
    return text.replace("“", "‘").replace("”", "’")
