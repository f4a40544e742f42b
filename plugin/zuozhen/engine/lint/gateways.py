"""Rules about gateways: exactly one branch of an exclusive gateway can be taken, and always one can."""

from __future__ import annotations

from collections.abc import Iterator

from zuozhen.engine.lint.branches import Verdict, decide
from zuozhen.engine.lint.complaint import Complaint
from zuozhen.engine.lint.context import LintContext
from zuozhen.engine.lint.drawing import Drawing, Flow, Node, quoted
from zuozhen.engine.lint.expressions import compiled
from zuozhen.engine.lint.flows import CHOOSING
from zuozhen.engine.lint.typing import judged

OTHERWISE = "zz:otherwise"
"""The property that lists options which go the default way on purpose."""
_AFTER_EVENT_GATEWAY = frozenset({"intermediateCatchEvent", "receiveTask"})


def default_missing(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """Without a default flow a case stops with an error when no condition holds."""
    for node in _choosing(drawing):
        if not node.element.get("default") and not _gap(drawing, node, context):
            message = f"{node.title}没有默认连线，条件都不满足（例如数据为空）时办件会出错停住"
            yield Complaint(node, message, "请选一条连线设为默认（扳手图标“默认流”）")


def branch_gap(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """Without a default flow the conditions would have to cover every value."""
    for node in _choosing(drawing):
        gap = "" if node.element.get("default") else _gap(drawing, node, context)
        if gap:
            yield Complaint(
                node, f"{node.title}在 {gap} 时没有一条连线可走", "请选一条连线设为默认，或补上缺少的条件"
            )


def default_foreign(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """The default flow is one of the gateway's own flows."""
    for node in drawing.nodes:
        default = node.element.get("default")
        if default and node.kind in CHOOSING and default not in {flow.id for flow in node.outgoing}:
            yield Complaint(node, f"{node.title}的默认连线不是从它出发的", "请重新选一条它自己的连线设为默认")


def condition_missing(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Every flow but the default one says when it is taken."""
    for node in _choosing(drawing):
        default = node.element.get("default")
        bare = [flow for flow in node.outgoing if not flow.condition and flow.id != default]
        if not default and len(bare) == 1:
            continue  # Plainly meant as the default: one finding (default missing) is enough.
        for flow in bare:
            yield Complaint(flow, f"{flow.title}没有条件，不知何时走它", "请填写条件，或把它设为默认连线")


def default_condition(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """A condition on the default flow is never read."""
    for node in drawing.nodes:
        for flow in node.outgoing:
            if flow.condition is not None and flow.id and flow.id == node.element.get("default"):
                yield Complaint(flow, f"默认的{flow.title}上的条件不起作用", "请删去这个条件")


def branch_overlap(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """If two conditions of an exclusive gateway can hold at once, the drawing does not say which one wins."""
    for node in _choosing(drawing):
        flows, verdict = _verdict(drawing, node, context)
        if node.kind == "exclusiveGateway" and verdict is not None:
            for first, second, example in verdict.overlaps:
                message = (
                    f"{node.title}在 {example} 时，{flows[first].title}和{flows[second].title}的条件同时成立"
                )
                yield Complaint(flows[second], message, "请改写条件，使任何时候只有一条成立")


def branch_never(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """A condition that no value satisfies is a slip of the pen."""
    for node in _choosing(drawing):
        flows, verdict = _verdict(drawing, node, context)
        for position in verdict.never if verdict else ():
            flow = flows[position]
            yield Complaint(
                flow, f"{flow.title}的条件“{flow.condition}”永远不成立", "请检查条件，或删去这条连线"
            )


def option_silent(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """Of several options that no branch mentions one may be new: the drawing says which ones go the default way."""
    for node in _choosing(drawing):
        _, verdict = _verdict(drawing, node, context)
        if verdict is None or not node.element.get("default"):
            continue
        meant = {each.strip() for each in node.properties.get(OTHERWISE, "").split(",")} - {""}
        types = judged(drawing, context).variables.of(node.scope.process.id)
        for name, options in verdict.silent.items():
            silent = options - {""}
            missing = silent - meant
            if missing and (len(silent) > 1 or meant & (types[name].values or frozenset())):
                listed = "、".join(quoted(option) for option in sorted(missing))
                message = f"{node.title}没有哪条连线提到“{name}”的选项{listed}，办件会走默认连线"
                hint = f"确应如此的，在网关的扩展属性 {OTHERWISE} 中写上：{', '.join(sorted(meant & silent | missing))}；否则补一条连线"
                yield Complaint(node, message, hint)


def event_gateway_targets(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """After an event-based gateway come events that wait, each reached from nowhere else."""
    for node in drawing.nodes:
        for flow in node.outgoing if node.kind == "eventBasedGateway" else ():
            target = flow.target
            if target is not None and target.kind not in _AFTER_EVENT_GATEWAY:
                message = f"事件{node.title}之后是{target.title}，它不是等待的事件"
                yield Complaint(flow, message, "事件网关之后只能接定时或消息中间事件")


def event_gateway_timers(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Of several timers after one event-based gateway only the earliest can win: rarely what is meant."""
    for node in drawing.nodes:
        if node.kind == "eventBasedGateway":
            targets = [flow.target for flow in node.outgoing if flow.target is not None]
            if sum(target.definition("timer") is not None for target in targets) > 1:
                yield Complaint(
                    node, f"事件{node.title}之后有多个定时事件，只有最早的一个会发生", "请只留一个定时事件"
                )


def _choosing(drawing: Drawing) -> Iterator[Node]:
    """Iterate over gateways that have something to choose."""
    for node in drawing.nodes:
        several = len(node.outgoing) > 1 or any(flow.condition for flow in node.outgoing)
        if node.kind in CHOOSING and several:
            yield node


def _gap(drawing: Drawing, node: Node, context: LintContext) -> str:
    _, verdict = _verdict(drawing, node, context)
    bare = any(not flow.condition for flow in node.outgoing)
    return verdict.gap if verdict is not None and not bare else ""


def _verdict(drawing: Drawing, node: Node, context: LintContext) -> tuple[list[Flow], Verdict | None]:
    """Return the flows with a condition and what can be said about them; worked out once for a gateway."""
    found: tuple[list[Flow], Verdict | None] = drawing.remember(
        f"verdict {id(node)}", lambda: _judge(drawing, node, context)
    )
    return found


def _judge(drawing: Drawing, node: Node, context: LintContext) -> tuple[list[Flow], Verdict | None]:
    flows = [flow for flow in node.outgoing if flow.condition and flow.id != node.element.get("default")]
    expressions = [compiled(flow.condition or "") for flow in flows]
    whole = [each for each in expressions if each is not None]
    if len(whole) != len(flows):
        return flows, None
    return flows, decide(whole, judged(drawing, context).variables.of(node.scope.process.id))
