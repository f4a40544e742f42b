"""What a jurisdiction's manifest (pack.toml) says, as plain frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from zuozhen.packs.numbering import Numbering

ENTERPRISE = "enterprise"
"""The reserved group: its tasks are done by the enterprise through the portal, never by staff."""


@dataclass(frozen=True, slots=True)
class Notice:
    """The document that orders the procedure; ``date`` is ISO text, ``basis`` what it rests on."""

    number: str
    date: str
    issuer: str
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """An organisation unit 单位; its id is also the group of its staff."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Role:
    """A role with its own group. ``sees`` is ``all`` cases or its ``own``."""

    id: str
    name: str
    unit: str = ""
    sees: str = "own"


@dataclass(frozen=True, slots=True)
class Choice:
    """A coded value with the label people read: a channel, a counter."""

    id: str
    name: str


Channel = Choice
Counter = Choice


@dataclass(frozen=True, slots=True)
class RecurrenceSpec:
    """A named recurrence as data; the floor that counts days makes a rule of ``table``."""

    name: str
    kind: str
    table: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a register: ``value`` is FEEL over case data, ``width`` its share (0 = even).

    ``key`` names the column in print templates (``c1``, ``c2`` … unless given).
    """

    label: str
    value: str
    width: float = 0
    key: str = ""


@dataclass(frozen=True, slots=True)
class Register:
    """A list over cases (台账, 清单): ``filter`` is FEEL, empty for all; ``form`` names its paper form.

    ``department`` is FEEL over case data: the departments named at the head of the paper.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    form: str = ""
    process: str = "case"
    filter: str = ""
    notes: tuple[str, ...] = ()
    department: str = ""


@dataclass(frozen=True, slots=True)
class Portal:
    """Texts of the public pages, and the channels of registrations made there."""

    scope: str = ""
    venue: str = ""
    hotline: str = ""
    privacy: str = ""
    objects: str = ""
    online_channel: str = ""
    qr_channel: str = ""


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How days are counted here and when a warning is shown.

    ``warning_share`` is the share of the limit that is left when the warning starts; ``switches``
    are only the counting switches that the manifest sets, ready for the floor that counts days.
    """

    count_from: str = "next_day"
    warning_share: float = 0.3
    switches: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything pack.toml says.

    ``session_recurrence`` names the recurrence of the clinic days; ``business_key`` names the routing
    variable that ties cases to their clinic session. Both may be empty. ``codes`` are labels by value.
    """

    slug: str
    code: int
    name: str
    title: str
    diagram: str
    session_recurrence: str
    business_key: str
    notice: Notice
    processes: Mapping[str, str]
    units: tuple[Unit, ...]
    roles: tuple[Role, ...]
    recurrences: tuple[RecurrenceSpec, ...]
    numberings: Mapping[str, Numbering]
    channels: tuple[Channel, ...]
    counters: tuple[Counter, ...]
    codes: Mapping[str, Mapping[str, str]]
    portal: Portal
    deadlines: Deadlines
    registers: tuple[Register, ...]
    text: Mapping[str, str]
