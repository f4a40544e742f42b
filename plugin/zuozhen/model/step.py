"""What goes into and comes out of one engine step. Plain values: no engine, no database.

A *token* is the engine's id of one waiting place in a case, 32 hex digits, stable as long as the
place waits. Variables are JSON values (dates as ISO text) and hold routing data only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

Json: TypeAlias = Any
Variables: TypeAlias = Mapping[str, Json]
Note: TypeAlias = Callable[[Mapping[str, Json]], None]
"""A date function tells how it came to its date by calling this with a JSON object."""

Functions: TypeAlias = Mapping[str, Callable[..., Any]]
Trace: TypeAlias = Callable[[str, str], None]

Heir: TypeAlias = Callable[[str, Variables], str]
"""Says who does the work of a group, given the variables of the task: itself, or who took over from an abolished unit."""

FunctionSource: TypeAlias = Callable[[datetime, Note], Functions]
"""Builds the FEEL functions as of an instant. In a step that is the entry into the activity, which date functions
count from; ``today()`` and ``now()`` alone are those of the step (``model.clock.clock_functions``)."""

AMBIENT: Final = frozenset({"parameters", "tables"})
"""Names that every expression may read and no case holds: what the pack says, not what happened in the case."""


@dataclass(frozen=True, slots=True)
class Environment:
    """The world a step may see: the present instant (aware UTC) and the date functions.

    ``trace`` hears of every sequence flow that a token takes: the ids of the nodes at its two ends.
    ``ambient`` are the values of :data:`AMBIENT`, read beneath the case's variables and never stored with
    them (dates as ``date``). ``former`` are those of the release that a migrated case comes from
    (``None``: the same): a deadline whose text is the same but reads other values has another rule.
    ``heir`` is asked whenever open tasks are shown: the state keeps the group that the diagram named.
    """

    now: datetime
    functions: FunctionSource
    trace: Trace | None = None
    ambient: Mapping[str, Any] = field(default_factory=dict)
    former: Mapping[str, Any] | None = None
    heir: Heir | None = None


# ---------------------------------------------------------------- events


@dataclass(frozen=True, slots=True)
class Complete:
    """A person finished the user task ``token``; ``variables`` are the routing variables it sets."""

    token: str
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Deliver:
    """A message (or a person's act such as 申请延期, 撤回) reaches the waiting catch event ``token``."""

    token: str
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed: every timer due at ``Environment.now`` fires."""


@dataclass(frozen=True, slots=True)
class Retime:
    """Move the deadline of the activity ``token`` (a user task's or a timer's token) to ``due_at``.

    Of several timers on one activity the latest is its deadline, earlier ones are reminders and move by as
    much; ``timer`` (a boundary event's id) moves that one alone. Recurring timers stay unless named.
    """

    token: str
    due_at: datetime
    why: Json
    timer: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """A person's correction: take the open place ``token`` away and enter ``element_id`` instead.

    Skipping moves to what follows, repeating to what came before. A multi-instance activity moves as a
    whole. Deadlines of the entered element count from now; ``variables`` are written first.
    """

    token: str
    element_id: str
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EndInstance:
    """A person's correction: end the instance ``token`` of a multi-instance activity, without an outcome.

    The others go on. A condition that ends the activity early is asked only where the activity is a vote, which the
    instance leaves; with the last instance it is over.
    """

    token: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """End the case at once; everything open in it is cancelled."""


Event: TypeAlias = Complete | Deliver | Tick | Retime | Move | EndInstance | Cancel


# ---------------------------------------------------------------- what waits


@dataclass(frozen=True, slots=True)
class Timer:
    """An armed timer event. ``due_at`` is the instant it fires (aware UTC; 24:00 of a due date).

    ``why`` is the list of JSON objects the date functions noted; ``rule`` the FEEL text as drawn.
    ``activity`` is the token of the user task it is attached to, or empty (intermediate timers).
    """

    token: str
    element_id: str
    due_at: datetime
    rule: str
    why: tuple[Json, ...] = ()
    activity: str = ""
    interrupting: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """An open user task. ``due_at`` is its earliest armed deadline (own or enclosing sub-process)."""

    token: str
    element_id: str
    name: str
    form_key: str
    group: str
    assignee: str
    entered_at: datetime
    due_at: datetime | None
    due_rule: str
    due_why: tuple[Json, ...]
    properties: Mapping[str, str]
    variables: Variables


@dataclass(frozen=True, slots=True)
class Wait:
    """An open message catch event.

    ``trigger`` is empty for a message between processes, else who may trigger it by hand
    (``staff`` or ``enterprise``) with the form ``form_key``; ``activity`` is the token of the
    user task it is attached to, or empty.
    """

    token: str
    element_id: str
    label: str
    message: str
    key: str
    trigger: str = ""
    form_key: str = ""
    activity: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)


# ---------------------------------------------------------------- what happened


@dataclass(frozen=True, slots=True)
class Message:
    """A thrown message, to be carried to other cases by the outbox.

    ``delivery`` is ``one`` (the first taker consumes it) or ``all`` (every taker gets it once);
    ``expires_at`` is when an untaken message is dropped.
    """

    token: str
    element_id: str
    name: str
    key: str
    payload: Variables
    delivery: Literal["one", "all"]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Action:
    """A side effect asked for by a service or send task (``camunda:topic``), carried by the outbox."""

    token: str
    element_id: str
    name: str
    topic: str
    properties: Mapping[str, str]
    variables: Variables


LogKind: TypeAlias = Literal[
    "started",
    "entered",
    "completed",
    "cancelled",
    "fired",
    "received",
    "thrown",
    "acted",
    "retimed",
    "armed",
    "moved",
    "migrated",
    "decided",
    "ended",
]
"""``armed``: a timer or wait that a migration added to something open; ``moved``: where a correction led to;
``migrated``: an open place that is another element, or looks different to people, in the new diagram;
``decided``: what several people voted, with the numbers as properties (``yes``, ``no``, ``missing``, ``handed_in``, ``total``,
``rule``, ``outcome``)."""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line of what the step did, in the order it happened."""

    kind: LogKind
    element_id: str
    name: str
    token: str
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class End:
    """The case reached its end; ``element_id`` is the end event that finished it, empty if a person did."""

    element_id: str
    name: str
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """The whole outcome of one engine step; the store writes it in one commit.

    ``tasks``, ``timers`` and ``waits`` are what is open *after* the step (complete lists);
    ``closed`` maps each token that was open before and is not any more to ``completed``,
    ``cancelled`` or ``fired``. ``state`` is the engine's compact binary state, self-describing.
    """

    state: bytes
    variables: Variables
    tasks: tuple[Task, ...]
    timers: tuple[Timer, ...]
    waits: tuple[Wait, ...]
    closed: Mapping[str, Literal["completed", "cancelled", "fired"]]
    messages: tuple[Message, ...]
    actions: tuple[Action, ...]
    log: tuple[LogEntry, ...]
    ended: End | None
