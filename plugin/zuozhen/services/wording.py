"""What the diagram words itself with FEEL over the facts: recipients, titles, parameters, who may act."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from zuozhen import feel
from zuozhen.model.errors import ContentError, FeelError
from zuozhen.services.context import Context
from zuozhen.services.facts import Needs, facts_of
from zuozhen.services.lookups import functions_for
from zuozhen.services.releases import Release
from zuozhen.store.tables import Case


def known_to(
    context: Context, session: Session, case: Case, variables: Mapping[str, Any], *texts: str | None
) -> feel.Prepared:
    """Return what an effect's ``texts`` (FEEL, templates) read: the facts, and the variables as they were asked with."""
    facts = facts_of(context, session, case, needs=Needs.by_text(*texts))
    known = facts.extended({"variables": {**facts["variables"], **variables}, **variables})
    release = context.releases.get(session, case.tenant, case.release_id)
    return feel.Prepared(known, types={**known.types, **release.diagram.types.get(case.process_id, {})})


def is_formula(text: str) -> bool:
    """Tell FEEL (``=…``, ``${…}``) from plain text, where a property may hold both."""
    return text.strip().startswith(("=", "${", "#{"))


def worded(context: Context, session: Session, release: Release, text: str, known: Mapping[str, Any]) -> Any:
    """Return a property's value: text as it stands, or what its FEEL (``=…``, ``${…}``) gives, as JSON.

    Raises:
        ContentError: the expression cannot be worked out.
    """
    text = text.strip()
    if not is_formula(text):
        return text
    try:
        functions = functions_for(context, session, release)(context.clock(), lambda _note: None)
        return feel.to_json(feel.compile_expression(text).evaluate(known, functions))
    except FeelError as error:
        raise ContentError(
            f"表达式 {text} 算不出来：{error.message}", hint="请在流程图中改正后重试。"
        ) from error
