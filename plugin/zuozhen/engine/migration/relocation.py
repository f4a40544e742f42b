"""Migration, first half: every token of a case finds its node in the new diagram, or is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from SpiffWorkflow.util.task import TaskState

from zuozhen.engine.activities import CallActivity
from zuozhen.engine.diagram import Diagram, Element
from zuozhen.engine.events import BoundaryEvent
from zuozhen.engine.gateways import CAME_FROM, EventBasedGateway, Join
from zuozhen.engine.loops import FINISHED, MultiInstance
from zuozhen.engine.migration.kinds import items_of, kind_of, place_kind
from zuozhen.engine.migration.renewing import changes_for_people, renew
from zuozhen.engine.migration.reporting import Report
from zuozhen.engine.migration.splicing import splice
from zuozhen.model.errors import EngineError
from zuozhen.model.migration import Placement

COMPLETED: int = TaskState.COMPLETED


class _Refused(Exception):
    """A token has no place in the new diagram: (code, message, hint)."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint


class Relocation:
    """Moves the tokens of a loaded case onto the specifications of ``new``.

    ``was`` keeps the specification each token had before. Boundary events are left to the second half;
    finished nodes are brought along or spliced out by :meth:`tidy`.
    """

    def __init__(self, case: Any, new: Diagram, mapping: Mapping[str, str], report: Report) -> None:
        self.case = case
        self.new = new
        self.mapping = mapping
        self.report = report
        self.was: dict[str, Any] = {
            token.id: token.task_spec
            for workflow in case.all_workflows()
            for token in workflow.tasks.values()
        }
        self._lost: set[str] = set()
        """Tokens whose activity has no place, so that nothing inside it needs a refusal of its own."""

    def run(self, process_id: str) -> None:
        """Move all living tokens; what cannot be moved is in the report."""
        self.case.subprocess_specs = self.new.specs
        for workflow in list(self.case.all_workflows()):
            owner = workflow.owner if workflow is not self.case else None
            if owner is None:
                scope = self.new.specs.get(process_id)
            else:
                lost = owner.id in self._lost
                scope = None if lost else self.new.specs.get(owner.task_spec.spec)
            self._move_all(workflow, scope)

    def name_of(self, name: str, element_id: str) -> str:
        """Return what a node of the old diagram is called in the new one; suffixes of ours stay."""
        return (self.mapping.get(element_id) or element_id) + name[len(element_id) :]

    def _move_all(self, workflow: Any, scope: Any) -> None:
        old_scope = workflow.spec
        for token in _outer_first(workflow):
            if isinstance(token.task_spec, BoundaryEvent):
                continue
            spec = None
            if scope is None or (token.triggered and token.parent.id in self._lost):
                self._lost.add(token.id)
            elif not self._left_out(token, scope):
                spec = self._found(token, scope, old_scope)
            else:
                continue
            self._place(token, spec)
        if scope is not None:
            workflow.spec = scope

    def _left_out(self, token: Any, scope: Any) -> bool:
        """Drop an event of an event gateway that is gone while another of its events still waits."""
        parent = token.parent
        if not isinstance(self.was[parent.id], EventBasedGateway) or self._named(token, scope) is not None:
            return False
        others = [sibling for sibling in parent.children if sibling is not token]
        if not any(sibling._state < COMPLETED and self._named(sibling, scope) for sibling in others):
            return False
        token.cancel()
        self.case.journal.write("cancelled", token.task_spec.element, token.id)
        self.report.notes.append(f"“{token.task_spec.element.label}”已删去，不再等待")
        return True

    def _named(self, token: Any, scope: Any) -> Any:
        old = self.was[token.id]
        return scope.task_specs.get(self.name_of(old.name, old.element.id))

    def _found(self, token: Any, scope: Any, old_scope: Any) -> Any:
        """Return the new specification of a living token, or None after refusing."""
        old = token.task_spec
        try:
            spec = self._target(old, scope)
            self._check_alike(old, spec, old_scope, scope)
            _check_votes(token, old, spec)
            if isinstance(old, Join):
                self._keep_arrival(token, old, spec, old_scope)
            return spec
        except _Refused as refused:
            self.report.refuse(old.element, refused.code, refused.message, refused.hint)
            self._lost.add(token.id)
            return None

    def _target(self, old: Any, scope: Any) -> Any:
        element: Element = old.element
        wanted = self.mapping.get(element.id) or element.id
        spec = scope.task_specs.get(self.name_of(old.name, element.id))
        if spec is not None and spec.element.id == wanted:
            return spec
        there = self.new.elements.get(wanted)
        if there is None and wanted != element.id:
            raise _Refused("mapping", f"指定的环节 {wanted} 在新流程图中不存在", "请改选新流程图中的环节")
        if there is None:
            raise _Refused("gone", f"“{element.label}”在新流程图中已没有", "请指定改到哪个环节")
        if there.scope != scope.name:
            raise _Refused(
                "scope",
                f"“{there.label}”在新流程图中位于另一流程或子流程，办件不能跨层迁移",
                "请指定同一流程（子流程）中的环节，或保留原来的位置",
            )
        raise _Refused(
            "kind",
            f"“{element.label}”到“{there.label}”的多实例设置不同，正在此处的办件不能迁移",
            "请指定另一个同类环节，或保留原来的设置",
        )

    def _check_alike(self, old: Any, spec: Any, old_scope: Any, scope: Any) -> None:
        mine, theirs = kind_of(old, old_scope), kind_of(spec, scope)
        if mine != theirs:
            raise _Refused(
                "kind",
                f"“{old.element.label}”（{mine}）不能迁移到“{spec.element.label}”（{theirs}）",
                f"请指定一个{mine}，或保留原来的类型",
            )
        if isinstance(old, MultiInstance) and items_of(old) != items_of(spec):
            raise _Refused(
                "instances",
                f"“{spec.element.label}”的多实例变量名有变化，正在办理的各实例不能迁移",
                "请保留原来的元素变量和输出变量",
            )
        if isinstance(old, CallActivity) and old.spec != spec.spec:
            raise _Refused(
                "call", f"“{spec.element.label}”改为调用另一流程 {spec.spec}", "请等被调用的流程办完再迁移"
            )

    def _keep_arrival(self, token: Any, old: Any, spec: Any, old_scope: Any) -> None:
        source = token.internal_data[CAME_FROM]
        name = next((n for n in (self.mapping.get(source) or source, source) if n in spec.needed), None)
        if name is None or sum(spec.needed.values()) <= 1:
            label = old_scope.task_specs[source].element.label
            raise _Refused(
                "branch",
                f"已办完的“{label}”在新流程图中不再通向汇合网关“{old.element.label}”",
                "请恢复该分支，或指定它由通向该网关的哪个环节代替",
            )
        token.internal_data = {**token.internal_data, CAME_FROM: name}

    def _place(self, token: Any, spec: Any) -> None:
        """Put a token onto its new specification and tell about open places; None: it was refused."""
        old = token.task_spec
        changes: tuple[str, ...] = ()
        if spec is not None:
            token.task_spec = spec
            try:
                said = renew(token, old)
            except EngineError as error:
                self.report.refuse(old.element, "expression", error.message, error.hint)
                said = ()
            changes = (*changes_for_people(old.element, spec.element), *said)
        kind = place_kind(old, token)
        if kind is None:
            return
        mapped = spec is not None and spec.element.id != old.element.id
        if mapped or changes:
            self.case.journal.write("migrated", spec.element, token.id)
        target = None if spec is None else spec.element
        self.report.placements.append(
            Placement(
                token=token.id,
                element_id=old.element.id,
                name=old.element.label,
                kind=kind,
                outcome="refused" if spec is None else "mapped" if mapped else "stays",
                target="" if target is None else target.id,
                target_name="" if target is None else target.label,
                changes=changes,
            )
        )

    def tidy(self) -> None:
        """Bring finished nodes along where the new diagram has the same, splice the others out."""
        for workflow in self.case.all_workflows():
            for token in list(workflow.tasks.values()):
                if token is workflow.task_tree:
                    token.task_spec = workflow.spec.start
                elif token._state >= COMPLETED and token.task_spec is self.was.get(token.id):
                    spec = self._named(token, workflow.spec)
                    if spec is not None and type(spec) is type(token.task_spec):
                        token.task_spec = spec
                    else:
                        splice(token)


def _check_votes(token: Any, old: Any, spec: Any) -> None:
    """Votes that were given cannot be counted by another field."""
    if not isinstance(old, MultiInstance) or spec.vote is None or not token.internal_data[FINISHED]:
        return
    before = "" if old.vote is None else old.vote.ballot
    if old.vote is None or before != spec.vote.ballot:
        raise _Refused(
            "votes",
            f"“{spec.element.label}”改由另一个字段表决，已经办结的各份没有这一项",
            "请保留原来的表决字段，或等这一环节办完再迁移",
        )


def _outer_first(workflow: Any) -> Iterator[Any]:
    """Yield the living tokens, a multi-instance activity before its instances."""
    living = workflow.living()
    yield from (token for token in living if not token.triggered)
    yield from (token for token in living if token.triggered)
