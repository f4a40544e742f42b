"""Checks of the FEEL that the manifest holds, and of what its sections name: forms, fields, groups, processes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from zuozhen import feel
from zuozhen.engine import load_diagram
from zuozhen.engine.lint import variable_types
from zuozhen.feel.inference import infer
from zuozhen.formjs import FormDefinition
from zuozhen.model.errors import ContentError, FeelError, Finding
from zuozhen.model.types import ANY, DATE_TIME, NUMBER, TEXT, Type, context_of
from zuozhen.packs import Pack, Register, Report
from zuozhen.packs.paths import manifest_path
from zuozhen.services.facts import FACT_NAMES
from zuozhen.services.packtypes import PackTypes

Forms = Mapping[str, FormDefinition]
_WANTED: Final = {
    "truth": (frozenset({"boolean"}), "是或否"),
    "number": (frozenset({"number"}), "数字"),
    "date": (frozenset({"date", "date and time"}), "日期"),
}
"""By kind: what a formula must give, and what people call it."""


@dataclass(frozen=True, slots=True)
class Formula:
    """One FEEL text of the manifest: ``section`` is what it belongs to, ``kind`` what is made of
    its value, ``types`` what only it may read; ``scope`` is all that it may read, if that is not the facts."""

    section: str
    place: str
    key: str
    text: str
    kind: str = ""
    types: Mapping[str, Type] = field(default_factory=dict)
    scope: Mapping[str, Type] | None = None


def check_formulas(types: PackTypes) -> Iterator[Finding]:
    """Give everything wrong with the FEEL of a manifest, and what its sections name in vain."""
    pack = types.pack
    file = manifest_path(pack.slug)
    for formula in (*_formulas(pack), *_of_splits(types)):
        if formula.text.strip():
            for message, hint in _mistakes(formula, types):
                yield Finding("error", "pack-feel", message, file=file, element=formula.key, hint=hint)
    for key, message in _dangling(pack, types.forms):
        yield Finding("error", "pack-reference", message, file=file, element=key)


def _formulas(pack: Pack) -> Iterator[Formula]:
    for register in pack.registers:
        yield from _of_register(register)
    for report in pack.reports:
        yield from _of_report(report)
    for alias, procedure in pack.procedures.items():
        section = f"流程“{procedure.label or alias}”"
        yield Formula(section, "标题（title）", alias, procedure.title)
        yield Formula(
            section, "可预约条件（bookable）", alias, procedure.bookable, "truth", {"now": DATE_TIME}
        )
    for name, rule in pack.numberings.items():
        yield Formula(f"编号“{name}”", "条件（when）", name, rule.when, "truth")
        yield Formula(f"编号“{name}”", "字头（prefix）", name, rule.prefix)
    for quota in pack.quotas:
        yield Formula(f"次数要求“{quota.name}”", "筛选条件", quota.name, quota.filter, "truth")
        yield Formula(f"次数要求“{quota.name}”", "日期（by）", quota.name, quota.by, "date")


def _of_register(register: Register) -> Iterator[Formula]:
    section, row = f"清单“{register.title}”", {"row": NUMBER}
    for column in register.columns:
        yield Formula(section, f"列“{column.label}”", register.key, column.value, types=row)
    for choice in register.filters:
        yield Formula(section, f"筛选项“{choice.label}”", register.key, choice.value, types=row)
    yield Formula(section, "筛选条件", register.key, register.filter, "truth", row)
    yield Formula(section, "部门", register.key, register.department, types=row)
    yield Formula(section, "期间（period）", register.key, register.period, "date", row)


def _of_report(report: Report) -> Iterator[Formula]:
    section = f"报告“{report.title}”"
    own: Mapping[str, Type] = {report.parameter.key: TEXT} if report.parameter else {}
    yield Formula(section, "日期（by）", report.key, report.by, "date", own)
    yield Formula(section, "筛选条件", report.key, report.filter, "truth", own)
    if report.parameter:
        yield Formula(
            section,
            f"参数“{report.parameter.label}”的条件",
            report.key,
            report.parameter.filter,
            "truth",
            own,
        )
    for figure in report.figures:
        yield Formula(section, f"数字“{figure.label}”的条件", report.key, figure.where, "truth", own)
        yield Formula(section, f"数字“{figure.label}”的值", report.key, figure.value, "number", own)
    for table in report.tables:
        yield Formula(section, f"表“{table.title}”的分组", report.key, table.group, types=own)


def _mistakes(formula: Formula, types: PackTypes) -> Iterator[tuple[str, str]]:
    place = f"{formula.section}的{formula.place}"
    try:
        expression = feel.compile_expression(formula.text, known_functions=types.signatures.keys())
    except FeelError as error:
        yield f"{place}：{error.message}", error.hint or "请改正这个表达式（FEEL）。"
        return
    known = {**(types.facts if formula.scope is None else formula.scope), **formula.types}
    for name in sorted(expression.names - expression.item_names - known.keys()):
        yield (
            f"{place}读取“{name}”，但没有这张表单，也不是可用的名称。",
            f"可用：{_readable(formula)}",
        )
    found = infer(formula.text, known, types.signatures)
    for mistake in found.mistakes:
        yield f"{place}“{formula.text}”：{mistake.message}", mistake.hint
    wanted, words = _WANTED.get(formula.kind, (frozenset[str](), ""))
    if wanted and found.type.known and found.type.kind not in wanted and not found.mistakes:
        yield f"{place}“{formula.text}”应得到{words}，得到的是{found.type.words}", "请改写这个表达式。"


def _readable(formula: Formula) -> str:
    if formula.scope is not None:
        return "流程图读到的变量、各表单的项（写成 表单.字段）、parameters、tables 和 today()"
    return f"各表单的名称，以及 {'、'.join(sorted(FACT_NAMES | formula.types.keys()))}"


def _of_splits(types: PackTypes) -> Iterator[Formula]:
    """Give the rules by which the work of a unit is split; they read what a case carries, no facts."""
    rules = [(unit, one) for unit in types.pack.units for one in unit.successors if one.when.strip()]
    if not rules:
        return
    try:
        read = load_diagram(types.pack.drawing).names
        variables = variable_types(types.pack.drawing, types.lint_context)
    except ContentError:
        return  # said of the diagram itself
    forms = {key: context_of(fields) for key, fields in types.fields.items()}
    scope = {**forms, **types.ambient, **{name: variables.get(name, ANY) for name in read}}
    for unit, one in rules:
        yield Formula(
            f"单位“{unit.name}”", f"承接条件（{one.id} 的 when）", unit.id, one.when, "truth", scope=scope
        )


def _dangling(pack: Pack, forms: Forms) -> Iterator[tuple[str, str]]:
    """Give (key, message) of what the sections name and is not there."""
    for name, rule in pack.numberings.items():
        if rule.form and rule.form not in forms:
            yield name, f"编号“{name}”的表单“{rule.form}”不存在。"
        elif rule.form and rule.field not in forms[rule.form].field_keys:
            yield name, f"编号“{name}”要写入的项“{rule.field}”不在表单“{rule.form}”中。"
    opened = [
        *((f"清单“{one.title}”", one.key, one.open_to) for one in pack.registers),
        *((f"报告“{one.title}”", one.key, one.open_to) for one in pack.reports),
        *((f"流程“{one.label or alias}”", alias, one.open_to) for alias, one in pack.procedures.items()),
    ]
    named = [
        *((section, key, "open_to", groups) for section, key, groups in opened),
        *((f"资料表“{one.title}”", one.key, "editable_by", one.editable_by) for one in pack.tables),
    ]
    for section, key, word, groups in named:
        for group in groups:
            if group not in pack.groups:
                yield key, f"{section}的 {word} 中“{group}”不是单位或岗位。"
    used = [
        *((f"报告“{one.title}”", one.key, one.process) for one in pack.reports),
        *((f"次数要求“{one.name}”", one.name, one.process) for one in pack.quotas),
    ]
    for section, key, process in used:
        if process not in pack.processes:
            yield key, f"{section}的流程“{process}”未在 [processes] 中列出。"
    yield from _unknown_data(pack)


def _unknown_holders(pack: Pack) -> Iterator[tuple[str, str]]:
    known = {*pack.groups, *(code for labels in pack.codes.values() for code in labels)}
    for spec in pack.recurrences:
        for holder in (*spec.table.get("holders", ()), spec.table.get("holder", "")):
            if holder and holder not in known:
                yield spec.name, f"周期规则“{spec.name}”的“{holder}”不是单位、岗位或代码。"


def _unknown_data(pack: Pack) -> Iterator[tuple[str, str]]:
    kinds = {spec.name: spec.kind for spec in pack.recurrences}
    for quota in pack.quotas:
        if quota.recurrence not in kinds:
            yield quota.name, f"次数要求“{quota.name}”的周期规则“{quota.recurrence}”不存在。"
    yield from _unknown_holders(pack)
    for report in pack.reports:
        if report.parameter and report.parameter.codes not in {*pack.codes, "units"}:
            yield (
                report.key,
                f"报告“{report.title}”的参数取自代码表“{report.parameter.codes}”，但没有这张表。",
            )
        if report.template and report.template not in pack.print_templates:
            yield report.key, f"报告“{report.title}”的打印模板“{report.template}”不存在。"
    for table in pack.tables:
        if table.print and table.print not in pack.print_templates:
            yield table.key, f"资料表“{table.title}”的打印模板“{table.print}”不存在。"
    for where, name in (
        ("portal.window", pack.portal.window),
        ("session_recurrence", pack.session_recurrence),
    ):
        if name and name not in kinds:
            yield where, f"{where} 的周期规则“{name}”不存在。"
