"""Rules about the shape of a process: where it starts, where it ends, and that every node lies between."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from zuozhen.engine.lint.complaint import Complaint
from zuozhen.engine.lint.context import LintContext
from zuozhen.engine.lint.drawing import Drawing, Flow, Node
from zuozhen.engine.lint.timers import passes_at_once

_WAITING = frozenset({"userTask", "receiveTask", "intermediateCatchEvent", "eventBasedGateway"})


def process_missing(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """A file without any node cannot be run."""
    if not drawing.nodes:
        drawn = any(len(sketch) for sketch in drawing.sketches)
        message = "流程图里没有可以执行的流程" if drawn else "流程图里没有任何流程"
        yield Complaint(drawing.root, message, "请画出开始事件、任务和结束事件，并勾选“可执行”")


def start_missing(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Every scope needs a start event."""
    for scope in drawing.scopes:
        if not scope.starts and not is_event_sub_process(scope.node):
            yield Complaint(scope, f"{scope.title}没有开始事件，无法启动", "请画一个开始事件")


def start_several(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """A scope has one plain start; a process may have timer and message starts besides."""
    for scope in drawing.scopes:
        plain = [node for node in scope.starts if scope.node is not None or not node.definitions]
        for extra in plain[1:]:
            message = f"{scope.title}有 {len(plain)} 个普通开始事件，不知从哪一个开始"
            yield Complaint(extra, message, "请只留一个；其他的改为定时或消息开始事件，或删去")


def end_missing(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Every scope needs an end event."""
    for scope in drawing.scopes:
        if scope.nodes and not any(node.kind == "endEvent" for node in scope.nodes):
            yield Complaint(scope, f"{scope.title}没有结束事件，永远办不结", "请画一个结束事件")


def unreachable(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Every node can be reached from a start event; only the first node of a lost path is reported."""
    for scope in drawing.scopes:
        if not scope.starts:
            continue
        seen = _closure(scope.starts, following)
        lost = [node for node in scope.nodes if node not in seen and not _apart(node)]
        lost.sort(key=lambda node: bool(node.incoming or node.host))
        reported: set[Node] = set()
        for node in lost:
            if node not in reported:
                reported |= _closure([node], following)
                yield Complaint(node, f"{node.title}从开始事件走不到", "请用连线把它接到前面的环节，或删去")


def dead_end(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """A token that has nowhere to go would stop the case without a word."""
    for node in drawing.nodes:
        if node.kind != "endEvent" and not node.outgoing and not _apart(node):
            yield Complaint(
                node, f"{node.title}之后没有连线，办到这里会无声停住", "请接到下一个环节或结束事件"
            )


def cannot_end(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """From every node an end event can be reached; the first node of each such trap is reported."""
    for scope in drawing.scopes:
        finals = [node for node in scope.nodes if not node.outgoing]
        ending = _closure(finals, preceding)
        reachable = _closure(scope.starts, following)
        reported: set[Node] = set()
        for node in scope.nodes:
            if node in reachable and node not in ending and node not in reported:
                reported |= _closure([node], following)
                yield Complaint(node, f"{node.title}之后绕来绕去，到不了结束事件", "请加一条通向结束事件的路")


def spinning(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """A loop in which nothing waits would run for ever without stopping."""
    resting = _resting(drawing, context)
    for scope in drawing.scopes:
        restless = {node for node in scope.nodes if node not in resting}

        def onward(node: Node, restless: set[Node] = restless) -> list[Node]:
            return [flow.target for flow in node.outgoing if flow.target in restless and flow.target]

        reported: set[Node] = set()
        for node in scope.nodes:
            if node not in restless or node in reported:
                continue
            ahead = _closure(onward(node), onward)
            if node in ahead:
                reported |= ahead
                yield Complaint(
                    node,
                    f"{node.title}所在的循环里没有人办也没有等待，会一直空转",
                    "请在循环里放一个用户任务或等待事件",
                )


def _resting(drawing: Drawing, context: LintContext) -> set[Node]:
    """Return the nodes at which a token rests: sub-processes and calls if something rests in them."""
    inside = {scope.id: scope for scope in drawing.processes}
    resting = {node for node in drawing.nodes if node.kind in _WAITING and not passes_at_once(node, context)}
    changed = True
    while changed:
        changed = False
        for node in drawing.nodes:
            inner = node.inner or inside.get(node.element.get("calledElement") or "")
            if node not in resting and inner is not None and any(each in resting for each in inner.nodes):
                resting.add(node)
                changed = True
    return resting


def is_event_sub_process(node: Node | None) -> bool:
    """Tell whether a node is an event sub-process (refused by its own rule)."""
    return node is not None and node.element.get("triggeredByEvent") == "true"


def following(node: Node) -> list[Node]:
    """Return the nodes a token may go to next, boundary events of an activity included."""
    return [flow.target for flow in node.outgoing if flow.target] + node.boundary


def preceding(node: Node) -> list[Node]:
    """Return the nodes whose own token may come here: not those that only send a reminder beside it."""
    return _sources(node.incoming) + ([node.host] if node.host and node.interrupting else [])


def _sources(flows: Iterable[Flow]) -> list[Node]:
    return [flow.source for flow in flows if flow.source]


def _closure(first: Iterable[Node], step: Callable[[Node], list[Node]]) -> set[Node]:
    seen: set[Node] = set()
    stack = list(first)
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack.extend(step(node))
    return seen


def _apart(node: Node) -> bool:
    """Tell whether a node rightly has no flows, or has none because of something reported elsewhere."""
    loose = node.kind == "boundaryEvent" and node.host is None
    return (
        loose or not node.id or is_event_sub_process(node) or node.element.get("isForCompensation") == "true"
    )
