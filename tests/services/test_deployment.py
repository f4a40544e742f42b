"""The procedure is a file: edited and deployed it rules new cases at once, running ones keep what they began with."""

from __future__ import annotations

import json
import re
from uuid import UUID

import pytest
from tests.builders import (
    ACCEPT,
    ASSIGN,
    CLINIC,
    DIAGRAM,
    SLUG,
    TENANT,
    TO_RATING,
    Office,
    edited,
    pack_files,
)

from zuozhen.model.clock import due_date
from zuozhen.model.errors import ContentError, Forbidden
from zuozhen.services.deployment import deploy, releases_of

FORM = f"forms/{SLUG}/accept.json"


def due(office: Office, case_id: UUID, element: str) -> str:
    due_at = office.token(case_id, element).due_at
    assert due_at is not None
    return due_date(due_at).isoformat()


def test_the_same_content_is_not_a_new_version(any_office: Office) -> None:
    outcome = deploy(any_office.context, pack_files())
    assert (outcome.version, outcome.fresh) == (1, False)
    outcome = deploy(
        any_office.context, edited(pack_files(), DIAGRAM, "workdays(2)", "workdays(3)"), note="改为3个工作日"
    )
    assert (outcome.version, outcome.fresh) == (2, True)
    rows = releases_of(any_office.context, TENANT)
    assert [(row[0], row[2]) for row in rows] == [(2, "改为3个工作日"), (1, "首次部署")]


def test_ten_working_days_become_twelve_for_new_cases_only(any_office: Office) -> None:
    office = any_office
    old = office.register().case_id
    twelve = edited(pack_files(), DIAGRAM, "workdays(10, clock_from)", "workdays(12, clock_from)")
    deploy(office.context, twelve)
    new = office.register(title="关于新流程的情况反映").case_id
    office.pass_to("2026-09-01 09:00")
    for case_id in (old, new):
        for element, answers in TO_RATING:
            office.submit(case_id, element, answers)
    office.hold_session()
    for case_id in (old, new):
        office.submit(case_id, "Task_clinic", CLINIC)
    # from Sunday, 20 September (worked): National Day 1–7 October is off, Saturday, 10 October is worked
    assert due(office, old, "Task_single") == "2026-10-10"
    assert due(office, new, "Task_single") == "2026-10-13"
    assert office.token(new, "Task_single").due_rule == "workdays(12, clock_from)"
    assert office.problems_of(old) == office.problems_of(new) == []


def test_a_new_case_lives_by_the_new_deadline_a_running_one_by_the_old(office: Office) -> None:
    old = office.register()
    deploy(office.context, edited(pack_files(), DIAGRAM, "workdays(2)", "workdays(12)"))
    new = office.register()
    assert due(office, old.case_id, "Task_accept") == "2026-09-02"
    assert due(office, new.case_id, "Task_accept") == "2026-09-16"
    office.pass_to("2026-09-04 09:00")
    assert office.open_tasks(old.case_id) == ["Task_accept", "Task_urge"]
    assert office.open_tasks(new.case_id) == ["Task_accept"]


def test_another_role_and_another_form(office: Office) -> None:
    old = office.register()
    files = edited(
        pack_files(), DIAGRAM, 'camunda:candidateGroups="lead_office"', 'camunda:candidateGroups="window"'
    )
    form = json.loads(files[FORM])
    form["components"].append(
        {
            "type": "textfield",
            "id": "Field_hotline",
            "key": "hotline_number",
            "label": "12345工单号",
            "validate": {"required": True},
        }
    )
    deploy(office.context, {**files, FORM: json.dumps(form, ensure_ascii=False).encode()})
    new = office.register()
    assert office.token(old.case_id, "Task_accept").grp == "lead_office"
    assert office.token(new.case_id, "Task_accept").grp == "window"
    with pytest.raises(Forbidden):
        office.submit(new.case_id, "Task_accept", ACCEPT, by=office.member("lead_office"))
    refused = office.try_submit(new.case_id, "Task_accept", ACCEPT)
    assert refused.bound is not None and [p.label for p in refused.bound.problems] == ["12345工单号"]  # type: ignore[union-attr]
    office.submit(new.case_id, "Task_accept", {**ACCEPT, "hotline_number": "GD-1"})
    office.submit(old.case_id, "Task_accept", ACCEPT)
    assert office.case(new.case_id).data["accept"]["hotline_number"] == "GD-1"
    assert "hotline_number" not in office.case(old.case_id).data["accept"]


CHECK_TASK = """
    <bpmn:userTask id="Task_double_check" name="复核" camunda:formRef="assign" camunda:formRefBinding="deployment"
      camunda:candidateGroups="supervision">
      <bpmn:extensionElements><camunda:properties><camunda:property name="zz:clause" value="新增复核环节" />
      </camunda:properties></bpmn:extensionElements>
      <bpmn:incoming>Flow_checked</bpmn:incoming>
      <bpmn:outgoing>Flow_double_checked</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:sequenceFlow id="Flow_double_checked" sourceRef="Task_double_check" targetRef="{target}" />
"""
SHAPES = """
      <bpmndi:BPMNShape id="Task_double_check_di" bpmnElement="Task_double_check">
        <dc:Bounds x="{x}" y="{y}" width="100" height="80" /></bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="Flow_double_checked_di" bpmnElement="Flow_double_checked">
        <di:waypoint x="0" y="0" /><di:waypoint x="1" y="1" /></bpmndi:BPMNEdge>
"""


def with_added_task(files: dict[str, bytes]) -> dict[str, bytes]:
    """Put a task between 分派 and 联系企业, as an administrator would draw it."""
    text = files[DIAGRAM].decode()
    flow = re.search(
        r'<bpmn:sequenceFlow id="(\w+)" sourceRef="Task_assign" targetRef="Task_contact" />', text
    )
    assert flow is not None
    text = text.replace(
        flow[0],
        flow[0].replace("Task_contact", "Task_double_check") + CHECK_TASK.format(target="Task_contact"),
    )
    text = text.replace(
        "<bpmn:incoming>Flow_checked</bpmn:incoming>", f"<bpmn:incoming>{flow[1]}</bpmn:incoming>"
    )
    contact = text.index('<bpmn:userTask id="Task_contact"')
    before, after = text[:contact], text[contact:]
    incoming = f"<bpmn:incoming>{flow[1]}</bpmn:incoming>"
    assert incoming in after
    text = before + after.replace(incoming, "<bpmn:incoming>Flow_double_checked</bpmn:incoming>", 1)
    lane = "<bpmn:flowNodeRef>Task_urge</bpmn:flowNodeRef>"
    text = text.replace(lane, lane + "<bpmn:flowNodeRef>Task_double_check</bpmn:flowNodeRef>")
    shape = text.index("<bpmndi:BPMNShape")
    return {**files, DIAGRAM: (text[:shape] + SHAPES.format(x=100, y=20) + text[shape:]).encode()}


def test_an_added_task_is_for_new_cases(any_office: Office) -> None:
    office = any_office
    old = office.register()
    deploy(office.context, with_added_task(pack_files()))
    new = office.register()
    for case_id in (old.case_id, new.case_id):
        office.submit(case_id, "Task_accept", ACCEPT)
        office.submit(case_id, "Task_assign", ASSIGN)
    assert office.open_tasks(old.case_id) == ["Task_contact"]
    assert office.open_tasks(new.case_id) == ["Task_double_check"]
    office.submit(new.case_id, "Task_double_check", ASSIGN)
    assert office.open_tasks(new.case_id) == ["Task_contact"]


def test_sessions_are_planned_by_the_newest_version(office: Office) -> None:
    deploy(office.context, edited(pack_files(), DIAGRAM, 'recurrence("排期日")', 'recurrence("坐诊日")'))
    office.pass_to("2026-09-02 09:00")
    assert office.case_of("clinic", "open") is None
    assert len(office.jobs("start")) == 1
    office.pass_to("2026-09-21 09:00")
    assert office.case_of("clinic", "open") is not None
    assert len(office.jobs("start")) == 1


# ---------------------------------------------------------------- what is not deployed


AT_ELEMENT = "the line of the element's tag"
BROKEN = {
    "not XML": (DIAGRAM, b"<bpmn:definitions", "", None),
    "a DOCTYPE": (DIAGRAM, b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>', "", None),
    "a billion laughs": (
        DIAGRAM,
        b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><d>&b;</d>',
        "",
        None,
    ),
    "a script": (
        DIAGRAM,
        (
            '<bpmn:userTask id="Task_leader"',
            '<bpmn:scriptTask id="Task_script" scriptFormat="python"><bpmn:script>import os</bpmn:script></bpmn:scriptTask><bpmn:userTask id="Task_leader"',
        ),
        "Task_script",
        AT_ELEMENT,
    ),
    "Python as a condition": (
        DIAGRAM,
        ('handling = "onsite"', '__import__("os").system("id")'),
        "Flow_onsite",
        AT_ELEMENT,
    ),
    "FEEL that ends too early": (
        DIAGRAM,
        ('handling = "onsite"', 'handling = "onsite'),
        "Flow_onsite",
        AT_ELEMENT,
    ),
    "an unknown function": (DIAGRAM, ("workdays(2)", "werktage(2)"), "Timer_accept", AT_ELEMENT),
    "a deadline that cannot be": (DIAGRAM, ("workdays(2)", "workdays(-2)"), "Timer_accept", AT_ELEMENT),
    "an unknown role": (
        DIAGRAM,
        ('candidateGroups="leader"', 'candidateGroups="boss"'),
        "Task_leader",
        AT_ELEMENT,
    ),
    "an unknown form": (
        DIAGRAM,
        ('formRef="leader_decision"', 'formRef="boss_decision"'),
        "Task_leader",
        AT_ELEMENT,
    ),
    "an unknown template": (
        DIAGRAM,
        ('value="refused"', 'value="nothing"'),
        "Notify_refused",
        AT_ELEMENT,
    ),
    "a form that is not JSON": (FORM, b"{", "", None),
    "a form with a broken condition": (
        FORM,
        ('"key": "explanation"', '"conditional": {"hide": "=decision = ("}, "key": "explanation"'),
        "explanation",
        None,
    ),
    "a form of unknown fields": (FORM, ('"type": "textarea"', '"type": "iframe"'), "", None),
    "a print template": (f"templates/print/{SLUG}/register.html", b"<p>{% for x in %}</p>", "", 1),
    "a message template": (f"templates/message/{SLUG}/accepted.txt", "受理\n{{ case.number".encode(), "", 2),
    "a template that is not text": (f"templates/message/{SLUG}/accepted.txt", b"\xff\xfe\x00", "", None),
    "a broken manifest": (f"processes/{SLUG}/pack.toml", b"slug = ", "", None),
    "a register column": (
        f"processes/{SLUG}/pack.toml",
        ('value = "register.address"', 'value = "nothing.address"'),
        "service_list",
        None,
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_broken_or_hostile_content_is_refused_with_its_place(what: str, office: Office) -> None:
    path, change, element, place = BROKEN[what]
    files = (
        edited(pack_files(), path, *change) if isinstance(change, tuple) else {**pack_files(), path: change}
    )  # type: ignore[arg-type]
    with pytest.raises(ContentError) as caught:
        deploy(office.context, files)
    errors = [finding for finding in caught.value.findings if finding.severity == "error"]
    assert errors, caught.value
    here = [finding for finding in errors if finding.file == path]
    assert here, errors
    assert all(finding.message for finding in here)
    if element:
        assert element in {finding.element for finding in here}, here
    if place is AT_ELEMENT:
        text = files[path].decode()
        line = text[: text.index(f' id="{element}"')].count("\n") + 1
        assert line in {finding.line for finding in here if finding.element == element}, (line, here)
    elif place is not None:
        assert [finding.line for finding in here] == [place]
    assert [row[0] for row in releases_of(office.context, TENANT)] == [1]
    assert due(office, office.register().case_id, "Task_accept") == "2026-09-02"
