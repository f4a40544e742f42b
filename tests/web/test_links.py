"""The enterprise's way in: receipt and code, and the one-time link of a letter."""

from __future__ import annotations

import re

import pytest
from tests.builders import RATE, REGISTER, Office
from tests.web.visitors import Visitor, open_case, portal, staff, visitor

from zuozhen.model.ids import new_id
from zuozhen.services.registration import Registered
from zuozhen.services.signing import LinkTarget


@pytest.fixture
def rated(web_office: Office) -> tuple[Office, Registered, str]:
    """A case that waits for its rating, and the link of the letter that asks for it."""
    registered = web_office.register()
    web_office.to_rating(registered)
    letter = web_office.letters(registered.case_id)[-1]
    link = re.search(r"http://zuozhen\.example(/p/\S+/link/\S+)", letter.body)
    assert link is not None
    return web_office, registered, link[1]


def test_looking_at_the_link_does_not_use_it_and_rating_does(rated: tuple[Office, Registered, str]) -> None:
    office, registered, link = rated
    for _ in range(3):  # scanners of mail servers open links
        assert visitor(office).get(link).status_code == 200
        assert visitor(office).client.head(link).status_code == 200
    assert office.open_tasks(registered.case_id) == ["Task_rate"]
    person = visitor(office)
    unfinished = {"service_score": "dissatisfied", "handling_score": "basic", "advice": "电话没人接"}
    answer = person.post(link, unfinished)
    assert answer.status_code == 422 and "电话没人接" in answer.text
    assert office.open_tasks(registered.case_id) == ["Task_rate"]
    assert person.post(link, RATE, follow_redirects=True).status_code == 200
    assert office.open_tasks(registered.case_id) == ["Task_signoff"]
    for again in (visitor(office).get(link), person.post(link, {**RATE, "advice": "再说一次"})):
        assert again.status_code == 410
        assert "已经提交过" in again.text
    assert office.case(registered.case_id).data["rate"]["service_score"] == "satisfied"
    assert len([e for e in office.events(registered.case_id) if e.payload.get("form") == "rate"]) == 1


def test_what_was_typed_is_shown_when_the_link_is_used_up(rated: tuple[Office, Registered, str]) -> None:
    office, registered, link = rated
    office.submit(registered.case_id, "Task_rate", RATE)
    answer = visitor(office).post(link, {**RATE, "advice": "我写了很久的意见"})
    assert answer.status_code == 410 and "我写了很久的意见" in answer.text


def test_a_changed_foreign_or_old_link_opens_nothing(rated: tuple[Office, Registered, str]) -> None:
    office, registered, link = rated
    signer = office.context.signer
    token = office.token(registered.case_id, "Task_rate").token
    other = office.register()
    accept = office.token(other.case_id, "Task_accept").token
    broken = {
        link[:-1]: 404,
        link + "x": 404,
        portal("link/" + "A" * 5000): 404,
        portal("link/"): 404,
        portal("link/%00%ff"): 404,
        portal("link/" + signer.link(LinkTarget(999999, registered.case_id, token))): 404,
        portal("link/" + signer.link(LinkTarget(office.tenant, other.case_id, token))): 404,
        portal("link/" + signer.link(LinkTarget(office.tenant, registered.case_id, "0" * 32))): 404,
        portal("link/" + signer.link(LinkTarget(office.tenant, other.case_id, accept))): 403,
    }
    for address, status in broken.items():
        for answer in (visitor(office).get(address), visitor(office).post(address, RATE)):
            assert answer.status_code == status, (address, answer.status_code)
    assert office.open_tasks(registered.case_id) == ["Task_rate"]
    assert office.open_tasks(other.case_id) == ["Task_accept"]


def test_an_expired_link_says_so(
    rated: tuple[Office, Registered, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    office, _, link = rated
    real = office.context.signer.open_link
    monkeypatch.setattr(type(office.context.signer), "open_link", lambda _self, text: real(text, max_age=-1))
    answer = visitor(office).get(link)
    assert answer.status_code == 410 and "有效期" in answer.text


# ---------------------------------------------------------------- receipt and code


def ask(person: Visitor, number: str, code: str) -> int:
    return person.post(portal("query"), {"number": number, "code": code}).status_code


def test_number_and_code_open_the_progress_of_one_case(any_web_office: Office) -> None:
    office = any_web_office
    mine, other = office.register(), office.register(title="别人的诉求")
    person = visitor(office)
    assert person.get(portal("progress")).status_code == 403
    spoken = f" {mine.code[:4].lower()} {mine.code[4:].lower()} "
    assert ask(person, f" {mine.number.lower()} ", spoken) == 302
    page = person.get(portal("progress"))
    assert page.status_code == 200 and REGISTER["title"] in page.text
    assert "别人的诉求" not in page.text
    for number, code in (
        (mine.number, other.code),
        (other.number, mine.code),
        ("XW2026-9999", mine.code),
        ("", ""),
    ):
        stranger = visitor(office)
        answer = stranger.post(portal("query"), {"number": number, "code": code})
        assert answer.status_code == 403 and "不正确" in answer.text
        assert stranger.get(portal("progress")).status_code == 403


def test_codes_cannot_be_tried_out(web_office: Office) -> None:
    mine = web_office.register()
    person = visitor(web_office)
    statuses = [ask(person, mine.number, f"AAAA{n:04d}") for n in range(32)]
    assert statuses[:30] == [403] * 30 and statuses[30:] == [429, 429]
    answer = person.post(portal("query"), {"number": mine.number, "code": mine.code})
    assert answer.status_code == 429 and "太频繁" in answer.text
    assert ask(visitor(web_office), mine.number, mine.code) == 302  # others are not locked out


def test_the_enterprise_withdraws_its_own_case_only(web_office: Office) -> None:
    own, other = web_office.register(), web_office.register()
    person = open_case(visitor(web_office), own.case_id)
    foreign = portal("do/" + web_office.token(other.case_id, "Catch_withdraw").token)
    assert person.get(foreign).status_code == 404
    assert person.post(foreign, {"withdraw_reason": "捣乱"}).status_code == 404
    assert web_office.case(other.case_id).status == "open"
    staff_task = portal("do/" + web_office.token(own.case_id, "Task_accept").token)
    assert person.post(staff_task, {"decision": "refuse"}).status_code == 403
    withdraw = portal("do/" + web_office.token(own.case_id, "Catch_withdraw").token)
    assert person.post(withdraw, {"withdraw_reason": "已自行解决"}).status_code == 302
    assert web_office.case(own.case_id).end_element == "End_withdrawn"


def test_staff_cannot_rate_through_a_case_of_their_own(rated: tuple[Office, Registered, str]) -> None:
    """Who registers a case gets its code; that must not open the ratings of other cases."""
    office, registered, _ = rated
    token = office.token(registered.case_id, "Task_rate").token
    own = office.register()
    cheat = visitor(office)
    assert ask(cheat, own.number, own.code) == 302
    assert cheat.post(portal(f"do/{token}"), RATE).status_code == 404
    clerk = staff(office, "clerk", unit="ziran", groups=("lead_office", "leader"))
    for answer in (
        clerk.get(f"/tasks/{token}"),
        clerk.post(f"/tasks/{token}", RATE),
        clerk.post(f"/tasks/{token}/claim"),
    ):
        assert answer.status_code == 403
    assert office.open_tasks(registered.case_id) == ["Task_rate"]


def test_a_case_of_another_jurisdiction_is_not_there(web_office: Office) -> None:
    person = visitor(web_office)
    with person.client.session_transaction() as session:
        session["case"] = [999999, new_id().hex]
    assert person.get(portal("progress")).status_code == 403
    for broken in (["x"], [530381], "530381", [530381, "zz"], [530381, new_id().hex]):
        with person.client.session_transaction() as session:
            session["case"] = broken
        assert person.get(portal("progress")).status_code in (403, 404)


# ---------------------------------------------------------------- registering


def test_registering_over_the_web_shows_the_receipt_once(any_web_office: Office) -> None:
    office = any_web_office
    person = visitor(office)
    answer = person.post(portal("register?via=zhengwu"), REGISTER)
    assert answer.status_code == 302 and answer.headers["Location"] == portal("receipt")
    page = person.get(portal("receipt")).text
    code = re.search(r"data-zz-code>([^<]+)<", page)
    assert "XW2026-0001" in page and code is not None
    assert visitor(office).get(portal("receipt")).status_code == 410
    assert ask(visitor(office), "XW2026-0001", code[1]) == 302
    with office.context.database.read() as session:
        from zuozhen.store.tables import Case

        assert (
            session.query(Case.channel).scalar() == "qr:zhengwu"
        )  # the channel and the counter of the poster


def test_a_half_filled_registration_is_kept_for_this_browser_only(web_office: Office) -> None:
    person = visitor(web_office)
    half = {"enterprise": "宣威市半途有限公司", "phone": "不对的电话", "_save": "1"}
    assert person.post(portal("register"), half, headers={"HX-Request": "true"}).status_code == 204
    page = person.get(portal("register")).text
    assert "宣威市半途有限公司" in page and "不对的电话" in page
    assert "半途" not in visitor(web_office).get(portal("register")).text
    answer = person.post(
        portal("register"), {"enterprise": "宣威市半途有限公司", "content": "写了一半的诉求"}
    )
    assert answer.status_code == 422 and "写了一半的诉求" in answer.text
    assert "写了一半的诉求" in person.get(portal("register")).text


def test_saving_drafts_does_not_use_up_the_registrations(web_office: Office) -> None:
    """The page saves by itself after every pause in typing."""
    person = visitor(web_office)
    for n in range(40):
        answer = person.post(
            portal("register"), {"content": f"第{n}句", "_save": "1"}, headers={"HX-Request": "true"}
        )
        assert answer.status_code == 204
    assert person.post(portal("register"), REGISTER).status_code == 302


def test_nobody_registers_by_the_hundred(web_office: Office) -> None:
    person = visitor(web_office)
    statuses = [person.post(portal("register"), REGISTER).status_code for _ in range(22)]
    assert statuses[:20] == [302] * 20 and statuses[20:] == [429, 429]
