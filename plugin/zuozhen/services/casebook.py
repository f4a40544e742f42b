"""A case as plain data: what print templates, message templates, registers and the archive may read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from zuozhen.formjs import FormDefinition, display
from zuozhen.model.clock import LOCAL, local_date
from zuozhen.model.errors import NotFound
from zuozhen.packs import DataTable, Unit
from zuozhen.packs.clauses import citations
from zuozhen.packs.lists import cell_value
from zuozhen.packs.parameters import values_of
from zuozhen.services.makers import Makers
from zuozhen.services.releases import Release
from zuozhen.services.sessionkeys import label_of, session_day
from zuozhen.store.tables import Case

SESSION_LISTS: Final = frozenset({"sessions", "bookings"})
"""The lists of sessions that a form may name by ``valuesKey`` and whose values are session keys."""


def form_keys(case: Case) -> list[str]:
    """Return the keys of the forms handed in so far, in order of their latest submission."""
    return list(case.data.get("_order", ()))


def case_facts(case: Case, release: Release) -> dict[str, Any]:
    """Return the head data of a case; instants as local ISO text to the minute, days as ISO text."""
    key = case.business_key or ""
    day = session_day(key)
    return {
        "number": case.number or "",
        "title": case.title,
        "enterprise": case.enterprise,
        "channel": channel_text(release, case.channel),
        "stage": case.stage,
        "status": case.status,
        "outcome": case.outcome or "",
        "registered_at": local_text(case.created_at),
        "ended_at": local_text(case.ended_at),
        "session": key,
        "session_label": label_of(release, key) if key else "",
        "session_on": day.isoformat() if day else None,
        "end": case.end_element,
        "registered_on": local_date(case.created_at).isoformat(),
        "ended_on": local_date(case.ended_at).isoformat() if case.ended_at else None,
        "confidential": bool(case.confidential),
    }


def channel_text(release: Release, channel: str) -> str:
    """Return how a case came in: the channel's name, and the counter whose QR code was scanned."""
    channel_id, _, counter_id = channel.partition(":")
    channels = {known.id: known.name for known in release.pack.channels}
    counters = {known.id: known.name for known in release.pack.counters}
    name = channels.get(channel_id, channel_id)
    return f"{name}（{counters.get(counter_id, counter_id)}）" if counter_id else name


def answers_of(case: Case) -> dict[str, Any]:
    """Return the latest answers by form key, as FEEL and templates see them."""
    return {key: case.data[key] for key in form_keys(case)}


def texts_of(
    case: Case, makers: Makers, *, conceal: bool = False, only: Collection[str] | None = None
) -> dict[str, dict[str, str]]:
    """Return the latest answers as display text (labels of choices, Chinese dates), by form and field key.

    Each form speaks the words of the release it was handed in on. ``conceal`` replaces what outsiders must not see; ``only`` these forms.
    """
    answered: dict[str, Any] = answers_of(case)
    if conceal:
        answered["confidential"] = case.confidential
    texts: dict[str, dict[str, str]] = {}
    for key in form_keys(case):
        if only is not None and key not in only:
            continue
        try:
            form, release = makers.form(key), makers.of(key)
        except NotFound:
            continue  # of a form that is nowhere any more the raw answers are left
        answers = case.data[key]
        lists = lists_for(release, form, answers)
        known = {**pack_context(release), **answered}
        texts[key] = dict(display(form, answers, lists, conceal=conceal, context=known))
    return texts


def pack_context(release: Release) -> dict[str, Any]:
    """Return what every form may read of its pack: units, roles, codes, tables, parameters, names by id, the venue."""
    if not release.context:
        pack = release.pack
        release.context.update(
            units=[
                {"value": unit.id, "label": unit.name, "office": unit.office} for unit in release.known_units
            ],
            roles=[{"value": role.id, "label": role.name, "unit": role.unit} for role in pack.roles],
            codes={name: dict(labels) for name, labels in pack.codes.items()},
            tables={table.key: rows_in_feel(table) for table in pack.tables},
            names=dict(unit_names(release)),
            parameters=values_of(pack.parameters),
            venue=pack.portal.venue,
        )
    return dict(release.context)


def unit_rows(units: Iterable[Unit]) -> list[dict[str, str]]:
    """Return units as FEEL reads them."""
    return [{"value": unit.id, "label": unit.name, "office": unit.office} for unit in units]


def rows_in_feel(table: DataTable) -> list[dict[str, Any]]:
    """Return the rows of a reference table as FEEL reads them: dates and numbers as what they are."""
    types = {column.key: column.type for column in table.columns}
    return [{key: cell_value(row.get(key, ""), kind) for key, kind in types.items()} for row in table.rows]


def lists_of(release: Release) -> dict[str, list[tuple[str, str]]]:
    """Return (value, label) of every list of the pack that a form may name by ``valuesKey``."""
    if not release.lists:
        pack = release.pack
        release.lists.update({name: list(labels.items()) for name, labels in pack.codes.items()})
        release.lists["channels"] = [(channel.id, channel.name) for channel in pack.channels]
        release.lists["units"] = [(unit.id, unit.name) for unit in release.known_units]
    return dict(release.lists)


def lists_for(
    release: Release, form: FormDefinition, answers: Mapping[str, Any]
) -> dict[str, list[tuple[str, str]]]:
    """Return the lists of the pack, and for chosen sessions what people call them.

    Which sessions could be chosen is a matter of the day; what was chosen keeps its name.
    """
    lists = lists_of(release)
    for name in SESSION_LISTS & form.values_keys:
        fields = [key for key, field in form.fields.items() if getattr(field, "values_key", "") == name]
        chosen = {value for key in fields for value in _texts(answers.get(key))}
        lists[name] = [(key, label_of(release, key)) for key in sorted(chosen)]
    return lists


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [item for item in values if isinstance(item, str) and item]


def local_text(instant: datetime | None) -> str:
    """Return ``2026-09-21 09:30`` local time, or empty."""
    return instant.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M") if instant else ""


def clause_text(release: Release, clause: str) -> str:
    """Return a source clause as people cite it: the notice and its section, without our row ids.

    ``zz:clause`` is written as ``XW-3.3-b 三（三）``: row ids of the acceptance list, then the section.
    """
    sections = "；".join(dict.fromkeys(part.section for part in citations(clause) if part.section))
    return f"{release.pack.notice.number} {sections}" if sections else ""


def unit_names(release: Release) -> Mapping[str, str]:
    """Return names by id of all units and roles, also of those that are over: what people read instead of group ids."""
    names = {unit.id: unit.name for unit in release.known_units}
    return names | {role.id: role.name for role in release.pack.roles}
