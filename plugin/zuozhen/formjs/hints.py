"""What form-js has no words for: our ``properties`` of forms and components, as the form editor offers them.

The code that obeys a hint reads it from ``properties`` by name; a test holds this list against that code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from zuozhen.formjs.components import COMPONENTS, Answerable
from zuozhen.formjs.components.containers import DynamicList, Group
from zuozhen.formjs.components.showing import Computed, Text
from zuozhen.formjs.components.texts import CHECKS, TextField
from zuozhen.formjs.components.uploads import FilePicker

Kind: TypeAlias = Literal["text", "lines", "yes", "feel", "number", "choice", "no"]
"""``yes`` is written ``true``; ``no`` is on unless written ``false``; ``lines`` are numbered ``name.1`` …"""

FORM = "default"
"""The ``type`` of the form itself."""

_ALL_INPUTS = frozenset(
    name
    for name, kind in COMPONENTS.items()
    if issubclass(kind, Answerable) and not issubclass(kind, Computed)
)
_PRINTED = _ALL_INPUTS | {Computed.type, Group.type, Text.type}
_FIELDS = (_ALL_INPUTS | {Computed.type}) - {DynamicList.type}
_CHOOSING = frozenset({"radio", "select", "checklist", "taglist"})
CHECK_LABELS: Mapping[str, str] = {
    "credit_code": "统一社会信用代码",
    "phone": "手机或座机",
    "mobile": "手机",
    "email": "电子邮箱",
}


@dataclass(frozen=True, slots=True)
class Hint:
    """One property: ``on`` are the component types that obey it, ``group`` is where the editor shows it."""

    name: str
    label: str
    kind: Kind
    on: frozenset[str]
    group: Literal["rules", "print", "form"]
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()


_FORM = frozenset({FORM})
_TEXTS = frozenset(name for name, kind in COMPONENTS.items() if issubclass(kind, TextField))

HINTS: tuple[Hint, ...] = (
    Hint("title", "表单名称", "text", _FORM, "form", "显示在页面和打印件上方。"),
    Hint("clause", "依据条款", "text", _FORM, "form", "表单所依据的文件条款，供查对。"),
    Hint(
        "prefill",
        "再次填写时",
        "choice",
        _FORM,
        "form",
        "同一办件中再次打开本表单（重办、逐次填报）时，是否带出上次用本表单填写的内容；别的表单填过的总会带出。",
        (("fresh", "从空白开始"), ("keep", "带出上次内容")),
    ),
    Hint("required.if", "何时必填", "feel", _ALL_INPUTS, "rules", '条件成立时必填，如 decision = "refuse"。'),
    Hint("required.message", "未填时的提示", "text", _ALL_INPUTS, "rules", "不填则按字段名称自动提示。"),
    Hint("when.hint", "适用说明", "text", _ALL_INPUTS, "rules", "有显示条件时，说明何时需要填写。"),
    Hint(
        "default",
        "自动带出",
        "feel",
        _ALL_INPUTS,
        "rules",
        "从以前的表单带出，如 register.content；也可用 venue、next_session。",
    ),
    Hint(
        "mask",
        "保密",
        "feel",
        _ALL_INPUTS,
        "rules",
        "填 true 或条件，如 confidential = true；对外显示时遮盖。",
    ),
    Hint(
        "check",
        "专门校验",
        "choice",
        _TEXTS,
        "rules",
        "",
        tuple((name, CHECK_LABELS[name]) for name in CHECKS),
    ),
    Hint("pattern.hint", "填写格式", "text", _TEXTS, "rules", "显示在输入框上方，格式不对时也用它提示。"),
    Hint("date.min", "最早日期", "feel", frozenset({"datetime"}), "rules"),
    Hint("date.max", "最晚日期", "feel", frozenset({"datetime"}), "rules"),
    Hint(
        "file.max_mb",
        "单个文件上限（MB）",
        "number",
        frozenset({FilePicker.type}),
        "rules",
        "1 至 200，默认 20。",
    ),
    Hint(
        "file.max_count",
        "最多几个文件",
        "number",
        frozenset({FilePicker.type}),
        "rules",
        "1 至 50，默认 10。",
    ),
    Hint("max_rows", "最多几行", "number", frozenset({DynamicList.type}), "rules", "1 至 200，默认 50。"),
    Hint(
        "print.attachment", "附件编号", "text", _FORM, "print", "如 附件2；填写后每次提交都生成打印件并归档。"
    ),
    Hint("print.title", "打印标题", "text", _FORM, "print", "与表单名称不同时填写。"),
    Hint("print.landscape", "横向打印", "yes", _FORM, "print"),
    Hint("print.label_span", "名称列宽", "number", _FORM | _FIELDS, "print", "以整表宽 48 计，默认 12。"),
    Hint("print.note", "表后附注", "lines", _FORM, "print", "每行一条。"),
    Hint("print.skip", "不打印", "yes", _PRINTED, "print"),
    Hint("print.show", "打印这段文字", "yes", frozenset({Text.type}), "print"),
    Hint("print.label", "打印名称", "text", _FIELDS, "print", "与网页上的名称不同时填写。"),
    Hint("print.height", "行高（磅）", "number", _FIELDS, "print", "不填则随内容。"),
    Hint("print.vertical", "名称竖排", "yes", _FIELDS, "print"),
    Hint("print.blank", "空白时印", "text", _FIELDS, "print", "没有填写时印在格子里的文字。"),
    Hint("print.boxes", "印出全部选项并打勾", "yes", _CHOOSING, "print"),
    Hint("print.heading", "打印分组标题", "no", frozenset({Group.type}), "print"),
    Hint("print.rows", "至少印几行", "number", frozenset({DynamicList.type}), "print"),
)

RULE_PREFIX = "rule."
"""Rules across fields: ``rule.1`` (FEEL that must hold), ``rule.1.message``, ``rule.1.field``."""


def palette() -> tuple[str, ...]:
    """Return the component types that a form may hold, in the order of the registry."""
    return tuple(COMPONENTS)
