"""Static types of a form: what each answer is for FEEL, and which of the form's rules can only be wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any, Final

from zuozhen.feel.inference import TypeMistake, infer
from zuozhen.formjs.components import Answerable, Component
from zuozhen.formjs.components.choices import Options
from zuozhen.formjs.components.containers import Composite, DynamicList
from zuozhen.formjs.components.moments import Moment
from zuozhen.formjs.components.scope import Scope
from zuozhen.formjs.components.showing import Computed, Text
from zuozhen.formjs.definition import FormDefinition
from zuozhen.formjs.expressions import Condition, Rule, Template
from zuozhen.model.errors import FeelError
from zuozhen.model.types import BOOLEAN, Signature, Type, context_of, list_of

Types = Mapping[str, Type]
_TRUTH: Final = frozenset({"boolean"})
_NUMBER: Final = frozenset({"number"})
_MOMENT: Final = frozenset({"date", "date and time", "string"})
_LIST: Final = frozenset({"list"})
_WANTED: Final = {_TRUTH: "是或否", _NUMBER: "数字", _MOMENT: "日期", _LIST: "列表"}


_MASKING: Final = {"confidential": BOOLEAN}
"""Whether the enterprise asked for secrecy: known to every rule of masking."""
_ALWAYS: Final = frozenset({"?", "i"})
"""What a rule may read besides answers and surroundings: the value it is about, the number of a row."""


@dataclass(frozen=True, slots=True)
class RuleMistake:
    """What is wrong with one rule: ``path`` is the field (empty: the form), ``purpose`` what the rule is for."""

    path: str
    title: str
    purpose: str
    text: str
    mistake: TypeMistake


@dataclass(frozen=True, slots=True)
class _Use:
    purpose: str
    rule: Rule
    wanted: frozenset[str] = frozenset()
    more: Types = field(default_factory=dict)
    """What only this rule may read."""


def field_types(
    form: FormDefinition, lists: Types, outside: Types, functions: Mapping[str, Signature]
) -> Types:
    """Return the type of each answer; ``lists`` are those of the values of each ``valuesKey``."""
    return _scope_types(form.scope, lists, outside, functions)


def _scope_types(scope: Scope, lists: Types, outside: Types, functions: Mapping[str, Signature]) -> Types:
    found = {one.key: one.feel_type(lists) for one in scope.fields}
    for one in scope.order:
        around = {**outside, **found}
        if isinstance(one, Computed) and one.rule is not None:
            found[one.key] = infer(one.rule.text, around, functions).type
        elif isinstance(one, Composite):
            inner = context_of(_scope_types(one.scope, lists, around, functions))
            found[one.key] = list_of(inner) if isinstance(one, DynamicList) else inner
    return found


def typed(form: FormDefinition, types: Types) -> FormDefinition:
    """Return a form whose rules read computed dates as dates; ``types`` are its :func:`field_types`.

    The parts of the form inside groups and lists are changed in place: the form must be nobody else's.
    """
    return replace(form, scope=_typed_scope(form.scope, types))


def _typed_scope(scope: Scope, types: Types) -> Scope:
    for one in scope.fields:
        if isinstance(one, Composite):
            inside = types[one.key].item or types[one.key]
            one.scope = _typed_scope(one.scope, inside.entries or {})
    computed = {one.key: types[one.key] for one in scope.fields if isinstance(one, Computed)}
    return replace(scope, computed=computed)


def rule_mistakes(
    form: FormDefinition, fields: Types, lists: Types, outside: Types, functions: Mapping[str, Signature]
) -> Iterator[RuleMistake]:
    """Give what can only be wrong in the rules of a form, over its answers and what it may read from outside."""
    around = {**outside, **fields}
    for component in form.components:
        yield from _of_component(component, around, lists, functions)
    for rule in form.rules:
        yield from _judged("", "表单", _Use(f"规则“{rule.message}”", rule.rule, _TRUTH), around, functions)


def _of_component(
    component: Component, around: Types, lists: Types, functions: Mapping[str, Signature]
) -> Iterator[RuleMistake]:
    path = component.path or component.id
    for use in _uses(component):
        yield from _judged(path, component.title, use, around, functions)
    inner = around
    if isinstance(component, Composite):
        inner = {**around, **_scope_types(component.scope, lists, around, functions)}
    for child in component.children:
        yield from _of_component(child, inner, lists, functions)


def _uses(component: Component) -> Iterator[_Use]:
    if component.hide is not None:
        yield _Use("隐藏条件", component.hide, _TRUTH)
    yield from _of_template("名称", component.label)
    yield from _of_template("说明", component.hint)
    if isinstance(component, Text):
        yield from _of_template("文字", component.text)
    if not isinstance(component, Answerable):
        return
    limits = _MOMENT if isinstance(component, Moment) else _NUMBER
    if isinstance(component.mask, Rule):
        yield _Use("遮盖条件", component.mask, _TRUTH, _MASKING)
    rules: list[tuple[str, Any, frozenset[str]]] = [
        ("必填条件", component.required, _TRUTH),
        ("必填条件", component.required_if, _TRUTH),
        ("只读条件", component.readonly, _TRUTH),
        ("缺省值", component.default_rule, frozenset()),
        *((f"限制 {name}", limit, limits) for name, limit in component.limits.items()),
    ]
    if isinstance(component, Options):
        rules.append(("选项", component.values_rule, _LIST))
    if isinstance(component, Computed):
        rules.append(("计算", component.rule, frozenset()))
    for purpose, rule, wanted in rules:
        if isinstance(rule, Rule):
            yield _Use(purpose, rule, wanted)


def _of_template(purpose: str, template: Template) -> Iterator[_Use]:
    for part in template.parts:
        if isinstance(part, Rule):
            yield _Use(purpose, part)


def _judged(
    path: str, title: str, use: _Use, around: Types, functions: Mapping[str, Signature]
) -> Iterator[RuleMistake]:
    text = use.rule.text
    around = {**around, **use.more}
    try:
        found = infer(text, around, functions, unary=isinstance(use.rule, Condition))
    except FeelError:  # reported when the form is loaded
        return
    for mistake in found.mistakes:
        yield RuleMistake(path, title, use.purpose, text, mistake)
    unknown = use.rule.names - use.rule.expression.item_names - around.keys() - _ALWAYS
    for name in sorted(unknown):
        near = get_close_matches(name, around, 1, 0.6)
        hint = f"是不是“{near[0]}”？" if near else "请检查名称，或先在表单中添加这个字段"
        yield RuleMistake(path, title, use.purpose, text, TypeMistake("name", 0, f"没有“{name}”可读", hint))
    if use.wanted and found.type.known and found.type.kind not in use.wanted and not found.mistakes:
        message = f"应得到{_WANTED[use.wanted]}，得到的是{found.type.words}"
        yield RuleMistake(path, title, use.purpose, text, TypeMistake("type", 0, message, "请改写这个表达式"))
