"""Putting a case back to an earlier snapshot: nothing moves, everything open is shown again."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from zuozhen.engine.codec import load
from zuozhen.engine.diagram import Diagram
from zuozhen.engine.journal import Journal
from zuozhen.engine.outcome import step_of
from zuozhen.model.errors import EngineError
from zuozhen.model.step import Environment, Step


def restore(diagram: Diagram, process_id: str, state: bytes, env: Environment, before: Sequence[str]) -> Step:
    """Return the step that brings a case back to the snapshot ``state``; its state is the snapshot itself.

    ``before`` are the tokens open now: those the snapshot does not know are closed as cancelled. As in
    every later step, ``why`` and ``due_why`` are empty; the store kept them with the tokens.

    Raises :class:`EngineError` if the snapshot is damaged, does not fit the diagram or is of an ended case.
    """
    if process_id not in diagram.processes:
        raise EngineError(f"流程图中没有流程 {process_id}", hint="请检查部署的流程图")
    case = load(state, diagram.specs, process_id, Journal(env, diagram.types), "")
    if not case.living():
        raise EngineError("该快照中办件已经结束，不能恢复为在办", hint="请选择更早的快照")
    return dataclasses.replace(step_of(case, process_id, before), state=state)
