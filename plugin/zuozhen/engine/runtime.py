"""The engine's verbs: start and advance a case. Pure functions of diagram, state, event and world."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import Any

import msgpack

from zuozhen.engine.activities import UserTask
from zuozhen.engine.codec import check_json, load
from zuozhen.engine.correction import cancel, end_instance, move
from zuozhen.engine.diagram import Diagram
from zuozhen.engine.events import MessageDefinition
from zuozhen.engine.journal import Journal
from zuozhen.engine.outcome import step_of
from zuozhen.engine.projection import open_tokens
from zuozhen.engine.prune import prune
from zuozhen.engine.retiming import retime
from zuozhen.engine.timers import DUE, TimerDefinition
from zuozhen.engine.workflow import READY, CaseWorkflow, Token
from zuozhen.model.errors import Conflict, EngineError, ZuozhenError
from zuozhen.model.step import (
    Cancel,
    Complete,
    Deliver,
    EndInstance,
    Environment,
    Event,
    Move,
    Retime,
    Step,
    Tick,
    Variables,
)

MAX_FIRINGS = 2_000
"""Timers that may fire in one tick."""

STALE_HINT = "请刷新页面，查看办件的最新情况"


def start(
    diagram: Diagram, process_id: str, variables: Variables, env: Environment, start_id: str | None = None
) -> Step:
    """Start a case of a process at ``start_id`` (default: the start event without timer or message).

    Raises :class:`EngineError` if the process or start event does not exist or the case cannot move.
    """
    journal = Journal(env, diagram.types)
    chosen = _start_id(diagram, process_id, start_id)
    check_json(variables)
    seed = msgpack.packb((process_id, chosen, journal.now_micros, variables))
    case = CaseWorkflow(diagram.specs[process_id], diagram.specs, journal, _prefix(seed))
    return _step(case, process_id, [], lambda: case.begin(variables, chosen))


def advance(diagram: Diagram, process_id: str, state: bytes, event: Event, env: Environment) -> Step:
    """Let one event happen to the case in ``state``; the inputs are never changed.

    ``why`` of a timer and ``due_why`` of a task are given in the step that arms or moves the timer and
    empty afterwards (the store keeps them); this keeps the state small.

    Raises :class:`Conflict` if the task or wait is not open any more or a correction would leave the case
    hanging, and :class:`EngineError` with the element id if the case cannot move on; the caller then keeps
    the old state.
    """
    journal = Journal(env, diagram.types)
    if isinstance(event, Complete | Deliver | Move):
        check_json(event.variables)
    token_id = "" if isinstance(event, Tick | Cancel) else event.token
    seed = f"{type(event).__name__} {token_id} {journal.now_micros}".encode()
    case = load(state, diagram.specs, process_id, journal, _prefix(state + seed))
    return _step(case, process_id, open_tokens(case), lambda: _happen(case, event))


def _start_id(diagram: Diagram, process_id: str, start_id: str | None) -> str:
    process = diagram.processes.get(process_id)
    if process is None:
        raise EngineError(f"流程图中没有流程 {process_id}", hint="请检查部署的流程图")
    known = {begin.id: begin for begin in process.starts}
    if start_id is not None:
        if start_id not in known:
            raise EngineError(f"流程“{process.name}”没有开始事件 {start_id}", element_id=start_id)
        return start_id
    plain = [begin.id for begin in process.starts if begin.kind == "none"]
    if len(plain) == 1 or len(known) == 1:
        return (plain or list(known))[0]
    raise EngineError(
        f"流程“{process.name}”有多个开始事件，需要指明从哪一个开始",
        element_id=process_id,
        hint="请指明开始事件，或只保留一个普通开始事件",
    )


def _prefix(seed: bytes) -> str:
    """Return the first half of the step's new token ids: different for every different step."""
    return blake2b(seed, digest_size=8).hexdigest()


def _step(case: CaseWorkflow, process_id: str, before: list[str], happen: Callable[[], None]) -> Step:
    journal = case.journal
    try:
        happen()
        case.run_to_rest()
        _check_alive(case)
        prune(case)
        return step_of(case, process_id, before)
    except ZuozhenError:
        raise
    except Exception as error:
        raise EngineError(
            f"流程引擎在“{journal.element_id or process_id}”出错：{type(error).__name__}: {error}",
            element_id=journal.element_id,
            hint="请把此信息告诉流程管理员；办件保持原状",
        ) from error


def _check_alive(case: CaseWorkflow) -> None:
    """Raise unless the case has ended or something can still happen in it."""
    living = [token for workflow in case.all_workflows() for token in workflow.living()]
    if any(
        isinstance(token.task_spec, UserTask) or hasattr(token.task_spec, "event_definition")
        for token in living
    ):
        return
    if not living and case.ended:
        return
    stuck = next((token.task_spec.element for token in living if hasattr(token.task_spec, "needed")), None)
    if stuck is not None:
        raise EngineError(
            f"汇合网关“{stuck.label}”等不到其他分支，办件无法继续",
            element_id=stuck.id,
            hint="请检查分支与汇合网关的类型是否一致",
        )
    raise EngineError(
        "办件没有到达结束事件就停住了", element_id=case.journal.element_id, hint="请检查流程图的连线"
    )


def _happen(case: CaseWorkflow, event: Event) -> None:
    if isinstance(event, Tick):
        _fire_due(case)
    elif isinstance(event, Complete):
        token = _open_token(case, event.token)
        if not isinstance(token.task_spec, UserTask) or token._state != READY:
            raise Conflict("这不是待办任务，不能办结", hint=STALE_HINT)
        token.put(event.variables)
        case.journal.count_move(token.task_spec.element.id, token.task_spec.element.label)
        token.run()
    elif isinstance(event, Deliver):
        token = _open_token(case, event.token)
        if not isinstance(getattr(token.task_spec, "event_definition", None), MessageDefinition):
            raise Conflict("此处并不在等待消息或操作", hint=STALE_HINT)
        token.put(event.variables)
        token._ready()
    elif isinstance(event, Retime):
        token = _open_token(case, event.token)
        if not retime(token, event.due_at, (event.why,), event.timer):
            element = token.task_spec.element
            what = f"时限 {event.timer} " if event.timer else "时限"
            raise EngineError(
                f"“{element.label}”没有{what}可以调整",
                element_id=element.id,
                hint="请在流程图中为该任务加上边界定时事件",
            )
    elif isinstance(event, EndInstance):
        end_instance(case, _open_token(case, event.token))
    elif isinstance(event, Move):
        move(case, _open_token(case, event.token), event)
    else:
        cancel(case)


def _open_token(case: CaseWorkflow, token_id: str) -> Token:
    token = case.find(token_id)
    if token is None:
        raise Conflict("该事项已经办结或撤销", hint=STALE_HINT)
    return token


def _fire_due(case: CaseWorkflow) -> None:
    """Fire everything due, the earliest first; what that arms may be due as well."""
    for _ in range(MAX_FIRINGS):
        due = min(
            _due_timers(case), key=lambda token: (token.internal_data[DUE], token.id[16:]), default=None
        )
        if due is None:
            return
        due._ready()
        case.run_to_rest()
    element = due.task_spec.element if due is not None else None
    raise EngineError(
        f"定时事件不停触发，一次超过{MAX_FIRINGS}次",
        element_id=element.id if element is not None else "",
        hint="请检查该定时事件的时限是否总是已过",
    )


def _due_timers(case: CaseWorkflow) -> list[Any]:
    now = case.journal.now_micros
    return [
        token
        for workflow in case.all_workflows()
        for token in workflow.living()
        if isinstance(getattr(token.task_spec, "event_definition", None), TimerDefinition)
        and token.internal_data.get(DUE, now + 1) <= now
    ]
