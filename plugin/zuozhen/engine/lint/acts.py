"""Rules about acts by hand that wait beside the procedure."""

from __future__ import annotations

from collections.abc import Iterator

from zuozhen.engine.lint.complaint import Complaint
from zuozhen.engine.lint.context import LintContext
from zuozhen.engine.lint.drawing import Drawing, Node, output_parameters
from zuozhen.engine.lint.expressions import compiled, uses

_TELLING = frozenset({"notify", "publish", "archive", "document", "report"})
"""Topics that tell or keep something but change nothing in the case."""

_SPLITS = frozenset({"parallelGateway", "inclusiveGateway"})


def without_effect(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """An act that waits beside the procedure stops it, or gives it something: else it changes nothing."""
    acts = [node for node in drawing.nodes if node.kind == "intermediateCatchEvent" and _beside(node)]
    if not acts:
        return
    read = frozenset[str]().union(
        *(each.names for use in uses(drawing) if (each := compiled(use.text)) is not None)
    )
    for act in acts:
        fields = context.forms.get(act.camunda("formRef"), {}).keys()
        ends = None if read & fields else _only_told(act)
        if ends:
            names = "、".join(f"“{end.label}”" for end in ends)
            yield Complaint(
                ends[0],
                f"{act.title}之后只通知一声就到{names}，其余环节照常进行，这一操作什么也不改变",
                "要停止全部办理的，请把这个结束事件改为“终止”；只是提交材料的，请改画为任务或子流程边上由人触发的事件",
            )


def _beside(act: Node) -> bool:
    """Tell whether an act waits on a branch of its own, from a split on."""
    if not act.properties.get("zz:trigger"):
        return False
    seen: set[Node] = set()
    node = act
    while len(node.incoming) == 1 and node not in seen:
        seen.add(node)
        source = node.incoming[0].source
        if source is None:
            return False
        if source.kind in _SPLITS and len(source.outgoing) > 1:
            return True
        node = source
    return False


def _only_told(act: Node) -> list[Node]:
    """Return the plain ends that follow an act; nothing if something on the way matters to the case."""
    ends: list[Node] = []
    seen: set[Node] = set()
    stack = [act]
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        matters = next(output_parameters(node.element), None) is not None or node.boundary
        if matters or (node is not act and not _tells(node)):
            return []
        if node.kind == "endEvent":
            ends.append(node)
        stack += [flow.target for flow in node.outgoing if flow.target is not None]
    return ends


def _tells(node: Node) -> bool:
    if node.kind in ("serviceTask", "sendTask"):
        return node.camunda("topic") in _TELLING
    plain = not node.definitions
    return plain and node.kind in ("endEvent", "intermediateThrowEvent", "exclusiveGateway")
