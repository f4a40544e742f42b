"""Departments see their own cases and nothing else, wherever they look (ALL-6)."""

from __future__ import annotations

from uuid import UUID

import pytest
from tests.builders import ARRANGE, REGISTER, TO_RATING, Office

from zuozhen.model.errors import NotFound
from zuozhen.services import archive, caseviews, clinics, registers, tasklist
from zuozhen.services.actors import Actor
from zuozhen.services.registration import Registered, register
from zuozhen.services.tasks import as_formdata


@pytest.fixture
def two_cases(office: Office) -> tuple[Office, UUID, UUID]:
    """One case of 自然资源局, one of 工信局, both booked for the same session."""
    ids = []
    office.pass_to("2026-09-01 09:00")
    for unit in ("ziran", "gongxin"):
        case_id = office.register(title=f"关于{unit}事项的情况反映").case_id
        for element, answers in TO_RATING:
            change = {"Task_assign": {"reception_unit": unit}, "Task_contact": {"lead_unit": unit}}
            office.submit(case_id, element, {**answers, **change.get(element, {})})
        ids.append(case_id)
    office.hold_session()
    return office, ids[0], ids[1]


def seen(office: Office, actor: Actor) -> set[UUID]:
    return {row.id for row in tasklist.case_page(office.context, actor).rows}


@pytest.mark.paper
def test_a_department_sees_only_its_cases_everywhere(two_cases: tuple[Office, UUID, UUID]) -> None:
    office, own, foreign = two_cases
    ziran = office.person("zhang", unit="ziran")
    office.drain()

    assert seen(office, ziran) == {own}
    for scope in ("mine", "group", "all"):
        rows = tasklist.task_page(office.context, ziran, scope).rows  # type: ignore[arg-type]
        assert {row.case_id for row in rows} <= {own}
    assert {row.case_id for row in tasklist.task_page(office.context, ziran).rows} == {own}
    assert caseviews.case_view(office.context, ziran, own).facts["title"] == "关于ziran事项的情况反映"
    with pytest.raises(NotFound):
        caseviews.case_view(office.context, ziran, foreign)

    paper = office.documents(foreign)[0]
    with pytest.raises(NotFound):
        archive.document(office.context, ziran, foreign, paper.id)
    with pytest.raises(NotFound):  # nor by naming its own case with the foreign document
        archive.document(office.context, ziran, own, paper.id)
    mine = office.documents(own)[0]
    assert archive.document(office.context, ziran, own, mine.id)[1].startswith(b"%PDF")

    listed = registers.register_view(office.context, ziran, "service_list", ARRANGE["clinic_date"])
    assert len(listed.rows) == 1
    row = next(row for row in clinics.sessions(office.context, ziran) if row.key == ARRANGE["clinic_date"])
    assert row.booked == 1
    assert sum(count for _, count in tasklist.stage_counts(office.context, ziran)) == 1


def test_who_sees_all_sees_all(two_cases: tuple[Office, UUID, UUID]) -> None:
    office, *both = two_cases
    for name, group in (("lead", "lead_office"), ("du", "supervision"), ("leader", "leader")):
        person = office.person(name, groups=(group,))
        assert person.sees_all
        assert seen(office, person) == set(both)
    for options in ({"unit": "huanbao"}, {"groups": ("window",)}, {"admin": "system"}):
        person = office.person(f"none{len(options)}{next(iter(options))}", **options)  # type: ignore[arg-type]
        assert not person.sees_all
        assert seen(office, person) == set()
        assert tasklist.task_page(office.context, person, "all").rows == ()


@pytest.mark.paper
def test_archived_cases_follow_the_same_rule(office: Office) -> None:
    registered = office.register()
    office.to_end(registered)
    ziran, other = office.person("zhang", unit="ziran"), office.person("wang", unit="gongxin")
    rows = archive.dossiers(office.context, ziran, "")
    assert [row.case_id for row in rows] == [registered.case_id]
    assert archive.dossiers(office.context, other, "") == []
    assert archive.dossiers(office.context, ziran, "没有这样的") == []
    assert archive.verify_document(office.context, ziran, rows[0].document_id)[1] == ()
    with pytest.raises(NotFound):
        archive.verify_document(office.context, other, rows[0].document_id)


def test_a_wildcard_is_a_character_when_searching(office: Office) -> None:
    office.register(title="关于100%用电事项的情况反映")
    office.register(title="关于100度用电事项的情况反映")
    lead = office.person("lead", groups=("lead_office",))
    assert [row.title for row in tasklist.case_page(office.context, lead, query="100%").rows] == [
        "关于100%用电事项的情况反映"
    ]
    assert [row.title for row in tasklist.task_page(office.context, lead, query="100%").rows] == [
        "关于100%用电事项的情况反映"
    ]
    assert archive.dossiers(office.context, lead, "%") == []


def test_lists_go_on_page_by_page_without_loss_or_repetition(office: Office) -> None:
    lead = office.person("lead", groups=("lead_office",))
    wanted = {office.register().case_id for _ in range(tasklist.PAGE + 5)}
    found: list[UUID] = []
    key = ""
    for _ in range(3):
        page = tasklist.task_page(office.context, lead, after=key)
        found += [row.case_id for row in page.rows]
        if not (key := page.next_key):
            break
    assert len(found) == len(wanted) and set(found) == wanted
    first = tasklist.case_page(office.context, lead)
    rest = tasklist.case_page(office.context, lead, after=first.next_key)
    assert {row.id for row in (*first.rows, *rest.rows)} == wanted


def test_who_registered_a_case_may_follow_it(office: Office) -> None:
    window = office.person("window", groups=("window",))
    other = office.person("window2", groups=("window",))
    registered = register(office.context, window, as_formdata(REGISTER), channel="window")
    assert isinstance(registered, Registered)
    assert caseviews.case_view(office.context, window, registered.case_id).case.number == registered.number
    with pytest.raises(NotFound):
        caseviews.case_view(office.context, other, registered.case_id)
