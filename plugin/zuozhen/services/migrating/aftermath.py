"""What a move sets off by itself: timers that are due at once, and the letters about dates that changed."""

from __future__ import annotations

from collections.abc import Iterator

from zuozhen import engine
from zuozhen.model.errors import ZuozhenError
from zuozhen.model.migration import Migrated
from zuozhen.model.step import Environment, Step, Tick
from zuozhen.services.actors import ENTERPRISE
from zuozhen.services.casebook import unit_names
from zuozhen.services.duenotices import recipients
from zuozhen.services.migrating.running import Running
from zuozhen.services.releases import Release


def aftermath(new: Release, case: Running, moved: Migrated, env: Environment) -> Iterator[str]:
    """Yield in sentences what happens right after a case was moved, found by playing it in memory."""
    if moved.step is None or not moved.fires:
        return
    try:
        step = engine.advance(new.diagram, case.process_id, moved.step.state, Tick(), env)
    except ZuozhenError as error:
        yield f"随即到期，但走不下去：{error.message}"
        return
    parts = list(_set_off(step, {task.token for task in moved.step.tasks}))
    if parts:
        yield f"随即到期后：{'；'.join(parts)}"


def _set_off(step: Step, open_before: set[str]) -> Iterator[str]:
    if step.actions:
        yield "执行" + "、".join(f"“{action.name}”" for action in step.actions)
    if step.messages:
        yield "发出消息" + "、".join(f"“{message.name}”" for message in step.messages)
    if entered := [task.name for task in step.tasks if task.token not in open_before]:
        yield "转入" + "、".join(f"“{name}”" for name in dict.fromkeys(entered))
    if step.ended is not None:
        yield "办件结束"


def told(new: Release, moved: Migrated) -> Iterator[str]:
    """Yield who is written to about a date that changed (a recount tells everybody who relies on it)."""
    if moved.step is None:
        return
    tasks = {task.token: task for task in moved.step.tasks}
    changed = [due for due in moved.dues if due.new is not None and due.new != due.old and due.token in tasks]
    groups = {
        group for due in changed for group in recipients(tasks[due.token].group, tasks[due.token].properties)
    }
    if groups:
        names = {**unit_names(new), ENTERPRISE: "企业"}
        yield f"将告知期限调整：{'、'.join(sorted(names.get(group, group) for group in groups))}"
