"""Choices and prefilled values that a form takes from the living case and the pack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from datetime import date
from typing import Any, TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from zuozhen.formjs import FormDefinition
from zuozhen.model.clock import local_date
from zuozhen.services.casebook import unit_names
from zuozhen.services.context import Context
from zuozhen.services.releases import Release
from zuozhen.store.tables import CASE_OPEN, Case

Options: TypeAlias = Mapping[str, Sequence[tuple[str, str]]]
COMING_SESSIONS = 4
WEEKDAYS = "一二三四五六日"


def options_for(
    context: Context,
    session: Session,
    release: Release,
    form: FormDefinition,
    typed: MultiDict[str, str] | None = None,
) -> dict[str, list[tuple[str, str]]]:
    """Return the choices of every list that ``form`` names by ``valuesKey``.

    Costs SQL only for ``clinics``. With ``typed`` the choices serve to check an answer, not to be shown: then
    a day that the recurrence rule gives costs none.
    """
    wanted = form.values_keys
    pack = release.pack
    known: dict[str, list[tuple[str, str]]] = {}
    if "units" in wanted:
        known["units"] = [(unit.id, unit.name) for unit in pack.units]
    if "channels" in wanted:
        known["channels"] = [(channel.id, channel.name) for channel in pack.channels]
    if "clinics" in wanted:
        chosen = _typed_into(form, "clinics", typed) if typed is not None else None
        known["clinics"] = coming_sessions(context, session, release, chosen)
    for name in wanted - known.keys():
        if name in pack.codes:
            known[name] = list(pack.codes[name].items())
    return known


def _typed_into(form: FormDefinition, values_key: str, typed: MultiDict[str, str]) -> set[str]:
    """Return what was typed into the fields of one list."""
    fields = [key for key, field in form.fields.items() if getattr(field, "values_key", "") == values_key]
    return {text for key in fields for text in typed.getlist(key)}


def coming_sessions(
    context: Context, session: Session, release: Release, chosen: Set[str] | None = None
) -> list[tuple[str, str]]:
    """Return (date, label) of the next sessions: the recurrence rule's and those called additionally.

    The latter are left out if all of ``chosen`` are among the former.
    """
    today = local_date(context.clock())
    recurrence = release.pack.session_recurrence
    coming = release.next_dates(recurrence, today, COMING_SESSIONS) if recurrence else []
    days = {day.isoformat() for day in coming}
    if chosen is None or not chosen <= days:
        days |= _called(session, release, today)
    return [(day, session_label(day)) for day in sorted(days)]


def _called(session: Session, release: Release, today: date) -> set[str]:
    """Return the days of sessions that were called besides the rule (加诊)."""
    keys = session.scalars(
        select(Case.business_key).where(
            Case.tenant == release.tenant,
            Case.process_id == release.pack.processes.get("clinic", ""),
            Case.status == CASE_OPEN,
            Case.business_key > today.isoformat(),
        )
    )
    return {key for key in keys if key}


def session_label(day: str) -> str:
    """Return ``2026年9月21日（星期一）`` for an ISO date; other text comes back unchanged."""
    try:
        value = date.fromisoformat(day)
    except ValueError:
        return day
    return f"{value.year}年{value.month}月{value.day}日（星期{WEEKDAYS[value.weekday()]}）"


def prefilled(
    context: Context,
    release: Release,
    form: FormDefinition,
    data: Mapping[str, Any],
    extra: Mapping[str, Any],
    *,
    own: bool = True,
) -> dict[str, Any]:
    """Return first values for a fresh form: nothing that the case already knows is asked twice (LC-4-a).

    The latest answer with the same key in any earlier form wins over ``extra`` (the process variables).
    Besides, default values and conditions of the form (FEEL) may read the earlier forms by their keys
    (``register.content``), the ``venue``, the ``next_session`` and ``names`` of units and roles by id. ``own=False`` leaves out what was
    answered in this very form before (a second rating starts blank).
    """
    order = [key for key in data.get("_order", ()) if own or key != form.key]
    today = local_date(context.clock())
    recurrence = release.pack.session_recurrence
    values: dict[str, Any] = {key: data[key] for key in order}
    values["venue"] = release.pack.portal.venue
    values["names"] = dict(unit_names(release))
    if recurrence:
        values["next_session"] = release.next_dates(recurrence, today, 1)[0].isoformat()
    values |= {key: extra[key] for key in form.field_keys if key in extra}
    for earlier in order:
        values |= {key: data[earlier][key] for key in form.field_keys if key in data[earlier]}
    return values
