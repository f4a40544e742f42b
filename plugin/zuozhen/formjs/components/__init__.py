"""The registry: one class for each form-js component type, and why other types are refused."""

from __future__ import annotations

from collections.abc import Mapping

from zuozhen.formjs.components.base import Answerable, Component
from zuozhen.formjs.components.choices import Checkbox, Checklist, Radio, Select, Taglist
from zuozhen.formjs.components.containers import DynamicList, Group, NestedGroup
from zuozhen.formjs.components.moments import Moment
from zuozhen.formjs.components.numbers import Number
from zuozhen.formjs.components.showing import Computed, Separator, Spacer, Text
from zuozhen.formjs.components.texts import TextArea, TextField
from zuozhen.formjs.components.uploads import FilePicker

COMPONENTS: Mapping[str, type[Component]] = {
    kind.type: kind
    for kind in (
        TextField, TextArea, Number, Moment, Checkbox, Checklist, Radio, Select, Taglist, FilePicker,
        Group, DynamicList, Text, Separator, Spacer, Computed,
    )
}  # fmt: skip

REFUSED: Mapping[str, str] = {
    "html": "不允许在表单中使用 HTML 代码，请改用“文本”",
    "iframe": "不允许在表单中嵌入其他网页，请改为在说明文字中写明网址",
    "button": "提交按钮由系统提供，请删除表单中的按钮",
    "image": "表单中暂不支持图片，请删除",
    "table": "表单中暂不支持数据表格，请改用台账或“动态列表”",
    "documentPreview": "表单中暂不支持文件预览，请删除",
}
"""Types of form-js that have no place here, each with what to do instead."""

__all__ = ["COMPONENTS", "REFUSED", "Answerable", "Component", "NestedGroup"]
