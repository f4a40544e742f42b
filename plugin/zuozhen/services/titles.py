"""The title of an instance, as the pack words it: FEEL over the facts, worked out anew after every form."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from zuozhen import feel
from zuozhen.formjs import CONCEALED
from zuozhen.model.errors import FeelError, NotFound
from zuozhen.packs import Procedure
from zuozhen.services.actors import Actor
from zuozhen.services.casebook import answers_of
from zuozhen.services.context import Context
from zuozhen.services.facts import Needs, facts_of
from zuozhen.services.lookups import functions_for
from zuozhen.services.releases import Release
from zuozhen.store.tables import Case

LONGEST: Final = 200
"""Characters of a title."""


def title_of(context: Context, session: Session, release: Release, case: Case) -> str:
    """Return the title of a case as it is (or is going to be); a rule that fails leaves the old one.

    Everybody who sees the case in a list reads it, so masked answers are not in it. Costs a statement only
    where the rule reads tasks, the session or other cases, or where the case is confidential.
    """
    procedure = procedure_of(release, case.process_id)
    if procedure is None or not procedure.title:
        return case.title
    try:
        expression = feel.compile_expression(procedure.title)
        needs = Needs.of([expression])
        now = context.clock()
        anybody = Actor(release.tenant, "")
        facts = facts_of(context, session, case, needs=needs, reader=anybody, owner=release)
        functions = functions_for(context, session, release)(now, lambda _note: None)
        value = feel.to_json(expression.evaluate(facts, functions))
    except FeelError:
        return case.title
    return value.strip()[:LONGEST] or case.title if isinstance(value, str) else case.title


def procedure_of(release: Release, process_id: str) -> Procedure | None:
    """Return what the pack says of a process."""
    found = (p for p in release.pack.procedures.values() if p.process == process_id)
    return next(found, None)


def plain_title(release: Release, case: Case) -> str:
    """Return the title that an enterprise gave its matter, without business secrets."""
    for key, answers in answers_of(case).items():
        title = answers.get("title")
        if isinstance(title, str) and title:
            return CONCEALED if _is_secret(release, key, case, "title") else title[:LONGEST]
    return ""


def plain_enterprise(release: Release, case: Case) -> str:
    """Return the enterprise that a case is about, without business secrets."""
    for key, answers in answers_of(case).items():
        name = answers.get("enterprise")
        if isinstance(name, str) and name:
            return CONCEALED if _is_secret(release, key, case, "enterprise") else name[:LONGEST]
    return ""


def _is_secret(release: Release, form_key: str, case: Case, field: str) -> bool:
    if not case.confidential:
        return False
    try:
        return field in release.form(form_key).masked({"confidential": True, **case.data[form_key]})
    except NotFound:
        return False
