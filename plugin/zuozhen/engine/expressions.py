"""The only door to expressions: FEEL, compiled once, with date functions bound to an entry instant.

Nothing in a diagram is ever evaluated as Python. Our own specifications ask :data:`SCRIPT_ENGINE`
with compiled expressions; should any stock code path of SpiffWorkflow ask it with text, the text is
FEEL too, and scripts and service calls are refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from SpiffWorkflow.bpmn.script_engine import BasePythonScriptEngineEnvironment, PythonScriptEngine

from zuozhen.engine.ambient import with_ambient
from zuozhen.engine.journal import Journal, to_micros
from zuozhen.feel import Expression, Prepared, compile_expression, to_json
from zuozhen.model.errors import EngineError, FeelError
from zuozhen.model.step import Environment, Json

_WRAPPED = re.compile(r"\s*(=|[$#]\{)")


def is_expression(text: str) -> bool:
    """Tell whether a text that may be literal (a group id) is marked as FEEL: ``=…``, ``${…}``, ``#{…}``."""
    return _WRAPPED.match(text) is not None


def evaluate(
    text: str, variables: Mapping[str, Json], env: Environment, at: datetime
) -> tuple[Any, tuple[Json, ...]]:
    """Evaluate FEEL with date functions that count from ``at``; return (value, why).

    The value is a FEEL value (dates as ``date``, numbers as ``Decimal``); ``why`` is what the date
    functions noted. Raises :class:`FeelError`.
    """
    journal = Journal(env)
    expression = compile_expression(text)
    known = with_ambient(expression, variables, env.ambient)
    return journal.with_reasons(
        lambda: expression.evaluate(known, journal.functions(to_micros(at)) if expression.functions else None)
    )


def evaluate_for(
    token: Any,
    expression: Expression,
    extra: Mapping[str, Json] | None = None,
    at: int | None = None,
    today: int | None = None,
) -> Any:
    """Evaluate ``expression`` with a token's variables (and ``extra`` on top).

    Date functions count from ``at`` (microseconds), by default from the token's entry; ``today()`` is the day of
    ``today``, by default of the step. Raises :class:`EngineError` naming the element.
    """
    variables = {**token.data, **extra} if extra else token.data
    journal: Journal = token.workflow.top_workflow.journal
    variables = with_ambient(expression, variables, journal.ambient)
    functions = None
    types = journal.types.get(token.task_spec.element.process_id)
    if types and not expression.names.isdisjoint(types):
        variables = Prepared(variables, types=types)
    if expression.functions:
        functions = journal.functions(token.last_state_change if at is None else at, today)
    try:
        return expression.evaluate(variables, functions)
    except FeelError as error:
        element = token.task_spec.element
        raise EngineError(
            f"“{element.label}”的表达式 {expression.text} 无法计算：{error.message}",
            element_id=element.id,
            hint="请检查流程图中这个表达式及其用到的变量",
        ) from error


def evaluate_json(token: Any, expression: Expression) -> Json:
    """Evaluate for storing in a variable: the value as JSON."""
    return to_json(evaluate_for(token, expression))


def evaluate_text(token: Any, expression: Expression, what: str) -> str:
    """Evaluate to one non-empty text (numbers are written out); ``what`` names it in the error."""
    value = to_json(evaluate_for(token, expression))
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value:
        element = token.task_spec.element
        raise EngineError(
            f"“{element.label}”的{what} {expression.text} 应得到一个文本，实际得到 {value!r}",
            element_id=element.id,
            hint=f"请检查前面环节是否已填写{what}所用的变量",
        )
    return value


class FeelEnvironment(BasePythonScriptEngineEnvironment):
    """Where stock SpiffWorkflow would run Python, this evaluates FEEL without functions or refuses."""

    def evaluate(self, expression: Any, context: dict[str, Any], external_context: Any = None) -> Any:
        """Evaluate FEEL text over ``context``."""
        return compile_expression(expression).evaluate({**(external_context or {}), **context})

    def execute(self, *_: Any, **__: Any) -> Any:
        """Refuse: diagrams carry no scripts."""
        raise EngineError("流程图中不允许脚本", hint="请用输出参数（FEEL表达式）代替脚本")

    def call_service(self, *_: Any, **__: Any) -> Any:
        """Refuse: side effects leave through the outbox only."""
        raise EngineError("流程图中不允许直接调用服务", hint="请使用外部任务主题（camunda:topic）")


class FeelScriptEngine(PythonScriptEngine):
    """The script engine of every workflow; evaluates only FEEL."""

    def __init__(self) -> None:
        super().__init__(FeelEnvironment())

    def validate(self, expression: str) -> None:
        """Compile FEEL text; raise :class:`FeelError` if it is wrong."""
        compile_expression(expression)

    def evaluate(self, task: Any, expression: Any, external_context: Any = None) -> Any:
        """Evaluate FEEL text for a task, with date functions bound to its entry."""
        return evaluate_for(task, compile_expression(expression), external_context)


SCRIPT_ENGINE = FeelScriptEngine()
