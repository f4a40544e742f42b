"""Rules about which timer is a deadline, which instances an extension moves, and until when acts are possible."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from zuozhen.engine.lint.complaint import Complaint
from zuozhen.engine.lint.context import LintContext
from zuozhen.engine.lint.drawing import Drawing, Node, quoted, text_of
from zuozhen.engine.lint.expressions import is_iso, loop_of, timer_text
from zuozhen.engine.lint.source import BPMN

MARK: Final = "zz:deadline"
SCOPE: Final = "zz:scope"
BEFORE: Final = "zz:before"
RETIME: Final = "retime"


def mark_wrong(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """One timer on the border of an activity is marked as its deadline."""
    for node in drawing.nodes:
        mark = node.properties.get(MARK)
        if mark is None:
            continue
        if mark not in ("true", "false"):
            yield Complaint(node, f"{node.title}的{MARK}写成了{quoted(mark)}", "请填 true，或删去这个属性")
        elif mark == "true" and (node.host is None or node.definition("timer") is None):
            message = f"{node.title}标为期限（{MARK}），但它不是任务边上的定时"
            yield Complaint(node, message, "请标在任务边上的定时事件上")
    for activity in drawing.activities():
        marked = [event for event in _timers(activity) if event.properties.get(MARK) == "true"]
        for event in marked[1:]:
            message = f"{activity.title}有几个定时标为期限"
            yield Complaint(event, message, "一个任务只有一个期限，请只留一个，其余作为提醒或督办")


def unmarked(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Of several timers on a task the drawing says which one is its deadline."""
    for activity in drawing.activities():
        once = [event for event in _timers(activity) if not _recurring(event)]
        marked = any(event.properties.get(MARK) == "true" for event in once)
        if len(once) > 1 and not marked and sum(event.interrupting for event in once) != 1:
            taken = next((event for event in once if event.interrupting), once[0])
            message = f"{activity.title}有 {len(once)} 个定时，没有说明哪个是办理期限，现在以{quoted(taken.label)}为准"
            yield Complaint(activity, message, "请在“时限”中把办理期限勾上“这是办理期限”，其余的是提醒和督办")


def scope_ambiguous(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """An extension from outside a multi-instance activity says that it moves all instances."""
    for node in drawing.nodes:
        if node.camunda("topic") != RETIME:
            continue
        scope = node.properties.get(SCOPE, "")
        target = drawing.by_id.get(node.properties.get("zz:activity", ""))
        if scope not in ("", "all"):
            yield Complaint(
                node, f"{node.title}的{SCOPE}写成了{quoted(scope)}", "请填 all（全部一起改），或不填"
            )
        elif not scope and target is not None:
            several = next(
                (each for each in _around(target) if loop_of(each) is not None and not _inside(node, each)),
                None,
            )
            if several is not None:
                message = f"{node.title}要改{target.title}的期限，但{several.title}同时由几家办理，没有说明改哪一家的"
                hint = f"各改各的：把申请延期和改期画进{several.title}（子流程）里；一起改：填 {SCOPE} = all"
                yield Complaint(node, message, hint)


def before_useless(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Only what people do by hand can come too late."""
    for node in drawing.nodes:
        if node.properties.get(BEFORE) and not node.properties.get("zz:trigger"):
            message = f"{node.title}写了最迟何时提出（{BEFORE}），但它不由人触发"
            yield Complaint(node, message, "请选“由谁触发”，或删去这个属性")


def _timers(activity: Node) -> list[Node]:
    return [event for event in activity.boundary if event.definition("timer") is not None]


def _recurring(event: Node) -> bool:
    definition = event.definition("timer")
    drawn = "" if definition is None else text_of(definition.find(f"{BPMN}timeCycle"))
    text = timer_text(event)
    return bool(drawn) or (is_iso(text) and text.startswith("R"))


def _around(node: Node) -> Iterator[Node]:
    """Yield a node and the sub-processes it is inside, from inside out."""
    around: Node | None = node
    while around is not None:
        yield around
        around = around.scope.node


def _inside(node: Node, sub_process: Node) -> bool:
    return any(each is sub_process for each in _around(node))
