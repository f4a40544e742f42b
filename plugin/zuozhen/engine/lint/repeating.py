"""Rules about multi-instance activities: how often they run, and what their deadlines count."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from zuozhen.engine.limits import MAX_INSTANCES
from zuozhen.engine.lint.complaint import Complaint
from zuozhen.engine.lint.context import LintContext
from zuozhen.engine.lint.drawing import Drawing, quoted
from zuozhen.engine.lint.expressions import collection_text, compiled, loop_of, result_name
from zuozhen.feel import Value
from zuozhen.model.errors import FeelError


def count(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """A fixed number of instances is a whole number from 1; a fixed list has entries."""
    for node in drawing.activities():
        expression = compiled(collection_text(node), ()) if loop_of(node) is not None else None
        if expression is None or expression.names:
            continue
        try:
            problem = _problem(expression.evaluate({}))
        except FeelError as error:
            problem = f"算不出来：{error.message}"
        if problem:
            yield Complaint(
                node,
                f"多实例{node.title}的集合{quoted(expression.text)}{problem}",
                f"请填写名单，例如 joint_units，或次数（1 到 {MAX_INSTANCES} 的整数）",
            )


def deadline(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """A deadline on the edge of a sequence of instances counts once, from the beginning of the first."""
    for node in drawing.nodes:
        loop = loop_of(node.host) if node.host is not None else None
        if loop is None or node.host is None or node.definition("timer") is None:
            continue
        if loop.get("isSequential") == "true":
            yield Complaint(
                node,
                f"定时{node.title}画在依次办理的多实例{node.host.title}边上：只从第一份开始计一次，不是每份各计",
                "要每份各计时，请画成多实例子流程，把任务放进去，时限画在里面的任务边上；"
                "要合计一个总时限，请把多实例任务放进子流程，时限画在子流程边上",
            )


def undeclared(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """The list that results are collected in is declared: editors drop a reference that names nothing."""
    declared = None
    for node in drawing.activities():
        name = result_name(node)
        if not name:
            continue
        if declared is None:
            declared = {each.get("id") for each in drawing.root.iter() if isinstance(each.tag, str)}
        if name not in declared:
            yield Complaint(
                node,
                f"多实例{node.title}的输出列表{quoted(name)}没有声明，用流程设计或建模器打开再保存，它就丢了",
                f'请在这个任务里加上 <bpmn:property id="{name}" name="{name}" />，或在“会签”里重填“逐份意见的列表”',
            )


def _problem(value: Value) -> str:
    if isinstance(value, list):
        if not value:
            return "是空的，不会有人办理"
        return f"有 {len(value)} 项，超过上限 {MAX_INSTANCES}" if len(value) > MAX_INSTANCES else ""
    if isinstance(value, Decimal):
        if value != value.to_integral_value():
            return "不是整数"
        if value < 1:
            return "小于 1，不会有人办理"
        return f"超过上限 {MAX_INSTANCES}" if value > MAX_INSTANCES else ""
    return ""  # Something of another type: said where expressions are typed.
