"""Rules about what of a file is executed at all, and how deep it may nest."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from zuozhen.engine.limits import MAX_DEPTH
from zuozhen.engine.lint.complaint import Complaint
from zuozhen.engine.lint.context import LintContext
from zuozhen.engine.lint.drawing import CAMUNDA, Drawing, Node, Scope, quoted
from zuozhen.engine.lint.source import FLOW_NODES, local_tag

_WORKED = frozenset({f"{CAMUNDA}{name}" for name in ("formRef", "candidateGroups", "assignee", "topic")})


def not_executable(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """A process that the pack starts, or that is called, is executed: it holds nodes and is marked so."""
    called = set(drawing.callers())
    for sketch in drawing.sketches:
        id_ = sketch.get("id") or ""
        if id_ not in context.started | called:
            continue
        title = f"流程{quoted(sketch.get('name') or id_)}"
        user = "pack.toml 的 [processes] 指定了它" if id_ in context.started else "有调用活动调用它"
        if _holds_nodes(sketch):
            hint = "请选中这个泳池（或画布空白处），在属性面板中勾选“可执行”（isExecutable）"
            yield Complaint(sketch, f"{title}没有勾选“可执行”，不会运行，但{user}", hint)
        else:
            hint = "请画出开始事件、任务和结束事件；只作图示的泳池不要写进 [processes]，也不要调用"
            yield Complaint(sketch, f"{title}里没有任何环节，不会运行，但{user}", hint)


def idle(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """A process that is ready to be worked on, but not marked as executable, was rather forgotten than meant so."""
    known = context.started | set(drawing.callers())
    for sketch in drawing.sketches:
        prepared = any(
            _WORKED & set(map(str, each.attrib)) for each in sketch if local_tag(each) in FLOW_NODES
        )
        if prepared and (sketch.get("id") or "") not in known:
            title = f"流程{quoted(sketch.get('name') or sketch.get('id') or '')}"
            yield Complaint(
                sketch,
                f"{title}写了表单、岗位或自动处理，但没有勾选“可执行”，不会运行，也不检查",
                "要运行的请勾选“可执行”；只作图示的请删去表单、岗位等设置",
            )


def called_start(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """A called process begins at a start event that waits for nothing."""
    processes = {process.id: process for process in drawing.processes}
    for id_, callers in drawing.callers().items():
        process = processes.get(id_)
        if process is not None and process.starts and all(start.definitions for start in process.starts):
            for caller in callers:
                message = (
                    f"{caller.title}调用的{process.title}只有定时或消息开始事件，没有可供调用的普通开始事件"
                )
                yield Complaint(caller, message, "请在被调用的流程中画一个普通开始事件")


def too_deep(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """The engine opens only so many sub-processes and called processes inside each other."""
    processes = {process.id: process for process in drawing.processes}
    reported: set[Node] = set()
    for process in drawing.processes:
        stack: list[tuple[Scope, int, frozenset[str]]] = [(process, 0, frozenset({process.id}))]
        seen: dict[Scope, int] = {}
        while stack:
            scope, depth, through = stack.pop()
            if seen.get(scope, -1) >= depth:
                continue
            seen[scope] = depth
            for node in scope.nodes:
                inner, on_way = node.inner, through
                called = node.element.get("calledElement") or "" if node.kind == "callActivity" else ""
                if called and called not in through:  # A process that calls itself has a rule of its own.
                    inner, on_way = processes.get(called), through | {called}
                if inner is None:
                    continue
                if depth + 1 <= MAX_DEPTH:
                    stack.append((inner, depth + 1, on_way))
                elif node not in reported:
                    reported.add(node)
                    message = f"{node.title}已是第 {depth + 1} 层子流程或调用，办到这里会出错停住"
                    yield Complaint(node, message, f"最多 {MAX_DEPTH} 层，请减少层数，或用消息衔接两个流程")


def _holds_nodes(process: etree._Element) -> bool:
    return any(local_tag(child) in FLOW_NODES for child in process)
