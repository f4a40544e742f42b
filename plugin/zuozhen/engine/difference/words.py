"""How things of a diagram are called in sentences for officials."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from zuozhen.engine.difference.source import Item, Sheet
from zuozhen.engine.reading import ACTIVITY_KINDS, GATEWAY_KINDS, NODE_KINDS, SUBPROCESS_KINDS

MOST_NAMES: Final = 3
MOST_LOOKED_THROUGH: Final = 100
LONGEST_NAME: Final = 40
LONGEST_TEXT: Final = 120

KIND_NAMES: Final[Mapping[str, str]] = {
    "task": "普通任务",
    "userTask": "人工办理环节",
    "manualTask": "线下任务",
    "scriptTask": "脚本任务",
    "serviceTask": "系统任务",
    "sendTask": "发送任务",
    "receiveTask": "接收任务",
    "businessRuleTask": "规则任务",
    "callActivity": "调用活动",
    "subProcess": "子流程",
    "transaction": "事务子流程",
    "adHocSubProcess": "即席子流程",
    "startEvent": "开始事件",
    "endEvent": "结束事件",
    "boundaryEvent": "边界事件",
    "intermediateCatchEvent": "等待事件",
    "intermediateThrowEvent": "发出事件",
    "exclusiveGateway": "排他网关",
    "parallelGateway": "并行网关",
    "inclusiveGateway": "包容网关",
    "eventBasedGateway": "事件网关",
    "complexGateway": "复杂网关",
    "sequenceFlow": "连线",
    "messageFlow": "消息流",
    "participant": "泳池",
    "lane": "泳道",
    "process": "流程",
    "collaboration": "协作图",
    "textAnnotation": "批注",
    "association": "批注连线",
    "group": "分组框",
    "dataObject": "数据对象",
    "dataObjectReference": "数据对象",
    "dataStoreReference": "数据存储",
    "dataStore": "数据存储",
    "message": "消息",
    "error": "错误代码",
    "escalation": "升级代码",
    "signal": "信号",
    "definitions": "流程图文件",
}
EVENT_NAMES: Final[Mapping[str, str]] = {
    "timerEventDefinition": "定时",
    "messageEventDefinition": "消息",
    "terminateEventDefinition": "终止整个流程",
    "errorEventDefinition": "错误",
    "escalationEventDefinition": "升级",
    "signalEventDefinition": "信号",
    "conditionalEventDefinition": "条件",
    "compensateEventDefinition": "补偿",
    "cancelEventDefinition": "取消",
    "linkEventDefinition": "链接",
}
_INNER = str.maketrans("“”", "‘’")


def quoted(text: str) -> str:
    """Put a name into quotation marks; quotes in it become the inner ones, a long one is shortened."""
    short = text if len(text) <= LONGEST_NAME else f"{text[:LONGEST_NAME]}…"
    return f"“{short.translate(_INNER)}”"


def said(text: str) -> str:
    """Return a value within a sentence: on one line, bounded, “（无）” for nothing."""
    line = " ".join(text.split())
    return (line if len(line) <= LONGEST_TEXT else f"{line[:LONGEST_TEXT]}…") or "（无）"


def changed(old: str, new: str) -> str:
    """Return ``旧 → 新``."""
    return f"{said(old)} → {said(new)}"


def kind_name(item: Item) -> str:
    """Return what sort of thing it is; a task that people or the system do is an 环节."""
    return KIND_NAMES.get(item.kind, item.kind)


def noun(item: Item) -> str:
    """Return the word before its name in “新增…”."""
    if item.kind == "boundaryEvent" and "timer" in item.facts:
        return "时限"
    if item.kind in SUBPROCESS_KINDS or item.kind == "callActivity":
        return kind_name(item)
    if item.kind in ACTIVITY_KINDS:
        return "环节"
    return "网关" if item.kind in GATEWAY_KINDS else kind_name(item)


class Names:
    """Calls the things of one version of the diagram by name."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self._before: dict[str, list[str]] = {}
        self._after: dict[str, list[str]] = {}
        for flow in sheet.flows():
            source, target = flow.facts.get("source", ""), flow.facts.get("target", "")
            self._after.setdefault(source, []).append(target)
            self._before.setdefault(target, []).append(source)

    def of(self, id_: str) -> str:
        """Return “名称”, or what and where a nameless thing is."""
        item = self.sheet.get(id_)
        if item is None:
            return quoted(id_)
        if item.is_flow and not item.name:
            return f"从{self.of(item.facts.get('source', ''))}到{self.of(item.facts.get('target', ''))}的连线"
        if not item.name:
            return self._nameless(item)
        host = self.sheet.get(item.facts.get("attached"))
        if host is not None and host.name:
            return f"{quoted(host.name)}上的{quoted(item.name)}"
        return f"连线{quoted(item.name)}" if item.is_flow else quoted(item.name)

    def _nameless(self, item: Item) -> str:
        what = kind_name(item)
        if item.kind == "textAnnotation":
            return f"批注{quoted(item.facts.get('text', ''))}"
        if item.kind not in NODE_KINDS:
            return what if item.id.startswith("?") else f"{what}（{item.id}）"
        host = self.sheet.get(item.facts.get("attached"))
        if host is not None and host.name:
            return f"{quoted(host.name)}上的{what}"
        for ids, word in ((self._before.get(item.id, ()), "之后"), (self._after.get(item.id, ()), "之前")):
            names = [other.name for id_ in ids if (other := self.sheet.get(id_)) is not None and other.name]
            if len(ids) == 1 and names:
                return f"{quoted(names[0])}{word}的{what}"
        return f"{what}（{item.id}）"

    def towards(self, id_: str) -> str:
        """Return where a flow leads, looking through nameless gateways."""
        item = self.sheet.get(id_)
        if item is None or item.name or item.kind not in GATEWAY_KINDS:
            return self.of(id_)
        return self._named(id_, self._after) or self.of(id_)

    def place(self, id_: str) -> str:
        """Return where a node sits: ``在“甲”之后、“乙”之前``; empty if nothing leads there."""
        item = self.sheet.get(id_)
        host = self.sheet.get(item.facts.get("attached")) if item is not None else None
        if host is not None:
            return f"在{self.of(host.id)}上"
        before, after = self._named(id_, self._before), self._named(id_, self._after)
        parts = [f"{before}之后" if before else "", f"{after}之前" if after else ""]
        place = "、".join(part for part in parts if part)
        return f"在{place}" if place else ""

    def _named(self, id_: str, ways: Mapping[str, list[str]]) -> str:
        """Name the nearest neighbours, looking through nameless gateways."""
        found: dict[str, None] = {}
        seen, waiting = {id_}, list(ways.get(id_, ()))
        while waiting and len(seen) < MOST_LOOKED_THROUGH:
            here = waiting.pop(0)
            item = self.sheet.get(here)
            if here in seen or item is None:
                continue
            seen.add(here)
            if item.name or item.kind not in GATEWAY_KINDS:
                found[self.of(here)] = None
            else:
                waiting.extend(ways.get(here, ()))
        return listed(found)


def listed(names: Iterable[str]) -> str:
    """Join a few names; many are cut short with their number."""
    items = list(names)
    more = f"等{len(items)}处" if len(items) > MOST_NAMES else ""
    return "、".join(items[:MOST_NAMES]) + more
