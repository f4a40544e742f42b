"""Migration, second half: the events on borders and behind event gateways follow the new diagram."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.util.task import TaskState

from zuozhen.engine.events import Catching
from zuozhen.engine.gateways import EventBasedGateway
from zuozhen.engine.migration.redating import Redating, is_boundary, is_timer, same_rule
from zuozhen.engine.migration.relocation import Relocation
from zuozhen.engine.migration.renewing import changes_for_people, same_key
from zuozhen.engine.migration.reporting import Report
from zuozhen.engine.migration.splicing import insert_above, splice

COMPLETED: int = TaskState.COMPLETED


class Reattaching:
    """Goes through the living activities and events of a case whose tokens are on the new specifications."""

    def __init__(self, relocation: Relocation, redating: Redating, report: Report) -> None:
        self.was = relocation.was
        self.name_of = relocation.name_of
        self.redating = redating
        self.report = report

    def run(self, case: Any) -> None:
        """Close, keep, re-date and arm what the new diagram says.

        Raises :class:`EngineError` if a rule of the new diagram cannot be evaluated.
        """
        for workflow in case.all_workflows():
            living = [token for token in workflow.living() if not is_boundary(token.task_spec)]
            for token in living:
                if is_timer(token.task_spec):
                    self.redating.keep_or_change(token, token, self.was[token.id])
                if not token.triggered:
                    self._borders(token)
            self._alternatives(workflow, living)

    # -- boundary events

    def _borders(self, activity: Any) -> None:
        old_split = self._old_split(activity)
        split = self._new_split(activity, old_split)
        drawn = self.was[old_split.id].targets[1:] if old_split is not None else ()
        wanted = [] if split is None else [s for s in split.task_spec.targets[1:] if not s.on_throw]
        successor = self._pair([spec for spec in drawn if not spec.on_throw], wanted)
        fired = {spec.name for spec in successor.values()}
        for token in [] if old_split is None else list(old_split.children):
            old = self.was.get(token.id)
            if token._state >= COMPLETED or not is_boundary(old) or old not in drawn:
                continue
            new = successor.get(self.was[token.id].name)
            if new is None:
                self.redating.drop(activity, token, old)
                continue
            fired.discard(new.name)
            token.task_spec = new
            self._tell(old, new)
            if is_timer(new):
                self.redating.keep_or_change(activity, token, old)
            else:
                self._renew(token, old)
        for old in drawn:
            new = successor.get(old.name)
            if new is None:
                self.redating.missed_dropped(activity, old)
            elif new.name in fired and is_timer(new):
                self.redating.passed(activity, split, old, new)
        known = {spec.name for spec in successor.values()}
        for spec in wanted:
            if spec.name not in known:
                self.redating.add(activity, split, spec)
        if old_split is not None and split is None:
            splice(old_split)

    def _old_split(self, activity: Any) -> Any:
        name = self.was[activity.id].split_name
        parent = activity.parent
        return parent if name and parent is not None and self.was[parent.id].name == name else None

    def _new_split(self, activity: Any, old_split: Any) -> Any:
        spec = activity.task_spec
        if not spec.split_name:
            return None
        drawn = activity.workflow.spec.task_specs[spec.split_name]
        if old_split is None:
            return insert_above(activity, drawn)
        old_split.task_spec = drawn
        return old_split

    def _renew(self, token: Any, old: Any) -> None:
        """Evaluate the key of a message again if it is written differently."""
        new = token.task_spec
        if not same_key(old.event_definition, new.event_definition, self.redating.journal):
            token.internal_data = {}
            new.event_definition.arm(token)
            self.report.notes.append(f"“{new.element.label}”的关联键按新规则重新计算")

    def _tell(self, old: Any, new: Any) -> None:
        """Note what people notice at an event on a border besides its date."""
        changes = list(changes_for_people(old.element, new.element))
        if old.cancel_activity != new.cancel_activity:
            changes.append("发生后结束任务" if new.cancel_activity else "发生后任务继续")
        if changes:
            self.report.notes.append(f"“{new.element.label}”：{'；'.join(changes)}")

    def _pair(self, old: list[Any], new: list[Any]) -> Mapping[str, Any]:
        """Return the new boundary event for the name of each old one that lives on.

        The same event, or (drawn anew under another id) one with the same rule or message, or the only
        other timer.
        """
        pairs: dict[str, Any] = {}
        named = {spec.name: spec for spec in new}
        for spec in old:
            there = named.get(self.name_of(spec.name, spec.element.id))
            if there is not None and is_timer(there) == is_timer(spec):
                pairs[spec.name] = named.pop(there.name)
        for spec in old:
            if spec.name not in pairs:
                there = next((other for other in named.values() if self._alike(spec, other)), None)
                if there is not None:
                    pairs[spec.name] = named.pop(there.name)
        left = [spec for spec in old if spec.name not in pairs and is_timer(spec)]
        free = [spec for spec in named.values() if is_timer(spec)]
        if len(left) == len(free) == 1:
            pairs[left[0].name] = free[0]
        return pairs

    def _alike(self, old: Any, new: Any) -> bool:
        mine, theirs = old.event_definition, new.event_definition
        if is_timer(old) and is_timer(new):
            return same_rule(mine, theirs, self.redating.journal)
        if is_timer(old) or is_timer(new):
            return False
        return (old.element.message, mine.trigger) == (new.element.message, theirs.trigger)

    # -- event gateways

    def _alternatives(self, workflow: Any, living: list[Any]) -> None:
        """Arm what an event gateway waits for besides; a gateway drawn in front of a wait is put in."""
        gates = {
            target.name: gate
            for gate in workflow.spec.task_specs.values()
            if isinstance(gate, EventBasedGateway) and len(gate.targets) > 1
            for target in gate.targets
        }
        groups: dict[str, list[Any]] = {}
        for token in living:
            parent = token.parent
            behind = parent is not None and isinstance(self.was.get(parent.id), EventBasedGateway)
            name = token.task_spec.name
            if isinstance(token.task_spec, Catching) and (behind or name in gates):
                groups.setdefault(parent.id if behind else token.id, []).append(token)
        for parent_id, tokens in groups.items():
            self._alternatives_of(workflow.tasks[parent_id], tokens, gates)

    def _alternatives_of(self, parent: Any, tokens: list[Any], gates: dict[str, Any]) -> None:
        found = {gates.get(token.task_spec.name) for token in tokens}
        gate = found.pop() if len(found) == 1 else None
        if gate is None:
            if len(tokens) > 1:
                element = self.was[parent.id].element
                self.report.refuse(
                    element,
                    "gateway",
                    f"事件网关“{element.label}”之后的等待在新流程图中不再是同一个网关的分支",
                    "请保留该事件网关，或等其中一个事件发生后再迁移",
                )
            elif parent not in tokens:
                splice(parent)
            return
        if parent in tokens:
            parent = insert_above(tokens[0], gate)
        parent.task_spec = gate
        waiting = {token.task_spec.name for token in tokens}
        for spec in gate.targets:
            if spec.name not in waiting:
                self.redating.add(tokens[0], parent, spec)
