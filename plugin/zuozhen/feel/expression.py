"""The front door: compile a text once, evaluate it often."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any

from zuozhen.feel import (  # noqa: F401 - importing the built-in functions declares them
    builtins_context,
    builtins_list,
    builtins_number,
    builtins_range,
    builtins_temporal,
    builtins_text,
    calls,
    control,
    operators,
    range_text,
    syntax,
)
from zuozhen.feel.frame import Evaluator, Frame, Handler
from zuozhen.feel.limits import MAX_TEXT
from zuozhen.feel.names import Reading, read
from zuozhen.feel.parser import Parser
from zuozhen.feel.registry import BUILTINS
from zuozhen.feel.tokens import mistake, tokenize
from zuozhen.feel.unit import Unit
from zuozhen.feel.values import Value
from zuozhen.model.errors import FeelError

HANDLERS: Mapping[type[syntax.Node], Handler] = {
    syntax.Constant: control.compile_constant,
    syntax.Name: control.compile_name,
    syntax.If: control.compile_if,
    syntax.For: control.compile_for,
    syntax.Quantified: control.compile_quantified,
    syntax.ListLiteral: control.compile_list,
    syntax.ContextLiteral: control.compile_context,
    syntax.Path: control.compile_path,
    syntax.Filter: control.compile_filter,
    syntax.Function: calls.compile_function,
    syntax.Call: calls.compile_call,
    syntax.Logic: operators.compile_logic,
    syntax.Compare: operators.compile_compare,
    syntax.Between: operators.compile_between,
    syntax.In: operators.compile_in,
    syntax.UnaryTests: operators.compile_unary_tests,
    syntax.Arithmetic: operators.compile_arithmetic,
    syntax.Negate: operators.compile_negate,
    syntax.InstanceOf: operators.compile_instance_of,
    syntax.Interval: operators.compile_interval,
    syntax.Limit: operators.compile_limit,
}
"""The compiler of each kind of node."""
_WORD_NAMES = tuple(sorted((name for name in BUILTINS if " " in name), key=len, reverse=True))
_NO_FUNCTIONS: Mapping[str, Callable[..., Any]] = {}
_TOO_DEEP = "表达式或数据嵌套太深"


class Expression:
    """A compiled expression. Immutable, so several threads may use it at once."""

    __slots__ = ("_evaluator", "functions", "item_names", "names", "paths", "text", "whole")

    def __init__(self, text: str, reading: Reading, evaluator: Evaluator) -> None:
        self.text = text
        """The text as written, with its wrapper."""
        self.names = frozenset(reading.names)
        """Every variable the expression may read; ``?`` is listed like a name."""
        self.item_names = frozenset(reading.item_names)
        """Those of ``names`` read inside filters only: they may be entries of list items."""
        self.paths = frozenset(reading.paths)
        """Dotted reads such as ``register.enterprise``."""
        self.whole = frozenset(reading.whole)
        """Those of ``names`` of which not only an entry is read."""
        self.functions = frozenset(reading.functions)
        """Names of all called functions, built-in ones too."""
        self._evaluator = evaluator

    def evaluate(
        self, variables: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]] | None = None
    ) -> Value:
        """Return the value; ``functions`` win over built-in functions and over variables.

        Missing variables are null. Unknown functions, wrong arguments and exhausted limits are
        :class:`FeelError`; nothing else is raised but what a registered function raises.
        """
        frame = Frame(variables, _NO_FUNCTIONS if functions is None else functions)
        try:
            return self._evaluator(frame, None)
        except FeelError as error:
            error.text = error.text or self.text
            raise
        except RecursionError as error:
            raise FeelError(f"{_TOO_DEEP}。", text=self.text, hint="请拆成几个表达式") from error

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"


def compile_expression(text: str, *, known_functions: Collection[str] | None = None) -> Expression:
    """Compile an expression, bare or written ``=…``, ``${…}`` or ``#{…}`` (cached).

    ``known_functions`` are the registered functions there will be; if given, a call of a function
    that is neither among them nor built in is refused here instead of at evaluation.
    """
    return _compile_known(text, False, known_functions)


def compile_unary(text: str, *, known_functions: Collection[str] | None = None) -> Expression:
    """Compile unary tests (``> 5``, ``"a", "b"``, ``not(…)``), which answer true or false.

    They look at the variable ``?``. A yes/no expression may stand alone, as form-js writes its
    conditions (``=shenfen = "wt"``); one that answers null, for want of data or because it compares
    different kinds, is not true, and neither is ``not(…)`` of it. form-js differs: to it null equals the
    absent ``?`` and is true, so that a rule with a slip of the pen hides for ever.
    """
    return _compile_known(text, True, known_functions)


def _compile_known(text: str, unary: bool, known_functions: Collection[str] | None) -> Expression:
    expression, reading = _compile(text, unary)
    if known_functions is not None:
        for name, node in reading.functions.items():
            if name not in BUILTINS and name not in known_functions:
                error = calls.unknown_function(name)
                raise mistake(text, node.position, error.message, hint=error.hint)
    return expression


def parse(text: str, *, unary: bool = False) -> syntax.Node:
    """Return the syntax tree of an expression, or of unary tests; raises :class:`FeelError`."""
    if len(text) > MAX_TEXT:
        raise FeelError(f"表达式超过 {MAX_TEXT} 个字符。", text=text[:100], position=MAX_TEXT)
    start, end = unwrap(text)
    parser = Parser(text, tokenize(text, start, end, _WORD_NAMES))
    try:
        return parser.whole_tests() if unary else parser.whole_expression()
    except RecursionError as error:
        raise _too_deep(text, start) from error


def _too_deep(text: str, position: int) -> FeelError:
    return FeelError(f"{_TOO_DEEP}。", text=text, position=position, hint="请拆成几个表达式")


@lru_cache(maxsize=4096)
def _compile(text: str, unary: bool) -> tuple[Expression, Reading]:
    node = parse(text, unary=unary)
    try:
        evaluator = Unit(text, HANDLERS).compile(node)
    except RecursionError as error:
        raise _too_deep(text, node.position) from error
    reading = read(node)
    return Expression(text, reading, evaluator), reading


def unwrap(text: str) -> tuple[int, int]:
    """Return where the expression proper starts and ends, without spaces and wrapper."""
    start = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    if text.startswith(("${", "#{"), start):
        if text[end - 1] != "}":
            raise mistake(text, max(end - 1, 0), "“{”没有对应的“}”", hint="整个表达式写成 ${…}")
        return start + 2, end - 1
    if text.startswith("=", start):
        return start + 1, end
    if start >= end:
        raise mistake(text, 0, "表达式是空的")
    return start, end
