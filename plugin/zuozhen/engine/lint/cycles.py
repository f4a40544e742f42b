"""Rules about times written as ISO texts or cron: repetitions that are what they say, durations that are not working days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from zuozhen.engine.lint.complaint import Complaint
from zuozhen.engine.lint.context import LintContext
from zuozhen.engine.lint.drawing import Drawing, quoted, text_of
from zuozhen.engine.lint.expressions import is_cron, is_iso, timer_text
from zuozhen.engine.lint.source import BPMN
from zuozhen.engine.lint.timers import TRIAL_INSTANT, constant_of, misread
from zuozhen.engine.moments import Cycle, Duration, instant_of

SHORTEST = timedelta(minutes=1)
"""The shortest period that repeats: the worker looks for due timers about as often."""

_DAY = timedelta(days=1)
_WRITTEN = "周期写作 R次数/间隔 或 R次数/起点/间隔，例如每月一次 R/P1M、每周一次共5次 R5/2026-01-05T09:00:00+08:00/P1W"


def cron(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Cron texts come from other engines; named recurrences and ISO periods say the same."""
    for node, _definition in drawing.timers():
        text = timer_text(node)
        if is_cron(text):
            yield Complaint(
                node,
                f"定时{node.title}的时间{quoted(text)}是 cron 写法，本系统不支持",
                '按工作日历的周期请在 pack.toml 的 [[recurrence]] 中起名，写 recurrence("名称")；'
                "固定间隔请写 R/P1D（每天）、R/P1W（每周）、R/P1M（每月）",
            )


def repetition(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """A repetition says how often, from when and at which interval, and nothing that would be passed over."""
    for node, _definition in drawing.timers():
        text = timer_text(node)
        problem = misread(text)
        if problem:
            yield Complaint(node, f"定时{node.title}的周期{quoted(text)}{problem}", _WRITTEN)


def period(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """Whatever repeats comes back after a while, not at once."""
    for node, definition in drawing.timers():
        text = timer_text(node)
        found = _period(text, context, drawn=bool(text_of(definition.find(f"{BPMN}timeCycle"))))
        if found is None or found >= SHORTEST:
            continue
        if found <= timedelta(0):
            problem = "每次得到的不是更晚的时间，会不停触发"
        else:
            problem = f"每{found.total_seconds():g}秒一次，太密"
        hint = "间隔至少1分钟，例如每小时一次 R/PT1H、每天一次 R/P1D"
        yield Complaint(node, f"定时{node.title}的周期{quoted(text)}{problem}", hint)


def elapsed(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """A duration of days runs on through nights and holidays: rarely what a rule about days means."""
    for node, definition in drawing.timers():
        text = timer_text(node)
        repeats = text.startswith("R") or bool(text_of(definition.find(f"{BPMN}timeCycle")))
        if node.kind == "startEvent" or repeats:
            continue
        length = _length(text, context)
        if length is None or length < _DAY:
            continue
        hours, days = f"{length / timedelta(hours=1):g}", length // _DAY
        yield Complaint(
            node,
            f"定时{node.title}的时限{quoted(text)}是连续的{hours}小时，按钟点计算，休息日、节假日照算",
            f"{days}个工作日请写 workdays({days})，{days}个自然日请写 days({days})；"
            f"确实要连续计时的请写 hours({hours})",
        )


def _period(text: str, context: LintContext, *, drawn: bool) -> timedelta | None:
    """Return how long a repeating timer pauses, ``None`` for others and where it depends on the case."""
    try:
        if is_iso(text):
            repeats = text.startswith("R")
            length = Duration.read(Cycle.read(text).period if repeats else text) if repeats or drawn else None
            return None if length is None else length.exact + length.months * 28 * _DAY
        if not drawn:
            return None
        first = _instant(constant_of(text, context, TRIAL_INSTANT), TRIAL_INSTANT)
        again = None if first is None else _instant(constant_of(text, context, first), first)
        return None if first is None or again is None else again - first
    except (ValueError, OverflowError):
        return None  # It is no time at all: another rule says so.


def _instant(value: Any, start: datetime) -> datetime | None:
    return None if value is None else instant_of(value, start)


def _length(text: str, context: LintContext) -> timedelta | None:
    """Return the exact duration that a timer is, ``None`` if it is something else."""
    if is_iso(text):
        try:
            return Duration.read(text).exact if text.startswith("P") else None
        except ValueError:
            return None
    value = constant_of(text, context, TRIAL_INSTANT)
    return value if isinstance(value, timedelta) else None
