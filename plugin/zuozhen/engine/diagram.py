"""What a diagram says, as plain immutable values; the executable part hangs on :attr:`Diagram.specs`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from zuozhen.model.types import Type

StartKind: TypeAlias = Literal["none", "timer", "message"]


@dataclass(frozen=True, slots=True)
class Start:
    """One start event of a process. ``rule`` is the FEEL text of a timer start, ``message`` the name
    and ``key`` the FEEL text of the correlation key of a message start."""

    id: str
    kind: StartKind
    rule: str = ""
    message: str = ""
    key: str = ""
    form_key: str = ""


@dataclass(frozen=True, slots=True)
class Process:
    """One executable process (pool) of a diagram."""

    id: str
    name: str
    starts: tuple[Start, ...]


@dataclass(frozen=True, slots=True)
class Element:
    """One flow node as drawn.

    ``kind`` is the local tag (``userTask``), ``process_id`` the executable process it belongs to
    (also inside sub-processes), ``scope`` the id of the enclosing sub-process or process, ``group``
    and ``assignee`` the texts as drawn (literal or FEEL), ``rule`` the FEEL text of its timer,
    ``attached_to`` the activity a boundary event sits on, ``outputs`` the output parameters
    (name, FEEL text) in order, ``item`` the variable that tells the instances of a multi-instance
    activity apart, ``line`` counts from 1.
    """

    id: str
    kind: str
    name: str
    process_id: str
    lane: str
    line: int
    properties: Mapping[str, str]
    form_key: str = ""
    group: str = ""
    rule: str = ""
    attached_to: str = ""
    assignee: str = ""
    scope: str = ""
    message: str = ""
    topic: str = ""
    interrupting: bool = True
    outputs: tuple[tuple[str, str], ...] = ()
    item: str = ""

    @property
    def label(self) -> str:
        """The name people know it by; its id if it has none."""
        return self.name or self.id


@dataclass(frozen=True, slots=True)
class Diagram:
    """A parsed diagram, shared by all cases and never changed.

    ``names`` are all variables of a case that any expression reads, or a multi-instance activity collects from its
    instances (``collected`` are those that are only collected: no state holds them); ``specs`` the executable specifications by
    process or sub-process id (private to the engine).
    """

    processes: Mapping[str, Process]
    elements: Mapping[str, Element]
    names: frozenset[str]
    sha256: str
    collected: frozenset[str] = frozenset()
    types: Mapping[str, Mapping[str, Type]] = field(default_factory=dict)
    """By process: the variables that hold dates or times, which live as ISO text (``feel.lifting``)."""
    specs: Mapping[str, Any] = field(repr=False, compare=False, default_factory=dict)
