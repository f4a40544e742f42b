"""Rules about messages between processes and about acts by hand (catch events with ``zz:trigger``)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from zuozhen.engine.lint.complaint import Complaint
from zuozhen.engine.lint.context import LintContext
from zuozhen.engine.lint.drawing import Drawing, Node, quoted
from zuozhen.engine.lint.expressions import is_expression

_THROWS = frozenset({"intermediateThrowEvent", "endEvent", "sendTask"})
_CATCHES = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask"})
_TRIGGERS = frozenset({"staff", "enterprise"})
_DELIVERIES = frozenset({"", "one", "all"})
_TTL = re.compile(r"P(?=[\dT])(\d+W|(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?)")


def reference(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """A message event names a message of the file; acts by hand may do without."""
    for node in _carriers(drawing):
        ref = _message_ref(node)
        if ref not in drawing.messages and not (not ref and node.properties.get("zz:trigger")):
            yield Complaint(
                node, f"{node.title}没有选消息，或所选的消息不存在", "请在属性面板里选择或新建消息"
            )


def nameless(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Messages find each other by name."""
    for node in _carriers(drawing):
        if drawing.messages.get(_message_ref(node)) == "":
            yield Complaint(node, f"{node.title}的消息没有名称，无法送达", "请给消息取一个名称")


def key_missing(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """A message says which case it is for, and a catch event which one it waits for."""
    for node in _carriers(drawing):
        needs_key = node.kind != "startEvent" and not node.properties.get("zz:trigger")
        if needs_key and not node.properties.get("zz:key"):
            yield Complaint(
                node, f"{node.title}没有写对应关键字，不知是哪一件的消息", "请填写“对应关键字”，例如 case_key"
            )


def trigger_invalid(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """An act by hand is done by staff or by the enterprise, at a message catch event."""
    for node in drawing.nodes:
        trigger = node.properties.get("zz:trigger")
        if trigger is None:
            continue
        if trigger not in _TRIGGERS:
            yield Complaint(
                node,
                f"{node.title}的触发人{quoted(trigger)}无效",
                "“由谁触发”请选工作人员（staff）或企业（enterprise）",
            )
        elif (
            node.kind not in ("intermediateCatchEvent", "boundaryEvent") or node.definition("message") is None
        ):
            yield Complaint(
                node,
                f"{node.title}不是消息中间或边界事件，不能由人触发",
                "请改为消息事件，或把“由谁触发”清空",
            )


def actors_unknown(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """An act by hand may be left to some groups of the pack; elsewhere the property says nothing."""
    for node in drawing.nodes:
        by = node.properties.get("zz:by", "").strip()
        if not by:
            continue
        if node.properties.get("zz:trigger") != "staff":
            yield Complaint(
                node,
                f"{node.title}写了由哪些岗位提出（zz:by），但不是由工作人员触发的事件",
                "请把“由谁触发”选为工作人员，或删去 zz:by",
            )
        for group in () if is_expression(by) else map(str.strip, by.split(",")):
            if group not in context.groups:
                message = f"{node.title}由哪些岗位提出：{quoted(group)}不存在"
                yield Complaint(node, message, "请填岗位或单位的编号，几个之间用英文逗号")


def delivery_invalid(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """A message goes to one taker or to all."""
    for node in throwers(drawing):
        delivery = node.properties.get("zz:delivery", "")
        if delivery not in _DELIVERIES:
            yield Complaint(
                node,
                f"{node.title}的送达方式{quoted(delivery)}无效",
                "“送给”请选一个（one）或所有（all）等待的流程",
            )


def ttl_invalid(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """How long an untaken message is kept is an ISO duration."""
    for node in throwers(drawing):
        ttl = node.properties.get("zz:ttl", "")
        if ttl and not _TTL.fullmatch(ttl):
            yield Complaint(
                node,
                f"{node.title}的保留期{quoted(ttl)}不是时长",
                "“保留多久”请写成 P90D（九十天）这样的形式",
            )


def uncaught(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """A message that nobody takes is dropped in the end."""
    caught = {message_of(drawing, node) for node in _catchers(drawing)} | _forgotten(drawing, context)
    for node in throwers(drawing):
        name = message_of(drawing, node)
        if name and name not in caught:
            yield Complaint(
                node, f"{node.title}发出的消息{quoted(name)}没有任何地方接收", "请画出接收事件，或删去"
            )


def unthrown(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """What waits for a message that nobody sends waits for ever."""
    thrown = {message_of(drawing, node) for node in throwers(drawing)} | _forgotten(drawing, context)
    for node in _catchers(drawing):
        name = message_of(drawing, node)
        if name and name not in thrown and not node.properties.get("zz:trigger"):
            message = f"{node.title}等待的消息{quoted(name)}没有任何地方发出，会一直等下去"
            yield Complaint(node, message, "请画出发送事件；由人触发的请选“由谁触发”")


def _forgotten(drawing: Drawing, context: LintContext) -> set[str]:
    """Return the messages of processes that should be executed: that they are not has a rule of its own."""
    wanted = (sketch for sketch in drawing.sketches if (sketch.get("id") or "") in context.started)
    refs = (each.get("messageRef") or "" for sketch in wanted for each in sketch.iter())
    return {drawing.messages[ref] for ref in refs if ref in drawing.messages}


def payload_names(node: Node) -> list[str]:
    """Return the variables a thrown message carries."""
    return [name.strip() for name in node.properties.get("zz:payload", "").split(",") if name.strip()]


def payloads(drawing: Drawing) -> dict[str, set[str]]:
    """Return the variables each message carries, by message name, over all its throwers."""
    found: dict[str, set[str]] = {}
    for node in throwers(drawing):
        found.setdefault(message_of(drawing, node), set()).update(payload_names(node))
    return found


def received_names(drawing: Drawing, node: Node, carried: dict[str, set[str]]) -> set[str]:
    """Return the variables that a catching node sets, empty for all other nodes."""
    if node.kind not in _CATCHES:
        return set()
    return carried.get(message_of(drawing, node) or " ", set())


def catches_of(drawing: Drawing) -> dict[Node, list[Node]]:
    """Return the nodes that wait for messages of others, each with those that send them."""
    by_name: dict[str, list[Node]] = {}
    for node in throwers(drawing):
        by_name.setdefault(message_of(drawing, node), []).append(node)
    return {
        node: by_name.get(message_of(drawing, node) or " ", [])
        for node in _catchers(drawing)
        if not node.properties.get("zz:trigger")
    }


def _definition(node: Node) -> etree._Element | None:
    """Return the element that carries ``messageRef``: the event definition, or the task itself."""
    if node.kind == "receiveTask" or (node.kind == "sendTask" and node.element.get("messageRef")):
        return node.element
    return node.definition("message")


def _message_ref(node: Node) -> str:
    definition = _definition(node)
    return "" if definition is None else definition.get("messageRef") or ""


def message_of(drawing: Drawing, node: Node) -> str:
    """Return the name of the message an event or task is about; empty if there is none."""
    return drawing.messages.get(_message_ref(node), "")


def _carriers(drawing: Drawing) -> Iterator[Node]:
    kinds = _THROWS | _CATCHES
    return (node for node in drawing.nodes if node.kind in kinds and _definition(node) is not None)


def throwers(drawing: Drawing) -> Iterator[Node]:
    """Iterate over what sends a message."""
    return (node for node in _carriers(drawing) if node.kind in _THROWS)


def _catchers(drawing: Drawing) -> Iterator[Node]:
    return (node for node in _carriers(drawing) if node.kind in _CATCHES)
