"""A deadline of no time at all has passed before anybody has seen the task."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from zuozhen.engine.lint.complaint import Complaint
from zuozhen.engine.lint.context import LintContext
from zuozhen.engine.lint.drawing import Drawing, Node, quoted
from zuozhen.engine.lint.expressions import is_iso, timer_text
from zuozhen.engine.moments import Duration
from zuozhen.feel import parse, syntax
from zuozhen.feel.names import children
from zuozhen.model.errors import FeelError

_COUNTS: Final = {
    "workdays": "个工作日",
    "days": "日",
    "months": "个月",
    "hours": "小时",
    "minutes": "分钟",
    "workhours": "个办公小时",
}
"""The functions that count from an event, and what they count."""
_CLOCK: Final = frozenset({"due_time", "hours", "minutes"})
"""Named arguments that make something of no days: a time of the same day, hours after it."""


def nothing_left(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """A limit counts at least one. ``days(0)``, written out, means the day itself; a parameter that is 0 does not."""
    for node, _definition in drawing.timers():
        if node.kind != "startEvent" and (found := _nothing(node, context)):
            what, named = found
            message = f"定时{node.title}的时限{quoted(timer_text(node))}是{what}，一到这里就到期"
            mend = f"请改正参数 {named} 的值" if named else "请写上天数，例如 workdays(3)"
            yield Complaint(node, message, f"{mend}；当日办结的写 days(0)，当日几点写 days(0, due_time: …)")


def _nothing(node: Node, context: LintContext) -> tuple[str, str] | None:
    """Return what is nothing and the parameter that says so (empty: a number does)."""
    text = timer_text(node)
    if is_iso(text):
        return ("零时长", "") if node.kind == "boundaryEvent" and _is_empty(text) else None
    try:
        tree = parse(text) if text else None
    except FeelError:
        return None  # said by its own rule
    for call in _calls(tree) if tree is not None else ():
        name = call.target.name if isinstance(call.target, syntax.Name) else ""
        amount = call.arguments[0] if call.arguments else None
        if name not in _COUNTS or amount is None or {key for key, _ in call.named} & _CLOCK:
            continue
        named = _parameter(amount)
        if _value(amount, context) == 0 and (named or name != "days"):
            return f"0{_COUNTS[name]}", named
    return None


def _is_empty(text: str) -> bool:
    try:
        length = Duration.read(text)
    except ValueError:
        return False
    return not length.exact and not length.months


def _calls(tree: syntax.Node) -> Iterator[syntax.Call]:
    inside = children(tree)
    if isinstance(tree, syntax.Call):
        yield tree
        inside = (*tree.arguments, *(value for _, value in tree.named))
    for child in inside:
        yield from _calls(child)


def _parameter(node: syntax.Node) -> str:
    if not isinstance(node, syntax.Path) or not isinstance(node.target, syntax.Name):
        return ""
    return node.name if node.target.name == "parameters" else ""


def _value(node: syntax.Node, context: LintContext) -> Any:
    if isinstance(node, syntax.Constant):
        return node.value
    named = _parameter(node)
    return context.values.get("parameters", {}).get(named) if named else None
