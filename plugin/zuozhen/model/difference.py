"""One difference between two versions of a pack, as people read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

ChangeKind: TypeAlias = Literal["added", "removed", "changed", "moved"]

Area: TypeAlias = Literal[
    "deadline",  # 时限
    "role",  # 岗位
    "form",  # 表单（逐字段）
    "condition",  # 分支条件
    "path",  # 走向：连线、环节的增减
    "message",  # 消息、通知
    "clause",  # 依据条款
    "name",  # 名称、说明
    "template",  # 打印和消息模板
    "table",  # 单位、岗位、编号、代码、周期、日历
    "scenario",  # 情景
    "property",  # 其他设置
    "drawing",  # 只是移动
]


@dataclass(frozen=True, slots=True)
class Change:
    """``sentence`` says it to an official: “单一部门办理 时限 10 → 12 个工作日”.

    ``file`` is the path in the pack; ``element`` the BPMN id or the form field's key (empty where it does not
    apply); ``old`` and ``new`` the texts as they stand, empty for what is not there.
    """

    kind: ChangeKind
    area: Area
    sentence: str
    file: str
    element: str = ""
    old: str = ""
    new: str = ""
