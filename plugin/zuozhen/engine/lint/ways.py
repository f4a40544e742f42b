"""The shortest way on which a variable stays without a value, in the words on the drawing."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from zuozhen.engine.lint.assignment import Solution
from zuozhen.engine.lint.drawing import Drawing, Flow, Node
from zuozhen.engine.lint.messages import catches_of, payload_names
from zuozhen.engine.lint.source import GATEWAYS

LONGEST = 8
"""Places of a way that are named; of a longer one the first and the last."""


def lacking_way(drawing: Drawing, solution: Solution, at: Node | Flow, bit: int, name: str) -> str:
    """Return the words for the shortest way to ``at`` on which ``bit`` is not set (``name`` is its variable)."""
    goal = at.source if isinstance(at, Flow) else at
    way = _shortest(solution, goal, bit) if goal is not None else []
    parts = [node.label for node in way if node.name or node.kind not in GATEWAYS]
    if len(parts) > LONGEST:
        parts = [*parts[:2], "…", *parts[3 - LONGEST :]]
    message = _unsent(drawing, solution, way, bit, name)
    return f"经“{'→'.join(parts)}”{message}" if parts else message


def _shortest(solution: Solution, goal: Node, bit: int) -> list[Node]:
    """Search backwards from where the variable is read to where a case can begin without it."""
    came_from: dict[Node, Node | None] = {goal: None}
    queue = deque([goal])
    while queue:
        node = queue.popleft()
        earlier = list(_earlier(solution, node, bit))
        if not earlier:
            way = [node]
            while (following := came_from[way[-1]]) is not None:
                way.append(following)
            return way
        for each in earlier:
            if each not in came_from:
                came_from[each] = node
                queue.append(each)
    return [goal]


def _earlier(solution: Solution, node: Node, bit: int) -> Iterator[Node]:
    if node.kind == "startEvent":
        around = node.scope.node
        callers = () if node.definitions else solution.callers.get(node.scope.id, ())
        outer = callers if around is None else (around,)
        yield from (each for each in outer if not solution.before[each] & bit)
    elif node.host is not None:
        yield node.host
    for flow in node.incoming:
        if flow.source is not None and not solution.along(flow) & bit:
            yield flow.source


def _unsent(drawing: Drawing, solution: Solution, way: list[Node], bit: int, name: str) -> str:
    """Say which message comes without the variable although its others bring it."""
    catches = catches_of(drawing)
    for node in way:
        throwers = catches.get(node, [])
        carrying = [each for each in throwers if name in payload_names(each)]
        without = [each for each in throwers if each not in carrying or not solution.before[each] & bit]
        if carrying and without:
            return f"（“{without[0].label}”发出的消息没有带来它）"
    return ""
