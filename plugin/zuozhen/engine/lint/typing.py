"""Rules about types: every expression over what its process can really see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from zuozhen.engine.lint.complaint import Complaint
from zuozhen.engine.lint.context import LintContext
from zuozhen.engine.lint.drawing import Drawing, quoted
from zuozhen.engine.lint.expressions import Use, compiled, uses
from zuozhen.engine.lint.variables import Setting, Variables
from zuozhen.feel.inference import Inferred, infer
from zuozhen.model.types import MOMENTS, SPANS, TEMPORAL, Type

_TEXT: Final = frozenset({"string"})
_WANTED: Final[dict[str, tuple[frozenset[str], str, str]]] = {
    "condition": (frozenset({"boolean"}), "是或否", '请写成比较，例如 decision = "accept"'),
    "timer": (MOMENTS | SPANS, "日期、时刻或时长", "例如 workdays(10)、before(clinic_date, workdays: 3)"),
    "moment": (MOMENTS, "日期或时刻", "例如 before(deadline, workdays: 1)"),
    "until": (MOMENTS, "日期", "请写日期字段的名称，或 workdays(5, 日期)"),
    "share": (frozenset({"number"}), "0 到 100 的数", "例如 50，或 parameters 中的一个数"),
    "collection": (frozenset({"list", "number"}), "列表", "请写多选字段的名称，例如 joint_units"),
    "group": (_TEXT, "一个单位或岗位的编号", "请写选择单位的字段名称，例如 =reception_unit"),
    "text": (_TEXT | {"number"}, "文字", "请写文字字段的名称"),
    "texts": (_TEXT | {"list"}, "编号或编号的列表", "例如 =reception_unit 或 =joint_units"),
    "key": (_TEXT | {"number", "date"}, "文字或日期", "例如 case_key 或 clinic_date"),
}
"""By role: the kinds that the engine can use, in words, and what to write."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The expressions of a drawing with their types, and the variables they were typed over."""

    uses: tuple[tuple[Use, Inferred], ...]
    variables: Variables


def judged(drawing: Drawing, context: LintContext) -> Judged:
    """Type every expression that compiles; done once for a drawing."""
    found: Judged = drawing.remember("typing", lambda: _judge(drawing, context))
    return found


def _judge(drawing: Drawing, context: LintContext) -> Judged:
    variables = Variables(drawing, context)
    found = []
    for use in uses(drawing):
        if compiled(use.text) is not None:
            names = variables.of(use.scope.process.id)
            if use.facts:
                names = {**context.facts, **names, **dict(use.own)}
            found.append((use, infer(use.text, names, context.signatures)))
    return Judged(tuple(found), variables)


def mismatch(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """No expression compares or calculates what does not go together."""
    yield from _mistakes(drawing, context, "type")


def option_unknown(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """A choice is compared with values that it can have."""
    yield from _mistakes(drawing, context, "option")


def _mistakes(drawing: Drawing, context: LintContext, code: str) -> Iterator[Complaint]:
    for use, inferred in judged(drawing, context).uses:
        for mistake in inferred.mistakes if not _tried_out(use, context) else ():
            if mistake.code == code:
                yield Complaint(use.at, f"{use.place}{quoted(use.text)}：{mistake.message}", mistake.hint)


def unusable(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """A condition gives yes or no, a timer a time, a collection a list, and so on."""
    for use, inferred in judged(drawing, context).uses:
        kinds, words, hint = _WANTED.get(use.role, (frozenset(), "", ""))
        given = inferred.type
        if kinds and given.known and given.kind not in kinds and not _tried_out(use, context):
            message = f"{use.place}{quoted(use.text)}应得到{words}，得到的是{given.words}"
            yield Complaint(use.at, message, hint)


def _tried_out(use: Use, context: LintContext) -> bool:
    """Say whether this is a timer that reads nothing of the case: such a rule is worked out by ``timers.value``."""
    expression = compiled(use.text)
    tried = use.role == "timer" and context.functions is not None
    return tried and expression is not None and not expression.names


def group_never(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """What a task's group can come out as is a unit or role of the pack."""
    for use, inferred in judged(drawing, context).uses:
        values = inferred.type.values
        if use.role == "group" and values is not None and (strange := values - context.groups - {""}):
            listed = "、".join(quoted(value) for value in sorted(strange)[:5])
            message = f"{use.place}{quoted(use.text)}可能得到{listed}，它不是单位或岗位，任务将无人可办"
            yield Complaint(use.at, message, "请改正表单的选项，或在“单位、日历和代码”中补上")


def conflict(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """A variable that is a date in one place and a text in another is neither for FEEL."""
    found = judged(drawing, context)
    read: dict[frozenset[str], set[str]] = {}
    for use, _ in found.uses:
        expression = compiled(use.text)
        for family in found.variables.settings:
            if expression is not None and use.scope.process.id in family:
                read.setdefault(family, set()).update(expression.names)
    for family, settings in found.variables.settings.items():
        kinds: dict[str, dict[str, Setting]] = {}
        for setting in settings:
            if (
                setting.type is not None
                and setting.type.kind in TEMPORAL | _TEXT
                and setting.name in read.get(family, ())
            ):
                kinds.setdefault(setting.name, {}).setdefault(setting.type.kind, setting)
        for name, places in kinds.items():
            if len(places) > 1 and not places.keys() <= MOMENTS:
                said = "，".join(
                    f"{one.node.title}的表单里是{Type(kind).words}" for kind, one in places.items()
                )
                last = list(places.values())[-1]
                yield Complaint(
                    last.node, f"变量{quoted(name)}的类型不一致：{said}", "请改用不同的字段名，或统一字段类型"
                )
