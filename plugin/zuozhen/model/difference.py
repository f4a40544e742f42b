"""One difference between two versions of a pack, as people read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

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

AREA_NAMES: Final[Mapping[Area, str]] = {
    "deadline": "时限",
    "path": "环节和走向",
    "condition": "条件",
    "role": "岗位",
    "form": "表单",
    "message": "消息和通知",
    "clause": "依据条款",
    "name": "名称和说明",
    "property": "其他设置",
    "table": "目录、编号和日历",
    "template": "打印和消息模板",
    "scenario": "情景",
    "drawing": "只是移动位置",
}
"""Every area as people call it, in the order in which people want to read them."""


@dataclass(frozen=True, slots=True)
class Change:
    """``sentence`` says it to an official: “单一部门办理 时限 10 → 12 个工作日”.

    ``file`` is the path in the pack; ``element`` the BPMN id or the form field's key (empty where it does not
    apply); ``old`` and ``new`` the texts as they stand, empty for what is not there. ``element`` is the id
    in the new version, for what was removed the id in the old one.
    """

    kind: ChangeKind
    area: Area
    sentence: str
    file: str
    element: str = ""
    old: str = ""
    new: str = ""
