"""Who acts. Rights are decided here and nowhere else."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from zuozhen.model.errors import Conflict, Forbidden
from zuozhen.packs import Words
from zuozhen.store.tables import TOKEN_OPEN, Token

ONSITE = "zz:onsite"
ENTERPRISE = "enterprise"
"""The reserved group of the enterprise itself: staff never do its tasks (no forced or forged rating)."""


@dataclass(frozen=True, slots=True)
class Absent:
    """Somebody for whom an actor stands in (代班).

    ``groups`` and ``sees_all`` are only what the actor does not have by itself: an act that rests on them,
    or on a task handed to the absent person, is done for that person.
    """

    id: UUID
    name: str
    groups: frozenset[str] = frozenset()
    sees_all: bool = False


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or the system, as far as rights go.

    ``groups`` are role and unit ids of the jurisdiction's pack; ``sees_all`` opens every case of the
    jurisdiction (lead office, supervision), otherwise only cases that a group of the actor has worked on.
    Both include what the actor has for those in ``stands_for``; ``admin`` never does.
    """

    tenant: int
    name: str
    id: UUID | None = None
    groups: frozenset[str] = frozenset()
    sees_all: bool = False
    admin: frozenset[str] = field(default_factory=frozenset)
    stands_for: tuple[Absent, ...] = ()
    private: frozenset[str] = frozenset()
    """Processes of the jurisdiction whose cases even ``sees_all`` does not open: only work on them does."""
    words: Words = field(default_factory=Words)
    holds_sessions: bool = True
    """How pages speak to people of this jurisdiction, and whether it has sessions at all."""
    in_place_of: UUID | None = None
    """Set while an act is written down that is done for somebody else."""

    @property
    def is_staff(self) -> bool:
        return self.id is not None

    @property
    def ids(self) -> tuple[UUID, ...]:
        """The accounts whose tasks are this actor's: its own and those of the people it stands in for."""
        own = () if self.id is None else (self.id,)
        return (*own, *(absent.id for absent in self.stands_for))

    def holds(self, task: Token) -> bool:
        """Say whether a task is claimed by, or handed to, this very person or one it stands in for."""
        return task.assignee is not None and task.assignee in self.ids

    def doing(self, *tasks: Token) -> Actor:
        """Return this actor as it is written down when it does one of ``tasks``: maybe in somebody's place."""
        return self._in_place_of(self._absent_behind(tasks))

    def overseeing(self) -> Actor:
        """Return this actor as it is written down for an act that only those who see all cases may do."""
        return self._in_place_of(next((absent for absent in self.stands_for if absent.sees_all), None))

    def serving(self, groups: Collection[str]) -> Actor:
        """Return this actor as it is written down for an act of one of ``groups``: maybe in somebody's place."""
        own = self.groups.difference(*(absent.groups for absent in self.stands_for))
        if not own.isdisjoint(groups):
            return self
        return self._in_place_of(
            next((absent for absent in self.stands_for if not absent.groups.isdisjoint(groups)), None)
        )

    def _in_place_of(self, absent: Absent | None) -> Actor:
        if absent is None:
            return self
        return replace(self, name=f"{self.name}（代{absent.name}）", in_place_of=absent.id)

    def _absent_behind(self, tasks: Sequence[Token]) -> Absent | None:
        """Return the person in whose place a task is done; nobody when it is one of the actor's own."""
        if not self.stands_for:
            return None
        own = self.groups.difference(*(absent.groups for absent in self.stands_for))
        if any(task.assignee == self.id if task.assignee is not None else task.grp in own for task in tasks):
            return None
        for absent in self.stands_for:
            if any(task.assignee == absent.id or task.grp in absent.groups for task in tasks):
                return absent
        return None


def system(tenant: int) -> Actor:
    """The worker: fires timers and carries the outbox."""
    return Actor(tenant, "系统", sees_all=True)


def enterprise(tenant: int, name: str) -> Actor:
    """The enterprise of one case, known by receipt number and query code or by a signed link."""
    return Actor(tenant, name, groups=frozenset({ENTERPRISE}))


def may_do(actor: Actor, task: Token) -> bool:
    """Say whether :func:`require_task_right` would let a member of staff complete ``task``."""
    if task.grp == ENTERPRISE or not actor.is_staff:
        return False
    return actor.holds(task) if task.assignee is not None else task.grp in actor.groups


def may_show(task: Token) -> bool:
    """Say whether the diagram lets staff show the enterprise a QR code of its own open task (现场评价)."""
    return (
        task.kind == "task"
        and task.status == TOKEN_OPEN
        and task.grp == ENTERPRISE
        and task.properties.get(ONSITE) == "true"
    )


def require_task_right(actor: Actor, task: Token) -> None:
    """Raise unless ``actor`` may complete ``task``.

    Raises:
        Forbidden: the task belongs to other groups (or to the enterprise).
        Conflict: a colleague has claimed it.
    """
    if task.grp == ENTERPRISE and ENTERPRISE not in actor.groups:
        raise Forbidden(
            "此项由企业本人办理，工作人员不能代填。",
            hint="请企业通过回执编号和查询码，或短信、邮件中的链接办理。",
        )
    mine = actor.holds(task)
    if not mine and task.grp not in actor.groups:
        raise Forbidden("您所在的岗位不办理此事项。", hint="如需由您办理，请经办岗位的同事将任务转交给您。")
    if task.assignee is not None and not mine:
        raise Conflict("此任务已由其他同事签收。", hint="请与签收人联系，或请其退回、转交后再办理。")
