"""Deployed releases of packs, parsed once per process. A deployed release never changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session, undefer

from zuozhen.engine import Diagram, load_diagram
from zuozhen.formjs import FormDefinition, load_form
from zuozhen.model.errors import NotFound
from zuozhen.model.step import FunctionSource
from zuozhen.packs import Pack, Register, unbundle
from zuozhen.store.tables import Release as ReleaseRow
from zuozhen.workdays import Rules, date_functions, national

KEPT = 64
"""Releases kept parsed in one process; an evicted one is parsed again (some milliseconds)."""


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
    papers: dict[tuple[str, str], bytes] = field(default_factory=dict)
    """Posters and blank forms made so far: anybody may ask for them any number of times."""
    _forms: dict[str, FormDefinition] = field(default_factory=dict)

    @property
    def slug(self) -> str:
        return self.pack.slug

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
                    self._forms[key] = load_form(self.files[path], key=key, file=path)
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
    diagram = load_diagram(files[pack.diagram_path])
    return Release(release_id, pack.code, version, pack, files, diagram, rules, date_functions(rules))


def rules_of(pack: Pack) -> Rules:
    """Return how a pack counts days: the national calendar, its switches and its recurrences."""
    return Rules.from_tables(national(), pack.deadlines.switches, (spec.table for spec in pack.recurrences))


def live_id(tenant: int | InstrumentedAttribute[int]) -> Select[UUID]:
    """Return the query for the id of a jurisdiction's newest release; also as part of a larger one."""
    return (
        select(ReleaseRow.id).where(ReleaseRow.tenant == tenant).order_by(ReleaseRow.version.desc()).limit(1)
    )


class Releases:
    """Look-up with a small cache; safe to share between threads (work may at worst be done twice)."""

    def __init__(self) -> None:
        self._parsed: OrderedDict[UUID, Release] = OrderedDict()

    def get(self, session: Session, tenant: int, release_id: UUID) -> Release:
        """Return a release by id: no SQL when this process has seen it."""
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
        release = open_release(unbundle(row.bundle), release_id=row.id, version=row.version)
        self._parsed[release_id] = release
        while len(self._parsed) > KEPT:
            self._parsed.popitem(last=False)
        return release

    def live(self, session: Session, tenant: int) -> Release:
        """Return the newest release of a jurisdiction: the one that new cases use.

        Raises:
            NotFound: nothing is deployed there.
        """
        release_id = session.scalar(live_id(tenant))
        if release_id is None:
            raise NotFound("该地区尚未部署坐诊接诉流程。", hint="请管理员运行 zuozhen deploy 部署流程包。")
        return self.get(session, tenant, release_id)

    def live_tenants(self, session: Session) -> list[int]:
        """Return the division codes that have a deployed procedure."""
        return list(session.scalars(select(ReleaseRow.tenant).distinct().order_by(ReleaseRow.tenant)))
