"""What differs between two diagrams, said in exact sentences; and that nothing else is ever said."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.builders import DIAGRAM, pack_files
from tests.engine import bpmn
from tests.engine.random_diagrams import Generator, Writer

from zuozhen.engine.difference import compare_diagrams, diagram_difference
from zuozhen.engine.difference.deadlines import compared, limit_of
from zuozhen.model.errors import ContentError

LABELS = {
    "lead_office": "工作专班",
    "sifa": "市司法局",
    "handle": "办理情况反馈表",
    "explain": "解释说明表",
    "law_review": "法制审核意见表",
    "=decision": "处理意见",
    "=decision=refuse": "不予受理",
    "=decision=pass_up": "转报上级",
    "=lead_unit": "牵头承办单位",
    "=clinic_date": "坐诊日期",
}
XUANWEI = pack_files()[DIAGRAM]
INSERTED = (
    '<bpmn:sequenceFlow id="Flow_single_done" sourceRef="Task_single" targetRef="Gateway_reply" />',
    (
        '<bpmn:sequenceFlow id="Flow_single_done" sourceRef="Task_single" targetRef="Task_law" />'
        '<bpmn:sequenceFlow id="Flow_law" sourceRef="Task_law" targetRef="Gateway_reply" />'
        '<bpmn:userTask id="Task_law" name="法制审核" camunda:formRef="law_review"'
        ' camunda:candidateGroups="sifa" />'
    ),
)


def edited(*edits: tuple[str, str]) -> bytes:
    text = XUANWEI.decode()
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text.encode()


def random_diagram(seed: int) -> bytes:
    return Writer().diagram(Generator(seed).diagram())


def told(new: bytes, old: bytes = XUANWEI) -> list[tuple[str, str, str, str]]:
    """Return (kind, area, element, sentence) of every change."""
    changes = compare_diagrams(old, new, file=DIAGRAM, names=LABELS)
    assert {change.file for change in changes} <= {DIAGRAM}
    return [(change.kind, change.area, change.element, change.sentence) for change in changes]


EDITS: dict[str, tuple[list[tuple[str, str]], list[tuple[str, str, str, str]]]] = {
    "deadline": (
        [("workdays(10, clock_from)", "workdays(12, clock_from)")],
        [("changed", "deadline", "Timer_single", "“单一部门办理并反馈”时限 10 → 12 个工作日")],
    ),
    "deadline-unit": (
        [("workdays(2)", "days(3)")],
        [("changed", "deadline", "Timer_accept", "“分类梳理并答复是否受理”时限 2 个工作日 → 3 日")],
    ),
    "deadline-before": (
        [("before(clinic_date, workdays: 3)", "before(clinic_date, workdays: 5)")],
        [("changed", "deadline", "Timer_notify",
          "“‘坐诊’前告知企业负责人”时限 “坐诊日期”前 3 → 5 个工作日")],
    ),
    "start-timer": (
        [('recurrence("排期日")', "workdays(1)")],
        [("changed", "deadline", "Start_monthly", "“每月排期”的启动时间 下一个“排期日” → 1 个工作日")],
    ),
    "timer-type": (
        [('attachedToRef="Task_single" cancelActivity="false">', 'attachedToRef="Task_single">')],
        [("changed", "deadline", "Timer_single",
          "“单一部门办理并反馈”时限到期后：提醒（环节继续） → 中断（环节结束，转入后续）")],
    ),
    "role": (
        [('camunda:formRef="handle" camunda:formRefBinding="deployment" camunda:candidateGroups="=lead_unit"',
          'camunda:formRef="handle" camunda:formRefBinding="deployment" camunda:candidateGroups="sifa"')],
        [("changed", "role", "Task_single",
          "“单一部门办理并反馈”的岗位：按“牵头承办单位”确定 → “市司法局”")],
    ),
    "form": (
        [('camunda:formRef="handle"', 'camunda:formRef="explain"')],
        [("changed", "form", "Task_single", "“单一部门办理并反馈”的表单：“办理情况反馈表” → “解释说明表”")],
    ),
    "condition": (
        [('decision = "refuse"<', 'decision = "refuse" or decision = "pass_up"<')],
        [("changed", "condition", "Flow_refuse",
          ("“是否受理”走向“答复企业不予受理”的条件："
          "处理意见为“不予受理” → 处理意见为“不予受理”，或处理意见为“转报上级”"))],
    ),
    "default": (
        [('default="Flow_accepted"', 'default="Flow_pass_up"')],
        [("changed", "path", "Gateway_decision", "“是否受理”的默认走向：“答复企业予以受理” → “转报上级”")],
    ),
    "task-between": (
        [INSERTED],
        [("added", "path", "Task_law",
          "新增环节“法制审核”（在“单一部门办理并反馈”之后、“办结情况”之前），岗位“市司法局”，表单“法制审核意见表”")],
    ),
    "renamed": (
        [('name="转报上级" camunda', 'name="转报州市" camunda')],
        [("changed", "name", "Task_pass_up", "环节“转报上级”改名为“转报州市”")],
    ),
    "boundary": (
        [('<bpmn:boundaryEvent id="Timer_single"',
          ('<bpmn:boundaryEvent id="Timer_law" name="20日" attachedToRef="Task_leader">'
          "<bpmn:timerEventDefinition><bpmn:timeDate>days(20)</bpmn:timeDate></bpmn:timerEventDefinition>"
          '</bpmn:boundaryEvent><bpmn:boundaryEvent id="Timer_single"'))],
        [("added", "deadline", "Timer_law",
          "“报请市政府分管领导牵头研究”新增时限 20 日，到期后中断（环节结束，转入后续）")],
    ),
    "payload": (
        [('name="zz:payload" value="case_key"', 'name="zz:payload" value="decision, case_key"')],
        [("changed", "message", "Throw_booking",
          "“登记场次”的随消息带去的内容：“case_key” → “处理意见”、“case_key”")],
    ),
    "delivery": (
        [('name="zz:delivery" value="one"', 'name="zz:delivery" value="all"')],
        [("changed", "message", "Throw_booking", "“登记场次”的消息送达：只送达一件 → 送达全部")],
    ),
    "ttl": (
        [('name="zz:ttl" value="P180D"', 'name="zz:ttl" value="P10D"')],
        [("changed", "message", "Throw_booking", "“登记场次”的消息有效期：180 日 → 10 日")],
    ),
    "clause": (
        [('"XW-3.5-e 三（五）"', '"XW-3.5-e 三（六）"')],
        [("changed", "clause", "Task_leader",
          "“报请市政府分管领导牵头研究”的依据条款：XW-3.5-e 三（五） → XW-3.5-e 三（六）")],
    ),
    "stage-public": (
        [('value="“坐诊”部门正在形成解释说明。"', 'value="正在形成解释说明。"')],
        [("changed", "name", "Task_explain",
          "“解释说明并给予协助支持”的对企业公开的说明：“坐诊”部门正在形成解释说明。 → 正在形成解释说明。")],
    ),
    "output": (
        [('name="clock_from">clinic_date<', 'name="clock_from">clinic_date + duration("P1D")<')],
        [("changed", "property", "Task_clinic",
          "“‘坐诊’并填写工作记录表（附件4）”的办理后写入 clock_from：clinic_date → clinic_date + duration(\"P1D\")")],
    ),
    "multi-instance": (
        [('camunda:elementVariable="unit" />', 'camunda:elementVariable="unit" isSequential="true" />')],
        [("changed", "path", "Task_joint", "“会办单位办理”的多人办理的方式：同时办理 → 依次办理")],
    ),
    "message-name": (
        [('<bpmn:message id="Message_withdraw" name="企业撤回"', '<bpmn:message id="Message_withdraw" name="撤诉"')],
        [("changed", "message", "Catch_withdraw", "“企业撤回”的消息：企业撤回 → 撤诉")],
    ),
    "retargeted": (
        [('id="Flow_refuse" name="不予受理" sourceRef="Gateway_decision" targetRef="Notify_refused"',
          'id="Flow_refuse" name="不予受理" sourceRef="Gateway_decision" targetRef="Task_assign"')],
        [("changed", "path", "Flow_refuse", "“是否受理”之后的走向：“答复企业不予受理” → “确定‘接诊’部门”")],
    ),
    "type": (
        [('<bpmn:exclusiveGateway id="Gateway_extended">', '<bpmn:inclusiveGateway id="Gateway_extended">'),
         ("<bpmn:outgoing>Flow_to_notify_extended</bpmn:outgoing>\n    </bpmn:exclusiveGateway>",
          "<bpmn:outgoing>Flow_to_notify_extended</bpmn:outgoing>\n    </bpmn:inclusiveGateway>")],
        [("changed", "path", "Gateway_extended", "“向企业说明延期”之前的包容网关由排他网关改为包容网关")],
    ),
    "lane": (
        [("        <bpmn:flowNodeRef>Task_leader</bpmn:flowNodeRef>\n", ""),
         ("<bpmn:flowNodeRef>Task_urge</bpmn:flowNodeRef>",
          "<bpmn:flowNodeRef>Task_urge</bpmn:flowNodeRef><bpmn:flowNodeRef>Task_leader</bpmn:flowNodeRef>")],
        [("changed", "property", "Task_leader",
          "“报请市政府分管领导牵头研究”所在的泳道：“市政府分管领导” → “市政府办公室督查室”")],
    ),
    "documentation": (
        [(('<bpmn:userTask id="Task_explain" name="解释说明并给予协助支持" camunda:formRef="explain"'
          ' camunda:formRefBinding="deployment" camunda:candidateGroups="=reception_unit">'),
          ('<bpmn:userTask id="Task_explain" name="解释说明并给予协助支持" camunda:formRef="explain"'
          ' camunda:formRefBinding="deployment" camunda:candidateGroups="=reception_unit">'
          "<bpmn:documentation>三日内完成</bpmn:documentation>"))],
        [("changed", "name", "Task_explain", "“解释说明并给予协助支持”的说明：（无） → 三日内完成")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_is_said_in_one_sentence(name: str) -> None:
    edits, expected = EDITS[name]
    assert told(edited(*edits)) == expected


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_is_seen_in_both_directions(name: str) -> None:
    new = edited(*EDITS[name][0])
    assert len(told(XUANWEI, old=new)) == len(EDITS[name][1])


def test_a_removed_task_is_one_sentence_with_its_place() -> None:
    difference = diagram_difference(edited(INSERTED), XUANWEI, file=DIAGRAM, names=LABELS)
    assert [(c.kind, c.area, c.element, c.sentence) for c in difference.changes] == [
        ("removed", "path", "Task_law", "删除环节“法制审核”（原在“单一部门办理并反馈”之后、“办结情况”之前）")
    ]
    assert difference.old_marks == {
        "Task_law": "removed",
        "Flow_law": "removed",
        "Flow_single_done": "changed",
    }
    assert difference.new_marks == {"Flow_single_done": "changed"}


def test_an_inserted_task_whose_flow_was_drawn_anew_is_the_same_to_people() -> None:
    old, new = INSERTED
    assert told(edited((old, new.replace("Flow_single_done", "Flow_drawn_anew")))) == EDITS["task-between"][1]


def test_only_moving_a_box_is_told_apart() -> None:
    moved = re.sub(
        r'(bpmnElement="Task_leader">\s*<dc:Bounds x=")\d+', r"\g<1>5000", XUANWEI.decode(), count=1
    ).encode()
    assert told(moved) == [("moved", "drawing", "Task_leader", "“报请市政府分管领导牵头研究”移动了位置")]


def test_a_line_that_runs_elsewhere_is_only_drawing() -> None:
    rerouted = re.sub(
        r'(bpmnElement="Flow_explained">\s*<di:waypoint x=")\d+', r"\g<1>9", XUANWEI.decode(), count=1
    ).encode()
    assert told(rerouted) == [
        ("moved", "drawing", "Flow_explained", "从“解释说明并给予协助支持”到“向企业解释说明”的连线重新走线")
    ]


@pytest.mark.parametrize("id_", ["Task_arrange", "Gateway_reply", "Timer_single", "Sub_joint", "case"])
def test_a_new_id_alone_is_a_mapping_not_a_new_task(id_: str) -> None:
    new = re.sub(rf'(["> ]){id_}(["<])', rf"\g<1>{id_}_2\2", XUANWEI.decode()).encode()
    assert new.count(f"{id_}_2".encode()) > 1
    difference = diagram_difference(XUANWEI, new, file=DIAGRAM, names=LABELS)
    sentences = [change.sentence for change in difference.changes]
    assert len(sentences) == 1
    assert sentences[0].endswith(f"改了编号：{id_} → {id_}_2")
    assert difference.mapping == ({id_: f"{id_}_2"} if id_ != "case" else {})


def test_two_tasks_alike_are_not_guessed_apart() -> None:
    def drawing(*ids: str) -> bytes:
        diagram = bpmn.Diagram()
        process = diagram.process()
        process.start()
        process.gateway("parallel", "split")
        for id_ in ids:
            process.user(id_, name="会签")
        process.end()
        process.flow("start", "split", flow_id="f0")
        for id_ in ids:
            process.flow("split", id_, flow_id=f"to_{id_}")
            process.flow(id_, "end", flow_id=f"from_{id_}")
        return diagram.xml()

    difference = diagram_difference(drawing("a", "b"), drawing("c", "d"), file=DIAGRAM, names={})
    assert difference.mapping == {}
    assert [change.kind for change in difference.changes] == ["added", "removed", "added", "removed"]


def test_the_order_of_branches_counts_where_the_first_wins() -> None:
    flow = '<bpmn:sequenceFlow id="Flow_{0}" name="{1}" sourceRef="Gateway_decision"'
    text = XUANWEI.decode()
    first = re.search(flow.format("refuse", "不予受理") + r".*?</bpmn:sequenceFlow>\n", text, re.DOTALL)
    second = re.search(flow.format("pass_up", '[^"]*') + r".*?</bpmn:sequenceFlow>\n", text, re.DOTALL)
    assert first and second
    swapped = text.replace(first[0], "§").replace(second[0], first[0]).replace("§", second[0])
    assert told(swapped.encode()) == [
        ("changed", "condition", "Gateway_decision",
         "“是否受理”判断各走向的先后：“答复企业不予受理”、“转报上级” → “转报上级”、“答复企业不予受理”")
    ]  # fmt: skip


def test_a_sub_process_is_told_with_what_is_in_it() -> None:
    without = re.sub(
        r'\s*<bpmn:subProcess id="Sub_joint".*?</bpmn:subProcess>', "", XUANWEI.decode(), flags=re.DOTALL
    )
    sentences = [sentence for kind, _, _, sentence in told(without.encode()) if kind == "removed"]
    assert (
        "删除子流程“多部门联办”（原在“办理方式”之后、“办结情况”之前），含环节“会办单位办理”、“牵头单位汇总反馈”"
        in sentences
    )
    assert not [sentence for sentence in sentences if "环节“会办单位办理”（" in sentence]


def test_unreadable_xml_is_a_content_error() -> None:
    with pytest.raises(ContentError):
        compare_diagrams(XUANWEI, b"<bpmn:definitions", file=DIAGRAM, names={})
    with pytest.raises(ContentError):
        compare_diagrams(b"<!DOCTYPE x><x/>", XUANWEI, file=DIAGRAM, names={})


@pytest.mark.parametrize(
    "text", ["<a/>", "<a><b id='x'/><b id='x'/></a>", "<definitions xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL'><process/></definitions>"]
)  # fmt: skip
def test_any_well_formed_xml_is_compared(text: str) -> None:
    assert told(text.encode(), old=text.encode()) == []
    assert told(text.encode())


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("workdays(10)", "10 个工作日"),
        ("=workdays( 10 )", "10 个工作日"),
        ("days(30)", "30 日"),
        ("months(2)", "2 个月"),
        ("${hours(24)}", "24 小时"),
        ("workdays(10, clinic_date)", "10 个工作日（自“坐诊日期”起算）"),
        ("days(0, clinic_date)", "“坐诊日期”当日"),
        ("before(clinic_date, workdays: 3)", "“坐诊日期”前 3 个工作日"),
        ('recurrence("坐诊日")', "下一个“坐诊日”"),
        ("P30D", "30 日"),
        ("PT1H30M", "1 小时30 分钟"),
        ("R3/P1D", "每 1 日一次，共 3 次"),
        ("2026-01-05", "2026年1月5日"),
        ("2026-01-05T09:30:00", "2026年1月5日 09:30"),
        ('if late then workdays(1) else days(2)', "if late then workdays(1) else days(2)"),
        ("workdays(", "workdays("),
    ],
)  # fmt: skip
def test_rules_in_words(rule: str, words: str) -> None:
    assert str(limit_of(rule, {"clinic_date": "坐诊日期"})) == words


def test_a_wordy_rule_is_shown_as_it_stands() -> None:
    assert (
        compared("if a then days(1) else days(2)", "workdays(3)", {})
        == "if a then days(1) else days(2) → 3 个工作日"
    )


# ------------------------------------------------------------------ equal in meaning


def shuffled(xml: bytes, seed: int) -> bytes:
    """Return the same diagram written otherwise: other prefixes, blanks and order where order says nothing."""
    chance = random.Random(seed)
    root = etree.fromstring(xml)
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        local = etree.QName(element).localname
        children = list(element)
        if local in ("process", "subProcess"):
            # Flows that leave one gateway keep their order among themselves: it decides.
            flows = [child for child in children if etree.QName(child).localname == "sequenceFlow"]
            others = [child for child in children if child not in flows]
            chance.shuffle(others)
            element[:] = others + flows
        elif local in (
            "definitions",
            "collaboration",
            "laneSet",
            "lane",
            "properties",
            "BPMNPlane",
            "extensionElements",
        ):
            chance.shuffle(children)
            element[:] = children
        attributes = list(element.attrib.items())
        chance.shuffle(attributes)
        element.attrib.clear()
        for name, value in attributes:
            element.set(name, value)
    text = etree.tostring(root, pretty_print=chance.random() < 0.5).decode()
    for prefix in ("bpmn", "camunda", "bpmndi", "dc", "di"):
        if f"xmlns:{prefix}=" in text and chance.random() < 0.7:
            text = re.sub(rf"(<|</| ){prefix}:", rf"\1x{prefix}:", text).replace(
                f"xmlns:{prefix}=", f"xmlns:x{prefix}="
            )
            text = text.replace(f'xsi:type="{prefix}:', f'xsi:type="x{prefix}:')
    return text.replace("workdays(10)", "= workdays( 10 )").encode()


@given(st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_the_same_written_otherwise_is_no_difference(seed: int) -> None:
    assert told(shuffled(XUANWEI, seed)) == []


@given(st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_random_diagrams_differ_from_themselves_in_nothing(seed: int) -> None:
    xml = random_diagram(seed)
    assert compare_diagrams(xml, shuffled(xml, seed), file=DIAGRAM, names={}) == ()


@given(st.integers(0, 10**6), st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_any_two_diagrams_compare_without_failing(one: int, other: int) -> None:
    old, new = random_diagram(one), random_diagram(other)
    difference = diagram_difference(old, new, file=DIAGRAM, names={})
    assert bool(difference.changes) == (canonical(old) != canonical(new))


def canonical(xml: bytes) -> str:
    return etree.tostring(etree.fromstring(xml), method="c14n").decode()


CUTTABLE = [
    match.span(2)
    for match in re.finditer(r'( [a-zA-Z:]+=")([^"]+)(?=")|(?<=>)([^<>\s][^<>]*)(?=<)', XUANWEI.decode())
    if match[1] and " id=" not in match[1] and "xmlns" not in match[1] and "modeler:" not in match[1]
]


@given(st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_no_changed_text_goes_unsaid(seed: int) -> None:
    """Change any one attribute that has a meaning: somebody must be told."""
    text = XUANWEI.decode()
    start, end = CUTTABLE[seed % len(CUTTABLE)]
    name = text[text.rfind(" ", 0, start) + 1 : start]
    if name.startswith(("isHorizontal", "isMarkerVisible", "xsi:type", "version", "encoding", 'name="zz')):
        return
    value = text[start:end]
    new = f"{value}9" if value.isdigit() else {"true": "false", "false": "true"}.get(value, f"{value}x")
    changed = (text[:start] + new + text[end:]).encode()
    assert told(changed), (name, value)
