"""What a form begins with and may read: answers known already, choices, the pack, the case and its session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage, MultiDict

from zuozhen.feel.lifting import lift_as
from zuozhen.formjs import BoundForm, FormDefinition, bind
from zuozhen.model.clock import local_date
from zuozhen.packs.units import heir
from zuozhen.services.casebook import pack_context, unit_rows
from zuozhen.services.context import Context
from zuozhen.services.knowledge import Known, known_at
from zuozhen.services.lookups import functions_for
from zuozhen.services.options import called_sessions, offered_units, options_for
from zuozhen.services.releases import Release
from zuozhen.services.sessioncases import session_answers
from zuozhen.services.succession import heir_for, present_answers
from zuozhen.store.tables import Case, Token


@dataclass(frozen=True, slots=True)
class Sent:
    """What a browser sent of a form."""

    formdata: MultiDict[str, str] | None = None
    files: MultiDict[str, FileStorage] | None = None


def fill_in(
    context: Context,
    session: Session,
    release: Release,
    form: FormDefinition,
    *,
    sent: Sent,
    case: Case | None = None,
    token: Token | None = None,
    draft: Mapping[str, Any] | None = None,
) -> BoundForm:
    """Return a form bound to what is known of ``case`` (``None``: it begins one) and to what was sent.

    ``token`` is the place where the form waits; ``draft`` wins over what is known.
    """
    known = known_at(session, release, case, token) if case is not None else Known()
    heir = heir_for(release, context.clock(), known.data)
    return bind(
        form,
        formdata=sent.formdata,
        files=sent.files,
        initial=present_answers(form, {**prefilled(form, known), **(draft or {})}, heir, known.variables),
        context=form_context(context, session, release, form, known.data, case),
        options=options_for(context, session, release, form),
        functions=functions_for(context, session, release)(context.clock(), lambda _note: None),
        today=local_date(context.clock()),
    )


def prefilled(form: FormDefinition, known: Known) -> dict[str, Any]:
    """Return first values for a form: nothing that the case already knows is asked twice (LC-4-a).

    Of several forms with the same key the latest counts, and a process variable that the diagram reads is
    newer still: every answer becomes one, and the diagram may write it afterwards. What was handed in with this
    very form counts only if the form says so (``prefill`` = ``keep``): a repeated reply is a new one.
    """
    own = known.data.get(form.key, {})
    values: dict[str, Any] = {}
    for earlier in known.data.get("_order", ()):
        if form.keeps or earlier != form.key:
            answers = known.data[earlier]
            values |= {key: answers[key] for key in form.field_keys if key in answers}
    stale = (*known.others, *(() if form.keeps else (own,)))
    for key in form.field_keys & known.variables.keys():
        value = known.variables[key]
        if key not in known.written and any(key in answers and answers[key] == value for answers in stale):
            continue  # it merely repeats an answer that does not count here
        if value is not None:
            values[key] = value
        elif values.get(key) is not None:
            del values[key]  # the diagram took it back
    return values


def form_context(
    context: Context,
    session: Session,
    release: Release,
    form: FormDefinition,
    data: Mapping[str, Any],
    case: Case | None = None,
) -> dict[str, Any]:
    """Return what expressions of a form may read besides its own fields.

    The forms handed in so far by their keys, ``venue``, ``next_session``, ``today``, ``names``, ``units``,
    ``roles``, ``codes``, ``tables``, ``parameters``, ``sessions`` and ``session``; the last two cost SQL, if they are read.
    """
    today = local_date(context.clock())
    known: dict[str, Any] = {**pack_context(release), "today": today}
    known["units"] = unit_rows(offered_units(context, release))
    known["roles"] = [{**role, "unit": heir(release.units, role["unit"], today)} for role in known["roles"]]
    recurrence = release.pack.session_recurrence
    if recurrence:
        coming = release.next_dates(recurrence, today, 1)
        known["next_session"] = coming[0].isoformat() if coming else None
    if "sessions" in form.surroundings:
        known["sessions"] = called_sessions(context, session, release)
    if "session" in form.surroundings:
        known["session"] = {}
        if case is not None:
            found = session_answers(session, release, [case])
            known["session"] = dict(found.get(case.business_key, {}))
    known |= {key: data[key] for key in data.get("_order", ())}
    types = release.form_types
    return {name: lift_as(value, types[name]) if name in types else value for name, value in known.items()}
