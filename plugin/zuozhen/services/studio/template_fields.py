"""The fields of element templates: where each is kept in the diagram, and what it offers to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from zuozhen.packs import ENTERPRISE
from zuozhen.services.studio.choices import Choices, Option

Property: TypeAlias = dict[str, Any]


def work_fields(choices: Choices) -> tuple[Property, ...]:
    return (group_field(choices), form_field(choices), FORM_BINDING)


def group_field(choices: Choices, value: str = "") -> Property:
    described = "岗位或单位的编号；由前面表单选定的，写 =字段键"
    options = [*choices.roles, *choices.units]
    chosen = list(choices.chosen_units)
    if options:
        enterprise = Option(ENTERPRISE, "企业（在门户上办理）")
        known = {option.value for option in (*options, *chosen)}
        own = [Option(value, "轮到的会办单位")] if value and value not in known else []
        selected = [Option(each.value, f"表单里选的：{each.label}") for each in chosen]
        options = [*own, *options, *selected, enterprise]
    shape = _choice_or_text(options, "岗位（谁办）", described, "work", value)
    return shape | {"binding": {"type": "property", "name": "camunda:candidateGroups"}} | _REQUIRED


def form_field(choices: Choices) -> Property:
    options = [Option(form.key, form.title) for form in choices.forms]
    shape = _choice_or_text(options, "表单", "表单的文件名（不带 .json）", "work")
    return shape | {"binding": {"type": "property", "name": "camunda:formRef"}} | _REQUIRED


def message_field(choices: Choices) -> Property:
    shape = _choice_or_text(choices.messages, "消息模板", "消息模板的文件名（不带 .txt）", "message")
    return shape | {"binding": _own("template")} | _REQUIRED


def recipient_field(choices: Choices) -> Property:
    described = "enterprise 即企业；也可以是岗位、单位的编号"
    options = [Option(ENTERPRISE, "企业"), *choices.roles, *choices.units] if choices.roles else []
    shape = _choice_or_text(options, "发给谁", described, "message", ENTERPRISE)
    return shape | {"binding": _own("to")} | _REQUIRED


def clause_field(group: str = "law") -> Property:
    return {
        "label": "依据条款",
        "description": "例如：第三条第一款",
        "type": "String",
        "group": group,
        "binding": _own("clause"),
        **_REQUIRED,
    }


def stage_field() -> Property:
    described = "企业在进度里看到的阶段名称"
    return {
        "label": "阶段",
        "description": described,
        "type": "String",
        "group": "public",
        "optional": True,
        "binding": _own("stage"),
    }


def public_field() -> Property:
    described = "办理到这一步时企业看到的话"
    return {
        "label": "对外公开",
        "description": described,
        "type": "String",
        "group": "public",
        "optional": True,
        "binding": _own("public"),
    }


def name_field(value: str) -> Property:
    return {
        "label": "名称",
        "type": "String",
        "group": "work",
        "value": value,
        "binding": {"type": "property", "name": "name"},
        **_REQUIRED,
    }


def topic_fields(topic: str) -> tuple[Property, ...]:
    return (
        _hidden("external", {"type": "property", "name": "camunda:type"}),
        _hidden(topic, {"type": "property", "name": "camunda:topic"}),
    )


def _choice_or_text(
    options: Sequence[Option], label: str, description: str, group: str, value: str = ""
) -> Property:
    shape: Property = {"label": label, "description": description, "type": "String", "group": group}
    if options:
        choices = [{"name": option.label, "value": option.value} for option in options]
        shape |= {"type": "Dropdown", "choices": choices}
        del shape["description"]
    return shape | ({"value": value} if value else {})


def _own(name: str) -> dict[str, str]:
    return {"type": "camunda:property", "name": f"zz:{name}"}


def _hidden(value: str, binding: dict[str, str]) -> Property:
    return {"type": "Hidden", "value": value, "binding": binding}


_REQUIRED: Final = {"constraints": {"notEmpty": True}}
FORM_BINDING: Final = _hidden("deployment", {"type": "property", "name": "camunda:formRefBinding"})
