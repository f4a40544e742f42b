"""What a person may do to a case against its diagram: take a token elsewhere, end the case."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.util.task import TaskState

from zuozhen.engine.activities import UserTask
from zuozhen.engine.events import BoundaryEvent, StartEvent
from zuozhen.engine.gateways import EventBasedGateway, Join
from zuozhen.engine.prediction import cancel_attached
from zuozhen.engine.reachability import marking_of, prospect
from zuozhen.model.errors import Conflict
from zuozhen.model.step import End, Move

CANCELLED_NAME = "已终止"


def cancel(case: Any) -> None:
    """End a case at once. Raises :class:`Conflict` if it has ended."""
    if not case.living():
        raise Conflict("办件已经结束", hint="请刷新页面，查看办件的最新情况")
    case.cancel_all()
    case.ended = True
    case.journal.end = End("", CANCELLED_NAME)


def move(case: Any, token: Any, event: Move) -> None:
    """Take an open place away and enter another element of the same scope; run to rest.

    Raises :class:`Conflict` if the token is no open place that can be moved by itself, if the element
    cannot be entered, or if some join would then wait for ever.
    """
    activity = _movable(token)
    workflow = activity.workflow
    target = _target(case, workflow, event.element_id)
    before = prospect(workflow.spec, marking_of(workflow))
    activity.put({**activity.task_spec.conclusion(activity), **event.variables})
    case.journal.write("moved", target.element, token.id)
    _take_away(activity)
    source = _arrival(activity, target) if _waits(target) else activity
    entry = workflow.spec.task_specs[target.split_name] if target.split_name else target
    child = source._add_child(entry, TaskState.FUTURE)
    entry._update(child)
    case.run_to_rest()
    if workflow is case or case.subprocesses.get(workflow.owner.id) is workflow:
        _check(workflow, before.level, target)


def end_instance(case: Any, token: Any) -> None:
    """End one instance of a multi-instance activity; run to rest.

    Raises :class:`Conflict` if the token is no open instance.
    """
    if not token.triggered or _movable(token) is token:
        raise Conflict("此处不是同时办理中的一份", hint="请改用“转到别的环节”")
    activity = token.parent
    token.cancel()
    activity.task_spec.instance_ended(activity)
    case.run_to_rest()


def _movable(token: Any) -> Any:
    """Return the token of the whole activity of an open place."""
    spec = token.task_spec
    if isinstance(spec, BoundaryEvent):
        raise Conflict(
            f"“{spec.element.label}”附着在任务上，不能单独移动", hint="请移动它所在的任务，或调整时限"
        )
    waits = token._state == TaskState.WAITING and hasattr(spec, "event_definition")
    if not (waits or (isinstance(spec, UserTask) and token._state == TaskState.READY)):
        raise Conflict("此处不是可以移动的环节", hint="请选择待办任务或等待中的事件")
    return token.parent if token.triggered else token


def _target(case: Any, workflow: Any, element_id: str) -> Any:
    spec = workflow.spec.task_specs.get(element_id)
    if not _draws(workflow.spec, element_id):
        elsewhere = any(_draws(scope, element_id) for scope in case.subprocess_specs.values())
        raise Conflict(
            f"环节 {element_id} 不在同一流程或子流程中" if elsewhere else f"流程图中没有环节 {element_id}",
            hint="请选择同一流程（子流程）中的环节",
        )
    if isinstance(spec, StartEvent | BoundaryEvent):
        raise Conflict(f"不能移动到“{spec.element.label}”", hint="请选择任务、网关或其他事件")
    return spec


def _draws(scope: Any, element_id: str) -> bool:
    """Tell whether an element is drawn in a scope; nodes of our own have other names than their element."""
    spec = scope.task_specs.get(element_id)
    return spec is not None and bool(element_id) and spec.element.id == element_id


def _take_away(activity: Any) -> None:
    parent = activity.parent
    if isinstance(parent.task_spec, EventBasedGateway):
        for sibling in parent.children:
            sibling.cancel()
    elif activity.task_spec.split_name:
        cancel_attached(parent)
    else:
        activity.cancel()


def _waits(target: Any) -> bool:
    return isinstance(target, Join) and sum(target.needed.values()) > 1


def _arrival(activity: Any, join: Any) -> Any:
    """Return a finished token of the node from which ``activity`` would have come to ``join``."""
    workflow = activity.workflow
    specs = workflow.spec.task_specs
    arrived = join._arrivals(workflow)
    free = [name for name, count in join.needed.items() if len(arrived.get(name, ())) < count]
    ahead = _ahead(specs, activity.task_spec.name, join.name)
    source = next((name for name in free if name in ahead), None)
    if source is None:
        raise Conflict(
            f"从“{activity.task_spec.element.label}”到不了汇合网关“{join.element.label}”的空缺分支",
            hint="请改选汇合网关之前或之后的环节",
        )
    token = activity._add_child(specs[source], TaskState.COMPLETED)
    token._inherit_data()
    return token


def _ahead(specs: Any, name: str, join_name: str) -> set[str]:
    """Return every node reached from ``name`` without passing the join, ``name`` included."""
    seen: set[str] = set()
    pending = [name]
    while pending:
        here = pending.pop()
        if here not in seen and here != join_name:
            seen.add(here)
            pending.extend(specs[here]._outputs)
    return seen


def _check(workflow: Any, before: int, target: Any) -> None:
    after = prospect(workflow.spec, marking_of(workflow))
    if after.level >= before:
        return
    if after.stuck:
        specs = workflow.spec.task_specs
        missing = "、".join(f"“{specs[name].element.label}”" for name in after.missing)
        what = f"将永远等不到{missing}" if missing else "的同一分支将到达两次"
        raise Conflict(
            f"移动到“{target.element.label}”后，汇合网关“{specs[after.stuck].element.label}”{what}",
            hint="请移动到汇合网关之前的环节或汇合网关本身",
        )
    raise Conflict(f"移动到“{target.element.label}”后，办件走不到结束", hint="请选择其他环节")
