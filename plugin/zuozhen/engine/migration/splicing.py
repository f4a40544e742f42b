"""Putting finished nodes into the token tree and taking them out."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.util.task import TaskState

from zuozhen.engine.workflow import Token

COMPLETED: int = TaskState.COMPLETED


def splice(token: Any) -> None:
    """Take a finished node out of the tree; its children hang under its parent."""
    tasks = token.workflow.tasks
    parent = tasks[token._parent]
    position = parent._children.index(token.id)
    parent._children[position : position + 1] = token._children
    for child in token._children:
        tasks[child]._parent = parent.id
    del tasks[token.id]


def insert_above(token: Any, spec: Any) -> Any:
    """Put a finished node between a token and its parent; it knows what the token knew on entry."""
    tasks = token.workflow.tasks
    parent = tasks[token._parent]
    node = Token(token.workflow, spec, parent, COMPLETED)
    parent._children.remove(node.id)
    parent._children[parent._children.index(token.id)] = node.id
    node._children = [token.id]
    token._parent = node.id
    node.data, node.stamps = token.data, token.stamps
    node.last_state_change = token.last_state_change
    return node
