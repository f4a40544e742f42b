"""What the compiled closures see while they run: variables, functions, the remaining budget, inner names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from zuozhen.feel.lifting import lift_as
from zuozhen.feel.limits import MAX_STEPS, Meter
from zuozhen.feel.values import PLAIN_TYPES, Value, lift
from zuozhen.model.types import Type

_NO_TYPES: Mapping[str, Type] = {}


class Scope:
    """Names bound inside an expression (loop variables, parameters, context entries, a list's item)."""

    __slots__ = ("names", "parent")

    def __init__(self, names: Mapping[str, Value], parent: Scope | None) -> None:
        self.names = names
        self.parent = parent


class Prepared(dict[str, Any]):
    """Variables for many evaluations: each is turned into a FEEL value once, when it is first read.

    Who fills ``lifted`` before saves even that. ``types`` says which texts are dates (``lifting.temporal_parts``).
    Nothing may be changed in it afterwards.
    """

    __slots__ = ("lifted", "types")

    def __init__(
        self,
        variables: Mapping[str, Any],
        lifted: Mapping[str, Value] | None = None,
        types: Mapping[str, Type] | None = None,
    ) -> None:
        super().__init__(variables)
        self.lifted: dict[str, Value] = dict(lifted or {})
        self.types: Mapping[str, Type] = types or {}

    def extended(self, more: Mapping[str, Any]) -> Prepared:
        """Return these variables with others on top; what was turned into FEEL values stays so."""
        lifted = {name: value for name, value in self.lifted.items() if name not in more}
        types = {name: kind for name, kind in self.types.items() if name not in more}
        return Prepared({**self, **more}, lifted, types)


class Frame(Meter):
    """One evaluation. Belongs to one thread; variables are turned into FEEL values once, when read."""

    __slots__ = ("calls", "functions", "lifted", "types", "variables")

    def __init__(self, variables: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]) -> None:
        # Written out instead of calling Meter.__init__: this runs once per condition on the hot path.
        self.steps = MAX_STEPS
        self.variables = variables
        self.functions = functions
        self.calls = 0
        self.lifted: dict[str, Value] | None = None
        self.types: Mapping[str, Type] = _NO_TYPES
        if type(variables) is Prepared:
            self.lifted, self.types = variables.lifted, variables.types

    def variable(self, name: str) -> Value:
        """Return a variable as a FEEL value; a missing one is null."""
        value = self.variables.get(name)
        kind = self.types.get(name) if self.types else None
        if kind is None and type(value) in PLAIN_TYPES:
            return value
        if self.lifted is None:
            self.lifted = {}
        if name not in self.lifted:
            self.lifted[name] = lift(value) if kind is None else lift_as(value, kind)
        return self.lifted[name]

    def lookup(self, name: str, scope: Scope | None) -> Value:
        """Return the innermost value bound to ``name``, else the variable."""
        found = scope_of(name, scope)
        return self.variable(name) if found is None else found.names[name]


def scope_of(name: str, scope: Scope | None) -> Scope | None:
    """Return the innermost scope that binds ``name``."""
    while scope is not None and name not in scope.names:
        scope = scope.parent
    return scope


Evaluator: TypeAlias = Callable[[Frame, "Scope | None"], Value]
Handler: TypeAlias = Callable[[Any, Any], Evaluator]
"""Compiles one kind of syntax node: ``handler(node, unit)``, where unit is the compiler's Unit."""
