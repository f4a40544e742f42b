"""Gateways that decide in sequence-flow order and joins that consume tokens.

A join consumes one waiting token per incoming flow, whatever round of a loop brought it; stock
SpiffWorkflow looks at the history instead and fires too early in loops.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.util.task import TaskState

from zuozhen.engine.expressions import evaluate_for
from zuozhen.engine.prediction import Flow
from zuozhen.feel import Expression
from zuozhen.model.errors import EngineError

CAME_FROM = "from"
"""Internal data of a token waiting at a join: the node it came from."""


class Choice(Flow):
    """Conditions on outgoing flows: ``choices`` are (condition or None, target) in flow order."""

    choices: tuple[tuple[Expression | None, Any], ...] = ()
    default: Any = None

    def _holds(self, my_task: Any, condition: Expression) -> bool:
        value = evaluate_for(my_task, condition)
        if value is None or isinstance(value, bool):
            return bool(value)
        raise EngineError(
            f"“{self.element.label}”的条件 {condition.text} 应得到“是”或“否”，实际得到 {value!r}",
            element_id=self.element.id,
            hint='条件应写成比较，例如 decision = "accept"',
        )

    def _nothing_holds(self) -> EngineError:
        return EngineError(
            f"“{self.element.label}”的各条件都不成立，也没有默认连线",
            element_id=self.element.id,
            hint="请检查前面环节填写的内容，或在流程图中为该网关设置默认连线",
        )


class ExclusiveGateway(Choice, defaults.ExclusiveGateway):
    """The first flow whose condition holds, else the default."""

    def _choose(self, my_task: Any) -> tuple[Any, ...]:
        if len(self.targets) == 1 and not self.choices:
            return self.targets
        for condition, target in self.choices:
            if condition is None or self._holds(my_task, condition):
                return (target,)
        if self.default is None:
            raise self._nothing_holds()
        return (self.default,)


class Join(Flow):
    """Waits for tokens; ``needed`` counts the incoming flows per node they come from."""

    needed: Mapping[str, int] = MappingProxyType({})

    def _update_hook(self, my_task: Any) -> bool:
        my_task._inherit_data()
        if sum(self.needed.values()) <= 1:
            return True
        my_task.internal_data[CAME_FROM] = my_task.parent.task_spec.name
        my_task._set_state(TaskState.WAITING)
        # An inclusive join is decided when all else has come to rest: a token may still be on its way.
        return not self.joins_inclusively and self._enough(my_task)

    def _enough(self, my_task: Any) -> bool:
        """Tell whether the join fires now, with ``my_task`` going on for all."""
        arrived = self._arrivals(my_task.workflow)
        if any(len(arrived.get(name, ())) < count for name, count in self.needed.items()):
            return False
        self._consume(my_task, arrived)
        return True

    def _arrivals(self, workflow: Any) -> dict[str, list[Any]]:
        """Return the waiting tokens by the node they came from, oldest first."""
        arrived: dict[str, list[Any]] = {}
        for token in workflow.living():
            if token.task_spec is self and token._state == TaskState.WAITING:
                arrived.setdefault(token.internal_data[CAME_FROM], []).append(token)
        return arrived

    def _consume(self, my_task: Any, arrived: dict[str, list[Any]]) -> None:
        """Take one token per incoming flow; ``my_task`` survives with everything the others changed."""
        taken = [my_task]
        for name, tokens in arrived.items():
            others = [token for token in tokens if token is not my_task]
            own = 1 if my_task.internal_data[CAME_FROM] == name else 0
            taken += others[: self.needed[name] - own]
        for token in taken[1:]:
            my_task.take(token)
            token._state = TaskState.CANCELLED
        my_task.internal_data = {}


class ParallelGateway(Join, defaults.ParallelGateway):
    """Waits for one token on every incoming flow, then sends one to every outgoing flow."""


class InclusiveGateway(Choice, Join, defaults.InclusiveGateway):
    """Waits until no token can still arrive on an empty incoming flow (BPMN 2.0.2 §13.4.3)."""

    upstream: Mapping[str, frozenset[str]] = MappingProxyType({})
    """By incoming node: all nodes from which it is reached without passing this gateway."""

    def fire_if_alone(self, my_task: Any) -> bool:
        """Make the waiting ``my_task`` go on for all arrived tokens if none can still arrive."""
        arrived = self._arrivals(my_task.workflow)
        empty = [name for name in self.needed if name not in arrived]
        if empty and self._awaited(my_task.workflow, empty, list(arrived)):
            return False
        self._consume(my_task, arrived)
        my_task._ready()
        return True

    def _awaited(self, workflow: Any, empty: list[str], filled: list[str]) -> bool:
        to_empty = frozenset().union(*(self.upstream[name] for name in empty))
        to_filled = frozenset().union(*(self.upstream[name] for name in filled))
        for token in workflow.living():
            spec = token.task_spec
            if spec is self or token.triggered:
                continue
            place = spec.split_name or spec.name
            if place in to_empty and place not in to_filled:
                return True
        return False

    def _choose(self, my_task: Any) -> tuple[Any, ...]:
        if len(self.targets) == 1 and not self.choices:
            return self.targets
        chosen = tuple(
            target
            for condition, target in self.choices
            if condition is None or self._holds(my_task, condition)
        )
        if chosen:
            return chosen
        if self.default is None:
            raise self._nothing_holds()
        return (self.default,)


class EventBasedGateway(Flow, defaults.EventBasedGateway):
    """Sends a token to every event; the first that happens cancels the others (see events)."""

    def connect(self, task_spec: Any) -> None:
        """Connect without the stock moving of event definitions into the gateway."""
        self._outputs.append(task_spec.name)
        task_spec._connect_notify(self)
