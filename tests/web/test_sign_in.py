"""Coming in: passwords, the lock after five failures, links that work once, no way to other sites."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.builders import PASSWORD, TENANT, Office
from tests.store.running import in_threads
from tests.web.visitors import Visitor, staff, visitor

from zuozhen.model.errors import ZuozhenError
from zuozhen.services import accounts
from zuozhen.services.accounts import SignedIn

WRONG = "登录名或密码不正确"


def enter(person: Visitor, username: str, password: str, following: str = "") -> tuple[int, str, str]:
    path = f"/login?next={following}" if following else "/login"
    answer = person.post(path, {"username": username, "password": password})
    return answer.status_code, answer.headers.get("Location", ""), answer.text


def test_a_password_opens_the_desk_and_signing_out_closes_it(web_office: Office) -> None:
    web_office.account("zhang", groups=("lead_office",), password=PASSWORD)
    person = visitor(web_office)
    assert person.get("/tasks").headers["Location"] == "/login?next=/tasks"
    assert enter(person, " zhang ", PASSWORD, "/cases")[:2] == (302, "/cases")
    assert person.get("/tasks").status_code == 200
    assert person.post("/logout").status_code == 302
    assert person.get("/tasks").status_code == 302


def test_five_failures_lock_for_thirty_minutes(any_web_office: Office) -> None:
    office = any_web_office
    office.account("zhang", groups=("lead_office",), password=PASSWORD)
    person = visitor(office)
    for _ in range(4):
        status, _, page = enter(person, "zhang", "falsch")
        assert status == 403 and WRONG in page
    assert enter(person, "zhang", PASSWORD)[0] == 302  # a success forgets the failures
    person = visitor(office)
    for _ in range(5):
        assert WRONG in enter(person, "zhang", "falsch")[2]
    status, _, page = enter(person, "zhang", PASSWORD)
    assert status == 403 and "锁定" in page and "30 分钟" in page
    assert 'value="zhang"' in page and PASSWORD not in page
    office.clock.move_to(office.clock() + timedelta(minutes=30, seconds=1))
    assert enter(person, "zhang", PASSWORD)[0] == 302


def test_nobody_learns_which_names_exist(web_office: Office) -> None:
    web_office.account("zhang", password=PASSWORD)
    web_office.account("nopass")
    gone = web_office.account("gone", password=PASSWORD)
    accounts.set_active(web_office.context, TENANT, gone.id, False)
    pages = set()
    for name, password in (("zhang", "x"), ("nobody", "x"), ("nopass", ""), ("gone", PASSWORD), ("", "")):
        status, _, page = enter(visitor(web_office), name, password)
        assert status == 403
        pages.add(page.split('role="alert"')[1].split("</div>")[0])
    assert len(pages) == 1


def test_guesses_at_the_same_moment_are_all_counted(any_web_office: Office) -> None:
    office = any_web_office
    office.account("zhang", password=PASSWORD)
    outcomes = in_threads(6, lambda _: accounts.sign_in(office.context, "zhang", "falsch"))
    assert all(isinstance(outcome, ZuozhenError) for outcome in outcomes), outcomes
    with pytest.raises(ZuozhenError, match="锁定"):
        accounts.sign_in(office.context, "zhang", PASSWORD)


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/%09/evil.example",
        "/%0a/evil.example",
        "javascript:alert(1)",
        "http:evil.example",
        "/tasks%0d%0aSet-Cookie:x=1",
        "///evil.example",
        "/%5Cevil.example",
    ],
)
def test_the_login_leads_nowhere_else(target: str, web_office: Office) -> None:
    web_office.account("zhang", password=PASSWORD)
    answer = visitor(web_office).post(f"/login?next={target}", {"username": "zhang", "password": PASSWORD})
    assert answer.status_code == 302
    location = answer.headers["Location"]
    assert location == "/tasks" or location.startswith("/tasks%0"), location
    assert "Set-Cookie:x" not in str(answer.headers.getlist("Set-Cookie"))


# ---------------------------------------------------------------- links for the first login


def test_a_first_login_link_works_once_and_looking_does_not_use_it(any_web_office: Office) -> None:
    office = any_web_office
    account = office.account("zhang", groups=("lead_office",))
    link = "/first-login/" + accounts.new_login_link(office.context, TENANT, account.id)
    for _ in range(3):
        page = visitor(office).get(link)
        assert page.status_code == 200 and "zhang" in page.text
    person = visitor(office)
    for password, again in (
        ("short", "short"),
        (PASSWORD, PASSWORD + "x"),
        ("nurkleinbuchstaben", "nurkleinbuchstaben"),
        ("Zhang-12345678", "Zhang-12345678"),
    ):
        answer = person.post(link, {"password": password, "again": again})
        assert answer.status_code == 422 and password not in answer.text
    assert person.post(link, {"password": PASSWORD, "again": PASSWORD}).status_code == 302
    assert person.get("/tasks").status_code == 200
    for answer in (
        visitor(office).get(link),
        visitor(office).post(link, {"password": PASSWORD, "again": PASSWORD}),
    ):
        assert answer.status_code == 410 and "已使用" in answer.text
    assert enter(visitor(office), "zhang", PASSWORD)[0] == 302


def test_a_link_expires_and_an_unknown_one_is_not_found(web_office: Office) -> None:
    account = web_office.account("zhang")
    link = "/first-login/" + accounts.new_login_link(web_office.context, TENANT, account.id)
    assert visitor(web_office).get(link + "x").status_code == 404
    web_office.clock.move_to(web_office.clock() + timedelta(hours=72, seconds=1))
    answer = visitor(web_office).post(link, {"password": PASSWORD, "again": PASSWORD})
    assert answer.status_code == 410 and "过期" in answer.text


def test_of_two_people_with_one_link_one_gets_in(any_web_office: Office) -> None:
    office = any_web_office
    account = office.account("zhang")
    secret = accounts.new_login_link(office.context, TENANT, account.id)
    outcomes = in_threads(4, lambda n: accounts.use_login_link(office.context, secret, f"{PASSWORD}-{n}"))
    assert [type(outcome) for outcome in outcomes].count(SignedIn) == 1, outcomes


# ---------------------------------------------------------------- sessions end


def test_a_changed_password_a_reset_and_a_deactivation_end_the_other_sessions(web_office: Office) -> None:
    web_office.account("zhang", groups=("lead_office",), password=PASSWORD)
    here, there = visitor(web_office), visitor(web_office)
    for person in (here, there):
        assert enter(person, "zhang", PASSWORD)[0] == 302
    new = "Neues-Passwort-1"
    assert here.post("/account", {"old": "falsch", "password": new, "again": new}).status_code == 422
    assert here.post("/account", {"old": PASSWORD, "password": new, "again": new}).status_code == 302
    assert here.get("/tasks").status_code == 200
    assert there.get("/tasks").status_code == 302
    account = accounts.account_named(web_office.context, "zhang")
    admin = staff(web_office, "admin", admin="system")
    assert admin.post(f"/studio/tables/people/{account.id}/deactivate").status_code == 302
    assert here.get("/tasks").status_code == 302


def test_administrators_make_accounts_and_nobody_else_does(web_office: Office) -> None:
    admin, clerk = (
        staff(web_office, "admin", admin="system"),
        staff(web_office, "zhang", groups=("lead_office",)),
    )
    wanted = {"username": "li", "name": "李四", "groups": ["window", "nothing"], "unit": "zhengwu"}
    assert clerk.post("/studio/tables/people", wanted).status_code == 403
    page = admin.post("/studio/tables/people", wanted)
    assert page.status_code == 200 and "/first-login/" in page.text
    made = accounts.account_named(web_office.context, "li")
    assert (made.groups, made.unit, made.admin, made.password_hash) == (["window"], "zhengwu", [], None)
    assert admin.post("/studio/tables/people", wanted).status_code == 422
    both = {**wanted, "username": "wang", "admin": ["system", "audit"]}
    assert admin.post("/studio/tables/people", both).status_code == 422
