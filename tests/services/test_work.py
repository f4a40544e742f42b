"""From the registration to the dossier through the services, on both databases."""

from __future__ import annotations

import pytest
from tests.builders import REGISTER, Office

from zuozhen.services import caseviews
from zuozhen.services.actors import enterprise
from zuozhen.services.registration import Registered, register
from zuozhen.services.tasks import as_formdata

pytestmark = pytest.mark.paper


def test_a_case_from_registration_to_its_dossier(any_office: Office) -> None:
    office = any_office
    registered = office.register()
    assert registered.number == "XW2026-0001"
    office.to_end(registered)

    case = office.case(registered.case_id)
    assert (case.status, case.end_element, case.outcome) == ("ended", "End_closed", "办结")
    assert office.open_tasks(registered.case_id) == []
    assert office.problems_of(registered.case_id) == []
    assert {row.form_key for row in office.documents(registered.case_id, "form")} == {
        "register",
        "clinic_record",
    }
    assert len(office.documents(registered.case_id, "dossier")) == 1
    assert office.jobs("send", "match", "deliver", "notify", "print", "archive") == []


def test_the_counter_of_a_scanned_poster_is_kept(office: Office) -> None:
    answers = as_formdata(REGISTER)
    actor = enterprise(office.tenant, "企业")
    scanned = register(office.context, actor, answers, channel="qr", counter="shuiwu")
    unknown = register(office.context, actor, answers, channel="qr", counter="nowhere")
    assert isinstance(scanned, Registered) and isinstance(unknown, Registered)
    lead = office.person("lead", groups=("lead_office",))
    seen = [caseviews.case_view(office.context, lead, r.case_id).facts["channel"] for r in (scanned, unknown)]
    assert seen == ["二维码（办税服务厅）", "二维码"]
