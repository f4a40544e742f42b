"""Rules about activities: who does them, with which form, under which clause, with which effect."""

from __future__ import annotations

from collections.abc import Iterator

from zuozhen.engine.lint.complaint import Complaint
from zuozhen.engine.lint.context import LintContext
from zuozhen.engine.lint.drawing import CAMUNDA, Drawing, Node, quoted
from zuozhen.engine.lint.expressions import collection_text, is_expression, loop_of
from zuozhen.engine.lint.source import BPMN, GATEWAYS

ENTERPRISE = "enterprise"
"""The reserved group of the enterprise itself."""

RETIME = "retime"
"""The topic that the engine handles itself."""

_TASKS = frozenset(
    {
        "task",
        "userTask",
        "manualTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "scriptTask",
        "businessRuleTask",
    }
)
_TOPICS = {
    "notify": "发通知",
    "publish": "发公告",
    "document": "出文书",
    "report": "出报告",
    "retime": "改期限（延期）",
    "archive": "归档",
}
"""What the editor's panel calls the topics."""

_PERIODS = frozenset({"last", "current"})

_WITH_TEMPLATE = frozenset({"notify", "publish"})


def clause_missing(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Every task, choice and deadline cites the clause it comes from; a task's clause covers its deadlines."""
    for node in drawing.nodes:
        choice = node.kind in GATEWAYS and len(node.outgoing) > 1
        cited = node.properties.get("zz:clause") or (node.host and node.host.properties.get("zz:clause"))
        if (node.kind in _TASKS or choice or node.definition("timer") is not None) and not cited:
            yield Complaint(
                node, f"{node.title}没有写明依据条款", "请在“办理”中填写“依据条款”，例如“第三条第一款”"
            )


def form_missing(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """A user task without a form can only be ticked off."""
    for node in drawing.nodes:
        if node.kind == "userTask" and not node.camunda("formRef") and not _embeds(node):
            yield Complaint(node, f"{node.title}没有表单，办理人只能点“完成”", "请在“办理”中选择“表单”")


def form_unknown(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """Forms are part of the pack."""
    for node in drawing.nodes:
        form = node.camunda("formRef")
        if form and form not in context.forms:
            yield Complaint(
                node, f"{node.title}的表单{quoted(form)}不存在", "请选择已有的表单，或先建立这张表单"
            )


def form_embedded(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Forms are referred to by key; embedded and external ones are not shown."""
    for node in drawing.nodes:
        if _embeds(node):
            yield Complaint(
                node,
                f"{node.title}用了内嵌表单，不会显示",
                "请在“办理”的“表单”中选一张表单（桌面版 Modeler：Type 选 Camunda Form）",
            )


def form_binding(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Forms always come from the same deployment as the diagram."""
    for node in drawing.nodes:
        binding = node.camunda("formRefBinding")
        if node.camunda("formRef") and binding not in ("", "deployment"):
            yield Complaint(
                node,
                f"{node.title}的表单绑定方式“{binding}”不起作用",
                "表单总与流程图一同生效：请重新选择“表单”（桌面版 Modeler：Binding 选 deployment）",
            )


def group_missing(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Somebody must be able to see the task."""
    for node in drawing.nodes:
        if node.kind == "userTask" and not node.camunda("candidateGroups") and not node.camunda("assignee"):
            yield Complaint(node, f"{node.title}没有写由谁办理，谁也看不到它", "请选择“岗位（谁办）”")


def groups_several(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """A task belongs to one group."""
    for node in drawing.nodes:
        group = node.camunda("candidateGroups")
        if "," in group and not is_expression(group):
            yield Complaint(
                node, f"{node.title}写了几个岗位", "“岗位（谁办）”只能选一个；几个单位会办请用多实例"
            )


def group_unknown(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """Groups are roles or units of the pack."""
    for node in drawing.nodes:
        group = node.camunda("candidateGroups")
        if (
            group
            and "," not in group
            and not is_expression(group)
            and group not in context.groups | {ENTERPRISE}
        ):
            yield Complaint(
                node,
                f"{node.title}的岗位{quoted(group)}不存在",
                "请在“岗位（谁办）”中重新选择，或先在“单位、日历和代码”中添加",
            )


def group_unheld(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """A task whose group has no member waits for nobody."""
    if context.held is None:
        return
    for node in drawing.nodes:
        group = node.camunda("candidateGroups")
        if group in context.groups and group not in context.held:
            name = context.labels.get(group, group)
            yield Complaint(
                node,
                f"{node.title}由“{name}”办理，但目前没有人在这个岗位",
                "请在“人员”中为在岗人员加上这个岗位，或改由其他岗位办理",
            )


def topic_missing(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Service tasks ask for a side effect by topic; send tasks may throw a message instead."""
    for node in _services(drawing):
        sends = node.kind == "sendTask" and node.element.get("messageRef")
        if not sends and not (node.camunda("type") == "external" and node.camunda("topic")):
            yield Complaint(node, f"{node.title}没有说明要做什么", "请在“自动处理”的“做什么”中选择")


def topic_unknown(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """Topics are the side effects this installation knows."""
    for node in _services(drawing):
        topic = node.camunda("topic")
        if topic and topic not in context.topics | {RETIME}:
            known = "、".join(
                f"{_TOPICS.get(each, each)}（{each}）" for each in sorted(context.topics | {RETIME})
            )
            yield Complaint(
                node, f"{node.title}要做的{quoted(topic)}不存在", f"“做什么”请选其中之一：{known}"
            )


def template_unknown(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """Notices are written from a message template of the pack."""
    for node in _services(drawing):
        if node.camunda("topic") in _WITH_TEMPLATE:
            template = node.properties.get("zz:template", "")
            if template not in context.templates:
                what = f"的消息模板{quoted(template)}不存在" if template else "没有选消息模板"
                yield Complaint(node, f"{node.title}{what}", "请在“消息模板”中选择已有的模板")


def document_template_unknown(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """A document is made from a print template of the pack."""
    for node in _services(drawing):
        template = node.properties.get("zz:template", "")
        if node.camunda("topic") == "document" and template not in context.prints:
            what = f"的打印模板{quoted(template)}不存在" if template else "没有选打印模板"
            yield Complaint(node, f"{node.title}{what}", "请在“打印模板”中选择已有的模板")


def report_unknown(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """A report that is made or linked to is one of the pack's."""
    for node in drawing.nodes:
        key = node.properties.get("zz:report", "")
        asked = node.camunda("topic") == "report"
        if (asked or key) and key not in context.reports:
            what = f"的报告{quoted(key)}不存在" if key else "没有选报告"
            known = "、".join(sorted(context.reports)) or "（无）"
            yield Complaint(node, f"{node.title}{what}", f"已有的报告：{known}")
        elif asked and context.reports[key] and not node.properties.get("zz:parameter", "").strip():
            yield Complaint(
                node, f"{node.title}的报告{quoted(key)}有参数，但没有写按哪一个", "请填写“报告参数”"
            )


def report_period(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """A report is of the period before the case began, or of the one in which it began."""
    for node in drawing.nodes:
        period = node.properties.get("zz:period")
        if period is None:
            continue
        if period not in _PERIODS:
            yield Complaint(
                node,
                f"{node.title}的报告期间{quoted(period)}无效",
                "“哪一期”请填 last（发起前的最后一个完整期间）或 current（发起时所在的期间）",
            )
        elif not node.properties.get("zz:report"):
            yield Complaint(node, f"{node.title}写了报告期间，但没有选报告", "请选报告，或删去 zz:period")


def recipient_unknown(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """Notices go to the enterprise or to groups."""
    for node in _services(drawing):
        if node.camunda("topic") != "notify":
            continue
        to = node.properties.get("zz:to", "").strip()
        if not to:
            yield Complaint(node, f"{node.title}没有写发给谁", "请在“发给谁”中选企业、岗位或单位")
        for group in () if is_expression(to) else map(str.strip, to.split(",")):
            if to and group not in context.groups | {ENTERPRISE}:
                message = f"{node.title}的接收人{quoted(group)}不存在"
                yield Complaint(node, message, "请在“发给谁”中选企业、岗位或单位；几个之间用英文逗号")


def retime_target(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """An extension moves the timers on an activity of the same process, so there must be some."""
    for node in _services(drawing):
        if node.camunda("topic") != RETIME:
            continue
        wanted = node.properties.get("zz:activity", "")
        target = drawing.by_id.get(wanted)
        if target is None or target.scope.process is not node.scope.process:
            message = f"{node.title}要改期的环节{quoted(wanted or '（未填）')}不在本流程里"
            yield Complaint(node, message, "请在“改哪个环节的期限”中重新选择")
        elif not any(event.definition("timer") is not None for event in target.boundary):
            yield Complaint(
                node, f"{node.title}要改期的{target.title}没有时限", "请选中那个任务，点“增加时限”"
            )


def retime_until_missing(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """An extension says until when."""
    for node in _services(drawing):
        if node.camunda("topic") == RETIME and not node.properties.get("zz:until"):
            yield Complaint(node, f"{node.title}没有写延期到什么时候", "请在“改到哪一天”中选日期所在的字段")


def call_unknown(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """A call activity calls a process of the same file."""
    known = {process.id for process in drawing.processes}
    for node in drawing.nodes:
        called = node.element.get("calledElement") or ""
        if node.kind == "callActivity" and called not in known:
            yield Complaint(
                node,
                f"{node.title}调用的流程{quoted(called or '（未填）')}不在本文件里",
                "请在“调用哪个流程”中选择",
            )


def call_recursive(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """A process that calls itself, even by way of others, would never stop starting."""
    calls = calls_of(drawing)
    for node in drawing.nodes:
        if node.kind == "callActivity":
            seen: set[str] = set()
            stack = [node.element.get("calledElement") or ""]
            while stack:
                called = stack.pop()
                if called not in seen:
                    seen.add(called)
                    stack.extend(calls.get(called, ()))
            if node.scope.process.id in seen:
                yield Complaint(node, f"{node.title}又调用了自己所在的流程，会无限重复", "请改用循环连线")


def calls_of(drawing: Drawing) -> dict[str, set[str]]:
    """Return which processes each process calls, by id."""
    calls: dict[str, set[str]] = {}
    for node in drawing.nodes:
        if node.kind == "callActivity":
            calls.setdefault(node.scope.process.id, set()).add(node.element.get("calledElement") or "")
    return calls


def collection_missing(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Multi-instance runs once for each entry of a list."""
    for node in drawing.activities():
        if loop_of(node) is not None and not collection_text(node):
            yield Complaint(
                node,
                f"多实例{node.title}没有写按哪个名单逐一办理",
                "请填写多实例的“集合”，例如 joint_units",
            )


def _embeds(node: Node) -> bool:
    data = node.element.find(f"{BPMN}extensionElements/{CAMUNDA}formData")
    return data is not None or bool(node.camunda("formKey"))


def _services(drawing: Drawing) -> Iterator[Node]:
    return (node for node in drawing.nodes if node.kind in ("serviceTask", "sendTask"))
