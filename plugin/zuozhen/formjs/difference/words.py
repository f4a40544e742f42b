"""How parts and settings of a form are called in sentences for officials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from zuozhen import feel
from zuozhen.formjs.difference.source import Part

LONGEST_TEXT: Final = 120

TYPES: Final[Mapping[str, str]] = {
    "textfield": "单行文本",
    "textarea": "多行文本",
    "number": "数字",
    "datetime": "日期时间",
    "checkbox": "勾选框",
    "checklist": "多选",
    "radio": "单选",
    "select": "下拉选择",
    "taglist": "多选下拉",
    "filepicker": "附件",
    "group": "分组",
    "dynamiclist": "动态列表",
    "text": "说明文字",
    "separator": "分隔线",
    "spacer": "空白",
    "expression": "自动计算",
    "button": "按钮",
    "html": "HTML",
    "image": "图片",
    "table": "数据表格",
    "iframe": "嵌入网页",
    "documentPreview": "文件预览",
}
LABELS: Final[Mapping[str, str]] = {
    "description": "填写说明",
    "text": "文字",
    "defaultValue": "默认值",
    "hide": "何时隐藏",
    "subtype": "日期类型",
    "expression": "计算式",
    "valuesKey": "选项来源",
    "valuesExpression": "选项的计算式",
    "appearance.prefixAdorner": "前缀",
    "appearance.suffixAdorner": "后缀",
    "decimalDigits": "小数位数",
    "increment": "步长",
    "validate.min": "最小值",
    "validate.max": "最大值",
    "validate.minLength": "最少字数",
    "validate.maxLength": "最多字数",
    "validate.pattern": "格式要求",
    "validate.validationType": "格式类别",
    "properties.required.if": "何时必填",
    "properties.default": "默认值的计算式",
    "properties.mask": "对外保密",
    "properties.check": "专门校验",
    "properties.when.hint": "填写条件的说明",
    "properties.pattern.hint": "格式说明",
    "properties.title": "表单标题",
    "properties.clause": "依据条款",
    "properties.print.skip": "不打印",
    "properties.print.height": "打印高度",
    "properties.print.label": "打印名称",
    "properties.print.attachment": "附件编号",
}
CONDITIONS: Final = frozenset({"hide", "properties.required.if", "properties.mask"})
_SWITCHES: Final[Mapping[str, tuple[str, str]]] = {
    "validate.required": ("改为必填", "不再必填"),
    "readonly": ("改为只读", "不再只读"),
    "disabled": ("改为停用", "不再停用"),
    "disallowPassedDates": ("不再接受过去的日期", "改为接受过去的日期"),
    "multiple": ("可选多个文件", "只能选一个文件"),
}
_INNER: Final = str.maketrans("“”", "‘’")


def quoted(text: str) -> str:
    """Put a name into quotation marks; quotes in it become the inner ones."""
    return f"“{shortened(text).translate(_INNER)}”"


def shortened(text: str) -> str:
    """Return a text on one line and bounded."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_TEXT else f"{line[:LONGEST_TEXT]}…"


def title(part: Part) -> str:
    """Return what people call a part: ``字段“处理意见”``, ``分组“企业信息”``."""
    noun = (
        "字段" if part.key and part.type not in ("group", "dynamiclist") else TYPES.get(part.type, part.type)
    )
    name = part.label or str(part.facts.get("text", "")) or part.key
    return f"{noun}{quoted(name)}" if name else noun


def type_name(part: Part) -> str:
    """Return the kind of a part; a date is told from a time."""
    if part.type == "datetime":
        return {"time": "时间", "datetime": "日期和时间"}.get(str(part.facts.get("subtype", "")), "日期")
    return TYPES.get(part.type, part.type or "（无类型）")


def switched(fact: str, new: Any) -> str:
    """Return what a yes/no setting now means; empty for other settings and for FEEL texts."""
    words = _SWITCHES.get(fact)
    if words is None or isinstance(new, str):
        return ""
    return words[0] if new else words[1]


def label(fact: str) -> str:
    """Return the name of a setting."""
    if fact in LABELS:
        return LABELS[fact]
    if fact.startswith("properties.print."):
        return f"打印设置 {fact.removeprefix('properties.print.')}"
    return f"设置 {fact.removeprefix('properties.')}"


def value(fact: str, setting: Any, part: Part | None, labels: Mapping[str, str]) -> str:
    """Return a setting as people read it; ``（无）`` for none."""
    if setting is None:
        return "（无）"
    if isinstance(setting, bool) or setting in ("true", "false"):
        return "是" if setting in (True, "true") else "否"
    text = str(setting)
    if fact == "subtype":
        return {"date": "日期", "time": "时间", "datetime": "日期和时间"}.get(text, text)
    if fact == "defaultValue" and part is not None:
        return part.options.get(text, shortened(text))
    if fact in CONDITIONS or fact == "validate.required":
        return feel.in_words(text, labels)
    return shortened(text)
