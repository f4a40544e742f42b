"""Business secrets: who does not work on a confidential case reads them nowhere (docs/decisions/0009-masking.md)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from tests.builders import Office
from tests.conftest import OfficeMaker
from tests.services.severalpack import TENANT, pack_form, several
from tests.services.smallpack import SLUG

from zuozhen.formjs import CONCEALED
from zuozhen.model.clock import LOCAL
from zuozhen.services import caseviews, tasklist
from zuozhen.services.actors import Actor
from zuozhen.services.facts import Needs, facts_of, facts_of_cases
from zuozhen.services.lookups import functions_for
from zuozhen.services.registration import Registered, register
from zuozhen.services.tasks import as_formdata
from zuozhen.store.database import count_statements

RECIPE = "祖传秘方"


@pytest.fixture
def office(make_office: OfficeMaker) -> Office:
    return make_office(files=several())


def begun(office: Office, **answers: Any) -> UUID:
    actor = Actor(TENANT, "企业", groups=frozenset({"enterprise"}))
    known = {"enterprise": "甲公司", "title": "用电", "secret": RECIPE, **answers}
    outcome = register(office.context, actor, as_formdata(known), channel="window")
    assert isinstance(outcome, Registered)
    return outcome.case_id


def read_by(office: Office, case_id: UUID, reader: Actor | None) -> str:
    with office.context.database.read() as session:
        facts = facts_of(office.context, session, office.case(case_id), reader=reader)
    return json.dumps(facts, ensure_ascii=False, default=str)


def test_only_those_who_work_on_a_confidential_case_read_its_secrets(office: Office) -> None:
    case_id, open_case = begun(office, confidential=True), begun(office)
    people = {
        name: office.person(name, groups=(group,)) for name, group in (("lead", "office"), ("watch", "watch"))
    }
    unit = office.person("unit", unit="gongxin")
    assert people["watch"].sees_all
    enterprise = Actor(TENANT, "企业", groups=frozenset({"enterprise"}))

    assert RECIPE in read_by(office, case_id, None)
    assert RECIPE in read_by(office, case_id, people["lead"])
    assert RECIPE in read_by(office, case_id, enterprise)
    for outsider in (people["watch"], unit, Actor(TENANT, "")):
        told = read_by(office, case_id, outsider)
        assert RECIPE not in told
        assert CONCEALED in told
        assert RECIPE in read_by(office, open_case, outsider)

    office.submit(case_id, "dispatching", {"kind": "oral"}, by=people["lead"])
    assert RECIPE in read_by(office, case_id, unit)  # its task has begun


def test_who_registered_a_case_works_on_it(office: Office) -> None:
    clerk = office.person("clerk", groups=("judge",))
    form = as_formdata({"enterprise": "甲公司", "title": "用电", "secret": RECIPE, "confidential": True})
    outcome = register(office.context, clerk, form, channel="window")
    assert isinstance(outcome, Registered)
    other = office.person("other", groups=("judge",))
    assert RECIPE in read_by(office, outcome.case_id, clerk)
    assert RECIPE not in read_by(office, outcome.case_id, other)


def test_other_cases_are_found_without_their_secrets(office: Office) -> None:
    begun(office, confidential=True)
    with office.context.database.read() as session:
        release = office.context.releases.live(session, TENANT)
        at = datetime(2026, 9, 1, tzinfo=LOCAL)
        found = functions_for(office.context, session, release)(at, lambda _note: None)["cases"]()
    assert found[0]["register"]["secret"] == CONCEALED
    assert found[0]["register"]["enterprise"] == "甲公司"


def test_a_title_and_an_enterprise_that_are_secret_stand_in_no_list(make_office: OfficeMaker) -> None:
    mask = {"mask": "=confidential = true"}
    secret = pack_form(
        "register",
        {"key": "enterprise", "properties": mask},
        {"key": "title", "properties": mask},
        {"key": "booking"},
        {"key": "secret"},
        {"key": "confidential", "type": "checkbox"},
    )
    office = make_office(files={**several(), f"forms/{SLUG}/register.json": secret})
    case_id = begun(office, confidential=True)
    assert office.case(case_id).title == f"{CONCEALED}：{CONCEALED}"
    assert office.case(case_id).enterprise == CONCEALED
    watch = office.person("watch", groups=("watch",))
    for query in ("甲公司", "用电"):
        assert tasklist.case_page(office.context, watch, query=query).rows == ()
        assert tasklist.task_page(office.context, watch, "all", query=query).rows == ()
    with office.context.database.read() as session:
        facts = facts_of(office.context, session, office.case(case_id))
    assert facts["case"]["enterprise"] == "甲公司"  # letters and papers of the case
    lead = office.person("lead", groups=("office",))
    view = caseviews.case_view(office.context, lead, case_id)
    assert ("填写enterprise", "甲公司") in view.forms[0].fields


def test_many_cases_cost_at_most_three_statements(office: Office) -> None:
    """Tasks, sessions, and who registered the confidential ones: one statement each, however many cases."""
    cases = [office.case(begun(office, confidential=number % 2 == 0)) for number in range(12)]
    watch = office.person("watch", groups=("watch",))
    with office.context.database.read() as session, count_statements(office.context.database) as counts:
        facts = facts_of_cases(office.context, session, cases, reader=watch)
        assert len(facts) == 12
    assert len(counts.statements) <= 3
    plain = Needs(frozenset({"register"}), frozenset(), tasks=False)
    with office.context.database.read() as session, count_statements(office.context.database) as counts:
        facts_of_cases(office.context, session, cases, needs=plain)
    assert counts.statements == []
