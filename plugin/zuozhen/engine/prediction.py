"""How a token moves: no look-ahead, children are made when a node completes.

Stock SpiffWorkflow predicts the future of every task, which is exponential in stacked gateways and
endless in loops. This mix-in, put in front of every stock specification class we use, predicts
nothing. It leans on private methods of SpiffWorkflow, hence the exact version check.
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.util.task import TaskState
from SpiffWorkflow.version import __version__ as spiff_version

from zuozhen.engine.diagram import Element
from zuozhen.engine.expressions import evaluate_json
from zuozhen.feel import Expression
from zuozhen.model.errors import EngineError
from zuozhen.model.step import Json

SPIFF_VERSION = "3.2.0"
if spiff_version != SPIFF_VERSION:
    raise ImportError(f"engine is written for SpiffWorkflow {SPIFF_VERSION}, found {spiff_version}")

NO_ELEMENT = Element("", "", "", "", "", 0, {})


def cancel_attached(split: Any) -> None:
    """Cancel an activity and its boundary events, but not the branches of those that already fired.

    Pruning may have hung such a branch directly under the split, so the specification decides.
    """
    for child in split.children:
        if child._state < TaskState.COMPLETED and child.task_spec in split.task_spec.targets:
            child.cancel()


class Flow:
    """Mix-in for all task specifications: a token enters (``_update_hook``), runs, completes, leaves.

    The attributes are set once by the parser and never changed at run time, because cases share them.
    """

    element: Element = NO_ELEMENT
    targets: tuple[Any, ...] = ()
    """Where a token goes next, in the order of the sequence flows."""
    split_name = ""
    """Name of the boundary split in front of an activity with boundary events."""
    outputs_after: tuple[tuple[str, Expression], ...] = ()
    """Output parameters, evaluated in order when the node completes."""
    joins_inclusively = False
    announced_by_itself = False
    """Whether the node writes its own log lines about entering."""
    announced = False
    """Whether the log tells of a token running through (nodes that carry a public stage or sentence)."""
    shares_data = False
    """Whether what runs inside writes the variables of the process around it (embedded sub-processes)."""
    local_names: tuple[str, ...] = ()
    """Variables that each instance of a multi-instance activity has for itself."""

    def _predict(self, my_task: Any, seen: Any = None, looked_ahead: int = 0, mask: int = 0) -> None:
        """Predict nothing."""

    def _update(self, my_task: Any) -> None:
        """Let a token enter."""
        if self._update_hook(my_task):
            my_task._ready()

    def _update_hook(self, my_task: Any) -> bool:
        """Take over the variables; return True if the token need not wait here."""
        my_task._inherit_data()
        return True

    def _on_ready(self, my_task: Any) -> None:
        """Do nothing: the static checks of the stock hook were made when the diagram was loaded."""

    def _run_hook(self, my_task: Any) -> bool:
        if self.announced:
            my_task.journal.write("entered", self.element, my_task.id)
        return True

    def _on_complete(self, my_task: Any) -> None:
        for name, expression in self.outputs_after:
            my_task.put({name: evaluate_json(my_task, expression)})
        self._done(my_task)
        if self.split_name:
            cancel_attached(my_task.parent)
        if my_task.triggered:
            parent = my_task.parent
            parent.task_spec.instance_done(parent, my_task)
        else:
            self._leave(my_task, self._choose(my_task))

    def _on_cancel(self, my_task: Any) -> None:
        """Do nothing: the token has no children and waits for nothing outside itself."""

    def _done(self, my_task: Any) -> None:
        """What this kind of node does when its work is done, before the token leaves."""

    def conclusion(self, my_task: Any) -> dict[str, Json]:  # noqa: ARG002 - multi-instance activities look at the token
        """Return the variables that an activity leaves behind when it is cut short."""
        return {}

    def _choose(self, my_task: Any) -> tuple[Any, ...]:  # noqa: ARG002 - gateways look at the token
        """Return the specifications the token goes to."""
        return self.targets

    def _leave(self, my_task: Any, targets: tuple[Any, ...]) -> None:
        if not targets:
            raise EngineError(
                f"“{self.element.label}”之后没有连线，办件走到这里无路可走",
                element_id=self.element.id,
                hint="请在流程图中为该节点画出后续连线或结束事件",
            )
        trace = my_task.journal.trace
        for target in targets if trace else ():
            trace(self.element.id, target.element.id)
        for child in [my_task._add_child(target, TaskState.FUTURE) for target in targets]:
            child.task_spec._update(child)
