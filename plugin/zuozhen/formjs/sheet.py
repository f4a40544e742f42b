"""What the page is told, so that the browser decides as the server does: how answers are read, what rules say."""

from __future__ import annotations

import json
from collections.abc import Iterable, Set
from dataclasses import dataclass, replace
from typing import Any, Final

from zuozhen.feel.lifting import temporal_part
from zuozhen.formjs.components.containers import Composite, DynamicList
from zuozhen.formjs.components.scope import Scope
from zuozhen.formjs.components.showing import Computed
from zuozhen.formjs.expressions import Rule, Surroundings
from zuozhen.formjs.portable import NotPortable, tree_of
from zuozhen.model.types import ANY, TEMPORAL

ASK: Final = "?"
"""Stands for a rule that only the server can decide, and for an answer that only the server can read."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One drawing of a form: ``page`` are the names of the answers that rules read at this place.

    ``changeable`` are the names of those that a person can change here; ``disputed`` the inputs about which page
    and server disagreed when the form was sent: then the server alone decides.
    """

    changeable: frozenset[str]
    page: frozenset[str]
    disputed: frozenset[str] = frozenset()

    def inside(self, names: frozenset[str]) -> Sheet:
        """Return the sheet within a group or row whose answers have these names."""
        return replace(self, page=self.page | names | {"i"})

    def follows(self, names: Set[str]) -> bool:
        """Tell whether anything that reads these names can change with an answer of the page."""
        return not self.changeable.isdisjoint(names)

    def told(self, rules: Iterable[object], around: Surroundings) -> str:
        """Return what the page is told about rules of which one must hold: JSON, "?", or "" for nothing.

        Where no answer of the page can change it, it stays as drawn.
        """
        found = [rule for rule in rules if isinstance(rule, Rule)]
        if not any(self.follows(rule.names) for rule in found):
            return ""
        if self.disputed:
            return ASK
        try:
            trees = [tree_of(rule, self.page, around) for rule in found]
        except NotPortable:
            return ASK
        return _text(trees[0] if len(trees) == 1 else ["or", *trees])


def kinds(scope: Scope, page: frozenset[str], around: Surroundings) -> str:
    """Return how the page reads the answers of a form, as JSON: kinds by name, groups and rows within."""
    return _text(_kinds(scope, page, around))


def _kinds(scope: Scope, page: frozenset[str], around: Surroundings) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for component in scope.fields:
        if isinstance(component, Composite):
            within = "rows" if isinstance(component, DynamicList) else "group"
            inner = page | component.scope.keys | {"i"}
            found[component.key] = {within: _kinds(component.scope, inner, around)}
        elif isinstance(component, Computed):
            found[component.key] = _computed(component, scope, page, around)
        else:
            found[component.key] = component.page_kind
    return found


def _computed(component: Computed, scope: Scope, page: frozenset[str], around: Surroundings) -> Any:
    rule = component.rule
    part = temporal_part(scope.computed.get(component.key, ANY))
    if rule is None or (part is not None and part.kind not in TEMPORAL):
        return ASK
    kind = part.kind if part is not None else "json"
    try:
        return {"tree": tree_of(rule, page, around), "kind": kind}
    except NotPortable:
        return ASK if rule.names & page else kind


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def answer_text(value: Any) -> str:
    """Return an answer that is shown but cannot be changed, as JSON for the page."""
    return _text(value)
