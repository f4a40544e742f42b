"""Who may act by hand, and where the act is offered: on the page of the case as on that of a task."""

from __future__ import annotations

from uuid import UUID

import pytest
from tests.builders import Office
from tests.conftest import OfficeMaker
from tests.engine_lint.build import boundary, end, flow, message, path, process, start, sub_process, user
from tests.services.severalpack import several
from tests.services.smallpack import DIAGRAM, begin, document

from zuozhen.model.errors import Forbidden
from zuozhen.services.actors import Absent, Actor
from zuozhen.services.caseviews import case_view
from zuozhen.services.registration import Registered, register
from zuozhen.services.scenarios import load_scenarios
from zuozhen.services.tasks import as_formdata, open_task
from zuozhen.services.walking import Walker

LEAD = "office"
"""The role of the pack that sees all cases."""


def files(by: str | None) -> dict[str, bytes]:
    """A stage done by two units, with an act by hand on the whole of it."""
    named = {} if by is None else {"by": by}
    stage = sub_process(
        "stage",
        start("s1"),
        user("working", form="step", group="gongxin"),
        end("e1"),
        path("s1", "working", "e1"),
    )
    case = process(
        begin("register"),
        user("dispatching", form="dispatch", group="office"),
        stage,
        boundary("urge", "stage", message(), interrupting=False, trigger="staff", clause="三（一）", **named),
        end("urged"),
        flow("urge", "urged"),
        end(),
        path("s", "dispatching", "stage", "e"),
        id_="case",
    )
    others = [
        process(begin(form, f"{key}s"), user(f"{key}t", form="step", group="office"), end(f"{key}e"),
                path(f"{key}s", f"{key}t", f"{key}e"), id_=key)
        for key, form in (("clinic", "plan"), ("forum", "forum"), ("complaint", "complaint"))
    ]  # fmt: skip
    return {**several(), DIAGRAM: document('<bpmn:message id="m" name="消息" />', case, *others)}


def staged(office: Office, kind: str = "") -> UUID:
    """Return a case that is in the stage."""
    person = Actor(office.tenant, "甲", groups=frozenset({"enterprise"}))
    outcome = register(office.context, person, as_formdata({"enterprise": "甲"}), channel="window")
    assert isinstance(outcome, Registered)
    office.submit(outcome.case_id, "dispatching", {"kind": kind})
    return outcome.case_id


def may(office: Office, case_id: UUID, person: Actor) -> bool:
    """Say whether somebody may act; what the pages offer must agree."""
    act = office.token(case_id, "urge")
    try:
        open_task(office.context, person, act.token)
        allowed = True
    except Forbidden:
        allowed = False
    offered = [one.element_id for one in case_view(office.context, person, case_id).acts]
    assert offered == (["urge"] if allowed else [])
    if "gongxin" in person.groups:
        beside = open_task(office.context, person, office.token(case_id, "working").token).acts
        assert [one.element_id for one in beside] == offered
    return allowed


def somebody(office: Office, name: str, *groups: str) -> Actor:
    return office.person(name, groups=groups)


def test_without_groups_those_with_a_task_and_those_who_see_all_may_act(make_office: OfficeMaker) -> None:
    office = make_office(files=files(None))
    case_id = staged(office)
    assert may(office, case_id, somebody(office, "worker", "gongxin"))
    assert may(office, case_id, somebody(office, "lead", LEAD))
    assert may(office, case_id, somebody(office, "watcher", "watch"))


@pytest.mark.parametrize("by", ["watch", "zhen, watch", '=if dispatch.kind = "x" then ["watch"] else "zhen"'])
def test_only_the_named_groups_may_act(make_office: OfficeMaker, by: str) -> None:
    office = make_office(files=files(by))
    case_id = staged(office, "x")
    assert not may(office, case_id, somebody(office, "worker", "gongxin"))
    assert not may(office, case_id, somebody(office, "lead", LEAD))
    assert may(office, case_id, somebody(office, "watcher", "watch"))


def test_a_rule_that_cannot_be_worked_out_lets_nobody_act(make_office: OfficeMaker) -> None:
    office = make_office(files=files("=(function(x) x)(1, 2)"))
    case_id = staged(office, "x")
    assert not may(office, case_id, somebody(office, "watcher", "watch"))


def test_the_history_names_who_acts_in_whose_place(make_office: OfficeMaker) -> None:
    office = make_office(files=files("watch"))
    case_id = staged(office)
    away = somebody(office, "away", "watch")
    assert away.id is not None
    absent = Absent(away.id, away.name, frozenset({"watch"}))
    stand_in = Actor(office.tenant, "代班", away.id, frozenset({"watch", "zhen"}), stands_for=(absent,))
    office.submit(case_id, "urge", {}, by=stand_in)
    assert office.events(case_id)[-1].actor_name == f"代班（代{away.name}）"


WALK = """
[[scenario]]
name = "催一次"
start = 2026-09-01T09:00:00
[[scenario.step]]
at = 2026-09-01T09:00:00
register = { enterprise = "甲" }
channel = "window"
[[scenario.step]]
at = 2026-09-01T10:00:00
task = "dispatching"
[[scenario.step]]
at = 2026-09-01T11:00:00
act = "urge"
[[scenario.step]]
at = 2026-09-01T12:00:00
task = "gone"
"""


def test_a_walk_acts_as_the_named_group_and_says_why_a_step_failed(make_office: OfficeMaker) -> None:
    office = make_office(files=files("watch"))
    (scenario,) = load_scenarios(WALK.encode(), "scenarios.toml")
    said: list[str] = []
    walk = Walker(office.context, office.clock, office.tenant, said.append, paper=False).play(scenario)
    assert walk.differences == ["第 4 步 办理“gone”：流程图中没有“gone”"]
    assert "      ✗ 这一步没有办成：流程图中没有“gone”" in said
