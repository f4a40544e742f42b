"""Tokens and workflows: SpiffWorkflow's task tree with our clock, our ids and our loop."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from SpiffWorkflow.bpmn.util.subworkflow import BpmnBaseWorkflow, BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from zuozhen.engine.expressions import SCRIPT_ENGINE
from zuozhen.engine.journal import Journal
from zuozhen.engine.limits import MAX_DEPTH
from zuozhen.model.errors import EngineError

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_NO_STAMPS: Mapping[str, int] = MappingProxyType({})
READY: Final[int] = TaskState.READY
COMPLETED: Final[int] = TaskState.COMPLETED
CANCELLED: Final[int] = TaskState.CANCELLED


class Token(Task):
    """A place in the task tree. Its id is 32 hex digits, ``last_state_change`` integer microseconds.

    ``data`` are its variables, ``stamps`` the number of the write each comes from (none: from the start
    of the case, or local to one instance of a multi-instance activity).
    """

    def __init__(self, workflow: Any, task_spec: Any, parent: Token | None, state: int) -> None:
        # Replaces the stock constructor, which reads the system clock and draws a random UUID.
        top = workflow.top_workflow
        self.id = top.next_id()
        self.workflow = workflow
        self.task_spec = task_spec
        self.triggered = False
        self.thread_id = 0
        self.data: Mapping[str, Any] = _NOTHING
        self.stamps: Mapping[str, int] = _NO_STAMPS
        self.internal_data: dict[str, Any] = {}
        self.last_state_change = top.journal.now_micros
        self._state = state
        self._children: list[str] = []
        self._parent = parent.id if parent is not None else None
        if parent is not None:
            parent._children.append(self.id)
        workflow.tasks[self.id] = self

    @property
    def journal(self) -> Journal:
        """The notebook of the running step."""
        found: Journal = self.workflow.top_workflow.journal
        return found

    def _add_child(self, task_spec: Any, state: int = TaskState.FUTURE) -> Token:
        return Token(self.workflow, task_spec, self, state)

    def _set_state(self, value: int) -> None:
        top = self.workflow.top_workflow
        self._state = value
        self.last_state_change = top.journal.now_micros
        if value == READY:
            top.ready.append(self)

    def _inherit_data(self) -> None:
        # Shared, not copied: :meth:`put` and :meth:`take` replace, nothing edits in place. An instance
        # of a multi-instance activity got its own variables from the activity.
        if not self.triggered:
            parent = self.workflow.tasks[self._parent]
            self.data, self.stamps = parent.data, parent.stamps

    def put(self, values: Mapping[str, Any]) -> None:
        """Write variables; each gets the stamp of this write, so that joins can tell old from new."""
        if values:
            top = self.workflow.top_workflow
            top.counter += 1
            self.data = {**self.data, **values}
            self.stamps = {**self.stamps, **dict.fromkeys(values, top.counter)}

    def take(self, other: Token, without: tuple[str, ...] = ()) -> None:
        """Take over every variable that ``other`` knows a newer write of."""
        mine = self.stamps
        newer = {
            name: stamp
            for name, stamp in other.stamps.items()
            if stamp > mine.get(name, 0) and name not in without
        }
        if newer:
            self.data = {**self.data, **{name: other.data[name] for name in newer}}
            self.stamps = {**mine, **newer}

    def take_within(self, activity: Token, without: tuple[str, ...] = ()) -> None:
        """Take over what was written inside an activity that may be half done.

        Embedded sub-processes share the data of the process around them (BPMN 2.0.2 §10.4.7): what was
        completed in them survives, however they come to their end. A called process has data of its own.
        """
        if activity._state >= COMPLETED:
            return
        self.take(activity, without)
        inner = activity.workflow.top_workflow.subprocesses.get(activity.id)
        if inner is not None and activity.task_spec.shares_data:
            for token in inner.living():
                if not token.triggered:
                    self.take_within(token, without)
        local = activity.task_spec.local_names
        for child in activity.children:
            if child.triggered:
                self.take_within(child, (*without, *local))

    def cancel(self) -> None:
        """Take this token away, with everything that lives inside its activity."""
        if self._state >= COMPLETED:
            return
        self._set_state(CANCELLED)
        if self.task_spec.manual or self.task_spec.split_name:
            self.journal.write("cancelled", self.task_spec.element, self.id)
        for child in self.children:
            child.cancel()
        inner = self.workflow.top_workflow.subprocesses.pop(self.id, None)
        if inner is not None:
            inner.cancel_all()


class _Living:
    """What a case and its running sub-processes have in common."""

    tasks: dict[str, Token]
    ended = False
    """Whether a token has reached an end event."""
    origin: Token | None = None
    """The token whose variables the first token began with."""

    def keeper(self) -> Token:
        """Return the token that ended tokens hand their variables to."""
        raise NotImplementedError

    def living(self) -> list[Token]:
        """Return the unfinished tokens in tree order of creation."""
        return [token for token in self.tasks.values() if token._state < COMPLETED]

    def cancel_all(self) -> None:
        """Cancel every unfinished token; what they had written stays with the case or sub-process."""
        keeper = self.keeper()
        for token in self.living():
            if not token.triggered:
                keeper.take_within(token)
        for token in self.living():
            token.cancel()

    def _task_completed_notify(self, task: Any) -> None:
        """Do nothing: :meth:`CaseWorkflow.run_to_rest` looks for what can move, once."""

    def update_waiting_tasks(self) -> None:
        """Do nothing, see :meth:`_task_completed_notify`."""


class SubWorkflow(_Living, BpmnSubWorkflow):
    """A running embedded sub-process or called process; its ended tokens write to ``owner``."""

    def __init__(self, spec: Any, owner: Token) -> None:
        top = owner.workflow.top_workflow
        self.parent_task_id = owner.id
        self.owner = self.origin = owner
        self.top_workflow = top
        self.correlations: dict[str, Any] = {}
        self.depth = owner.workflow.depth + 1
        if self.depth > MAX_DEPTH:
            element = owner.task_spec.element
            raise EngineError(
                f"“{element.label}”的子流程嵌套超过{MAX_DEPTH}层",
                element_id=element.id,
                hint="请检查调用活动是否调用了自己",
            )
        BpmnBaseWorkflow.__init__(self, spec, deserializing=True)

    def keeper(self) -> Token:
        """Return the activity that owns this sub-process."""
        return self.owner

    @property
    def parent_workflow(self) -> Any:
        """The workflow that contains the sub-process activity."""
        return self.owner.workflow


class CaseWorkflow(_Living, BpmnWorkflow):
    """One case while a step runs. Built from bytes, moved, dumped, thrown away."""

    def __init__(
        self, spec: Any, specs: Mapping[str, Any], journal: Journal, prefix: str, counter: int = 0
    ) -> None:
        self.journal = journal
        self.ready: deque[Token] = deque()
        self.prefix = prefix
        self.counter = counter
        self.start_id = ""
        super().__init__(spec, specs, script_engine=SCRIPT_ENGINE, deserializing=True)

    def keeper(self) -> Token:
        """Return the root of the case."""
        root: Token = self.task_tree
        return root

    def next_id(self) -> str:
        """Return a fresh token id: 16 digits of the step's prefix and 16 of the case's counter."""
        self.counter += 1
        return f"{self.prefix}{self.counter:016x}"

    def all_workflows(self) -> Iterator[Any]:
        """Yield this workflow and every running sub-process."""
        yield self
        yield from self.subprocesses.values()

    def find(self, token_id: str) -> Token | None:
        """Return an unfinished token by id."""
        for workflow in self.all_workflows():
            token: Token | None = workflow.tasks.get(token_id)
            if token is not None:
                return token if token._state < COMPLETED else None
        return None

    def begin(self, variables: Mapping[str, Any], start_id: str) -> None:
        """Put the first token at a start event."""
        self.start_id = start_id
        self._plant(self, dict(variables), _NO_STAMPS)

    def open_subprocess(self, owner: Token, spec_name: str) -> None:
        """Start the sub-process of an activity."""
        inner = SubWorkflow(self.subprocess_specs[spec_name], owner)
        self.subprocesses[owner.id] = inner
        self._plant(inner, owner.data, owner.stamps)

    @staticmethod
    def _plant(workflow: Any, variables: Mapping[str, Any], stamps: Mapping[str, int]) -> None:
        root = Token(workflow, workflow.spec.start, None, TaskState.FUTURE)
        root.data, root.stamps = variables, stamps
        workflow.task_tree = root
        root._ready()

    def run_to_rest(self) -> None:
        """Run everything that needs no person, message or time."""
        ready, journal = self.ready, self.journal
        while True:
            while ready:
                token = ready.popleft()
                spec = token.task_spec
                if token._state == READY and not spec.manual:
                    journal.count_move(spec.element.id, spec.element.label)
                    token.run()
            if not (self._close_subprocesses() or self._fire_joins()):
                return

    def _close_subprocesses(self) -> bool:
        """Let activities go on whose sub-process has no token left; tell whether there was one."""
        closed = False
        for owner_id, inner in list(self.subprocesses.items()):
            if inner.ended and not inner.living():
                del self.subprocesses[owner_id]
                inner.owner._set_state(READY)
                closed = True
        return closed

    def _fire_joins(self) -> bool:
        """Fire one inclusive join that no other token can reach any more; tell whether there was one."""
        for workflow in self.all_workflows():
            if workflow.spec.has_inclusive_join and any(
                token.task_spec.fire_if_alone(token)
                for token in workflow.living()
                if token.task_spec.joins_inclusively
            ):
                return True
        return False
