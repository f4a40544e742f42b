"""A loaded form: its components, rules and names. Immutable, shared by all who fill it in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from wtforms import Form

from zuozhen.formjs.classes import generate_class
from zuozhen.formjs.components import Answerable, Component
from zuozhen.formjs.components.containers import Composite
from zuozhen.formjs.components.scope import Scope
from zuozhen.formjs.components.showing import Text
from zuozhen.formjs.expressions import Rule, Surroundings
from zuozhen.model.errors import Finding
from zuozhen.model.step import Json


@dataclass(frozen=True, slots=True)
class FormRule:
    """A rule across fields: violated when ``rule`` is exactly false; shown at ``field`` if given."""

    rule: Rule
    message: str
    field: str = ""


@dataclass(frozen=True, eq=False)
class FormDefinition:
    """One version of one form. ``key`` is its name in the pack, ``file`` where it was read from.

    ``keeps`` says that, handed in again in the same case, it begins with its own earlier answers.

    ``components`` is the tree as drawn, ``scope`` the fields in it, ``sha256`` the hash of the source,
    ``findings`` are warnings (errors prevent loading).
    """

    key: str
    file: str
    title: str
    components: tuple[Component, ...]
    scope: Scope
    rules: tuple[FormRule, ...]
    sha256: str
    properties: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    keeps: bool = False

    @cached_property
    def fields(self) -> Mapping[str, Answerable]:
        """Every field by its path: ``attendees`` and also ``attendees.name``."""
        return dict(_flatten(self.scope, ""))

    @cached_property
    def field_keys(self) -> frozenset[str]:
        """The names of the answers, as diagrams and registers read them."""
        return self.scope.keys

    @cached_property
    def blank_keys(self) -> frozenset[str]:
        """The names of the answers that people may leave empty wherever they are asked for them."""
        return frozenset(field.key for field in self.scope.fields if field.may_be_blank)

    @cached_property
    def values_keys(self) -> frozenset[str]:
        """The names of the option lists that must be handed in (``valuesKey``)."""
        keys = (getattr(component, "values_key", "") for component in self.fields.values())
        return frozenset(key for key in keys if key)

    def label(self, key: str) -> str:
        """Return the label of a field, or its key where the form has no such field."""
        return self.fields[key].title if key in self.fields else key

    @cached_property
    def names(self) -> frozenset[str]:
        """Variables from outside that the form reads: case data, options among the variables."""
        read = frozenset[str]().union(*(reading(component) for component in self.fields.values()))
        read = read.union(*(rule.rule.names for rule in self.rules))
        inner = {path.rpartition(".")[2] for path in self.fields}
        return read - inner - {"?"}

    @cached_property
    def surroundings(self) -> frozenset[str]:
        """Everything from outside that the page reads: ``names``, and what texts between the fields read."""
        read = frozenset[str]().union(*(_shown(component) for component in self.components))
        return self.names | (read - self.field_keys)

    @cached_property
    def wtform_class(self) -> type[Form]:
        """The generated WTForms class, made once."""
        return generate_class(self.key, self.scope)

    def masked(self, answers: Mapping[str, Json]) -> frozenset[str]:
        """Return the keys that outsiders must not see (商业秘密), given the answers."""
        around = Surroundings({**dict.fromkeys(self.field_keys), **answers}, types=self.scope.temporal)
        return frozenset(
            field.key
            for field in self.scope.fields
            if (field.mask.holds(around) if isinstance(field.mask, Rule) else field.mask)
        )


def reading(component: Answerable) -> frozenset[str]:
    """Return every variable a field reads, also those that do not decide when it settles."""
    rules: list[object] = [component.required, component.required_if, component.default_rule, component.mask]
    rules.extend(component.limits.values())
    names = component.reads().union(*(rule.names for rule in rules if isinstance(rule, Rule)))
    return names | component.label.names | component.hint.names


def _shown(component: Component) -> frozenset[str]:
    """Return what labels, hints, conditions and texts of a component and those inside it read."""
    names = component.reads() | component.label.names | component.hint.names
    if isinstance(component, Text):
        names |= component.text.names
    return names.union(*(_shown(child) for child in component.children))


def _flatten(scope: Scope, prefix: str) -> Iterator[tuple[str, Answerable]]:
    for component in scope.fields:
        yield prefix + component.key, component
        if isinstance(component, Composite):
            yield from _flatten(component.scope, f"{prefix}{component.key}.")
