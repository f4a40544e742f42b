"""What a diagram may refer to: the rest of the pack, as plain names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from zuozhen.model.step import FunctionSource
from zuozhen.model.types import Signature, Type


@dataclass(frozen=True, slots=True)
class LintContext:
    """Names known outside the diagram. An empty set means that nothing of its kind exists.

    ``forms`` maps form keys to the types of their fields by key, ``groups`` are role ids, ``functions`` builds the date
    functions (``None``: timers are compiled but not tried out), ``recurrences`` are the names of
    recurrence rules, ``templates`` message template keys, ``topics`` side effects of service tasks,
    ``known_names`` the variables that are set without a form (such as the case's own key). ``held`` are the
    groups that somebody belongs to at present (``None``: not known, nothing is said about it), ``labels``
    what people call a group. ``prints`` are the keys of print templates, ``reports`` those of reports, with
    whether a report has a parameter, ``facts`` what expressions of letters and documents may read besides the
    variables and the forms, with its types. ``signatures`` are those of the registered functions, ``ambient`` what
    every expression of the diagram may read besides variables.
    """

    forms: Mapping[str, Mapping[str, Type]] = field(default_factory=dict)
    groups: frozenset[str] = frozenset()
    functions: FunctionSource | None = None
    recurrences: frozenset[str] = frozenset()
    templates: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    known_names: frozenset[str] = frozenset()
    held: frozenset[str] | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    prints: frozenset[str] = frozenset()
    reports: Mapping[str, bool] = field(default_factory=dict)
    facts: Mapping[str, Type] = field(default_factory=dict)
    signatures: Mapping[str, Signature] = field(default_factory=dict)
    ambient: Mapping[str, Type] = field(default_factory=dict)
    blank: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By form: the fields that may be handed in without a value."""
    started: frozenset[str] = frozenset()
    """Ids of the processes that the pack starts by themselves."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """Names whose values are known before any case: rules that read nothing else are tried out."""
