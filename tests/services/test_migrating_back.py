"""A migration is rolled back: every row as before, as long as the case stands where it was put."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from tests.builders import ACCEPT, DIAGRAM, TENANT, Office, pack_files
from tests.conftest import OfficeMaker
from tests.engine_lint.build import CLAUSE, boundary, end, path, service, timer
from tests.services import smallpack
from tests.services.migrations import ADMIN, due, longer, migrate, renamed, rows_of, statuses
from tests.services.smallpack import case_process, task
from tests.services.stages import STAGES, cases_in_stages
from tests.services.test_messages import hold, waiting_case

from zuozhen.model.errors import Invalid
from zuozhen.model.migration import Order
from zuozhen.services.actors import Actor
from zuozhen.services.deployment import deploy
from zuozhen.services.history import staff_lines
from zuozhen.services.registration import Registered
from zuozhen.services.studio import migrating
from zuozhen.services.tasks import claim


def test_going_back_restores_every_row(any_office: Office) -> None:
    office = any_office
    cases = cases_in_stages(office, STAGES)
    before = {case_id: rows_of(office, case_id) for case_id in cases}
    stood = {
        case_id: (c := office.case(case_id)).release_id and (c.release_id, c.stage, c.state)
        for case_id in cases
    }
    deploy(
        office.context,
        longer(renamed(pack_files(), 'zz:stage" value="办理反馈', 'zz:stage" value="承办反馈')),
    )
    migration_id = migrate(office)
    assert statuses(office, migration_id) == {"done": STAGES + 1}
    assert any(rows_of(office, case_id) != before[case_id] for case_id in cases)
    assert migrating.roll_back(office.context, ADMIN, migration_id, None, "文件撤回") == STAGES + 1
    office.drain()
    info = migrating.progress(office.context, TENANT, migration_id)
    assert (info.status, info.counts) == ("rolled_back", {"rolled_back": STAGES + 1})
    for case_id in cases:
        assert rows_of(office, case_id) == before[case_id]
        case = office.case(case_id)
        assert (case.release_id, case.stage, case.state) == stood[case_id]
        assert office.problems_of(case_id) == []
    assert staff_lines(office.events(cases[0]))[-1].what == "迁移回退到第 1 版流程：文件撤回"


def test_a_case_that_has_moved_on_is_kept(any_office: Office) -> None:
    office = any_office
    moved, still, claimed = (office.register().case_id for _ in range(3))
    deploy(office.context, longer())
    migration_id = migrate(office)
    office.submit(moved, "Task_accept", ACCEPT)
    claim(
        office.context,
        office.person("clerk", groups=("lead_office",)),
        office.token(claimed, "Task_accept").token,
    )
    with pytest.raises(Invalid):
        migrating.roll_back(office.context, ADMIN, migration_id, None, " ")
    migrating.roll_back(office.context, ADMIN, migration_id, {still}, "先退一件")
    office.drain()
    info = migrating.progress(office.context, TENANT, migration_id)
    assert (info.status, info.counts) == ("done", {"done": 2, "rolled_back": 1})
    migrating.roll_back(office.context, ADMIN, migration_id, None, "全部退回")
    office.drain()
    info = migrating.progress(office.context, TENANT, migration_id)
    assert (info.status, info.counts) == ("rolled_back", {"rolled_back": 2, "kept": 1})
    [line] = migrating.report(office.context, TENANT, migration_id, status="kept").lines
    assert line.case_id == moved and "已继续办理" in line.error
    assert due(office, claimed, "Task_accept") == "2026-09-02"
    assert office.token(claimed, "Task_accept").assignee is not None
    assert office.open_tasks(moved) == ["Task_assign"]


def test_deadlines_that_the_new_version_does_not_have_come_back(office: Office) -> None:
    case_id = office.register().case_id
    before = rows_of(office, case_id)
    text = pack_files()[DIAGRAM].decode()
    start = text.index('<bpmn:boundaryEvent id="Timer_accept"')
    end = text.index("</bpmn:boundaryEvent>", start) + len("</bpmn:boundaryEvent>")
    without = text[:start] + text[end:]
    deploy(office.context, {**pack_files(), DIAGRAM: _without_flows(without, "Timer_accept").encode()})
    migration_id = migrate(office, {case_id})
    row = office.token(case_id, "Task_accept")
    assert (row.due_at, row.due_rule, row.due_why) == (None, "", [])
    migrating.roll_back(office.context, ADMIN, migration_id, {case_id}, "恢复时限")
    office.drain()
    assert rows_of(office, case_id) == before


def _without_flows(text: str, element: str) -> str:
    """Drop the sequence flows of a removed element with their drawing, and its shape."""
    ids = re.findall(rf'<bpmn:sequenceFlow id="([^"]+)"[^>]*(?:sourceRef|targetRef)="{element}"', text)
    for flow in ids:
        text = re.sub(
            rf'\s*<bpmn:sequenceFlow id="{flow}"(?:[^>]*/>|.*?</bpmn:sequenceFlow>)', "", text, flags=re.S
        )
        text = re.sub(rf"\s*<bpmn:(?:incoming|outgoing)>{flow}</bpmn:(?:incoming|outgoing)>", "", text)
        text = re.sub(
            rf'\s*<bpmndi:BPMNEdge [^>]*bpmnElement="{flow}".*?</bpmndi:BPMNEdge>', "", text, flags=re.S
        )
    return re.sub(
        rf'\s*<bpmndi:BPMNShape [^>]*bpmnElement="{element}".*?</bpmndi:BPMNShape>', "", text, flags=re.S
    )


# ---------------------------------------------------------------- messages


def talking_of(name: str) -> dict[str, bytes]:
    return renamed(smallpack.talking("all"), 'name="开始"', f'name="{name}"', smallpack.DIAGRAM)


def small_admin() -> Actor:
    return Actor(smallpack.TENANT, ADMIN.name, id=ADMIN.id)


def move(office: Office, version: int) -> UUID:
    migration_id = migrating.start(office.context, small_admin(), version, Order(), "all", "")
    office.drain()
    return migration_id


def test_a_place_that_waits_for_something_else_finds_what_came_earlier(make_office: OfficeMaker) -> None:
    office = make_office(files=smallpack.talking("all"))
    case_id = waiting_case(office)
    deploy(office.context, talking_of("开场"))
    hold(office)  # by the new version: nobody waits for 开场 yet
    office.drain()
    assert office.open_tasks(case_id) == []
    move(office, 2)
    assert office.open_tasks(case_id) == ["after"]
    assert office.problems_of(case_id) == []


def test_a_place_that_waits_again_finds_what_it_missed_meanwhile(make_office: OfficeMaker) -> None:
    office = make_office(files=smallpack.talking("all"))
    case_id = waiting_case(office)
    deploy(office.context, talking_of("开场"))
    migration_id = move(office, 2)
    deploy(office.context, smallpack.talking("all", "P80D"))
    hold(office)  # 开始 again, while the case waits for 开场
    office.drain()
    assert office.open_tasks(case_id) == []
    migrating.roll_back(office.context, small_admin(), migration_id, {case_id}, "退回")
    office.drain()
    assert office.open_tasks(case_id) == ["after"]
    assert office.problems_of(case_id) == []


# ---------------------------------------------------------------- timers that fired meanwhile


def waiting_on(limit: str, *, letter: bool) -> dict[str, bytes]:
    """Return a pack whose first task turns to the next when its limit passes, with a letter or without a word."""
    late = boundary("late", "a", timer(limit, "timeDuration"), clause=CLAUSE)
    notice = (service("notice", "notify", to="office", template="late"),) if letter else ()
    after = ("late", "notice", "urge") if letter else ("late", "urge")
    drawn = case_process(
        task("a"),
        late,
        *notice,
        task("b"),
        task("urge"),
        end(),
        path("s", "a", "b", "e"),
        path(*after, "e"),
    )
    return {**smallpack.pack(drawn), f"templates/message/{smallpack.SLUG}/late.txt": "已逾期".encode()}


@pytest.mark.parametrize("letter", [False, True])
def test_a_timer_that_fired_meanwhile_is_taken_back_unless_a_letter_went_out(
    make_office: OfficeMaker, letter: bool
) -> None:
    office = make_office(files=waiting_on("workdays(10)", letter=letter))
    outcome = office.try_register({"title": "诉求", "enterprise": "甲公司", "session": ""})
    assert isinstance(outcome, Registered)
    case_id = outcome.case_id
    before = rows_of(office, case_id)
    deploy(office.context, waiting_on("workdays(2)", letter=letter))
    migration_id = move(office, 2)
    office.pass_to("2026-09-03 09:00")
    assert office.open_tasks(case_id) == ["urge"]
    migrating.roll_back(office.context, small_admin(), migration_id, {case_id}, "退回")
    office.drain()
    if letter:
        [line] = migrating.report(office.context, smallpack.TENANT, migration_id, status="kept").lines
        assert "执行“notice号”，收不回来" in line.error and "“late号”到期" in line.error
        assert office.open_tasks(case_id) == ["urge"]
        return
    assert rows_of(office, case_id) == before
    told = staff_lines(office.events(case_id))[-1]
    assert told.what == "迁移回退到第 1 版流程：退回"
    assert told.details[-1].startswith("“late号”到期（2026-09-03 00:00") and told.details[-1].endswith(
        "已收回"
    )
    assert office.problems_of(case_id) == []
    office.pass_to("2026-09-15 09:00")
    assert office.open_tasks(case_id) == ["urge"]  # the old limit counts again
