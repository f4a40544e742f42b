"""Every FEEL expression of a drawing, with its place."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from lxml import etree

from zuozhen.engine.ballots import DECIDED, NO_COUNT, YES_COUNT
from zuozhen.engine.lint.drawing import CAMUNDA, Drawing, Flow, Node, Scope, output_parameters, text_of
from zuozhen.engine.lint.source import BPMN
from zuozhen.feel import Expression, compile_expression
from zuozhen.model.errors import FeelError
from zuozhen.model.types import DATE, Type

DATE_FUNCTIONS = frozenset(
    {
        *(
            "workdays",
            "days",
            "months",
            "hours",
            "minutes",
            "workhours",
            "before",
            "recurrence",
            "window",
            "holders",
        ),
        *("today", "now", "cases"),
    }
)
"""The functions a diagram may use when the caller does not hand in an implementation."""
CLOCK_FUNCTIONS = frozenset({"today", "now"})
"""Those of them that are also names of variables."""

OUTPUT = "输出参数"
COLLECTION = "多实例集合"
COMPLETION = "多实例结束条件"
"""Purposes of expressions that are not evaluated on entry."""

_WRAPPED = re.compile(r"=|\$\{|#\{")
_CRON = re.compile(r"@[a-z]+|[\d*?/,-]+(\s+[\dA-Z*?/,#-]+){4,6}")
_ISO = re.compile(r"R\d*/|-?P(?=[\dT])[\dA-Z.,]+$|\d{4}-\d{2}-\d{2}(?!\d)")


@dataclass(frozen=True, slots=True)
class Use:
    """An expression, the element it belongs to and what it is for, in Chinese."""

    at: Node | Flow
    scope: Scope
    purpose: str
    text: str
    role: str = ""
    """What the engine makes of the value: condition, timer, group, key, until, share, collection, output, texts."""
    facts: bool = False
    """Whether it is evaluated over everything known of the case, not only over the variables."""
    own: tuple[tuple[str, Type], ...] = ()
    """What only this expression may read, with its type."""

    @property
    def place(self) -> str:
        """Where the expression stands, as the beginning of a sentence."""
        return f"{self.at.title}的{self.purpose}"


_USES: WeakKeyDictionary[Drawing, tuple[Use, ...]] = WeakKeyDictionary()
"""Several rules look at the same expressions; they are forgotten with the drawing."""


def uses(drawing: Drawing) -> tuple[Use, ...]:
    """Return all expressions, those that do not compile included."""
    found = _USES.get(drawing)
    if found is None:
        found = _USES[drawing] = tuple(_read_uses(drawing))
    return found


def _read_uses(drawing: Drawing) -> Iterator[Use]:
    for scope in drawing.scopes:
        for flow in scope.flows:
            if flow.condition:
                yield Use(flow, scope, "条件", flow.condition, "condition")
        for node in scope.nodes:
            for role, purpose, text in _texts(node):
                if text:
                    yield Use(node, scope, purpose, text, role)
            for role, purpose, text in _fact_texts(node):
                if is_expression(text):
                    yield Use(node, scope, purpose, text, role, facts=True)
            before = node.properties.get("zz:before", "")
            if before:
                yield Use(
                    node, scope, "“最迟何时提出”", before, "moment", facts=True, own=(("deadline", DATE),)
                )


def compiled(text: str, functions: Collection[str] | None = None) -> Expression | None:
    """Return the compiled expression, ``None`` if it does not compile (reported by its own rule).

    If ``functions`` are given, an expression that calls others does not count as compiling.
    """
    try:
        return compile_expression(text, known_functions=functions)
    except FeelError:
        return None


def is_expression(text: str) -> bool:
    """Tell a wrapped expression (``=…``, ``${…}``) from a literal, where both are allowed."""
    return bool(_WRAPPED.match(text))


def is_iso(text: str) -> bool:
    """Tell whether a timer's text is, or tries to be, a bare ISO 8601 literal."""
    return bool(_ISO.match(text))


def is_cron(text: str) -> bool:
    """Tell whether a timer's text is a cron expression, as other engines have it."""
    return bool(_CRON.fullmatch(text))


def timer_text(node: Node) -> str:
    """Return what a timer event says, whichever of the three elements holds it; empty if nothing."""
    definition = node.definition("timer")
    if definition is None:
        return ""
    texts = (text_of(definition.find(BPMN + tag)) for tag in ("timeDate", "timeDuration", "timeCycle"))
    return next(filter(None, texts), "")


def loop_of(node: Node) -> etree._Element | None:
    """Return the multi-instance marker of an activity."""
    return node.element.find(f"{BPMN}multiInstanceLoopCharacteristics")


def collection_text(node: Node) -> str:
    """Return what a multi-instance activity runs over, empty if there is nothing."""
    loop = loop_of(node)
    if loop is None:
        return ""
    texts = (text_of(loop.find(BPMN + tag)) for tag in ("loopDataInputRef", "loopCardinality"))
    return (loop.get(f"{CAMUNDA}collection") or "").strip() or next(filter(None, texts), "")


def item_names(node: Node) -> set[str]:
    """Return the variables that each instance of a multi-instance activity has for itself."""
    loop = loop_of(node)
    if loop is None:
        return set()
    return {loop_item(node), "loopCounter"} - {""}


def result_name(node: Node) -> str:
    """Return the variable that collects something of each instance, empty if there is none."""
    loop = loop_of(node)
    return "" if loop is None else text_of(loop.find(f"{BPMN}loopDataOutputRef"))


def outcome_name(node: Node) -> str:
    """Return the variable that a multi-instance activity sets to what its instances decided, empty if they do not."""
    if loop_of(node) is None or not node.properties.get("zz:vote", "").strip():
        return ""
    return node.properties.get("zz:outcome", "").strip()


def counter_names(node: Node) -> set[str]:
    """Return what the completion condition of a multi-instance activity knows besides the variables."""
    if loop_of(node) is None:
        return set()
    counters = {"nrOfInstances", "nrOfCompletedInstances", "nrOfActiveInstances"}
    return counters | {YES_COUNT, NO_COUNT, DECIDED} if outcome_name(node) else counters


def loop_item(node: Node) -> str:
    """Return the variable that holds each instance's item; empty if there is none."""
    loop = loop_of(node)
    if loop is None:
        return ""
    item = loop.find(f"{BPMN}inputDataItem")
    drawn = "" if item is None else item.get("id") or item.get("name") or ""
    return (loop.get(f"{CAMUNDA}elementVariable") or "").strip() or drawn


def loop_names(node: Node) -> set[str]:
    """Return the variables that exist inside and after a multi-instance activity."""
    if loop_of(node) is None:
        return set()
    return (
        item_names(node) | counter_names(node) | {result_name(node), collected_name(node), outcome_name(node)}
    )


def collected_name(node: Node) -> str:
    """Return the variable of each instance that is collected, empty if none is."""
    loop = loop_of(node)
    item = None if loop is None else loop.find(f"{BPMN}outputDataItem")
    return "" if item is None else item.get("id") or item.get("name") or ""


def _fact_texts(node: Node) -> Iterator[tuple[str, str, str]]:
    """Give the texts that a side effect evaluates when it is carried out."""
    yield "texts", "接收人（zz:to）", node.properties.get("zz:to", "")
    yield "text", "文书标题（zz:title）", node.properties.get("zz:title", "")
    yield "", "报告参数（zz:parameter）", node.properties.get("zz:parameter", "")
    yield "texts", "由哪些岗位提出（zz:by）", node.properties.get("zz:by", "")


def _texts(node: Node) -> Iterator[tuple[str, str, str]]:
    timer = timer_text(node)
    if timer and not is_iso(timer) and not is_cron(timer):
        yield "timer", "定时", timer
    for attribute, role, purpose in (("candidateGroups", "group", "候选组"), ("assignee", "text", "办理人")):
        text = node.camunda(attribute)
        if is_expression(text):
            yield role, purpose, text
    yield "key", "对应关键字", node.properties.get("zz:key", "")
    yield "until", "“改到哪一天”", node.properties.get("zz:until", "")
    yield "share", "会签比例", node.properties.get("zz:share", "") if outcome_name(node) else ""
    yield "collection", COLLECTION, collection_text(node)
    loop = loop_of(node)
    if loop is not None:
        yield "condition", COMPLETION, text_of(loop.find(f"{BPMN}completionCondition"))
    for name, text in output_parameters(node.element):
        yield "output", f"{OUTPUT}“{name}”", text
