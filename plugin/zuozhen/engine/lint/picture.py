"""Rules about the picture: pools, lanes and shapes. They do not change what runs, but what people see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from zuozhen.engine.lint.complaint import Complaint
from zuozhen.engine.lint.context import LintContext
from zuozhen.engine.lint.drawing import Drawing, quoted
from zuozhen.engine.lint.source import ACTIVITIES, BPMN

_BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"


def shape_missing(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """A node or flow without a shape runs but cannot be seen."""
    drawn = {
        each.get("bpmnElement") for each in drawing.root.iter(f"{_BPMNDI}BPMNShape", f"{_BPMNDI}BPMNEdge")
    }
    hint = "请在建模器里删去重画，或补上图形"
    if not drawn:
        if drawing.nodes:
            yield Complaint(
                drawing.root, "文件里只有流程，没有图形，图上看不到任何东西", "请用建模器打开后自动布局并保存"
            )
        return
    for node in drawing.nodes:
        if node.id and node.id not in drawn:
            yield Complaint(node, f"{node.title}没有图形，图上看不到", hint)
    for flow in drawing.flows:
        if flow.id and flow.id not in drawn:
            yield Complaint(flow, f"{flow.title}没有图形，图上看不到", hint)


def lane_missing(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Where a pool has lanes, every task lies in one."""
    for process in drawing.processes:
        references = {(each.text or "").strip() for each in process.element.iter(f"{BPMN}flowNodeRef")}
        if process.element.find(f"{BPMN}laneSet/{BPMN}lane") is None:
            continue
        for node in process.nodes:
            if node.kind in ACTIVITIES and node.id not in references:
                yield Complaint(node, f"{node.title}不在任何泳道里", "请把它拖进负责单位的泳道")


def lane_dangling(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """A lane lists only nodes that exist."""
    known = drawing.drawn_ids()
    for lane in drawing.root.iter(f"{BPMN}lane"):
        for each in lane.findall(f"{BPMN}flowNodeRef"):
            id_ = (each.text or "").strip()
            if id_ not in known:
                message = (
                    f"泳道{quoted(lane.get('name') or lane.get('id') or '')}列出的节点{quoted(id_)}不存在"
                )
                yield Complaint(lane, message, "请在建模器里打开并重新保存")


def pool_process(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """A pool shows one process of the file, and no process is shown twice."""
    known = {process.id for process in drawing.processes} | {each.get("id") for each in drawing.sketches}
    pools = list(drawing.root.iter(f"{BPMN}participant"))
    shown = Counter(pool.get("processRef") for pool in pools)
    for pool in pools:
        process = pool.get("processRef")
        title = f"泳池{quoted(pool.get('name') or pool.get('id') or '')}"
        if process is None:
            continue  # A black-box participant is drawing only.
        if process not in known:
            yield Complaint(
                pool, f"{title}对应的流程{quoted(process)}不存在", "请删去这个泳池重画，或改为空泳池"
            )
        elif shown[process] > 1:
            yield Complaint(pool, f"{title}与另一个泳池对应同一个流程", "一个流程只能放在一个泳池里")


def pool_missing(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """In a file with pools a process without one cannot be seen."""
    shown = {pool.get("processRef") for pool in drawing.root.iter(f"{BPMN}participant")}
    for process in drawing.processes:
        if shown and process.nodes and process.id not in shown:
            yield Complaint(process, f"{process.title}不在任何泳池里，图上看不到", "请把它放进一个泳池")


def message_flow_dangling(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Message flows are drawing only, but a modeler refuses to show one that leads nowhere."""
    known = {pool.get("id") for pool in drawing.root.iter(f"{BPMN}participant")} | drawing.drawn_ids()
    for flow in drawing.root.iter(f"{BPMN}messageFlow"):
        if flow.get("sourceRef") not in known or flow.get("targetRef") not in known:
            yield Complaint(flow, "有一条消息流的起点或终点不存在", "请删去这条虚线重画")
