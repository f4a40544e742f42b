"""Who acts. Rights are decided here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from zuozhen.model.errors import Conflict, Forbidden
from zuozhen.store.tables import Token

ENTERPRISE = "enterprise"
"""The reserved group of the enterprise itself: staff never do its tasks (no forced or forged rating)."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or the system, as far as rights go.

    ``groups`` are role and unit ids of the jurisdiction's pack; ``sees_all`` opens every case of the
    jurisdiction (lead office, supervision), otherwise only cases that a group of the actor has worked on.
    """

    tenant: int
    name: str
    id: UUID | None = None
    groups: frozenset[str] = frozenset()
    sees_all: bool = False
    admin: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_staff(self) -> bool:
        return self.id is not None

    def holds(self, task: Token) -> bool:
        """Say whether a task is claimed by, or handed to, this very person."""
        return self.id is not None and task.assignee == self.id


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
    return task.assignee == actor.id if task.assignee is not None else task.grp in actor.groups


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
