"""Rules about sequence flows."""

from __future__ import annotations

from collections.abc import Iterator

from zuozhen.engine.lint.complaint import Complaint
from zuozhen.engine.lint.context import LintContext
from zuozhen.engine.lint.drawing import Drawing
from zuozhen.engine.lint.source import GATEWAYS

CHOOSING = frozenset({"exclusiveGateway", "inclusiveGateway"})
"""The gateways that read conditions."""


def dangling(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Both ends of a flow lie in the scope the flow is drawn in."""
    for flow in drawing.flows:
        for node, word in ((flow.source, "起点"), (flow.target, "终点")):
            if node is None:
                message = f"{flow.title}的{word}不存在，或在另一个流程、子流程里"
                yield Complaint(flow, message, "请删去重画；不同流程之间用消息事件联系")


def implicit_split(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Only gateways split."""
    for node in drawing.nodes:
        if node.kind not in GATEWAYS and len(node.outgoing) > 1:
            message = f"{node.title}之后直接画了 {len(node.outgoing)} 条连线，含义不清"
            yield Complaint(node, message, "请在它后面加一个网关：同时办用并行网关，选一条走用排他网关")


def condition_ignored(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """A condition counts only after an exclusive or inclusive gateway."""
    for flow in drawing.flows:
        if flow.condition is not None and flow.source is not None and flow.source.kind not in CHOOSING:
            message = f"{flow.title}上的条件不起作用，因为它前面不是排他或包容网关"
            yield Complaint(flow, message, "请删去条件，或在前面加一个排他网关")


def into_start(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Start and boundary events have no incoming flow."""
    for flow in drawing.flows:
        if flow.target is not None and flow.target.kind in ("startEvent", "boundaryEvent"):
            yield Complaint(flow, f"{flow.title}指向了开始事件或边界事件", "请改为指向后面的环节")


def from_end(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """End events have no outgoing flow."""
    for flow in drawing.flows:
        if flow.source is not None and flow.source.kind == "endEvent":
            yield Complaint(
                flow, f"{flow.title}从结束事件出发，永远走不到", "请删去，或把结束事件改为中间事件"
            )
