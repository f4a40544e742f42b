"""A session that was moved or cancelled is not offered on its old date, whatever the recurrence rule says."""

from __future__ import annotations

from uuid import UUID

from tests.builders import PLAN, Office

from zuozhen.services.actors import Actor
from zuozhen.services.correcting.grounds import Grounds
from zuozhen.services.correcting.undoing import undo
from zuozhen.services.options import coming_sessions
from zuozhen.services.registration import open_start

OLD, NEW = "2026-09-20", "2026-09-22"
LEAD = Actor(530381, "专班员", groups=frozenset({"lead_office"}), sees_all=True)
MANAGER = Actor(530381, "管理员", admin=frozenset({"system"}))


def offered(office: Office) -> list[str]:
    with office.context.database.read() as session:
        release = office.context.releases.live(session, office.tenant)
        return [key for key, _label in coming_sessions(office.context, session, release)]


def planned(office: Office) -> UUID:
    """Return the September session, planned and announced for its regular date."""
    office.pass_to("2026-09-01 09:00")
    case_id = office.case_of("clinic", "open")
    assert case_id is not None
    office.submit(case_id, "Task_plan", PLAN)
    assert OLD in offered(office)
    return case_id


def change(office: Office, case_id: UUID, decision: str) -> None:
    office.submit(
        case_id,
        "Act_move",
        {"change_decision": decision, "change_reason": "会场检修"},
        by=LEAD,
    )


def test_a_cancelled_session_is_offered_no_more(any_office: Office) -> None:
    office = any_office
    case_id = planned(office)
    change(office, case_id, "cancel")
    assert office.case(case_id).status == "ended"
    assert OLD not in offered(office)
    office.start_session()  # called again on the very date
    assert OLD in offered(office)


def test_a_moved_session_is_offered_on_its_new_date_only(any_office: Office) -> None:
    office = any_office
    case_id = planned(office)
    change(office, case_id, "move")
    office.submit(case_id, "Task_plan", {**PLAN, "clinic_date": NEW})
    assert office.case(case_id).business_key == NEW
    assert OLD not in offered(office) and NEW in offered(office)
    view = open_start(office.context, office.tenant)
    assert view.bound is not None
    office.submit(
        case_id,
        "Act_move",
        {"change_decision": "move", "change_reason": "又变"},
        by=LEAD,
    )
    undo(office.context, MANAGER, case_id, Grounds("误点", "李主任"), seq=office.case(case_id).seq)
    assert OLD not in offered(office)  # undoing a later step does not bring the date back
    undo(office.context, MANAGER, case_id, Grounds("误点", "李主任"), seq=_last_planning(office, case_id))
    assert office.case(case_id).business_key == OLD and OLD in offered(office)
    assert office.problems_of(case_id) == []


def _last_planning(office: Office, case_id: UUID) -> int:
    return max(event.seq for event in office.events(case_id) if event.payload.get("left"))
