"""Forgets finished history after each step, branch by branch, so that a case never grows.

A finished node is kept only while something can still look at it: the root, a fork between live
branches and the split of a live activity with boundary events. Everything else is dropped or
spliced out of its path.
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.util.task import TaskState

from zuozhen.engine.events import BoundarySplit

COMPLETED: int = TaskState.COMPLETED


def prune(top: Any) -> None:
    """Prune a case and all its running sub-processes in place."""
    for workflow in top.all_workflows():
        _prune_tree(workflow)


def _prune_tree(workflow: Any) -> None:
    tasks, root = workflow.tasks, workflow.task_tree
    alive: set[str] = {root.id}
    for token in tasks.values():
        if token._state < COMPLETED:
            _mark(tasks, token, alive)
    kept: dict[str, Any] = {root.id: root}
    pending = [root]
    while pending:
        node = pending.pop()
        children = [_compress(tasks, child, alive) for child in node._children if child in alive]
        node._children = [child.id for child in children]
        for child in children:
            child._parent = node.id
            kept[child.id] = child
        pending.extend(reversed(children))
    workflow.tasks = kept


def _mark(tasks: dict[str, Any], token: Any, alive: set[str]) -> None:
    """Add a token and its ancestors."""
    token_id = token.id
    while token_id is not None and token_id not in alive:
        alive.add(token_id)
        token_id = tasks[token_id]._parent


def _compress(tasks: dict[str, Any], token_id: str, alive: set[str]) -> Any:
    """Return the first node from ``token_id`` downwards that must be kept."""
    while True:
        token = tasks[token_id]
        if token._state < COMPLETED:
            return token
        children = [child for child in token._children if child in alive]
        if len(children) != 1:
            return token
        if isinstance(token.task_spec, BoundarySplit) and _is_running(tasks[children[0]], token.task_spec):
            return token
        token_id = children[0]


def _is_running(token: Any, split: Any) -> bool:
    return token.task_spec is split.targets[0] and token._state < COMPLETED
