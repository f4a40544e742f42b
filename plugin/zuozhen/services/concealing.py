"""Business secrets: who does not work on a confidential case sees its masked answers nowhere.

The rule is written down in docs/decisions/0009-masking.md (clause LC-4-b).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from zuozhen.formjs import CONCEALED, FormDefinition
from zuozhen.model.errors import NotFound
from zuozhen.services.actors import ENTERPRISE, Actor
from zuozhen.services.casebook import answers_of, form_keys
from zuozhen.services.makers import Makers
from zuozhen.store.tables import Case, Event


def outsiders(
    session: Session, cases: Sequence[Case], tasks: Mapping[UUID, Sequence[Any]], reader: Actor
) -> frozenset[UUID]:
    """Return the confidential cases that ``reader`` does not work on.

    Whoever had a task in a case, or registered it, works on it. Costs a statement only where the tasks leave
    the question open.
    """
    if ENTERPRISE in reader.groups:
        return frozenset()
    open_question = {
        case.id
        for case in cases
        if case.confidential and not any(_mine(row, reader) for row in tasks.get(case.id, ()))
    }
    if open_question and reader.ids:
        open_question -= set(
            session.scalars(
                select(Event.case_id).where(
                    Event.tenant == reader.tenant,
                    Event.case_id.in_(open_question),
                    Event.seq == 1,
                    Event.actor.in_(reader.ids),
                )
            )
        )
    return frozenset(open_question)


def _mine(task: Any, reader: Actor) -> bool:
    return task.grp in reader.groups or (task.assignee is not None and task.assignee in reader.ids)


def concealed(form: FormDefinition, answers: Mapping[str, Any], *, confidential: bool) -> dict[str, Any]:
    """Return answers with those replaced that outsiders must not see."""
    if not confidential:
        return dict(answers)
    secret = form.masked({"confidential": True, **answers})
    return {
        key: CONCEALED if key in secret and value not in (None, "", [], {}) else value
        for key, value in answers.items()
    }


def concealed_answers(case: Case, makers: Makers) -> dict[str, Any]:
    """Return the answers of a case by form key as outsiders may read them."""
    found: dict[str, Any] = {}
    for key, answers in answers_of(case).items():
        try:
            form = makers.form(key)
        except NotFound:
            continue  # nobody can say any more what was secret in a form that was dropped
        found[key] = concealed(form, answers, confidential=case.confidential)
    return found


def concealed_variables(case: Case, makers: Makers) -> dict[str, Any]:
    """Return the process variables without those that carry a masked answer."""
    secret: set[str] = set()
    for key in form_keys(case):
        try:
            secret |= makers.form(key).masked({"confidential": case.confidential, **case.data[key]})
        except NotFound:
            continue
    return {
        name: CONCEALED if case.confidential and name in secret else value
        for name, value in (case.variables or {}).items()
    }


def revealed(case: Case) -> dict[str, str]:
    """Return what the row of a case conceals, for those who may read it: the enterprise's name."""
    if case.enterprise != CONCEALED:
        return {}
    for answers in answers_of(case).values():
        name = answers.get("enterprise") if isinstance(answers, Mapping) else None
        if isinstance(name, str) and name:
            return {"enterprise": name}
    return {}
