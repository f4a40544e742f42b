"""Running cases move to a new release one by one, and keep what people did."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.builders import ACCEPT, ASSIGN, DIAGRAM, SLUG, TENANT, Office, edited, pack_files
from tests.services.migrations import ADMIN, due, longer, migrate, renamed, rows_of, statuses
from tests.services.stages import JOINT, STAGES, cases_in_stages
from werkzeug.datastructures import MultiDict

from zuozhen.model.errors import Invalid, NotFound
from zuozhen.model.migration import Order
from zuozhen.services.deployment import deploy
from zuozhen.services.history import staff_lines
from zuozhen.services.migrating.outlook import from_json, to_json
from zuozhen.services.studio import migrating
from zuozhen.services.tasks import claim, open_task, save_draft

FORM = f"forms/{SLUG}/accept.json"


# ---------------------------------------------------------------- preview


def test_the_preview_groups_by_place_and_writes_nothing(any_office: Office) -> None:
    office = any_office
    cases = cases_in_stages(office, 2 * STAGES)
    deploy(office.context, longer())
    before = [rows_of(office, case_id) for case_id in cases]
    found = migrating.preview(office.context, TENANT)
    assert (found.version, found.total, found.refused, found.overdue) == (2, 2 * STAGES + 1, 0, 0)
    groups = {tuple(place.element_id for place in group.places): group for group in found.groups}
    assert len(groups) == STAGES + 1 == len(found.groups)
    assert {group.process_name for group in found.groups} == {"诉求办理", "坐诊场次"}
    handling = groups[("Task_single",)]
    [summary] = handling.dues
    assert (summary.kinds, summary.days, summary.count, summary.overdue) == (("later",), (3, 3), 2, 0)
    assert (summary.old_rule, summary.new_rule) == ("workdays(10, clock_from)", "workdays(12, clock_from)")
    [line] = handling.cases[0].outlook.dues
    assert (str(line.old), str(line.new), line.days) == ("2026-10-10", "2026-10-13", 3)
    assert not groups[("Task_joint",)].changes
    assert [rows_of(office, case_id) for case_id in cases] == before
    outlooks = [case.outlook for group in found.groups for case in group.cases]
    assert [from_json(json.loads(json.dumps(to_json(outlook)))) for outlook in outlooks] == outlooks


def test_a_preview_may_be_narrowed(office: Office) -> None:
    first, second = office.register().case_id, office.register().case_id
    deploy(office.context, longer())
    third = office.register().case_id
    deploy(office.context, edited(longer(), DIAGRAM, "workdays(3)", "workdays(4)"))
    whole = migrating.preview(office.context, TENANT)
    assert sorted((group.version, len(group.cases)) for group in whole.groups) == [(1, 2), (2, 1)]
    one = migrating.preview(office.context, TENANT, chosen=migrating.Chosen(cases=frozenset({second, third})))
    assert {case.id for group in one.groups for case in group.cases} == {second, third}
    newer = migrating.preview(office.context, TENANT, chosen=migrating.Chosen(versions=frozenset({2})))
    assert [case.id for group in newer.groups for case in group.cases] == [third]
    back = migrating.preview(office.context, TENANT, 1)
    assert [case.id for group in back.groups for case in group.cases] == [third]
    assert first not in {case.id for group in back.groups for case in group.cases}
    with pytest.raises(NotFound):
        migrating.preview(office.context, TENANT, 9)
    assert [(t.version, t.cases, t.live) for t in migrating.targets(office.context, TENANT)] == [
        (3, 0, True),
        (2, 1, False),
        (1, 2, False),
    ]


def test_a_shorter_deadline_that_has_passed_is_announced(office: Office) -> None:
    case_id = office.register().case_id
    office.pass_to("2026-09-02 09:00")  # two working days end today
    deploy(office.context, edited(pack_files(), DIAGRAM, "workdays(2)", "workdays(1)"))
    found = migrating.preview(office.context, TENANT)
    [group] = [group for group in found.groups if group.places[0].element_id == "Task_accept"]
    [line] = group.cases[0].outlook.dues
    assert (str(line.old), str(line.new), line.overdue) == ("2026-09-02", "2026-09-01", True)
    assert (found.overdue, group.overdue, bool(group.fires)) == (1, 1, True)
    [note] = group.notes
    assert note == "随即到期后：转入“督办催办”"
    migrate(office, {case_id})
    assert any("Timer_accept" in str(event.payload.get("log")) for event in office.events(case_id)[-1:])
    assert office.events(case_id)[-1].kind == "fired"  # it fires right after, by itself


# ---------------------------------------------------------------- moving


def test_deadlines_count_from_when_the_task_began(any_office: Office) -> None:
    """A migrated case has the very dates of one that was on the new version from the beginning."""
    office = any_office
    old = office.register().case_id
    deploy(office.context, longer())
    new = office.register().case_id
    office.pass_to("2026-09-01 15:00")
    migration_id = migrate(office, note="宣办通〔2026〕3号")
    assert statuses(office, migration_id) == {"done": 1}
    assert due(office, old, "Task_accept") == due(office, new, "Task_accept") == "2026-09-03"
    here, there = office.token(old, "Task_accept"), office.token(new, "Task_accept")
    assert here.due_rule == there.due_rule == "workdays(3)"
    assert [why["due"] for why in here.due_why] == [why["due"] for why in there.due_why]
    case, event = office.case(old), office.events(old)[-1]
    assert case.release_id == office.case(new).release_id
    assert (event.kind, event.actor, event.actor_name) == ("migrated", ADMIN.id, ADMIN.name)
    [line] = staff_lines(office.events(old))[-1:]
    assert line.what == "迁移到第 2 版流程：宣办通〔2026〕3号"
    assert line.details == ("“分类梳理并答复是否受理”期限由 2026-09-02 改为 2026-09-03",)
    assert office.problems_of(old) == []
    office.submit(old, "Task_accept", ACCEPT)
    assert office.open_tasks(old) == ["Task_assign"]


@pytest.mark.parametrize(("timers", "day"), [("keep", "2026-09-02"), ("now", "2026-09-04")])
def test_deadlines_may_be_kept_or_begin_anew(office: Office, timers: Any, day: str) -> None:
    case_id = office.register().case_id
    deploy(office.context, longer())
    office.pass_to("2026-09-01 15:00")
    migrate(office, {case_id}, Order(timers=timers))
    assert due(office, case_id, "Task_accept") == day


def test_what_people_did_survives(any_office: Office) -> None:
    office = any_office
    clerk = office.person("clerk", groups=("lead_office",))
    case_id = office.register().case_id
    token = office.token(case_id, "Task_accept").token
    claim(office.context, clerk, token)
    save_draft(office.context, clerk, token, MultiDict({"decision": "accept", "note": "先征求意见"}))
    before = rows_of(office, case_id)
    office.pass_to("2026-09-01 10:00")
    content = json.loads(pack_files()[FORM])
    content["components"].append(
        {
            "type": "textfield",
            "id": "Field_basis",
            "key": "basis",
            "label": "受理依据",
            "validate": {"required": True},
        }
    )
    deploy(office.context, {**pack_files(), FORM: json.dumps(content, ensure_ascii=False).encode()})
    migrate(office, {case_id})
    after = rows_of(office, case_id)
    assert after == before  # the same diagram: not a column of a token has changed
    view = open_task(office.context, clerk, token)
    assert view.release.version == 2
    assert view.bound is not None and "受理依据" in [str(field.label.text) for field in view.bound.wtform]
    outcome = office.try_submit(case_id, "Task_accept", ACCEPT, by=clerk)  # a page from before the migration
    assert [problem.field for problem in outcome.bound.problems] == ["basis"]  # type: ignore[union-attr]
    office.submit(case_id, "Task_accept", {**ACCEPT, "basis": "示例"}, by=clerk)


def test_items_of_several_units_survive(office: Office) -> None:
    registered = office.register()
    office.to_session(registered)
    case_id = registered.case_id
    office.submit(case_id, "Task_clinic", JOINT)
    office.submit(case_id, "Task_joint", {"reply": "同意。"})
    before = rows_of(office, case_id)
    deploy(office.context, longer())
    migrate(office, {case_id})
    assert rows_of(office, case_id) == before
    assert len(office.tokens(case_id)) == len([row for row in before if row["kind"] == "task"])


def test_some_all_or_none(office: Office) -> None:
    first, second, third = (office.register().case_id for _ in range(3))
    deploy(office.context, longer())
    with pytest.raises(Invalid):
        migrating.start(office.context, ADMIN, None, Order(), set(), "")
    migrate(office, {second})
    assert [due(office, case_id, "Task_accept") for case_id in (first, second, third)] == [
        "2026-09-02",
        "2026-09-03",
        "2026-09-02",
    ]
    with pytest.raises(Invalid):  # it is there already
        migrating.start(office.context, ADMIN, None, Order(), {second}, "")
    assert statuses(office, migrate(office)) == {"done": 2}


def test_a_removed_task_is_refused_until_it_is_mapped(any_office: Office) -> None:
    office = any_office
    case_id = office.register().case_id
    office.submit(case_id, "Task_accept", ACCEPT)
    other = office.register().case_id
    gone = renamed(renamed(pack_files(), "Task_assign", "Task_hand_on"), "确定“接诊”部门", "交给接诊部门")
    deploy(office.context, gone)
    found = migrating.preview(office.context, TENANT)
    [asked] = found.removed
    assert (asked.element_id, asked.cases, asked.chosen) == ("Task_assign", 1, "")
    assert "Task_hand_on" in [candidate.id for candidate in asked.candidates]
    assert found.refused == 1 and found.groups[0].refusals[0].hint
    migration_id = migrate(office, {case_id, other})
    assert statuses(office, migration_id) == {"done": 1, "refused": 1}
    lines = migrating.report(office.context, TENANT, migration_id, status="refused").lines
    assert [line.case_id for line in lines] == [case_id] and "确定“接诊”部门" in lines[0].error
    assert office.case(case_id).release_id != office.case(other).release_id
    token = office.token(case_id, "Task_assign")
    order = Order({"Task_assign": "Task_hand_on"})
    mapped = migrating.preview(office.context, TENANT, order=order)
    assert mapped.refused == 0 and mapped.removed[0].chosen == "Task_hand_on"
    migrate(office, {case_id}, order)
    moved = office.token(case_id, "Task_hand_on")
    assert (moved.token, moved.entered_at, moved.name) == (token.token, token.entered_at, "交给接诊部门")
    assert "“确定‘接诊’部门”转为“交给接诊部门”" in staff_lines(office.events(case_id))[-1].details
    office.submit(case_id, "Task_hand_on", ASSIGN)


def test_the_stage_of_a_case_follows_the_place_it_is_moved_to(office: Office) -> None:
    case_id = office.register().case_id
    office.submit(case_id, "Task_accept", ACCEPT)
    before = office.case(case_id).stage
    where = office.context.releases
    with office.context.database.read() as session:
        elements = where.live(session, TENANT).diagram.elements
    target = next(
        element
        for element in elements.values()
        if element.kind == "userTask"
        and element.scope == elements["Task_assign"].scope
        and element.properties.get("zz:stage", before) != before
    )
    gone = renamed(pack_files(), "Task_assign", "Task_hand_on")
    deploy(office.context, gone)
    migrate(office, {case_id}, Order({"Task_assign": target.id}))
    assert [row.element_id for row in office.tokens(case_id, "task")] == [target.id]
    assert office.case(case_id).stage == target.properties["zz:stage"] != before
    assert office.problems_of(case_id) == []


def test_the_stage_that_is_only_called_otherwise_is_called_so_at_once(office: Office) -> None:
    case_id = office.register().case_id
    stage = office.case(case_id).stage
    deploy(
        office.context, renamed(pack_files(), f'zz:stage" value="{stage}"', f'zz:stage" value="{stage}二"')
    )
    migrate(office, {case_id})
    assert office.case(case_id).stage == f"{stage}二"
