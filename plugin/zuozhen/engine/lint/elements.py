"""Rules about elements that this engine does not run; each names what to draw instead."""

from __future__ import annotations

from collections.abc import Iterator

from zuozhen.engine.lint.complaint import Complaint
from zuozhen.engine.lint.context import LintContext
from zuozhen.engine.lint.drawing import CAMUNDA, Drawing
from zuozhen.engine.lint.source import local_tag
from zuozhen.engine.lint.structure import is_event_sub_process

_UNSUPPORTED = {
    "complexGateway": ("复杂网关", "请改用排他、并行或包容网关"),
    "transaction": ("事务子流程", "请改用普通子流程"),
    "adHocSubProcess": ("特别（ad-hoc）子流程", "请改用普通子流程"),
    "scriptTask": ("脚本任务", "请用输出参数写表达式"),
    "businessRuleTask": ("业务规则任务", "请改用网关上的条件"),
    "compensateEventDefinition": ("补偿事件", "请画出撤销的环节"),
    "cancelEventDefinition": ("取消事件", "请改用终止结束事件"),
    "linkEventDefinition": ("链接事件", "请直接用连线连接"),
    "signalEventDefinition": ("信号事件", "请改用消息事件"),
    "conditionalEventDefinition": ("条件事件", "请改用网关或消息事件"),
    "dataInputAssociation": ("数据关联", "请删去；数据由表单和输出参数传递"),
    "dataOutputAssociation": ("数据关联", "请删去；数据由表单和输出参数传递"),
    "ioSpecification": ("数据输入输出说明", "请删去；数据由表单和输出参数传递"),
    "standardLoopCharacteristics": ("标准循环标记", "请用网关画出循环，或改用多实例"),
    "choreography": ("编排图", "请画成流程"),
    "globalUserTask": ("全局任务", "请画成流程里的任务"),
}
_PLAIN_TASKS = frozenset({"task", "manualTask"})


def unsupported(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Elements outside the subset are refused, never skipped."""
    for element in drawing.root.iter():
        name, hint = _UNSUPPORTED.get(local_tag(element), ("", ""))
        if name:
            # An event definition rarely carries an id; the event around it does.
            owner = element if element.get("id") else element.getparent()
            yield Complaint(element if owner is None else owner, f"不支持{name}", hint)
        if element.get("isForCompensation") == "true":
            yield Complaint(element, "不支持补偿任务", "请画出撤销的环节")


def event_sub_process(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Event sub-processes are refused: the engine would spoil other cases of the same version."""
    for node in drawing.nodes:
        if is_event_sub_process(node):
            yield Complaint(
                node, f"不支持事件子流程{node.title[3:]}", "请把各环节放进普通子流程，在它的边上画边界事件"
            )


def plain_task(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """A task without a type would be passed over: nobody gets it."""
    for node in drawing.nodes:
        if node.kind in _PLAIN_TASKS:
            yield Complaint(
                node, f"{node.title}没有类型，不会派给任何人", "请在建模器里改为用户任务（扳手图标）"
            )


def ignored_extension(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Camunda settings without effect here would mislead whoever reads the diagram."""
    listeners = {f"{CAMUNDA}executionListener": "执行监听器", f"{CAMUNDA}taskListener": "任务监听器"}
    attributes = {"dueDate": "到期日", "candidateUsers": "候选人", "followUpDate": "跟进日"}
    for node in drawing.nodes:
        extension = node.element.find("{*}extensionElements")
        found = [
            listeners[each.tag] for each in (() if extension is None else extension) if each.tag in listeners
        ]
        found += [word for attribute, word in attributes.items() if node.camunda(attribute)]
        for word in found:
            hint = (
                "期限请用“时限”，办理人请用“岗位（谁办）”"
                if word in attributes.values()
                else "请改用服务任务"
            )
            yield Complaint(node, f"{node.title}的“{word}”在本系统中不起作用", hint)
