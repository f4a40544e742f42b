"""What a jurisdiction's manifest (pack.toml) says, as plain frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
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
class Successor:
    """A unit that takes over from another; ``when`` is FEEL over a case, empty for all other cases."""

    id: str
    when: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """An organisation unit 单位; its id is also the group of its staff.

    It lives from the day ``begins`` until the day before ``until``, the day of its abolition (``None``: always).
    Its work goes to the first of ``successors`` whose rule is true; the last has none.
    """

    id: str
    name: str
    office: str = ""
    """The level or district it belongs to, as a code of the pack; forms may offer only one office's units."""
    begins: date | None = None
    until: date | None = None
    successors: tuple[Successor, ...] = ()


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
class Parameter:
    """A named value of the pack: number, text, ``date`` or yes/no. ``unit`` and ``clause`` are for people."""

    key: str
    label: str
    value: str | int | float | bool | date
    unit: str = ""
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a register: ``value`` is FEEL over case data, ``width`` its share (0 = even).

    ``key`` names the column in print templates (``c1``, ``c2`` … unless given). ``type`` is what FEEL reads of a
    reference table's cells: ``text``, ``date`` or ``number``.
    """

    label: str
    value: str
    width: float = 0
    key: str = ""
    type: str = "text"


@dataclass(frozen=True, slots=True)
class RegisterFilter:
    """A choice above a register: ``value`` is FEEL over case data, its texts are what can be chosen."""

    key: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Register:
    """A list over cases (台账, 清单): ``filter`` is FEEL, empty for all; ``form`` names its paper form.

    ``department`` is FEEL over case data: the departments named at the head of the paper. ``by`` is
    ``session`` for the list of one session, ``period`` for one that runs on; ``period`` is FEEL giving the
    date by which cases fall into a period. ``open_to`` are the groups that may open it (empty: all staff);
    whoever opens it finds only the cases that person may see.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    form: str = ""
    process: str = "case"
    filter: str = ""
    notes: tuple[str, ...] = ()
    department: str = ""
    by: str = "session"
    period: str = "case.registered_on"
    filters: tuple[RegisterFilter, ...] = ()
    open_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a report: how many cases meet ``where`` (FEEL), or with ``of`` the share in per cent
    of another figure's cases that do; with ``value`` (FEEL giving a number) its sum, or with ``average`` its mean.
    """

    key: str
    label: str
    where: str = ""
    of: str = ""
    value: str = ""
    average: bool = False


@dataclass(frozen=True, slots=True)
class ReportTable:
    """Figures by group: ``group`` is FEEL per case giving a text or a list of texts; ``columns`` are keys of
    figures. ``chart`` is ``bar``, ``line``, ``pie`` or empty."""

    key: str
    title: str
    group: str
    columns: tuple[str, ...]
    chart: str = ""


@dataclass(frozen=True, slots=True)
class ReportParameter:
    """What a report is narrowed to: a code of the list ``codes``; ``filter`` is FEEL that reads ``key``."""

    key: str
    label: str
    codes: str
    filter: str


@dataclass(frozen=True, slots=True)
class Report:
    """Figures over the cases of a period (通报, 简报). ``by`` is FEEL giving the date of a case; ``period`` is
    month, quarter or year. ``template`` names the print template, ``notes`` stand below."""

    key: str
    title: str
    figures: tuple[Figure, ...]
    tables: tuple[ReportTable, ...] = ()
    process: str = "case"
    period: str = "month"
    by: str = "case.registered_on"
    filter: str = ""
    parameter: ReportParameter | None = None
    template: str = ""
    notes: tuple[str, ...] = ()
    open_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DataTable:
    """Reference data of the pack (a rota, a schedule): rows of texts or lists of texts by column key.

    A ``public`` one is shown on the portal; ``print`` names its print template. ``editable_by`` are the groups
    that may change its rows while the procedure runs; their rows count instead of these.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, Any], ...]
    public: bool = False
    print: str = ""
    notes: tuple[str, ...] = ()
    editable_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quota:
    """How often something must happen: ``recurrence`` names a rule of kind ``quota``; counted are the cases
    of ``process`` that meet ``filter`` (FEEL) by the date ``by`` (FEEL). The warning starts in ``warn_from``
    (month of the year; of a month or quarter: at once)."""

    name: str
    recurrence: str
    process: str
    filter: str = ""
    by: str = "case.session_on"
    warn_from: int = 1


@dataclass(frozen=True, slots=True)
class Procedure:
    """How people meet a process of the pack.

    ``title`` is FEEL over the case data, ``open_to`` the groups that may start it by hand (empty: who sees
    all cases), ``public`` lets enterprises start it on the portal, ``session`` marks one whose instances
    are sessions (坐诊场次), ``bookable`` is FEEL over a session's data that says whether enterprises may
    still choose it. Cases of a ``private`` one are seen only by those who had a task in it.
    """

    alias: str
    process: str
    label: str
    title: str = ""
    open_to: tuple[str, ...] = ()
    public: bool = False
    session: bool = False
    bookable: str = ""
    private: bool = False
    about: str = ""


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
    window: str = ""
    """The recurrence whose windows are the booking periods (挂号期); empty if people register at any time."""


@dataclass(frozen=True, slots=True)
class Words:
    """What the pages call things here: to ``register`` a matter, one ``session``, and the ``sitting`` itself."""

    register: str = "挂号"
    session: str = "坐诊场次"
    sitting: str = "坐诊"


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
    procedures: Mapping[str, Procedure]
    """By alias: one for each entry of ``processes``."""
    reports: tuple[Report, ...]
    tables: tuple[DataTable, ...]
    quotas: tuple[Quota, ...]
    words: Words
    parameters: Mapping[str, Parameter]

    @property
    def holds_sessions(self) -> bool:
        """Say whether there are sessions to book in this jurisdiction at all."""
        return bool(self.session_recurrence) or any(one.session for one in self.procedures.values())
