"""What one engine step sees (time, functions) and collects (log, messages, actions, reasons)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from zuozhen.engine.diagram import Element
from zuozhen.model.clock import clock_functions
from zuozhen.model.errors import EngineError
from zuozhen.model.step import Action, End, Environment, Functions, Json, LogEntry, LogKind, Message
from zuozhen.model.types import Type

MAX_MOVES = 10_000
"""Nodes one event may run through; more means a loop without a place to wait."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NO_PROPERTIES: Mapping[str, str] = {}


def to_micros(instant: datetime) -> int:
    """Return the microseconds since 1970-01-01T00:00Z of an aware instant (exact)."""
    return (instant - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """Return the aware UTC instant of :func:`to_micros`."""
    return _EPOCH + timedelta(microseconds=micros)


class Journal:
    """One step's notebook. Lives for one call of the engine and is then thrown away."""

    def __init__(
        self, environment: Environment, types: Mapping[str, Mapping[str, Type]] | None = None
    ) -> None:
        self.now = environment.now.astimezone(UTC)
        self.now_micros = to_micros(self.now)
        self.element_id = ""
        """Where the step is; named in the error if something breaks."""
        self.log: list[LogEntry] = []
        self.messages: list[Message] = []
        self.actions: list[Action] = []
        self.reasons: dict[str, tuple[Json, ...]] = {}
        """Why a timer token is due when it is; only for tokens armed or moved in this step."""
        self.fates: dict[str, Literal["completed", "cancelled", "fired"]] = {}
        self.end: End | None = None
        self.moves = 0
        self.occurrences: dict[str, int] = {}
        """How often each recurring timer event fired in this step."""
        self.trace = environment.trace
        self.types = types or {}
        """By process: which variables are dates or times."""
        self.ambient = environment.ambient
        self.former = environment.ambient if environment.former is None else environment.former
        self.heir = environment.heir
        self._source = environment.functions
        self._functions: dict[tuple[int, int], Functions] = {}
        self._notes: list[Json] = []

    def count_move(self, element_id: str, label: str) -> None:
        """Count one node run; raise :class:`EngineError` when the step does not come to rest."""
        self.element_id = element_id
        self.moves += 1
        if self.moves > MAX_MOVES:
            raise EngineError(
                f"流程在“{label}”附近不停循环，没有等待办理的环节",
                element_id=element_id,
                hint="请在流程图的这个循环中加入办理环节或等待事件，或改正分支条件",
            )

    def functions(self, at_micros: int, today_micros: int | None = None) -> Functions:
        """Return the functions: dates count from the one instant, ``today()`` is the day of the other.

        That is the present of the step, unless something is calculated again as it was then.
        """
        key = (at_micros, self.now_micros if today_micros is None else today_micros)
        found = self._functions.get(key)
        if found is None:
            dates = self._source(from_micros(at_micros), self._note)
            found = self._functions[key] = {**dates, **clock_functions(from_micros(key[1]))}
        return found

    def with_reasons(self, compute: Callable[[], Any]) -> tuple[Any, tuple[Json, ...]]:
        """Run ``compute`` and return its result with what the date functions noted meanwhile."""
        self._notes = []
        result = compute()
        return result, tuple(self._notes)

    def _note(self, why: Mapping[str, Json]) -> None:
        self._notes.append(dict(why))

    def write(self, kind: LogKind, element: Element, token: str) -> None:
        """Add a line about ``element`` to the log."""
        self.tell(kind, element, token, element.properties or _NO_PROPERTIES)

    def tell(self, kind: LogKind, element: Element, token: str, properties: Mapping[str, str]) -> None:
        """Add a line with properties of its own."""
        self.log.append(LogEntry(kind, element.id, element.name, token, properties))
