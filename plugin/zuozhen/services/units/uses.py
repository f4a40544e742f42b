"""Where an installation uses a unit: work, people, what running cases say, tables that staff keep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Text, cast, func, or_, select
from sqlalchemy.orm import Session

from zuozhen.packs import Pack
from zuozhen.services.context import Context
from zuozhen.store.base import fixed
from zuozhen.store.casetables import is_open
from zuozhen.store.tablerows import present_rows
from zuozhen.store.tables import CASE_OPEN, Account, Case, Token

SHOWN: Final = 3
"""Names that a sentence lists."""


@dataclass(frozen=True, slots=True)
class Uses:
    """What names a unit. ``sessions`` are the sessions and their cases, over or not, that are called after it, ``cases`` those that say it elsewhere
    (answers, variables), ``ahead`` those whose diagram may still give it work, ``drafts`` half-typed answers; ``people``, ``roles``, ``rotas`` and ``tables`` are by name."""

    tasks: int
    drafts: int
    cases: int
    ahead: int
    sessions: int
    people: tuple[str, ...]
    roles: tuple[str, ...]
    rotas: tuple[str, ...]
    tables: tuple[str, ...]

    def __bool__(self) -> bool:
        return any(
            (self.tasks, self.drafts, self.cases, self.ahead, self.sessions, self.people, *self._named)
        )

    @property
    def _named(self) -> tuple[tuple[str, ...], ...]:
        return (self.roles, self.rotas, self.tables)

    @property
    def words(self) -> str:
        """Say in Chinese how much uses it."""
        counts = (
            (self.tasks, "项在办任务"),
            (self.drafts, "份没交的填写"),
            (self.cases, "件在办件的填报"),
            (self.ahead, "件在办件所在的版本还会交给它"),
            (self.sessions, "件场次和场次里的办件以它命名"),
        )
        named = (
            (self.people, "账号", "人"),
            (self.roles, "岗位", "个"),
            (self.rotas, "周期规则", "条"),
            (self.tables, "资料表", "张"),
        )
        parts = [f"{count} {word}" for count, word in counts if count]
        return "、".join([*parts, *(_listed(names, word, unit) for names, word, unit in named if names)])


def _listed(names: Sequence[str], word: str, unit: str) -> str:
    text = f"{word}{'、'.join(names[:SHOWN])}"
    return f"{text}等 {len(names)} {unit}" if len(names) > SHOWN else text


def uses_of(context: Context, session: Session, pack: Pack, unit: str) -> Uses:
    """Return what uses a unit in the jurisdiction of ``pack``, and what in that pack names it."""
    drafts = session.execute(
        select(Token.draft).where(Token.tenant == pack.code, is_open("task"), _says(Token.draft, unit))
    )
    cases = list(_cases(session, pack.code, unit))
    own = {
        table.key: rows
        for table in pack.tables
        if table.editable_by and (rows := present_rows(session, pack.code).get(table.key)) is not None
    }
    return Uses(
        session.scalar(
            select(func.count())
            .select_from(Token)
            .where(Token.tenant == pack.code, Token.grp == unit, is_open("task"))
        )
        or 0,
        sum(mentions(draft, unit) for (draft,) in drafts),
        sum(said for _, said in cases),
        _ahead(context, session, pack.code, unit),
        sum(held for held, _ in cases),
        tuple(members(session, pack.code, [unit])),
        tuple(role.name for role in pack.roles if role.unit == unit),
        tuple(spec.name for spec in pack.recurrences if unit in _holders(spec.table)),
        tuple(t.title for t in pack.tables if mentions(own.get(t.key, t.rows), unit)),
    )


def _ahead(context: Context, session: Session, tenant: int, unit: str) -> int:
    """Count the running cases on releases whose diagram names a unit itself."""
    running = session.execute(
        select(Case.release_id, func.count())
        .where(Case.tenant == tenant, Case.status == fixed(CASE_OPEN))
        .group_by(Case.release_id)
    )
    return sum(
        count
        for release_id, count in running
        if any(
            element.group == unit or f'"{unit}"' in element.group
            for element in context.releases.get(session, tenant, release_id).diagram.elements.values()
        )
    )


def members(session: Session, tenant: int, groups: Iterable[str]) -> Iterator[str]:
    """Yield the names of the active accounts that are entered as members of one of the groups."""
    wanted = frozenset(groups)
    rows = session.execute(
        select(Account.display_name, Account.unit, Account.groups)
        .where(Account.tenant == tenant, Account.active.is_(True))
        .order_by(Account.display_name)
    )
    for name, unit, own in rows:
        if not wanted.isdisjoint((unit, *own)):
            yield name


def mentions(value: Any, unit: str) -> bool:
    """Say whether a JSON value is the id of a unit or holds it somewhere."""
    if isinstance(value, Mapping):
        return any(mentions(item, unit) for item in value.values())
    if isinstance(value, list | tuple):
        return any(mentions(item, unit) for item in value)
    return bool(value == unit)


def _cases(session: Session, tenant: int, unit: str) -> Iterator[tuple[bool, bool]]:
    """Yield of each case that has to do with a unit: its session is called after it, it runs and says it elsewhere."""
    ending = f" {unit}"
    running = Case.status == fixed(CASE_OPEN)
    rows = session.execute(
        select(Case.business_key, Case.status, Case.data, Case.variables).where(
            Case.tenant == tenant,
            or_(
                running & or_(_says(Case.data, unit), _says(Case.variables, unit)),
                Case.business_key.endswith(ending),
            ),
        )
    )
    for key, status, data, variables in rows:
        answers = {name: value for name, value in data.items() if not name.startswith("_")}
        yield key.endswith(ending), status == CASE_OPEN and mentions([answers, variables], unit)


def _says(column: Any, unit: str) -> Any:
    return cast(column, Text).contains(f'"{unit}"', autoescape=True)


def _holders(table: Mapping[str, Any]) -> tuple[str, ...]:
    return (*table.get("holders", ()), table.get("holder", ""))
