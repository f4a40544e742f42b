"""Answers as text for people: labels instead of codes, Chinese dates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zuozhen.formjs.components import Answerable
from zuozhen.formjs.components.base import Choice
from zuozhen.formjs.components.containers import Composite, DynamicList
from zuozhen.formjs.components.scope import Scope
from zuozhen.formjs.definition import FormDefinition
from zuozhen.formjs.expressions import Surroundings
from zuozhen.model.step import Json

CONCEALED = "（涉及商业秘密，不公开）"

Options = Mapping[str, Sequence[Choice]]


def display(
    form: FormDefinition,
    answers: Mapping[str, Json],
    options: Options | None = None,
    *,
    conceal: bool = False,
    context: Mapping[str, Any] | None = None,
) -> dict[str, str]:
    """Return every answer as display text by field key; with ``conceal`` masked ones are replaced.

    ``context`` is what expressions of the form read besides its own fields, as in ``bind``.
    """
    known = context or {}
    secret = form.masked({**known, **answers}) if conceal else frozenset[str]()
    texts = scope_texts(form.scope, answers, options or {}, known)
    return {key: CONCEALED if key in secret and text else text for key, text in texts.items()}


def scope_texts(
    scope: Scope, answers: Mapping[str, Json], options: Options, context: Mapping[str, Any]
) -> dict[str, str]:
    """Return the display texts of fields that lie side by side; ``context`` is what lies around them."""
    around = Surroundings({**context, **dict.fromkeys(scope.keys), **answers}, types=scope.temporal)
    return {field.key: _text(field, answers.get(field.key), around, options) for field in scope.fields}


def _text(component: Answerable, value: Json, around: Surroundings, options: Options) -> str:
    if isinstance(component, Composite):
        rows = component.coerce(value) if isinstance(component, DynamicList) else [component.coerce(value)]
        texts = (scope_texts(component.scope, row, options, around.variables).values() for row in rows)
        return "；".join("，".join(text for text in row if text) for row in texts)
    return component.display(value, component.choices(around, options))
