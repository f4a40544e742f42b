"""Checks of what forms take from their pack: option lists that exist, and rules over answers of the right type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from zuozhen.formjs import FormDefinition
from zuozhen.formjs.components.choices import Options
from zuozhen.formjs.typing import rule_mistakes
from zuozhen.model.errors import Finding
from zuozhen.services.packtypes import PackTypes

_CODES: Final = {"type": "form-type-mismatch", "option": "form-option-unknown", "name": "form-name-unknown"}


def check_form_rules(types: PackTypes) -> Iterator[Finding]:
    """Give what is wrong with the rules and option lists of all forms of a pack."""
    for key, form in types.forms.items():
        yield from _lists(types, form)
        rules = rule_mistakes(form, types.fields[key], types.lists, types.around_forms, types.signatures)
        for found in rules:
            place = f"“{found.title}”的{found.purpose}" if found.title else found.purpose
            message = f"{place}“{found.text}”：{found.mistake.message}"
            code = _CODES[found.mistake.code]
            yield Finding("error", code, message, file=form.file, element=found.path, hint=found.mistake.hint)


def _lists(types: PackTypes, form: FormDefinition) -> Iterator[Finding]:
    for path, field in form.fields.items():
        if not isinstance(field, Options) or field.values_rule is not None:
            continue
        if field.values_key and field.values_key not in types.lists:
            known = "、".join(sorted(types.lists))
            message = f"“{field.title}”的选项取自“{field.values_key}”，但没有这张代码表，页面上将没有选项可选"
            yield Finding("error", "form-list-unknown", message, form.file, path, hint=f"已有：{known}")
        elif field.values_key and types.lists[field.values_key].values == frozenset():
            message = f"“{field.title}”的选项取自代码表“{field.values_key}”，但表里没有内容"
            hint = "请在“单位、日历和代码”中补上内容，或改用固定选项"
            yield Finding("error", "form-list-empty", message, form.file, path, hint=hint)
        elif not field.values_key and not field.static:
            message = f"“{field.title}”没有任何选项，页面上无法选择"
            yield Finding(
                "error", "form-list-empty", message, form.file, path, hint="请补上选项，或指定选项来源"
            )
