"""From the registration to the dossier through the services, on both databases."""

from __future__ import annotations

from tests.builders import Office


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
