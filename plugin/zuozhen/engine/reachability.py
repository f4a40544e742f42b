"""Can the tokens of a scope still get to an end, whatever is chosen? A bounded game on the specification.

Choices are free, whatever the conditions say. Tokens of different branches do not get in each other's way
until a join, so moving the first movable one finds every way to hang. A wait that can only end everything (the
withdrawal that waits beside a procedure) may never happen: it is left out, or it would hide every join that
waits for ever.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias
from weakref import WeakKeyDictionary

from SpiffWorkflow.bpmn.specs.event_definitions import ErrorEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.simple import TerminateEventDefinition
from SpiffWorkflow.util.task import TaskState

from zuozhen.engine.events import BoundaryEvent, BoundarySplit, EndEvent, MessageDefinition
from zuozhen.engine.gateways import (
    CAME_FROM,
    EventBasedGateway,
    ExclusiveGateway,
    InclusiveGateway,
    Join,
)

Place: TypeAlias = tuple[str, str]
"""A node and, for a token waiting at a join, the node it came from."""
Marking: TypeAlias = tuple[Place, ...]

MAX_MARKINGS = 3_000
MAX_TOKENS = 60


@dataclass(frozen=True, slots=True)
class Prospect:
    """``level``: 3 the ordinary flow never hangs (or the bound was reached), 2 it ends for some choices, 1 it ends
    only with interrupting events, 0 never. ``stuck`` is a join that may wait for ever, ``missing`` the nodes it
    waits for: none if all came, but one of them twice."""

    level: Literal[0, 1, 2, 3]
    stuck: str = ""
    missing: tuple[str, ...] = ()


_KNOWN: WeakKeyDictionary[Any, dict[Marking, Prospect]] = WeakKeyDictionary()
"""By process specification; specifications never change."""
_MAX_KNOWN = 5_000


def marking_of(workflow: Any) -> Marking:
    """Return where the tokens of a workflow are; events after one event gateway count as the gateway."""
    places: list[Place] = []
    gateways: set[str] = set()
    for token in workflow.living():
        spec, parent = token.task_spec, token.parent
        if token.triggered or isinstance(spec, BoundaryEvent):
            continue
        if CAME_FROM in token.internal_data:
            places.append((spec.name, token.internal_data[CAME_FROM]))
        elif parent is not None and isinstance(parent.task_spec, EventBasedGateway):
            if parent.id not in gateways:
                gateways.add(parent.id)
                places.append((parent.task_spec.name, ""))
        else:
            places.append((spec.name, ""))
    return tuple(sorted(places))


def prospect(scope: Any, marking: Marking) -> Prospect:
    """Tell whether all tokens of ``marking`` can get to an end in the process specification ``scope``."""
    known = _KNOWN.setdefault(scope, {})
    found = known.get(marking)
    if found is None:
        if len(known) >= _MAX_KNOWN:
            known.clear()
        found = known[marking] = _play(scope, marking)
    return found


def _play(scope: Any, marking: Marking) -> Prospect:
    ordinary = _Game(scope, interruptions=False)
    ordinary.play(marking)
    if ordinary.ended:
        return Prospect(2 if ordinary.hung else 3, *ordinary.starved)
    interrupted = _Game(scope, interruptions=True)
    interrupted.play(marking)
    return Prospect(1 if interrupted.ended else 0, *ordinary.starved)


class _Game:
    def __init__(self, scope: Any, *, interruptions: bool) -> None:
        self.specs = scope.task_specs
        self.interruptions = interruptions
        self.ended = self.hung = False
        self.starved: tuple[str, tuple[str, ...]] = ("", ())
        self._bystanders: dict[str, bool] = {}

    def play(self, marking: Marking) -> None:
        """Try everything; too large a play counts as one that ends."""
        first = self._without_bystanders(marking)
        seen = {first}
        pending = [first]
        while pending:
            here = pending.pop()
            following = [self._without_bystanders(there) for there in self._after(here)]
            if not here:
                self.ended = True
            elif not following:
                self.hung = True
                self._note_starved(here)
            for there in following:
                if len(seen) > MAX_MARKINGS or len(there) > MAX_TOKENS:
                    self.ended = True
                    return
                if there not in seen:
                    seen.add(there)
                    pending.append(there)

    def _without_bystanders(self, marking: Marking) -> Marking:
        """Leave out waits that can only end everything, unless nothing else is left."""
        others = tuple(place for place in marking if place[1] or not self._is_bystander(place[0]))
        return others or marking

    def _is_bystander(self, name: str) -> bool:
        found = self._bystanders.get(name)
        if found is None:
            found = self._bystanders[name] = self._only_ends_all(name)
        return found

    def _only_ends_all(self, name: str) -> bool:
        if not isinstance(getattr(self.specs[name], "event_definition", None), MessageDefinition):
            return False
        seen: set[str] = set()
        pending = [name]
        while pending:
            spec = self.specs[pending.pop()]
            joins = isinstance(spec, Join) and sum(spec.needed.values()) > 1
            if joins or (isinstance(spec, EndEvent) and not _ends_all(spec)):
                return False
            if spec.name not in seen:
                seen.add(spec.name)
                pending.extend(target.name for target in spec.targets)
        return True

    def _after(self, marking: Marking) -> Iterator[Marking]:
        for position, (name, came_from) in enumerate(marking):
            if not came_from:
                if _ends_all(self.specs[name]):
                    yield ()
                    return
                rest = marking[:position] + marking[position + 1 :]
                for places in self._ways(name):
                    yield tuple(sorted((*rest, *places)))
                return
        arrived: dict[str, Counter[str]] = {}
        for name, came_from in marking:
            arrived.setdefault(name, Counter())[came_from] += 1
        for name, sources in arrived.items():
            if self._opens(name, sources, marking):
                taken = Counter({(name, source): self.specs[name].needed[source] for source in sources})
                rest = tuple((Counter(marking) - taken).elements())
                for places in self._ways(name):
                    yield tuple(sorted((*rest, *places)))

    def _ways(self, name: str) -> Iterator[tuple[Place, ...]]:
        """Yield what may become of a token that leaves a node."""
        spec = self.specs[name]
        if isinstance(spec, EndEvent):
            yield ()
        elif isinstance(spec, ExclusiveGateway | EventBasedGateway):
            yield from ((self._place(spec, target),) for target in spec.targets)
        elif isinstance(spec, InclusiveGateway):
            yield from ((self._place(spec, target),) for target in spec.targets)
            if len(spec.targets) > 1:
                yield tuple(self._place(spec, target) for target in spec.targets)
        elif spec.targets:
            yield tuple(self._place(spec, target) for target in spec.targets)
        if self.interruptions and spec.split_name:
            for event in self.specs[spec.split_name].targets[1:]:
                if event.cancel_activity and event.targets:
                    yield tuple(self._place(event, target) for target in event.targets)

    @staticmethod
    def _place(source: Any, target: Any) -> Place:
        if isinstance(target, BoundarySplit):
            return target.targets[0].name, ""
        waits = isinstance(target, Join) and sum(target.needed.values()) > 1
        return target.name, source.name if waits else ""

    def _opens(self, name: str, sources: Counter[str], marking: Marking) -> bool:
        join = self.specs[name]
        if not isinstance(join, InclusiveGateway):
            return all(sources[source] >= count for source, count in join.needed.items())
        if any(count > join.needed[source] for source, count in sources.items()):
            return False  # a branch came twice: what is left over would go on by itself
        empty = [source for source in join.needed if source not in sources]
        to_empty = frozenset().union(*(join.upstream[source] for source in empty))
        to_filled = frozenset().union(*(join.upstream[source] for source in sources))
        places = {self.specs[place].split_name or place for place, _ in marking if place != name}
        return not places & (to_empty - to_filled)

    def _note_starved(self, marking: Marking) -> None:
        for name, came_from in marking:
            if came_from and not self.starved[0]:
                have = {source for place, source in marking if place == name}
                self.starved = (name, tuple(n for n in self.specs[name].needed if n not in have))


def _ends_all(spec: Any) -> bool:
    """Tell whether an end event takes away every token of its scope."""
    definition = getattr(spec, "event_definition", None)
    return isinstance(spec, EndEvent) and isinstance(
        definition, TerminateEventDefinition | ErrorEventDefinition
    )


def would_open(workflow: Any) -> Any:
    """Return a waiting token whose parallel join has all it needs, or None: it would never go on by itself."""
    for token in workflow.living():
        spec = token.task_spec
        if isinstance(spec, Join) and not spec.joins_inclusively and token._state == TaskState.WAITING:
            arrived = spec._arrivals(workflow)
            if all(len(arrived.get(name, ())) >= count for name, count in spec.needed.items()):
                return token
    return None
