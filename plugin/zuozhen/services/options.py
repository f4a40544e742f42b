"""Choices that a form takes from the living installation and the pack."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy.orm import Session

from zuozhen import feel
from zuozhen.formjs import FormDefinition
from zuozhen.model.clock import LOCAL, local_date
from zuozhen.model.errors import FeelError
from zuozhen.packs import Unit
from zuozhen.packs.units import heir, living
from zuozhen.services.casebook import lists_of
from zuozhen.services.context import Context
from zuozhen.services.facts import Needs, facts_of_cases
from zuozhen.services.lookups import functions_for
from zuozhen.services.releases import Release
from zuozhen.services.sessioncases import called_and_dropped, open_sessions
from zuozhen.services.sessionkeys import label_of, session_day
from zuozhen.services.titles import procedure_of
from zuozhen.store.tables import Case

Options: TypeAlias = Mapping[str, Sequence[tuple[str, str]]]
COMING_SESSIONS = 4


def options_for(
    context: Context,
    session: Session,
    release: Release,
    form: FormDefinition,
) -> dict[str, list[tuple[str, str]]]:
    """Return the choices of every list that ``form`` names by ``valuesKey``; of units those that there are today.

    Costs SQL only for lists of sessions.
    """
    wanted = form.values_keys
    lists = lists_of(release)
    known = {name: list(lists[name]) for name in wanted if name in lists}
    if "units" in wanted:
        known["units"] = [(unit.id, unit.name) for unit in offered_units(context, release)]
    if "clinics" in wanted:
        known["clinics"] = coming_sessions(context, session, release)
    if "sessions" in wanted or "bookings" in wanted:
        called = called_sessions(context, session, release)
        known["sessions"] = [(one["value"], one["label"]) for one in called]
        known["bookings"] = [(one["value"], one["label"]) for one in called if one["bookable"]]
    return known


def offered_units(context: Context, release: Release) -> tuple[Unit, ...]:
    """Return the units that may be chosen today: those of the live release, under the names of this one."""
    present = {unit.id for unit in living(release.units, local_date(context.clock()))}
    return tuple(unit for unit in release.known_units if unit.id in present)


def present_unit_names(context: Context, release: Release) -> dict[str, str]:
    """Return what the unit of an account is called today, by the id that it was entered with."""
    today, names = local_date(context.clock()), {unit.id: unit.name for unit in release.known_units}
    return {id_: names[heir(release.units, id_, today)] for id_ in names}


def coming_sessions(context: Context, session: Session, release: Release) -> list[tuple[str, str]]:
    """Return (key, label) of the next sessions: the recurrence rule's and those called additionally.

    A date of the rule whose session was moved or cancelled is left out.
    """
    today = local_date(context.clock())
    recurrence = release.pack.session_recurrence
    coming = release.next_sessions(recurrence, today, COMING_SESSIONS) if recurrence else []
    called, dropped = called_and_dropped(session, release, today.isoformat())
    keys = ({key for key in coming if not _is_called(release, key, called)} - dropped) | called
    return [(key, label_of(release, key)) for key in sorted(keys)]


def _is_called(release: Release, key: str, called: Collection[str]) -> bool:
    """Say whether a session of the rule is prepared already, under the unit that had its turn before."""
    day = session_day(key)
    return day is not None and any(
        f"{day.isoformat()} {heir(release.units, one[10:].strip(), day)}".rstrip() == key
        for one in called
        if one != key and one.startswith(day.isoformat())
    )


def called_sessions(context: Context, session: Session, release: Release) -> list[dict[str, Any]]:
    """Return the open session instances from today on, as forms read them: value, label, on, bookable.

    Of several instances with one key the first counts. ``on`` is the day (ISO text) or null.
    """
    cases = open_sessions(session, release, local_date(context.clock()).isoformat())
    first = list({case.business_key: case for case in reversed(cases)}.values())[::-1]
    bookable = _bookable(context, session, release, first)
    found = []
    for case, may_book in zip(first, bookable, strict=True):
        day = session_day(case.business_key)
        found.append(
            {
                "value": case.business_key,
                "label": case.title or label_of(release, case.business_key),
                "on": day.isoformat() if day else None,
                "bookable": may_book,
            }
        )
    return found


def _bookable(context: Context, session: Session, release: Release, cases: Sequence[Case]) -> list[bool]:
    """Say of each session whether enterprises may still choose it; a rule that fails closes it."""
    rules = [_booking_rule(release, case) for case in cases]
    compiled = [rule for rule in rules if rule is not None]
    if not compiled:
        return [True] * len(cases)
    now = context.clock()
    needs = Needs.of(compiled)
    functions = functions_for(context, session, release)(now, lambda _note: None)
    found = []
    for rule, facts in zip(rules, facts_of_cases(context, session, cases, needs=needs), strict=True):
        try:
            open_ = (
                rule is None
                or rule.evaluate(facts.extended({"now": now.astimezone(LOCAL)}), functions) is True
            )
        except FeelError:
            open_ = False
        found.append(open_)
    return found


def _booking_rule(release: Release, case: Case) -> feel.Expression | None:
    procedure = procedure_of(release, case.process_id)
    if procedure is None or not procedure.bookable:
        return None
    try:
        return feel.compile_expression(procedure.bookable)
    except FeelError:
        return feel.compile_expression("false")
