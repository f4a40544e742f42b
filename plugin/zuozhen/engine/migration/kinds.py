"""What sort of place a token is at, for migration: tokens stay within one sort."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.util.task import TaskState

from zuozhen.engine.activities import CallActivity, SubProcess, UserTask
from zuozhen.engine.events import BoundaryEvent, Catching
from zuozhen.engine.gateways import InclusiveGateway, Join
from zuozhen.engine.loops import MultiInstance
from zuozhen.engine.timers import TimerDefinition


def place_kind(spec: Any, token: Any) -> Any:
    """Return what kind of open place a token is; None for nodes that nobody sees."""
    if isinstance(spec, UserTask):
        return "task"
    definition = getattr(spec, "event_definition", None)
    if token._state != TaskState.WAITING or definition is None:
        return None
    return "timer" if isinstance(definition, TimerDefinition) else "wait"


def items_of(spec: Any) -> tuple[str, str, str]:
    """Return the variables in which a multi-instance activity keeps its items and results."""
    return spec.item_variable, spec.output_variable, spec.output_item


def kind_of(spec: Any, scope: Any) -> str:
    """Return in Chinese what sort of waiting a node does: tokens stay within one sort."""
    if isinstance(spec, MultiInstance):
        order = "依次" if spec.sequential else "并行"
        return f"{order}多实例{kind_of(scope.task_specs[spec.task_spec], scope)}"
    if isinstance(spec, UserTask):
        return "用户任务"
    if isinstance(spec, CallActivity):
        return "调用活动"
    if isinstance(spec, SubProcess):
        return "子流程"
    if isinstance(spec, Join):
        return "包容网关" if isinstance(spec, InclusiveGateway) else "并行网关"
    if not isinstance(spec, Catching) or isinstance(spec, BoundaryEvent):
        return "边界事件" if isinstance(spec, BoundaryEvent) else "不停留的节点"
    return "定时等待" if isinstance(spec.event_definition, TimerDefinition) else "消息等待"
