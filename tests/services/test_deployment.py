"""The procedure is a file: edited and deployed it rules new cases at once, running ones keep what they began with."""

from __future__ import annotations

import dataclasses
import json
import re
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import select, update
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
from tests.store.running import in_threads

from zuozhen.model.clock import due_date
from zuozhen.model.errors import Conflict, ContentError, Forbidden, Invalid
from zuozhen.packs import bundle
from zuozhen.services.actors import Actor
from zuozhen.services.deployment import Unexplained, deploy, finding_key, releases_of
from zuozhen.services.migrating import warnings_brought
from zuozhen.services.releases import Releases
from zuozhen.services.studio import workspace
from zuozhen.services.studio.versions import version
from zuozhen.store.tables import Release as ReleaseRow

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


# ---------------------------------------------------------------- warnings, reasons, records


def officer(office: Office) -> Actor:
    """Return an administrator of an office where nobody holds any role, which the check warns of."""
    return office.person("wang", admin="system")


def test_warnings_need_a_reason_each_or_one_for_all_of_a_kind(any_office: Office) -> None:
    office, actor = any_office, officer(any_office)
    files = edited(pack_files(), DIAGRAM, "workdays(2)", "workdays(3)")
    with pytest.raises(Unexplained) as caught:
        deploy(office.context, files, actor=actor, strict=True)
    found = caught.value.findings
    assert len(found) > 1 and {finding.code for finding in found} == {"group-unheld"}
    keys = [finding_key(finding) for finding in found]
    assert len(set(keys)) == len(keys) and [p.field for p in caught.value.problems] == keys
    with pytest.raises(Unexplained) as caught:
        deploy(office.context, files, actor=actor, reasons={keys[0]: "已有人选", keys[1]: "  "}, strict=True)
    assert [finding_key(f) for f in caught.value.findings] == keys[1:]
    done = deploy(
        office.context,
        files,
        actor=actor,
        note="改期限",
        reference="宣办通〔2026〕3号",
        reasons={keys[0]: "已有人选", "group-unheld": "下周到岗"},
        strict=True,
    )
    assert (done.version, done.fresh) == (2, True)
    row = version(office.context, TENANT, 2)
    assert (row.by, row.note, row.reference) == ("测试wang", "改期限", "宣办通〔2026〕3号")
    assert [line["reason"] for line in row.accepted] == ["已有人选"] + ["下周到岗"] * (len(keys) - 1)
    assert {line["code"] for line in row.accepted} == {"group-unheld"}
    assert all(line["message"] and line["file"] == DIAGRAM and line["element"] for line in row.accepted)


def test_reasons_count_on_for_the_very_same_warnings_only(office: Office) -> None:
    actor = officer(office)
    three = edited(pack_files(), DIAGRAM, "workdays(2)", "workdays(3)")
    deploy(office.context, three, actor=actor, reasons={"group-unheld": "下周到岗"}, strict=True)
    four = edited(pack_files(), DIAGRAM, "workdays(2)", "workdays(4)")
    assert deploy(office.context, four, actor=actor, strict=True).version == 3
    assert {line["reason"] for line in version(office.context, TENANT, 3).accepted} == {"下周到岗"}
    other = edited(four, DIAGRAM, 'camunda:candidateGroups="leader"', 'camunda:candidateGroups="supervision"')
    with pytest.raises(Unexplained) as caught:
        deploy(office.context, other, actor=actor, strict=True)
    assert {finding.element for finding in caught.value.findings} == {"Task_leader"}


def test_a_migration_names_the_warnings_that_it_brings(office: Office) -> None:
    """Version 1 came without people; of those that cases are on, each has to lack the warning."""
    actor = officer(office)
    three = edited(pack_files(), DIAGRAM, "workdays(2)", "workdays(3)")
    deploy(office.context, three, actor=actor, reasons={"group-unheld": "下周到岗"}, strict=True)
    brought = partial(warnings_brought, office.context, TENANT)
    warned = brought(version(office.context, TENANT, 2).id, {1})
    assert {one.reason for one in warned} == {"下周到岗"} and len(warned) >= 2
    four = edited(pack_files(), DIAGRAM, "workdays(2)", "workdays(4)")
    deploy(office.context, four, actor=actor, strict=True)
    assert brought(version(office.context, TENANT, 3).id, {2}) == ()
    assert brought(version(office.context, TENANT, 3).id, {1, 2}) == warned


def test_the_first_deployment_of_a_pack_asks_nobody(office: Office) -> None:
    row = version(office.context, TENANT, 1)
    assert (row.by, row.accepted, row.live) == ("系统", (), True)


def test_who_was_shown_another_version_deploys_nothing(any_office: Office) -> None:
    context = any_office.context
    deploy(context, edited(pack_files(), DIAGRAM, "workdays(2)", "workdays(3)"))
    with pytest.raises(Conflict, match="新的版本"):
        deploy(context, edited(pack_files(), DIAGRAM, "workdays(2)", "workdays(4)"), over=1)
    assert deploy(context, edited(pack_files(), DIAGRAM, "workdays(2)", "workdays(4)"), over=2).version == 3


def test_nobody_deploys_for_another_jurisdiction(office: Office) -> None:
    actor = office.person("wang", admin="system")
    manifest = f"processes/{SLUG}/pack.toml"
    with pytest.raises((Invalid, ContentError)):
        deploy(
            office.context,
            edited(pack_files(), manifest, "code = 530381", "code = 530602"),
            actor=actor,
        )
    assert releases_of(office.context, 530602) == []


def test_a_deployed_release_never_changes(any_office: Office) -> None:
    context = any_office.context
    before = stored(any_office)
    deploy(context, edited(pack_files(), DIAGRAM, "workdays(2)", "workdays(3)"), note="二")
    actor = any_office.person("wang", admin="system")
    workspace.save_file(context, actor, DIAGRAM, b"<x/>", rev=1)
    any_office.register()
    after = stored(any_office)
    assert before == after[:1] and len(after) == 2


def stored(office: Office) -> list[tuple[object, ...]]:
    with office.context.database.read() as session:
        columns = [getattr(ReleaseRow, column.key) for column in ReleaseRow.__table__.columns]
        return [tuple(row) for row in session.execute(select(*columns).order_by(ReleaseRow.version))]


def test_a_release_that_was_tampered_with_is_not_used(any_office: Office) -> None:
    """Whoever writes to the database behind our back is noticed before a case lives by it."""
    context = any_office.context
    other = bundle(edited(pack_files(), DIAGRAM, "workdays(2)", "workdays(99)"))
    with context.database.write() as session:
        session.execute(update(ReleaseRow).values(bundle=other))
    fresh = dataclasses.replace(context, releases=Releases())
    with pytest.raises(ContentError, match="摘要不符"), fresh.database.read() as session:
        fresh.releases.live(session, TENANT)


def test_files_that_could_not_be_read_again_do_not_become_a_release(office: Office) -> None:
    with pytest.raises(ContentError):
        deploy(office.context, {**pack_files(), f"forms/{SLUG}/ACCEPT.json": pack_files()[FORM]})
    assert len(releases_of(office.context, TENANT)) == 1


def test_two_deployments_at_the_same_moment_are_two_versions_or_one_is_told(any_office: Office) -> None:
    def work(number: int) -> int:
        files = edited(pack_files(), DIAGRAM, "workdays(2)", f"workdays({number + 3})")
        return deploy(any_office.context, files, over=1).version

    outcomes = in_threads(3, work)
    assert outcomes.count(2) == 1
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 2
    assert len(releases_of(any_office.context, TENANT)) == 2
