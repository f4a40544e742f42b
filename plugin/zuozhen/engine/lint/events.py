"""Rules about events: what each kind may carry, and where boundary events sit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from zuozhen.engine.lint.complaint import Complaint
from zuozhen.engine.lint.context import LintContext
from zuozhen.engine.lint.drawing import Drawing, Node
from zuozhen.engine.lint.source import BPMN, EVENTS, local_tag

_ALLOWED = {
    "startEvent": frozenset({"", "timer", "message"}),
    "intermediateCatchEvent": frozenset({"timer", "message"}),
    "intermediateThrowEvent": frozenset({"", "message", "escalation"}),
    "endEvent": frozenset({"", "message", "error", "escalation", "terminate"}),
    "boundaryEvent": frozenset({"timer", "message", "error", "escalation"}),
}
_WORDS = {
    "": "没有类型",
    "timer": "定时",
    "message": "消息",
    "error": "错误",
    "escalation": "升级",
    "terminate": "终止",
}
_REFUSED_ELSEWHERE = frozenset({"signal", "link", "conditional", "compensate", "cancel"})
_THROWN = ("error", "escalation")
_THROWING = frozenset({"endEvent", "intermediateThrowEvent"})
_PASSING = frozenset({"serviceTask", "sendTask"})


def definition(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Each event carries exactly one definition of a kind that makes sense there."""
    for node in drawing.nodes:
        if node.kind not in EVENTS:
            continue
        kinds = [local_tag(each).removesuffix("EventDefinition") for each in node.definitions]
        if len(kinds) > 1:
            yield Complaint(node, f"{node.title}同时有几种触发方式", "请拆成几个事件，每个只用一种")
            continue
        kind = kinds[0] if kinds else ""
        allowed = frozenset({""}) if _starts_inside(node) else _ALLOWED[node.kind]
        if kind not in allowed and kind not in _REFUSED_ELSEWHERE:
            choices = "、".join(_WORDS[each] for each in sorted(allowed, key=list(_WORDS).index) if each)
            hint = f"可选：{choices}" if choices else "子流程的开始事件不带类型"
            yield Complaint(node, f"{node.title}{_wrong_kind(kind)}", hint)


def boundary_target(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """A boundary event sits on an activity of its own scope."""
    for node in drawing.nodes:
        if node.kind == "boundaryEvent" and node.host is None:
            yield Complaint(node, f"边界{node.title}没有附在任务或子流程上", "请把它拖到任务的边框上")


def boundary_useless(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Service tasks are passed at once, and only sub-processes throw errors: the event never happens."""
    for node in drawing.nodes:
        if node.host is None:
            continue
        thrown = any(node.definition(kind) is not None for kind in _THROWN)
        if node.host.kind in _PASSING:
            message = f"边界{node.title}附在{node.host.title}上，但该任务交办后立即继续，事件不会发生"
        elif thrown and node.host.inner is None and node.host.kind != "callActivity":
            message = f"边界{node.title}附在{node.host.title}上，但任务不会抛出错误或升级，事件不会发生"
        else:
            continue
        yield Complaint(node, message, "请附到子流程上，或改用定时、消息边界事件")


def reference(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Errors and escalations that are referred to are declared in the file."""
    known = {kind: {each.get("id") for each in drawing.root.findall(BPMN + kind)} for kind in _THROWN}
    for node in drawing.nodes:
        for kind in _THROWN:
            carried = node.definition(kind)
            wanted = None if carried is None else carried.get(f"{kind}Ref")
            if wanted and wanted not in known[kind]:
                yield Complaint(node, f"{node.title}引用的{_WORDS[kind]}不存在", "请在属性面板里重新选择")


def error_uncaught(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """An error that ends a (sub-)process is caught around it; else the case stops there with an incident."""
    callers = drawing.callers()
    for node in drawing.nodes:
        if node.kind != "endEvent" or node.definition("error") is None:
            continue
        for event, way in catchers(node, "error", callers):
            if event is None:
                called = "".join(f"（由{call.title}调用时）" for call in way[-1:])
                message = f"{node.title}抛出的错误没有边界事件接收{called}，办件会在此出错停住"
                where = "请在这个调用活动的边上" if way else "请在外层子流程边上"
                yield Complaint(node, message, f"{where}画错误边界事件，或改用普通结束事件")


def catchers(
    thrower: Node, kind: str, callers: Mapping[str, Sequence[Node]]
) -> Iterator[tuple[Node | None, tuple[Node, ...]]]:
    """Give every boundary event that may take what ``thrower`` throws, with the calls it passes on the way.

    ``None`` where nothing takes it: a process that is called may be called from several places.
    """
    stack: list[tuple[Node, tuple[Node, ...]]] = [(thrower, ())]
    while stack:
        inside, way = stack.pop()
        event = catcher(inside, kind, thrower.code)
        calls = callers.get(inside.scope.process.id, ()) if event is None else ()
        outer = [(call, (*way, call)) for call in calls if call not in way]
        for call, longer in outer:
            taken = _taken_at(call, kind, thrower.code)
            if taken is None:
                stack.append((call, longer))
            else:
                yield taken, longer
        if not outer:
            yield event, way


def throwers_of(drawing: Drawing) -> dict[Node, list[Node]]:
    """Return which events may throw something to each boundary event."""
    callers = drawing.callers()
    found: dict[Node, list[Node]] = {}
    for node in drawing.nodes:
        for kind in _THROWN if node.kind in _THROWING else ():
            for event, _way in catchers(node, kind, callers) if node.definition(kind) is not None else ():
                if event is not None:
                    found.setdefault(event, []).append(node)
    return found


def catcher(thrower: Node, kind: str, code: str | None) -> Node | None:
    """Return the boundary event of the nearest enclosing sub-process that takes what is thrown inside it."""
    around = thrower.scope.node
    while around is not None:
        event = _taken_at(around, kind, code)
        if event is not None:
            return event
        around = around.scope.node
    return None


def _taken_at(host: Node, kind: str, code: str | None) -> Node | None:
    """Return the first boundary event of an activity that takes a code; one without code takes every code."""
    for event in host.boundary:
        if event.definition(kind) is not None and event.code in (None, code):
            return event
    return None


def _starts_inside(node: Node) -> bool:
    return node.kind == "startEvent" and node.scope.node is not None


def _wrong_kind(kind: str) -> str:
    if not kind:
        return "没有选择触发方式，引擎不知道等什么"
    return f"不能用“{_WORDS.get(kind, kind)}”方式"
