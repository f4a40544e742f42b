"""Who does the work of an abolished unit: the units of the live release count for all cases, as its calendar does.

The rule of a split reads what its case knows: the variables of the task, the forms handed in, parameters and tables.
Whatever it yields, the work lands with somebody: the last successor takes what no rule claims.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from zuozhen import feel
from zuozhen.formjs import FormDefinition
from zuozhen.model.clock import clock_functions, local_date
from zuozhen.model.errors import FeelError
from zuozhen.model.step import AMBIENT, Functions, Heir, Variables
from zuozhen.model.types import Type
from zuozhen.packs import Successor, Unit
from zuozhen.packs.units import is_over
from zuozhen.services.casebook import pack_context
from zuozhen.services.releases import Release


def heir_for(release: Release, now: datetime, data: Mapping[str, Any]) -> Heir | None:
    """Return who does a group's work in a case with the answers ``data`` (as ``Case.data``); ``None``: each its own."""
    gone = over_with_heirs(release.units, local_date(now))
    if not gone:
        return None
    return Succession(release, gone, now, data).heir


def over_with_heirs(units: Iterable[Unit], day: date) -> dict[str, Unit]:
    """Return by id the units that were abolished by then and have somebody who takes over."""
    return {unit.id: unit for unit in units if unit.successors and is_over(unit, day)}


class Succession:
    """The units that are gone, asked for one case."""

    def __init__(
        self, release: Release, gone: Mapping[str, Unit], now: datetime, data: Mapping[str, Any]
    ) -> None:
        self._gone = gone
        self._known = {key: data[key] for key in data.get("_order", ())}
        pack = pack_context(release)
        self._known |= {name: pack[name] for name in AMBIENT}
        self._types: dict[str, Type] = dict(release.form_types)
        for types in release.diagram.types.values():
            self._types |= types
        self._release, self._now = release, now

    def heir(self, group: str, variables: Variables) -> str:
        """Return who does the work of a group in this case."""
        left = dict(self._gone)
        while (unit := left.pop(group, None)) is not None:
            group = self._chosen(unit.successors, variables)
        return group

    def _chosen(self, successors: tuple[Successor, ...], variables: Variables) -> str:
        rules = [one for one in successors[:-1] if one.when.strip()]
        if rules:
            known = feel.Prepared({**self._known, **variables}, types=self._types)
            functions = self._functions()
            for successor in rules:
                if _holds(successor.when, known, functions):
                    return successor.id
        return successors[-1].id

    def _functions(self) -> Functions:
        dates = self._release.functions(self._now, lambda _note: None)
        return {**dates, **clock_functions(self._now)}


def present_answers(
    form: FormDefinition, values: Mapping[str, Any], heir: Heir | None, known: Variables
) -> dict[str, Any]:
    """Return first values of a form in which a unit that is gone is the one that took over.

    Half-typed answers and what other forms said begin with a choice that can still be made.
    """
    if heir is None:
        return dict(values)
    paths = {
        path
        for path, component in form.fields.items()
        if getattr(component, "values_key", "") == "units" or "units" in component.reads()
    }

    def renewed(value: Any, path: str) -> Any:
        if isinstance(value, Mapping):
            return {key: renewed(item, f"{path}.{key}" if path else key) for key, item in value.items()}
        if isinstance(value, list):
            items = [renewed(item, path) for item in value]
            return list(dict.fromkeys(items)) if path in paths and _texts_only(items) else items
        return heir(value, known) if path in paths and isinstance(value, str) else value

    return {key: renewed(value, key) for key, value in values.items()}


def _texts_only(items: list[Any]) -> bool:
    return all(isinstance(item, str) for item in items)


def _holds(rule: str, known: Mapping[str, Any], functions: Functions) -> bool:
    try:
        return feel.compile_expression(rule).evaluate(known, functions) is True
    except FeelError:  # a case that lacks what the rule reads is one of the others
        return False
