"""A case as plain data: what print templates, message templates, registers and the archive may read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from zuozhen.formjs import display
from zuozhen.model.clock import LOCAL
from zuozhen.model.errors import NotFound
from zuozhen.services.releases import Release
from zuozhen.store.tables import Case

_ROW_IDS = re.compile(r"^[A-Z]{2,4}-[0-9A-Za-z.\-、…]+(?:\s+|$)")


def form_keys(case: Case) -> list[str]:
    """Return the keys of the forms handed in so far, in order of their latest submission."""
    return list(case.data.get("_order", ()))


def case_facts(case: Case, release: Release) -> dict[str, Any]:
    """Return the head data of a case; instants as local ISO text to the minute."""
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
        "session": case.business_key or "",
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


def texts_of(case: Case, release: Release) -> dict[str, dict[str, str]]:
    """Return the latest answers as display text (labels of choices, Chinese dates), by form and field key."""
    lists = lists_of(release)
    texts: dict[str, dict[str, str]] = {}
    for key in form_keys(case):
        try:
            form = release.form(key)
        except NotFound:
            continue  # a form that a later release dropped still has its raw answers
        texts[key] = dict(display(form, case.data[key], lists))
    return texts


def lists_of(release: Release) -> dict[str, list[tuple[str, str]]]:
    """Return (value, label) of every list of the pack that a form may name by ``valuesKey``."""
    pack = release.pack
    lists = {name: list(labels.items()) for name, labels in pack.codes.items()}
    lists["channels"] = [(channel.id, channel.name) for channel in pack.channels]
    lists["units"] = [(unit.id, unit.name) for unit in pack.units]
    return lists


def local_text(instant: datetime | None) -> str:
    """Return ``2026-09-21 09:30`` local time, or empty."""
    return instant.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M") if instant else ""


def clause_text(release: Release, clause: str) -> str:
    """Return a source clause as people cite it: the notice and its section, without our row ids.

    ``zz:clause`` is written as ``XW-3.3-b 三（三）``: row ids of the acceptance list, then the section.
    """
    parts = [_ROW_IDS.sub("", part).strip() for part in clause.split("；")]
    sections = "；".join(dict.fromkeys(part for part in parts if part))
    return f"{release.pack.notice.number} {sections}" if sections else ""


def unit_names(release: Release) -> Mapping[str, str]:
    """Return names by id of all units and roles: what people read instead of group ids."""
    names = {unit.id: unit.name for unit in release.pack.units}
    return names | {role.id: role.name for role in release.pack.roles}
