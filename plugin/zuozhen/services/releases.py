"""Deployed releases of packs, parsed once per process. A deployed release never changes."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from time import monotonic
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session, undefer

from zuozhen.engine import Diagram, load_diagram
from zuozhen.engine.lint import temporal_variables
from zuozhen.feel.lifting import temporal_parts
from zuozhen.formjs import FormDefinition, load_form
from zuozhen.formjs.typing import typed
from zuozhen.model.errors import ContentError, NotFound
from zuozhen.model.step import Functions, FunctionSource, Note
from zuozhen.model.types import Type
from zuozhen.packs import DataTable, Pack, Register, Unit, unbundle
from zuozhen.packs.paths import manifest_path
from zuozhen.packs.units import heir
from zuozhen.services.packtypes import PackTypes
from zuozhen.store.tablerows import present_rows, revisions
from zuozhen.store.tables import Release as ReleaseRow
from zuozhen.workdays import Calendar, Rules, date_functions, national_with, parse_table

KEPT = 64
"""Releases kept parsed in one process; an evicted one is parsed again (some milliseconds)."""

LOOK_AGAIN: Final = 10.0
"""Seconds after which a process asks the database anew which release is live."""


@dataclass(frozen=True, slots=True)
class Release:
    """One version of one pack, ready to run cases."""

    id: UUID
    tenant: int
    version: int
    pack: Pack
    files: Mapping[str, bytes]
    diagram: Diagram
    rules: Rules
    functions: FunctionSource
    units: tuple[Unit, ...]
    """The units of the live release: whatever release a case is on, who works on it is who is there now."""
    fact_types: Mapping[str, Type] = field(default_factory=dict)
    """What in the facts of a case is a date or time (``services.facts``), for reading it as such."""
    form_types: Mapping[str, Type] = field(default_factory=dict)
    """The same for what the rules of a form may read from outside (``filling.form_context``)."""
    papers: dict[tuple[str, str], bytes] = field(default_factory=dict)
    """Posters and blank forms made so far: anybody may ask for them any number of times."""
    context: dict[str, Any] = field(default_factory=dict)
    """What expressions of forms may read of the pack, put together once (see ``casebook.pack_context``)."""
    lists: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """The lists of the pack that forms may name, put together once (see ``casebook.lists_of``)."""
    _forms: dict[str, FormDefinition] = field(default_factory=dict)

    @property
    def slug(self) -> str:
        return self.pack.slug

    @property
    def known_units(self) -> tuple[Unit, ...]:
        """Every unit that may be read here: under the names of this release, then those that came later."""
        own = {unit.id for unit in self.pack.units}
        return (*self.pack.units, *(unit for unit in self.units if unit.id not in own))

    def find(self, *candidates: str) -> bytes | None:
        """Return the first of these files that the bundle holds."""
        return next((self.files[path] for path in candidates if path in self.files), None)

    def form(self, key: str) -> FormDefinition:
        """Return the form ``key`` of this release.

        Raises:
            NotFound: the release has no such form.
        """
        if key not in self._forms:
            for folder in (self.slug, "_common"):
                path = f"forms/{folder}/{key}.json"
                if path in self.files:
                    self._forms[key] = load_form(self.pack.written(path), key=key, file=path)
                    break
            else:
                raise NotFound(
                    f"表单“{key}”不在已部署的版本中。", hint="请管理员检查流程图中的表单引用后重新部署。"
                )
        return self._forms[key]

    def print_template(self, key: str) -> str | None:
        """Return the Jinja source that prints ``key``; ``None`` means the generic table."""
        source = self.find(f"templates/print/{self.slug}/{key}.html", f"templates/print/_common/{key}.html")
        return source.decode() if source is not None else None

    def message_template(self, key: str) -> str | None:
        source = self.find(f"templates/message/{self.slug}/{key}.txt", f"templates/message/_common/{key}.txt")
        return source.decode() if source is not None else None

    def is_printed(self, key: str) -> bool:
        """Say whether a submission of form ``key`` becomes a document of its own."""
        return self.print_template(key) is not None or "print.attachment" in self.form(key).properties

    def register(self, key: str) -> Register:
        for register in self.pack.registers:
            if register.key == key:
                return register
        raise NotFound(f"没有名为“{key}”的清单或台账。")

    def next_sessions(self, recurrence: str, after: date, count: int) -> list[str]:
        """Return the keys of the next ``count`` sessions of a recurrence: a date, and whose it is if it is somebody's."""
        found = self.rules.recurrences[recurrence].next_sessions(after, self.rules.calendar, count)
        keys = (f"{day.isoformat()} {heir(self.units, holder, day)}".rstrip() for day, holder in found)
        return list(dict.fromkeys(keys))

    def next_dates(self, recurrence: str, after: date, count: int) -> list[date]:
        """Return the next ``count`` dates of a named recurrence strictly after ``after``."""
        return self.rules.recurrences[recurrence].next_dates(after, self.rules.calendar, count)


def open_release(files: Mapping[str, bytes], *, release_id: UUID, version: int) -> Release:
    """Parse a bundle's files into a runnable release.

    Raises:
        ContentError: the manifest or the diagram cannot be read.
    """
    pack = Pack.from_files(files)
    rules = rules_of(pack)
    forms = _forms_of(pack)
    types = PackTypes(pack, forms)
    forms.update({key: typed(form, types.fields[key]) for key, form in forms.items()})
    xml = pack.drawing
    diagram = replace(load_diagram(xml), types=temporal_variables(xml, types.lint_context))
    return Release(
        release_id,
        pack.code,
        version,
        pack,
        files,
        diagram,
        rules,
        functions_of(rules, pack.units),
        pack.units,
        fact_types=temporal_parts(types.facts),
        form_types=temporal_parts(types.around_forms),
        _forms=forms,
    )


def _forms_of(pack: Pack) -> dict[str, FormDefinition]:
    """Return the forms of a bundle by key, the jurisdiction's own before common ones; broken ones are left out."""
    forms: dict[str, FormDefinition] = {}
    paths = sorted(
        (path for path in pack.files if path.startswith("forms/")), key=lambda path: "/_common/" not in path
    )
    for path in paths:
        key = path.rpartition("/")[2].removesuffix(".json")
        with suppress(ContentError):  # said where the form is asked for
            forms[key] = load_form(pack.written(path), key=key, file=path)
    return forms


def functions_of(rules: Rules, units: Sequence[Unit]) -> FunctionSource:
    """Return the functions of a pack where there is no database: ``cases`` finds nothing there."""
    dates = date_functions(rules, lambda holder, day: heir(units, holder, day))

    def build(at: datetime, note: Note) -> Functions:
        return {**dates(at, note), "cases": _no_cases}

    return build


def _no_cases(**_named: Any) -> list[Any]:
    """Stands for ``cases`` in checks, previews and other runs without a database."""
    return []


def rules_of(pack: Pack) -> Rules:
    """Return how a pack counts days: its calendar, its switches and its recurrences.

    Raises:
        ContentError: a calendar file, a switch or a recurrence is wrong; findings name the file.
    """
    try:
        specs = (spec.table for spec in pack.recurrences)
        return Rules.from_tables(calendar_of(pack), pack.deadlines.switches, specs)
    except ContentError as error:
        file = manifest_path(pack.slug)
        findings = [replace(finding, file=finding.file or file) for finding in error.findings]
        raise ContentError(error.message, findings, hint=error.hint) from error


def calendar_of(pack: Pack) -> Calendar:
    """Return the national calendar overlaid by the pack's own calendar files.

    Raises:
        ContentError: a calendar file is wrong.
    """
    return national_with(tuple(parse_table(table, file=path) for path, table in pack.calendars))


def with_rows(pack: Pack, kept: Mapping[str, Sequence[Any]]) -> Pack:
    """Return a pack with the rows that staff keep, by table, in the columns that it has itself."""

    def table_with(table: DataTable) -> DataTable:
        if not table.editable_by or table.key not in kept:
            return table
        keys = [column.key for column in table.columns]
        return replace(table, rows=tuple({key: row.get(key, "") for key in keys} for row in kept[table.key]))

    return replace(pack, tables=tuple(table_with(table) for table in pack.tables))


def with_calendar(release: Release, calendar: Calendar) -> Release:
    """Return the same release counting days by another calendar."""
    if release.rules.calendar.version == calendar.version:
        return release
    rules = replace(release.rules, calendar=calendar)
    return replace(release, rules=rules, functions=functions_of(rules, release.units))


def as_of(release: Release, live: Release) -> Release:
    """Return a release by the calendar and with the units of the live one."""
    found = with_calendar(release, live.rules.calendar)
    if found.units == live.units:
        return found
    functions = functions_of(found.rules, live.units)
    return replace(found, units=live.units, functions=functions, papers={}, context={}, lists={})


def live_id(tenant: int | InstrumentedAttribute[int]) -> Select[UUID]:
    """Return the query for the id of a jurisdiction's newest release; also as part of a larger one."""
    return (
        select(ReleaseRow.id).where(ReleaseRow.tenant == tenant).order_by(ReleaseRow.version.desc()).limit(1)
    )


@dataclass(frozen=True, slots=True)
class _Live:
    """The newest release of a jurisdiction as this process knows it, and when it asked (seconds)."""

    release: Release
    asked: float


class Releases:
    """Look-up with a small cache; safe to share between threads (work may at worst be done twice).

    All cases of a jurisdiction count days by the calendar of its newest release and are worked on by the units
    of it, whatever release they are on: a holiday, or the end of a unit, does not wait for a migration.
    """

    def __init__(self, seconds: Callable[[], float] = monotonic) -> None:
        self._seconds = seconds
        self._parsed: OrderedDict[UUID, Release] = OrderedDict()
        self._counting: dict[UUID, Release] = {}
        self._rows: dict[UUID, tuple[object, Release]] = {}
        self._live: dict[int, _Live] = {}

    def get(self, session: Session, tenant: int, release_id: UUID) -> Release:
        """Return a release by id with the calendar and the units of the live one.

        No SQL when this process has seen it, except that every ten seconds it asks which one is live.
        """
        return self._with_rows(session, self._counted(session, tenant, release_id))

    def _counted(self, session: Session, tenant: int, release_id: UUID) -> Release:
        release = self._own(session, tenant, release_id)
        live = self._newest(session, release)
        if live.version <= release.version:
            return release
        counting = self._counting.get(release_id)
        if (
            counting is None
            or counting.rules.calendar.version != live.rules.calendar.version
            or counting.units != live.units
        ):
            counting = as_of(release, live)
            while len(self._counting) >= KEPT:
                self._counting.pop(next(iter(self._counting)), None)
            self._counting[release_id] = counting
        return counting

    def keep(self, release: Release) -> None:
        """Take a release that is parsed already: throw-away installations share one."""
        self._parsed[release.id] = release
        while len(self._parsed) > KEPT:
            self._parsed.popitem(last=False)

    def deployed(self, release: Release) -> None:
        """Take a release that has just become the live one: this process counts by its calendar at once."""
        self.keep(release)
        self._note(release)

    def newest(self, session: Session, tenant: int, release_id: UUID) -> Release:
        """Return the release that a query has just found to be the live one."""
        release = self._own(session, tenant, release_id)
        self._note(release)
        return self._with_rows(session, release)

    def _with_rows(self, session: Session, release: Release) -> Release:
        """Return a release with the rows that staff keep in its tables; one statement, if there are such tables."""
        if not any(table.editable_by for table in release.pack.tables):
            return release
        mark = (
            release.rules.calendar.version,
            release.units,
            tuple(sorted(revisions(session, release.tenant).items())),
        )
        if not mark[2]:
            return release
        known = self._rows.get(release.id)
        if known is None or known[0] != mark:
            pack = with_rows(release.pack, present_rows(session, release.tenant))
            known = (mark, replace(release, pack=pack, papers={}, context={}, lists={}))
            while len(self._rows) >= KEPT:
                self._rows.pop(next(iter(self._rows)), None)
            self._rows[release.id] = known
        return known[1]

    def _own(self, session: Session, tenant: int, release_id: UUID) -> Release:
        """Return a release with the calendar that it was deployed with."""
        known = self._parsed.get(release_id)
        if known is not None:
            return known
        row = session.scalar(
            select(ReleaseRow)
            .where(ReleaseRow.tenant == tenant, ReleaseRow.id == release_id)
            .options(undefer(ReleaseRow.bundle))
        )
        if row is None:
            raise NotFound("此版本的流程已不存在。")
        if hashlib.sha256(row.bundle).hexdigest() != row.sha256:
            raise ContentError(
                f"第 {row.version} 版的内容与部署时的摘要不符，不能使用。",
                hint="数据库中的版本内容被改动过，请从备份恢复。",
            )
        release = open_release(unbundle(row.bundle), release_id=row.id, version=row.version)
        self.keep(release)
        return release

    def _newest(self, session: Session, release: Release) -> Release:
        """Return the live release of the jurisdiction of ``release``."""
        known = self._live.get(release.tenant)
        if known is not None and known.release.version < release.version:
            return self._note(release)
        if known is not None and self._seconds() - known.asked < LOOK_AGAIN:
            return known.release
        found = session.scalar(live_id(release.tenant))
        return self._note(self._own(session, release.tenant, found) if found is not None else release)

    def _note(self, release: Release) -> Release:
        """Remember a release as live unless a newer one is known: a reader may look at an older snapshot."""
        known = self._live.get(release.tenant)
        newest = known.release if known and known.release.version > release.version else release
        self._live[release.tenant] = _Live(newest, self._seconds())
        return newest

    def live(self, session: Session, tenant: int) -> Release:
        """Return the newest release of a jurisdiction: the one that new cases use.

        Raises:
            NotFound: nothing is deployed there.
        """
        release_id = session.scalar(live_id(tenant))
        if release_id is None:
            raise NotFound("该地区尚未部署坐诊接诉流程。", hint="请管理员运行 zuozhen deploy 部署流程包。")
        return self.newest(session, tenant, release_id)

    def live_tenants(self, session: Session) -> list[int]:
        """Return the division codes that have a deployed procedure."""
        return list(session.scalars(select(ReleaseRow.tenant).distinct().order_by(ReleaseRow.tenant)))
