"""Rules about expressions and the variables they read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zuozhen.engine.lint.complaint import Complaint
from zuozhen.engine.lint.context import LintContext
from zuozhen.engine.lint.drawing import Drawing, Scope, output_parameters, quoted
from zuozhen.engine.lint.expressions import CLOCK_FUNCTIONS, DATE_FUNCTIONS, compiled, loop_names, uses
from zuozhen.engine.lint.messages import payload_names, payloads, received_names
from zuozhen.engine.lint.tasks import calls_of
from zuozhen.engine.lint.timers import TRIAL_INSTANT
from zuozhen.feel import compile_expression
from zuozhen.model.errors import FeelError
from zuozhen.model.step import AMBIENT

NAME = re.compile(r"[^\W\d]\w*")
"""What may be the name of a variable."""
_PREFIX = "zz:"
_PROPERTIES = frozenset(
    {
        "clause",
        "stage",
        "public",
        "key",
        "payload",
        "delivery",
        "ttl",
        "trigger",
        "template",
        "to",
        "activity",
        "until",
        "title",
        "report",
        "parameter",
        "onsite",
        "otherwise",
        "deadline",
        "scope",
        "before",
        "by",
        "period",
        "vote",
        "ballot",
        "yes",
        "share",
        "outcome",
    }
)


def expression_broken(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Every expression is FEEL that compiles."""
    for use in uses(drawing):
        try:
            compile_expression(use.text)
        except FeelError as error:
            hint = error.hint or '请按 FEEL 语法改正，例如 decision = "accept"'
            yield Complaint(use.at, f"{use.place}{quoted(use.text)}写得不对：{error.message}", hint)


def function_unknown(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """Only built-in functions and the date functions can be called."""
    known = DATE_FUNCTIONS
    if context.functions is not None:
        known = frozenset(context.functions(TRIAL_INSTANT, lambda _: None))
    for use in uses(drawing):
        if compiled(use.text) is None:
            continue
        try:
            compile_expression(use.text, known_functions=known)
        except FeelError as error:
            hint = f"可用的日期函数：{'、'.join(sorted(known))}"
            yield Complaint(use.at, f"{use.place}{quoted(use.text)}有误：{error.message}", hint)


def name_unknown(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """Whatever an expression reads is set by a form, an output parameter, a message or the system."""
    settings = set_names(drawing, context)
    for use in uses(drawing):
        known = settings[use.scope.process]
        expression = compiled(use.text)
        if known is None or expression is None:
            continue
        if use.facts:
            known = known | context.facts.keys() | context.forms.keys() | dict(use.own).keys()
        for name in sorted(expression.names - expression.item_names - known):
            message = f"{use.place}读取{quoted(name)}，但没有表单字段、输出参数或消息给它赋值"
            yield Complaint(use.at, message, "请检查名称是否写错，或在前面的表单中添加这个字段")


def payload_unknown(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """A message can only carry variables that something sets."""
    settings = set_names(drawing, context)
    for node in drawing.nodes:
        known = settings[node.scope.process]
        for name in payload_names(node) if known is not None else ():
            if name not in (known or ()) or name in AMBIENT:
                message = f"{node.title}要随消息带走{quoted(name)}，但没有地方给它赋值"
                yield Complaint(node, message, "请检查“带走的变量”里的名称")


def output_name(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """An output parameter sets a variable that expressions can read."""
    for node in drawing.nodes:
        for name, _text in output_parameters(node.element):
            if name in AMBIENT:
                message = f"{node.title}的输出参数不能叫{quoted(name)}：这个名称已用于参数和资料表"
                yield Complaint(node, message, "请另取一个变量名")
            elif not NAME.fullmatch(name) or name in DATE_FUNCTIONS - CLOCK_FUNCTIONS:
                message = f"{node.title}的输出参数名{quoted(name)}不能用作变量名"
                yield Complaint(node, message, "变量名以字母开头，只用字母、数字、下划线，且不与日期函数同名")


def property_unknown(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """A misspelt property would be ignored without a word."""
    for node in drawing.nodes:
        for name in node.properties:
            if name.startswith(_PREFIX) and name.removeprefix(_PREFIX) not in _PROPERTIES:
                known = "、".join(sorted(_PREFIX + each for each in _PROPERTIES))
                yield Complaint(
                    node, f"{node.title}的属性{quoted(name)}没有含义，会被忽略", f"可用的属性：{known}"
                )


def set_names(drawing: Drawing, context: LintContext) -> dict[Scope, frozenset[str] | None]:
    """Return the variables each process may find set, with those of processes it calls or is called by.

    ``None`` where a form is unknown: its fields are unknown too, and the missing form is reported already.
    """
    carried = payloads(drawing)
    own: dict[str, set[str]] = {}
    vague: set[str] = set()
    for node in drawing.nodes:
        process = node.scope.process.id
        names = own.setdefault(process, set(context.known_names))
        form = node.camunda("formRef")
        if form and form not in context.forms:
            vague.add(process)
        names.update(context.forms.get(form, ()))
        names |= {name for name, _ in output_parameters(node.element)}
        names |= received_names(drawing, node, carried) | loop_names(node)
    families = families_of(drawing)
    found: dict[Scope, frozenset[str] | None] = {}
    for scope in drawing.processes:
        family = families.get(scope.id, {scope.id})
        sets = [own.get(member, set()) for member in family]
        found[scope] = (
            None if family & vague else frozenset(context.known_names).union(context.ambient, *sets)
        )
    return found


def families_of(drawing: Drawing) -> dict[str, set[str]]:
    """Group the processes that call each other: a called process works on its caller's variables."""
    families: dict[str, set[str]] = {}
    for caller, called in calls_of(drawing).items():
        joined = {caller, *called}
        for member in tuple(joined):
            joined |= families.get(member, set())
        families.update(dict.fromkeys(joined, joined))
    return families
