"""Several procedures in one pack: who may start and see them, their titles, sessions, bookings, other cases."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from tests.builders import Office
from tests.conftest import OfficeMaker
from tests.services.severalpack import TENANT, several

from zuozhen.model.clock import LOCAL
from zuozhen.model.errors import FeelError, Forbidden, NotFound
from zuozhen.model.migration import Order
from zuozhen.services import archive, caseviews, numberledger, tasklist, tasks
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.correcting import acts
from zuozhen.services.correcting.grounds import Grounds
from zuozhen.services.correcting.views import correction_view, find_cases
from zuozhen.services.facts import facts_of
from zuozhen.services.lookups import functions_for
from zuozhen.services.migrating import preview
from zuozhen.services.options import called_sessions
from zuozhen.services.registration import Registered, StartView, open_start, register, start_by_hand
from zuozhen.services.tasks import as_formdata
from zuozhen.store.database import count_statements


@pytest.fixture
def office(make_office: OfficeMaker) -> Office:
    return make_office(files=several())


def book(office: Office, **answers: Any) -> Registered | StartView:
    actor = Actor(TENANT, "企业", groups=frozenset({"enterprise"}))
    known = {"enterprise": "甲公司", "title": "用电", **answers}
    return register(office.context, actor, as_formdata(known), channel="window")


def matter(office: Office, **answers: Any) -> UUID:
    outcome = book(office, **answers)
    assert isinstance(outcome, Registered), outcome.bound and outcome.bound.problems
    return outcome.case_id


def complaint(office: Office) -> Registered:
    actor = Actor(TENANT, "企业", groups=frozenset({"enterprise"}))
    form = as_formdata({"enterprise": "乙公司", "about": "态度"})
    outcome = register(office.context, actor, form, channel="online", alias="complaint")
    assert isinstance(outcome, Registered)
    return outcome


def clinic(office: Office, session: str, **answers: Any) -> UUID:
    lead = Actor(TENANT, "专班", groups=frozenset({"office"}), sees_all=True)
    started = start_by_hand(office.context, lead, as_formdata({"session": session, **answers}))
    assert isinstance(started, UUID)
    return started


# ---------------------------------------------------------------- starting


def test_only_those_it_is_open_to_start_a_procedure(office: Office) -> None:
    unit = Actor(TENANT, "工信局", groups=frozenset({"gongxin"}))
    lead = Actor(TENANT, "专班", groups=frozenset({"office"}), sees_all=True)
    started = start_by_hand(office.context, unit, as_formdata({"theme": "用工"}), "forum")
    assert isinstance(started, UUID)
    assert office.open_tasks(started) == ["talk"]
    with pytest.raises(Forbidden):
        start_by_hand(office.context, lead, as_formdata({"theme": "用工"}), "forum")
    with pytest.raises(Forbidden):
        start_by_hand(office.context, unit, as_formdata({}), "clinic")


def test_enterprises_start_public_procedures_only_and_get_a_receipt(office: Office) -> None:
    receipt = complaint(office)
    assert receipt.number == "COMPLAINT2026-0001"
    assert caseviews.find_by_code(office.context, TENANT, receipt.number, receipt.code) == receipt.case_id
    actor = Actor(TENANT, "企业", groups=frozenset({"enterprise"}))
    for alias in ("forum", "clinic", "nothing"):
        with pytest.raises(NotFound):
            register(office.context, actor, as_formdata({"theme": "x"}), channel="online", alias=alias)


# ---------------------------------------------------------------- titles


def test_the_title_is_worked_out_after_every_form(office: Office) -> None:
    case_id = matter(office)
    assert office.case(case_id).title == "甲公司：用电"
    lead = Actor(TENANT, "专班", groups=frozenset({"office"}), sees_all=True)
    office.submit(case_id, "dispatching", {"kind": "formal", "office": "city"}, by=lead)
    assert office.case(case_id).title == "甲公司：用电（市级服企办交（2026）第01号）"
    acts.cancel(
        office.context,
        Actor(TENANT, "管", admin=frozenset({"system"})),
        case_id,
        Grounds("企业撤回", "李主任"),
    )
    assert office.case(case_id).title == "甲公司：用电（市级服企办交（2026）第01号）"


def test_a_title_that_cannot_be_told_leaves_the_old_one(make_office: OfficeMaker) -> None:
    broken = several(**{"'plan.place + names.fagai'": "'(function(x) x)(1, 2)'"})
    office = make_office(files=broken)
    session = clinic(office, "2026-10-20", place="二楼")
    assert office.case(session).title == "2026年10月20日（星期二）坐诊"


def test_without_rules_a_completion_costs_as_before(office: Office, make_office: OfficeMaker) -> None:
    """Titles and numbers cost statements only where the pack asks for them."""
    lead = Actor(TENANT, "专班", groups=frozenset({"office"}), sees_all=True)
    costs = {}
    for kind in ("oral", "formal"):
        case_id = matter(office)
        token = office.token(case_id, "dispatching").token
        with count_statements(office.context.database) as counts:
            tasks.submit(office.context, lead, token, as_formdata({"kind": kind, "office": "city"}))
        costs[kind] = len(counts.statements)
    assert costs["oral"] <= 5  # one more than without numbers: whether the case has one already
    assert costs["formal"] <= 7  # the counter and the row of the ledger


# ---------------------------------------------------------------- sessions and bookings


def test_sessions_of_all_session_procedures_can_be_booked(office: Office) -> None:
    clinic(office, "2026-10-20 gongxin", place="二楼", deadline="2026-09-05")
    clinic(office, "2026-10-20", place="三楼")
    clinic(office, "2026-08-01", place="已过")
    view = open_start(office.context, TENANT)
    assert view.bound is not None
    field = view.bound.wtform.field("booking")
    assert field.state.choices == (
        ("2026-10-20", "三楼发展和改革局"),
        ("2026-10-20 gongxin", "二楼发展和改革局"),
    )
    case_id = matter(office, booking="2026-10-20 gongxin")
    office.pass_to("2026-09-06 09:00")
    refused = book(office, booking="2026-10-20 gongxin")
    assert isinstance(refused, StartView)
    assert refused.bound is not None
    assert [problem.field for problem in refused.bound.problems] == ["booking"]
    with office.context.database.read() as session:
        release = office.context.releases.live(session, TENANT)
        found = {one["value"]: one["bookable"] for one in called_sessions(office.context, session, release)}
    assert found == {"2026-10-20": True, "2026-10-20 gongxin": False}

    lead = Actor(TENANT, "专班", groups=frozenset({"office"}), sees_all=True)
    office.submit(case_id, "dispatching", {"kind": "oral"}, by=lead)
    case = office.case(case_id)
    assert case.business_key == "2026-10-20 gongxin"
    with office.context.database.read() as session:
        facts = facts_of(office.context, session, case)
    assert facts["session"]["plan"]["place"] == "二楼"
    assert facts["case"]["session_label"] == "2026年10月20日（星期二）工业和信息化局"
    assert facts["case"]["session_on"] == "2026-10-20"
    assert facts["text"]["register"]["booking"] == "2026年10月20日（星期二）工业和信息化局"
    assert facts["tables"]["rota"][0] == {"month": "10", "unit": "gongxin"}
    assert [(t["element"], t["group_name"], t["open"]) for t in facts["tasks"]] == [
        ("dispatching", "专班", False),
        ("working", "工业和信息化局", True),
    ]
    assert facts["case"]["open_units"] == ["工业和信息化局"]


def test_choices_are_worked_out_from_the_units_of_the_pack(office: Office) -> None:
    case_id = matter(office)
    lead = Actor(TENANT, "专班", groups=frozenset({"office"}), sees_all=True)
    chosen = {"kind": "oral", "kind_of": "town", "unit": "zhen"}
    office.submit(case_id, "dispatching", chosen, by=lead)
    with office.context.database.read() as session:
        facts = facts_of(office.context, session, office.case(case_id))
    assert facts["text"]["dispatch"]["unit"] == "某镇政府"


# ---------------------------------------------------------------- private


def seers(office: Office) -> dict[str, Actor]:
    return {
        "lead": office.person("lead", unit="fagai", groups=("office",)),
        "watch": office.person("watch", groups=("watch",)),
        "judge": office.person("judge", groups=("judge",)),
        "admin": office.person("admin", groups=("office",), admin="system"),
    }


def test_a_private_case_is_known_only_to_those_who_work_on_it(office: Office) -> None:
    context = office.context
    people = seers(office)
    secret, plain = complaint(office), matter(office)
    task = office.token(secret.case_id, "judging").token

    for name in ("lead", "watch", "admin"):
        with pytest.raises(NotFound):
            caseviews.case_view(context, people[name], secret.case_id)
        rows = tasklist.case_page(context, people[name], process="complaint").rows
        assert rows == ()
        assert [row.token for row in tasklist.task_page(context, people[name], "all").rows] == [
            office.token(plain, "dispatching").token
        ]
        assert tasklist.task_page(context, people[name], "all").counts["all"] == 1
        assert tasklist.case_page(context, people[name], process="complaint", query="乙公司").rows == ()
        with pytest.raises(Forbidden):
            tasks.hand_over(context, people[name], task, people["lead"].id or UUID(int=0), "代办")
        ledger = numberledger.ledger(context, people[name]).rows
        assert {row.text: row.enterprise for row in ledger} == {
            "COMPLAINT2026-0001": "",
            "SF2026-0001": "甲公司",
        }
        assert archive.dossiers(context, people[name], "") == []

    assert caseviews.case_view(context, people["judge"], secret.case_id).case.enterprise == "乙公司"
    assert [row.id for row in tasklist.case_page(context, people["judge"], process="complaint").rows] == [
        secret.case_id
    ]


def test_corrections_and_migrations_do_not_tell_of_private_cases(office: Office) -> None:
    context, admin = office.context, seers(office)["admin"]
    secret = complaint(office)
    matter(office)
    assert [case.enterprise for case in find_cases(context, admin, "")] == ["甲公司"]
    with pytest.raises(NotFound):
        correction_view(context, admin, secret.case_id)
    with pytest.raises(NotFound):
        acts.cancel(context, admin, secret.case_id, Grounds("误报", "李主任"))
    told = told_by_preview(context)
    assert ("（不公开的事项）", "") in told
    assert ("甲公司：用电", "甲公司") in told
    assert not any("乙" in title + enterprise for title, enterprise in told)


def told_by_preview(context: Context) -> set[tuple[str, str]]:
    from zuozhen.services.deployment import deploy

    deploy(context, several(**{'about = "对工作人员的投诉"': 'about = "对工作人员的投诉。"'}), note="第二版")
    found = preview(context, TENANT, None, Order())
    return {(case.title, case.enterprise) for group in found.groups for case in group.cases}


# ---------------------------------------------------------------- other cases


def test_cases_finds_cases_of_the_same_jurisdiction(office: Office) -> None:
    clinic(office, "2026-10-20", place="三楼")
    first = matter(office, booking="2026-10-20")
    matter(office, enterprise="乙公司")
    lead = Actor(TENANT, "专班", groups=frozenset({"office"}), sees_all=True)
    office.submit(first, "dispatching", {"kind": "oral"}, by=lead)
    now = datetime(2026, 9, 1, tzinfo=LOCAL)
    with office.context.database.read() as session:
        release = office.context.releases.live(session, TENANT)
        cases = functions_for(office.context, session, release)(now, lambda _note: None)["cases"]
        assert [one["number"] for one in cases()] == ["SF2026-0001", "SF2026-0002"]
        assert [one["register"]["enterprise"] for one in cases(session="2026-10-20")] == ["甲公司"]
        assert [one["status"] for one in cases(process="clinic")] == ["open"]
        assert cases(enterprise=None) == []
        with pytest.raises(FeelError, match="没有名为"):
            cases(process="gone")
        with pytest.raises(FeelError, match="不认识的参数"):
            cases(tenant="1")
