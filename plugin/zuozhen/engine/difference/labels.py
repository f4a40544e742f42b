"""What the facts of a diagram are called, in which area they belong, and what their codes mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from zuozhen.model.difference import Area

LABELS: Final[Mapping[str, tuple[Area, str]]] = {
    "documentation": ("name", "说明"),
    "text": ("name", "内容"),
    "group": ("role", "岗位"),
    "users": ("role", "候选人员"),
    "assignee": ("role", "指定办理人"),
    "form": ("form", "表单"),
    "attr:camunda:formRefBinding": ("form", "表单版本的取法"),
    "attr:camunda:formRefVersion": ("form", "表单版本"),
    "topic": ("message", "系统动作"),
    "message": ("message", "消息"),
    "error": ("path", "错误代码"),
    "escalation": ("path", "升级代码"),
    "signal": ("path", "信号"),
    "attr:calledElement": ("path", "调用的流程"),
    "attr:isExecutable": ("path", "是否可执行"),
    "attr:camunda:versionTag": ("name", "版本标识（文号）"),
    "loop": ("path", "多人办理的方式"),
    "loop:collection": ("path", "多人办理的对象"),
    "loop:elementVariable": ("path", "多人办理时每份的变量"),
    "loop:completionCondition": ("path", "多人办理的提前结束条件"),
    "loop:loopCardinality": ("path", "多人办理的份数"),
    "prop:zz:vote": ("path", "会签规则"),
    "prop:zz:ballot": ("path", "会签的表决字段"),
    "prop:zz:yes": ("path", "会签中算同意的选项"),
    "prop:zz:share": ("path", "会签的比例（%）"),
    "prop:zz:outcome": ("path", "会签的结果变量"),
    "prop:zz:clause": ("clause", "依据条款"),
    "prop:zz:stage": ("name", "对企业显示的阶段"),
    "prop:zz:public": ("name", "对企业公开的说明"),
    "prop:zz:key": ("message", "消息关键字"),
    "prop:zz:payload": ("message", "随消息带去的内容"),
    "prop:zz:delivery": ("message", "消息送达"),
    "prop:zz:ttl": ("message", "消息有效期"),
    "prop:zz:trigger": ("message", "由谁提出"),
    "prop:zz:by": ("role", "由哪些岗位提出"),
    "prop:zz:period": ("property", "报告哪一期"),
    "prop:zz:template": ("message", "消息模板"),
    "prop:zz:to": ("message", "发给"),
    "source": ("name", "起点"),
    "target": ("name", "终点"),
    "prop:zz:activity": ("deadline", "所调整时限的环节"),
    "prop:zz:until": ("deadline", "时限调整到"),
    "out-order": ("property", "结果写入的先后"),
    "process": ("path", "对应的流程"),
    "plane": ("property", "所画的内容"),
}
VALUES: Final[Mapping[str, Mapping[str, str]]] = {
    "loop": {"parallel": "同时办理", "sequential": "依次办理", "": "单份办理"},
    "prop:zz:vote": {
        "veto": "一票否决",
        "any": "或签（一人同意即可）",
        "completed": "按比例已办",
        "approved": "按比例同意",
        "": "不表决",
    },
    "prop:zz:delivery": {"one": "只送达一件", "all": "送达全部", "": "只送达一件"},
    "prop:zz:trigger": {"staff": "工作人员", "enterprise": "企业"},
    "prop:zz:to": {"enterprise": "企业"},
    "prop:zz:period": {"last": "上一期", "current": "本期", "": "上一期"},
    "attr:isExecutable": {"false": "不可执行", "": "可执行"},
}
PREFIXES: Final[Mapping[str, tuple[Area, str]]] = {
    "out:": ("property", "办理后写入"),
    "in:": ("property", "输入参数"),
    "prop:": ("property", "属性"),
    "loop:": ("path", "多人办理设置"),
    "attr:": ("property", "设置"),
    "part:": ("property", "设置"),
}
USUAL: Final[Mapping[str, str]] = {"prop:zz:delivery": "one", "prop:zz:ttl": "P90D"}
"""What holds where nothing is written."""
