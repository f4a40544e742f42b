"""The correction pages: reachable for the administrator only, errors shown where they were made."""

from __future__ import annotations

import pytest
from tests.builders import ACCEPT, Office
from tests.conftest import OfficeMaker
from tests.web.visitors import Visitor


@pytest.fixture
def office(make_office: OfficeMaker) -> Office:
    return make_office(web=True)


def administrator(office: Office) -> Visitor:
    assert office.app is not None
    return Visitor(office.app).sign_in(office.account("guanli", admin="system"))


def test_others_are_kept_out(office: Office) -> None:
    case_id = office.register().case_id
    assert office.app is not None
    clerk = Visitor(office.app).sign_in(office.account("zhang", groups=("lead_office",)))
    assert clerk.get("/corrections").status_code == 403
    assert clerk.get(f"/cases/{case_id}/correct").status_code == 403
    assert (
        clerk.post(f"/cases/{case_id}/correct/cancel", {"reason": "试试", "approver": "我"}).status_code
        == 403
    )
    assert office.case(case_id).status == "open"


def test_a_case_is_found_moved_and_undone(office: Office) -> None:
    registered = office.register()
    office.submit(registered.case_id, "Task_accept", ACCEPT)
    admin = administrator(office)
    assert registered.number in admin.get(f"/corrections?q={registered.number}").text
    page = admin.get(f"/cases/{registered.case_id}/correct")
    assert "现在所在的环节" in page.text
    token = office.token(registered.case_id, "Task_assign").token
    said = {"reason": "应由专班再看一次", "approver": "李局长"}
    answer = admin.post(
        f"/cases/{registered.case_id}/correct/move", {**said, "token": token, "element": "Task_accept"}
    )
    assert answer.status_code == 302
    assert office.open_tasks(registered.case_id) == ["Task_accept"]
    page = admin.get(f"/cases/{registered.case_id}/correct").text
    assert "应由专班再看一次（李局长批准）" in page
    seq = office.events(registered.case_id)[-1].seq
    assert admin.post(f"/cases/{registered.case_id}/correct/undo", {**said, "seq": seq}).status_code == 302
    assert office.open_tasks(registered.case_id) == ["Task_assign"]


@pytest.mark.parametrize(
    ("act", "typed", "status"),
    [
        ("move", {"reason": "理由", "approver": "李"}, 409),
        ("move", {"token": "x" * 40, "element": "\x00", "reason": "理由", "approver": "李"}, 409),
        ("due", {"token": "0" * 32, "due": "昨天", "reason": "理由", "approver": "李"}, 422),
        ("due", {"token": "0" * 32, "due": "2026-12-31", "reason": "理由", "approver": "李"}, 409),
        ("due", {"token": "open", "due": "9999-12-31", "reason": "理由", "approver": "李"}, 422),
        ("undo", {"seq": "9" * 5000, "reason": "理由", "approver": "李"}, 409),
        ("undo", {"seq": "很多", "reason": "理由", "approver": "李"}, 409),
        ("cancel", {"reason": "", "approver": ""}, 422),
        ("burn", {"reason": "理由", "approver": "李"}, 404),
    ],
)
def test_what_cannot_be_done_is_told_and_nothing_changes(
    office: Office, act: str, typed: dict[str, str], status: int
) -> None:
    case_id = office.register().case_id
    if typed.get("token") == "open":
        typed = {**typed, "token": office.token(case_id, "Task_accept").token}
    answer = administrator(office).post(f"/cases/{case_id}/correct/{act}", typed)
    assert answer.status_code == status, answer.text
    assert len(office.events(case_id)) == 1


def test_typed_grounds_come_back_with_an_error(office: Office) -> None:
    case_id = office.register().case_id
    token = office.token(case_id, "Task_accept").token
    typed = {
        "token": token,
        "due": "2020-01-01",
        "reason": "材料复杂<b>",
        "approver": "李局长",
        "basis": "某法第三条",
    }
    answer = administrator(office).post(f"/cases/{case_id}/correct/due", typed)
    assert answer.status_code == 422
    for text in ("材料复杂&lt;b&gt;", "李局长", "某法第三条", "2020-01-01", "不能早于今天"):
        assert text in answer.text
