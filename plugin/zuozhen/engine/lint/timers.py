"""Rules about timers. Rules that read no case data are tried out at a fixed instant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from zuozhen.engine.lint.complaint import Complaint
from zuozhen.engine.lint.context import LintContext
from zuozhen.engine.lint.drawing import Drawing, Node, quoted, text_of
from zuozhen.engine.lint.expressions import (
    DATE_FUNCTIONS,
    compiled,
    is_cron,
    is_iso,
    timer_text,
    uses,
)
from zuozhen.engine.lint.source import BPMN
from zuozhen.engine.moments import instant_of, is_literal
from zuozhen.feel import Months
from zuozhen.model.clock import at_local
from zuozhen.model.errors import ZuozhenError
from zuozhen.model.step import Functions

TRIAL_INSTANT = datetime(2025, 3, 3, 2, 0, tzinfo=UTC)
"""The Monday morning at which timers are tried out; fixed, so that a file always gets the same findings."""

_DURATION = re.compile(
    r"P(?=[\dT])(\d{1,3}Y)?(\d{1,4}M)?(\d{1,4}W)?(\d{1,5}D)?"
    r"(T(?=\d)(\d{1,6}H)?(\d{1,8}M)?(\d{1,9}([.,]\d{1,6})?S)?)?"
)
_CYCLE = re.compile(r"R\d{0,4}")
_RECURRENCE = re.compile(r'\b(?:recurrence|window|holders)\s*\(\s*"([^"\\]*)"')
_HINT = "应得到日期、时刻或时长，例如 workdays(10)、2026-01-01、PT1H"


def missing(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """A timer says when."""
    for node, _definition in drawing.timers():
        if not timer_text(node):
            yield Complaint(node, f"定时{node.title}没有填写时间", "请在“时限”中填写，例如 10 个工作日")


def value(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """A timer's rule gives a date, an instant or a duration."""
    functions = None if context.functions is None else context.functions(TRIAL_INSTANT, lambda _: None)
    for node, _definition in drawing.timers():
        text = timer_text(node)
        if text and not is_cron(text) and set(recurrence_names(text)) <= context.recurrences:
            if is_iso(text):
                problem = _problem_of_literal(text)
            else:
                problem = _problem_of_rule(text, functions, context.values)
            if not problem and node.kind == "startEvent":
                problem = _problem_of_start(text, context)
            if problem:
                yield Complaint(node, f"定时{node.title}的时间{quoted(text)}{problem}", _HINT)


def interrupting_cycle(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Only a non-interrupting boundary event or a start event can repeat."""
    for node, definition in drawing.timers():
        drawn = text_of(definition.find(f"{BPMN}timeCycle"))
        cycle = bool(drawn) or (is_iso(timer_text(node)) and timer_text(node).startswith("R"))
        repeatable = node.kind == "startEvent" or (node.kind == "boundaryEvent" and not node.interrupting)
        if cycle and not repeatable:
            message = f"定时{node.title}用了周期，但它只能发生一次"
            yield Complaint(node, message, "请改为不重复的时限，或把“到期时”改为提醒督办")


def recurrence_unknown(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """Recurrence rules are named data of the pack."""
    for use in uses(drawing):
        for name in recurrence_names(use.text):
            if name not in context.recurrences:
                known = "、".join(sorted(context.recurrences)) or "（无）"
                yield Complaint(
                    use.at, f"{use.place}引用的周期规则“{name}”不存在", f"已有的周期规则：{known}"
                )


def recurrence_names(text: str) -> list[str]:
    """Return the literal names of recurrence rules that an expression asks for."""
    return _RECURRENCE.findall(text)


def passes_at_once(node: Node, context: LintContext) -> bool:
    """Tell whether a timer in the flow does not hold up anybody the second time: a fixed date, or no time at all."""
    text = timer_text(node)
    if node.definition("timer") is None or not text:
        return False
    if is_iso(text):
        return not text.startswith(("P", "R")) or not re.search(r"[1-9]", text)
    first = constant_of(text, context, TRIAL_INSTANT)
    return first is not None and first == constant_of(text, context, TRIAL_INSTANT + timedelta(days=800))


def misread(text: str) -> str:
    """Return what the engine would understand otherwise than a repetition is written; empty if nothing."""
    if not is_iso(text) or not text.startswith("R"):
        return ""
    count, *parts = text.split("/")
    if count == "R0":
        return "是零次，一次也不发生"
    times = ["时长" if part.startswith("P") else "时刻" for part in parts]
    if times == ["时长", "时长"]:
        return "写了两个间隔，不知用哪一个"
    if times == ["时长", "时刻"]:
        return "写了终点，本系统只能写次数"
    return ""


def constant_of(text: str, context: LintContext, at: datetime) -> Any:
    """Return what a rule yields that reads no variable, counted from ``at``; ``None`` if that cannot be said."""
    if context.functions is None or not set(recurrence_names(text)) <= context.recurrences:
        return None
    functions = context.functions(at, lambda _: None)
    expression = compiled(text, functions)
    if expression is None or expression.names - context.values.keys():
        return None
    try:
        return expression.evaluate(context.values, functions)
    except ZuozhenError:
        return None


def _problem_of_start(text: str, context: LintContext) -> str:
    """A process that starts by itself has no case yet: its rule reads nothing but the calendar, and looks ahead."""
    if is_iso(text):
        return ""
    expression = compiled(text)
    names = expression.names - context.ambient.keys() if expression is not None else None
    if names:
        return f"读取{quoted(min(names))}，但定时启动时还没有办件，只能用日历"
    value = constant_of(text, context, TRIAL_INSTANT)
    counted = expression is not None and expression.functions & DATE_FUNCTIONS
    if counted and isinstance(value, date):
        ahead = value if isinstance(value, datetime) else at_local(value)
        if instant_of(ahead, TRIAL_INSTANT) <= TRIAL_INSTANT:
            return "得到的不是将来的日期，不会启动"
    return ""


def _problem_of_literal(text: str) -> str:
    if misread(text):
        return ""  # Said by its own rule.
    if not is_literal(text):
        return "不是有效的日期或时长"
    if not text.startswith("R"):
        return "" if _is_time(text) else "不是有效的日期或时长"
    count, *parts = text.split("/")
    valid = _DURATION.fullmatch(parts[-1]) and all(map(_is_time, parts))
    whole = _CYCLE.fullmatch(count) and len(parts) <= 2 and valid
    return "" if whole else "不是有效的周期"


def _problem_of_rule(text: str, functions: Functions | None, values: Mapping[str, Any]) -> str:
    """Try a rule out if it depends on nothing but the calendar and what is known before any case."""
    if functions is None:
        return ""
    expression = compiled(text, functions)
    if expression is None or expression.names - values.keys():
        return ""
    try:
        result = expression.evaluate(values, functions)
    except ZuozhenError as error:
        return f"算不出来：{error.message.rstrip('。')}{f'（{error.hint}）' if error.hint else ''}"
    return "" if _is_time(result) else "得到的不是时间"


def _is_time(result: Any) -> bool:
    if isinstance(result, str):
        return bool(_DURATION.fullmatch(result)) or _is_date_text(result)
    return isinstance(result, (date, timedelta, Months))


def _is_date_text(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
