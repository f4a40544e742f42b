"""What goes into and comes out of moving one running case to another version of its diagram. Plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from zuozhen.model.step import Json, Step

TimerRule: TypeAlias = Literal["from_start", "keep", "now"]
"""What happens to an armed deadline whose rule changed: counted again from when its task began, left as it
is, or counted from the migration."""

Outcome: TypeAlias = Literal["stays", "mapped", "refused"]


@dataclass(frozen=True, slots=True)
class Order:
    """How cases are to be moved: ``mapping`` leads from element ids of the old diagram to ids of the new."""

    mapping: Mapping[str, str] = field(default_factory=dict)
    timers: TimerRule = "from_start"


@dataclass(frozen=True, slots=True)
class Placement:
    """What happens to one open place of a case (user task, message wait, timer that is no deadline).

    ``target`` is the element id in the new diagram, empty when refused; ``changes`` tells in Chinese what
    is different there for people (表单、岗位、名称 …).
    """

    token: str
    element_id: str
    name: str
    kind: Literal["task", "wait", "timer"]
    outcome: Outcome
    target: str
    target_name: str
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DueChange:
    """One deadline of an open task before and after; ``None`` means that there is none.

    ``token`` and ``element_id`` are those of the task (in the new diagram), ``timer_id`` the boundary
    event. ``why`` explains the new date as the date functions noted it (empty when it did not change).
    ``kept`` says that the rule is different but the date was left as it is.
    """

    token: str
    element_id: str
    name: str
    timer_id: str
    old: datetime | None
    new: datetime | None
    old_rule: str = ""
    new_rule: str = ""
    why: tuple[Json, ...] = ()
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a case cannot be moved: ``element_id`` is the place in the old diagram, ``hint`` the way out."""

    element_id: str
    name: str
    code: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Migrated:
    """The outcome for one case: ``step`` is what the store has to write, ``None`` when anything was refused.

    ``fires`` names the timer elements that are already due when the case arrives: they fire right after.
    """

    placements: tuple[Placement, ...]
    dues: tuple[DueChange, ...]
    refusals: tuple[Refusal, ...]
    fires: tuple[str, ...]
    notes: tuple[str, ...]
    step: Step | None
