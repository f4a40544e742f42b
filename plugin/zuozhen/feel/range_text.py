"""The function ``range``: an interval written in a text, of literal ends only (DMN 1.4, 10.3.4.12)."""

from __future__ import annotations

from zuozhen.feel import syntax
from zuozhen.feel.arithmetic import negate
from zuozhen.feel.comparison import order
from zuozhen.feel.frame import Frame
from zuozhen.feel.limits import CHARACTERS_PER_STEP, MAX_TEXT
from zuozhen.feel.parser import Parser
from zuozhen.feel.registry import BUILTINS, builtin, call_builtin
from zuozhen.feel.tokens import tokenize
from zuozhen.feel.values import Range, Value
from zuozhen.model.errors import FeelError

_MAKERS = ("date and time", "date", "time", "duration")


@builtin("range", "from: string", metered=True)
def _range(frame: Frame, text: str) -> Range | None:
    """Read ``[1..3]`` or ``(date("2026-01-01")..@"2026-01-31"]``; null unless it ascends."""
    if len(text) > MAX_TEXT or ".." not in text:
        return None
    frame.charge(1 + len(text) // CHARACTERS_PER_STEP)
    try:
        node = Parser(text, tokenize(text, 0, len(text), _MAKERS[:1])).whole_expression()
    except (FeelError, RecursionError):
        return None
    if not isinstance(node, syntax.Interval):
        return None
    start, end = _end(node.low, frame), _end(node.high, frame)
    if start is None or end is None or type(start) is not type(end) or order(start, end) not in (-1, 0):
        return None
    return Range(start, end, node.low_included, node.high_included)


def _end(node: syntax.Node, frame: Frame) -> Value:
    """Return the value of a literal, or ``None`` for anything that would have to be computed."""
    match node:
        case syntax.Constant(value=value):
            return value
        case syntax.Negate(operand=syntax.Constant(value=value)):
            return negate(value)
        case syntax.Call(target=syntax.Name(name=name), arguments=(syntax.Constant(value=value),), named=()):
            return call_builtin(BUILTINS[name], [value], {}, frame) if name in _MAKERS else None
    return None
