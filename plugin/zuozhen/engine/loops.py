"""Multi-instance activities over a FEEL collection or a number, in parallel or one after the other.

What an instance writes comes back to the activity, except its own item and counter.
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.util.task import TaskState

from zuozhen.engine.expressions import evaluate_for
from zuozhen.engine.limits import MAX_INSTANCES
from zuozhen.engine.prediction import Flow
from zuozhen.engine.votes import LEFT, Vote
from zuozhen.feel import Expression, to_json
from zuozhen.model.errors import EngineError
from zuozhen.model.step import Json

TOTAL, FINISHED, RESULTS, REMAINING = "n", "done", "out", "rest"
"""Internal data of a running activity: instances in all, finished ones, collected items, items to come."""


class MultiInstance(Flow):
    """What parallel and sequential activities share. ``collection`` is FEEL for a list, or a number."""

    announced_by_itself = True
    task_spec: str
    collection: Expression
    item_variable = ""
    condition_rule: Expression | None = None
    output_variable = ""
    output_item = ""
    sequential = False
    vote: Vote | None = None

    def _update_hook(self, my_task: Any) -> bool:
        my_task._inherit_data()
        items = self._items(my_task)
        if not items:
            my_task.internal_data = {TOTAL: 0, FINISHED: 0}
            if self.output_variable:
                my_task.internal_data[RESULTS] = []
            return True
        if self.vote is not None:
            self.vote.needed(my_task, len(items))  # A share that cannot be is found before anybody votes.
        my_task._set_state(TaskState.STARTED)
        my_task.internal_data = {TOTAL: len(items), FINISHED: 0}
        if self.output_variable:
            my_task.internal_data[RESULTS] = []
        if self.sequential:
            my_task.internal_data[REMAINING] = items[1:]
            items = items[:1]
        for number, item in enumerate(items, start=1):
            self._begin(my_task, item, number)
        return False

    def _items(self, my_task: Any) -> list[Any]:
        """Return the items; no value means no instance."""
        value = to_json(evaluate_for(my_task, self.collection))
        if value is None:
            return []
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_INSTANCES:
            return list(range(1, value + 1))
        if not isinstance(value, list) or len(value) > MAX_INSTANCES:
            raise EngineError(
                f"“{self.element.label}”的多实例集合 {self.collection.text} 应是列表或次数，最多{MAX_INSTANCES}项，实际得到 {value!r:.60}",
                element_id=self.element.id,
                hint="请检查前面环节是否已填写该列表",
            )
        return value

    def _begin(self, my_task: Any, item: Any, number: int) -> None:
        spec = my_task.workflow.spec.task_specs[self.task_spec]
        child = my_task._add_child(spec, TaskState.FUTURE)
        child.triggered = True
        own = {self.item_variable: item} if self.item_variable else {}
        child.data, child.stamps = {**my_task.data, "loopCounter": number, **own}, my_task.stamps
        spec._update(child)

    def instance_done(self, my_task: Any, child: Any) -> None:
        """Take over what a finished instance changed; begin the next or finish."""
        state = my_task.internal_data
        if my_task._state != TaskState.STARTED:
            return
        state[FINISHED] += 1
        my_task.take(child, without=self.local_names)
        if self.output_variable:
            state[RESULTS] = [*state[RESULTS], child.data.get(self.output_item)]
        if self.vote is not None:
            self.vote.add(state, child)
        self._go_on(my_task, enough=self._enough(my_task, child))

    def instance_ended(self, my_task: Any) -> None:
        """Begin the next or finish after an instance that was ended by hand: it wrote nothing."""
        state = my_task.internal_data
        state[FINISHED] += 1
        if self.vote is not None:
            state[LEFT] = state.get(LEFT, 0) + 1
        # Without the instance the others may have decided; any other condition asks for what an instance says.
        self._go_on(my_task, enough=self.vote is not None and self._enough(my_task, my_task))

    def _go_on(self, my_task: Any, *, enough: bool) -> None:
        state = my_task.internal_data
        if enough or state[FINISHED] >= state[TOTAL]:
            for instance in my_task.children:
                instance.cancel()
            my_task._set_state(TaskState.READY)
        elif self.sequential:
            item, *state[REMAINING] = state[REMAINING]
            self._begin(my_task, item, state[FINISHED] + 1)

    def _enough(self, my_task: Any, child: Any) -> bool:
        if self.condition_rule is None:
            return False
        state = my_task.internal_data
        counts = {
            "nrOfInstances": state[TOTAL],
            "nrOfCompletedInstances": state[FINISHED],
            "nrOfActiveInstances": 1 if self.sequential else state[TOTAL] - state[FINISHED],
        }
        if self.vote is not None:
            counts |= self.vote.counts(my_task, state[TOTAL])
        known = {**my_task.data, **child.data, **counts}
        return evaluate_for(child, self.condition_rule, known) is True

    def conclusion(self, my_task: Any) -> dict[str, Json]:
        """Return what the activity leaves behind, done or cut short: what its instances gave, and what they decided."""
        state = my_task.internal_data
        found: dict[str, Json] = {self.output_variable: state[RESULTS]} if RESULTS in state else {}
        if self.vote is not None:
            found |= self.vote.concluded(my_task, state[TOTAL])
        return found

    def _done(self, my_task: Any) -> None:
        my_task.put(self.conclusion(my_task))
        my_task.internal_data = {}


class ParallelMultiInstance(MultiInstance, defaults.ParallelMultiInstanceTask):
    """All instances at once."""


class SequentialMultiInstance(MultiInstance, defaults.SequentialMultiInstanceTask):
    """One instance after the other."""

    sequential = True
