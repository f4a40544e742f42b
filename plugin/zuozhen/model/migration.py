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
    """How cases are to be moved: ``mapping`` leads from element ids of the old diagram to ids of the new.

    ``timers`` is about deadlines whose rule changed; one that a person moved (延期) is never made shorter.
    ``recount`` evaluates unchanged rules again too, from when they began to count: for a changed calendar.
    Then no date is moved to before the end of today (rule D-11), and what a person moved stays. ``values`` are those
    of variables that the new version reads and no submission of a case can tell (null: left empty on purpose).
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    timers: TimerRule = "from_start"
    recount: bool = False
    values: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Placement:
    """What happens to one open place of a case (user task, message wait, timer that is no deadline).

    ``target`` is the element id in the new diagram, empty when refused; ``changes`` tells in Chinese what
    is different there for people (表单、岗位、名称 …). Events on the border of a task belong to the task and
    have no placement of their own.
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
    """One deadline before and after, changed or not; ``None`` means that there is none.

    ``token``, ``element_id`` and ``name`` are those of the activity (in the new diagram; a sub-process or
    multi-instance activity has a token that is no open task), ``timer_id`` is the boundary event, in the
    new diagram if it is still there. For a timer in the flow, both are the event itself. A deadline that has
    passed counts with the date that passed. ``why`` explains the new date as the date functions noted it
    (empty when it was not counted again; a recount may give the same date for another reason). ``kept`` says that rule or calendar would give another date but the date
    was left as it is.
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
    """Why a case cannot be moved: ``element_id`` is the place in the old diagram, ``hint`` the way out.

    ``code`` is ``process`` (not in the new diagram), ``ended``, ``gone``, ``mapping`` (no such target),
    ``kind``, ``scope`` (other sub-process), ``instances``, ``call``, ``branch`` (arrived at a join from
    where no flow comes any more), ``join`` (would wait for ever or move by itself), ``gateway``, ``end``
    (no way to an end), ``expression`` or ``verify``.
    """

    element_id: str
    name: str
    code: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Migrated:
    """The outcome for one case: ``step`` is what the store has to write, ``None`` when anything was refused.

    ``fires`` names the timer elements that are already due when the case arrives: they fire at the next tick.
    ``notes`` tell in Chinese what people should know: deadlines added, taken off, kept against their rule.
    """

    placements: tuple[Placement, ...]
    dues: tuple[DueChange, ...]
    refusals: tuple[Refusal, ...]
    fires: tuple[str, ...]
    notes: tuple[str, ...]
    step: Step | None
