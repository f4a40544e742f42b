"""What the answers make of the form: which fields are hidden, fixed, required; what is computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from wtforms import Form

from zuozhen.formjs.classes import GroupField, RowsField
from zuozhen.formjs.components.base import Answerable, Choice, Component, State
from zuozhen.formjs.components.scope import Scope
from zuozhen.formjs.components.showing import Computed
from zuozhen.formjs.expressions import Rule, Surroundings
from zuozhen.model.step import Json


@dataclass(slots=True)
class Circumstances:
    """What one filling-in of a form brings along; ``today`` is the local day, for "not in the past"."""

    around: Surroundings
    options: Mapping[str, Sequence[Choice]]
    readonly_keys: frozenset[str]
    today: date | None
    changeable: set[str] = field(default_factory=set)
    """Names of the fields a person can change on this page, as far as settled."""


def settle(form: Any, scope: Scope, circumstances: Circumstances) -> dict[str, Json]:
    """Decide the state of every field in dependency order; return the answers that count.

    A hidden field has no answer, and conditions that read it see null: so nothing can be smuggled in
    through a field the person was never shown.
    """
    variables = {**circumstances.around.variables, **dict.fromkeys(scope.keys)}
    types = {**circumstances.around.types, **scope.temporal}
    answers = {}
    for component in scope.order:
        around = Surroundings(variables, circumstances.around.functions, types)
        bound = form.field(component.key)
        bound.state = _state(component, around, circumstances)
        if bound.state.readonly and not isinstance(component, Computed):
            bound.restore()
        else:
            circumstances.changeable.add(component.key)
        value = _answer(component, bound, around, circumstances)
        if not bound.state.hidden:
            variables[component.key] = answers[component.key] = value
    return {component.key: answers[component.key] for component in scope.fields if component.key in answers}


def _state(component: Answerable, around: Surroundings, circumstances: Circumstances) -> State:
    return State(
        hidden=hidden(component, around),
        fixed=not any(guard.names & circumstances.changeable for guard in component.guards),
        readonly=(
            component.key in circumstances.readonly_keys
            or component.disabled
            or _true(component.readonly, around)
        ),
        choices=component.choices(around, circumstances.options),
        today=circumstances.today,
    )


def hidden(component: Component, around: Surroundings) -> bool:
    """Tell whether a condition of the component, or of a group around it, hides it."""
    return any(guard.holds(around) for guard in component.guards)


def _true(flag: bool | Rule, around: Surroundings) -> bool:
    return flag.holds(around) if isinstance(flag, Rule) else flag


def _answer(component: Answerable, bound: Any, around: Surroundings, circumstances: Circumstances) -> Json:
    if isinstance(component, Computed):
        bound.process_data(component.compute(around))
        return bound.data
    if isinstance(bound, GroupField):
        return settle(bound.form, bound.component.scope, _nested(bound, circumstances, around))
    if isinstance(bound, RowsField):
        rows = []
        filled = bound.filled()
        for number, entry in enumerate(bound.entries, start=1):
            inner = _nested(bound, circumstances, around.within({"i": number}))
            row = settle(entry.form, bound.component.scope, inner)
            if entry in filled:
                rows.append(row)
        return rows
    return bound.data


def _nested(bound: Any, circumstances: Circumstances, around: Surroundings) -> Circumstances:
    readonly = bound.component.scope.keys if bound.state.readonly else frozenset[str]()
    return Circumstances(
        around, circumstances.options, readonly, circumstances.today, circumstances.changeable
    )


def demand(form: Any, scope: Scope, around: Surroundings) -> None:
    """Second pass, with all answers known: which fields are required and what limits them."""
    for component in scope.fields:
        bound = form.field(component.key)
        bound.state.required = _true(component.required, around) or bool(
            component.required_if and component.required_if.holds(around)
        )
        bound.state.limits = component.resolve_limits(around)
        for number, inner in enumerate(inner_forms(bound), start=1):
            names = (
                {"i": number, **row_answers(inner)} if isinstance(bound, RowsField) else row_answers(inner)
            )
            demand(inner, bound.component.scope, around.within(names, bound.component.scope.temporal))


def inner_forms(bound: Any) -> Iterable[Form]:
    """Return the forms within a group or list."""
    if isinstance(bound, GroupField):
        return (bound.form,)
    if isinstance(bound, RowsField):
        return tuple(entry.form for entry in bound.entries)
    return ()


def row_answers(form: Any) -> dict[str, Json]:
    """Return the answers of one row as variables, hidden ones null."""
    return {bound.component.key: None if bound.state.hidden else bound.data for bound in form}
