"""Two jurisdictions in one installation: whatever belongs to the one does not exist for the other, on any route."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from tests.builders import Office
from tests.services.townpack import FIRST, SECOND, town
from tests.web.visitors import Visitor, visitor
from werkzeug.routing import BuildError
from werkzeug.test import TestResponse

from zuozhen.documents import Renderer
from zuozhen.model.errors import EngineError
from zuozhen.model.ids import new_id
from zuozhen.services import accounts, incidents
from zuozhen.services.actors import Actor, enterprise
from zuozhen.services.deployment import deploy
from zuozhen.services.registration import Registered, register, start_by_hand
from zuozhen.services.signing import LinkTarget
from zuozhen.services.tasks import as_formdata
from zuozhen.store.tables import Announcement, Base, IssuedNumber

NAMES = {FIRST: "甲县", SECOND: "乙市"}
DRAFT_WORDS = "机密草稿"
OWNED = {
    "case_id",
    "document_id",
    "announcement_id",
    "token",
    "text",
    "number_id",
    "incident_id",
    "account_id",
    "migration_id",
    "run_id",
    "substitution_id",
}
"""Arguments that name one thing of one jurisdiction; the others (a key, a version) mean one's own thing."""
PUBLIC = {
    "zuozhen_portal.index",
    "zuozhen_sign_in.login",
    "zuozhen_sign_in.first_login",
    "zuozhen_api.openapi",
}
"""Pages that name all jurisdictions, or none; the secret of a first-login link opens what it is for."""


def text_of(answer: TestResponse) -> str:
    """Return what an answer says; JSON writes Chinese as escapes."""
    return (
        json.dumps(answer.json, ensure_ascii=False)
        if answer.is_json
        else answer.data.decode(errors="replace")
    )


@dataclass
class Town:
    """One jurisdiction with staff, cases, numbers, sessions, papers and drafts."""

    office: Office
    slug: str
    running: Registered
    ended: Registered
    arguments: dict[str, Any]
    secrets: tuple[str, ...]
    clerk: Visitor
    admin: Visitor
    guest: Visitor
    tokens: dict[str, str]

    def sees(self, answer: TestResponse) -> list[str]:
        """Return which words of this jurisdiction's inside stand in an answer."""
        return [word for word in self.secrets if word in text_of(answer)]


def make_town(office: Office, code: int) -> Town:
    name = NAMES[code]
    files = town(code, name)
    slug = next(path.split("/")[1] for path in files if path.startswith("processes/"))
    here = replace(office, tenant=code)
    lead = Actor(code, f"{name}专班员", groups=frozenset({"office"}), sees_all=True)

    def registered(number: int, title: str) -> Registered:
        answers = {
            "enterprise": f"{name}企业{number}",
            "title": title,
            "session": "2026-09-21",
        }
        done = register(
            office.context, enterprise(code, f"{name}企业{number}"), as_formdata(answers), channel="window"
        )
        assert isinstance(done, Registered)
        here.submit(done.case_id, "dispatch", {"note": f"{name}交办意见", "dispatch_number": ""}, by=lead)
        return done

    running = registered(1, f"{name}内情")
    ended = registered(2, f"{name}公开事项")  # its title is published with the results
    here.submit(ended.case_id, "rate", {"score": "好"})
    here.submit(ended.case_id, "rate_again", {"score": "好"})
    session = start_by_hand(
        office.context, lead, as_formdata({"session": "2026-09-21", "note": f"{name}场次"})
    )
    assert isinstance(session, UUID)
    office.drain()
    clerk = here.account("clerk", groups=("office", "forum_office"))
    admin = here.account("admin", admin="system")
    people = [visitor(office).sign_in(account) for account in (clerk, admin)]
    path = f"forms/{slug}/plan.json"
    form = json.loads(files[path])
    form["components"][0]["label"] = name + DRAFT_WORDS
    people[1].get("/studio")
    saved = people[1].client.put(
        f"/studio/files/{path}",
        json={"content": json.dumps(form, ensure_ascii=False), "rev": 0, "note": f"{name}备注"},
        headers={"X-CSRFToken": people[1].csrf()},
    )
    assert saved.status_code == 200, saved.text
    with office.context.database.read() as reading:
        number = reading.scalar(
            select(IssuedNumber.id).where(
                IssuedNumber.tenant == code, IssuedNumber.case_id == running.case_id
            )
        )
        announcement = reading.scalar(select(Announcement.id).where(Announcement.tenant == code))
    assert number is not None and announcement is not None
    incidents.record(office.context, code, "", EngineError(f"{name}故障"), case_id=running.case_id)
    incident = incidents.open_incidents(office.context, code)[0].id
    token = here.token(running.case_id, "rate").token
    guest = visitor(office)
    with guest.client.session_transaction() as cookie:
        cookie["case"] = [code, running.case_id.hex]
        cookie["receipt"] = [code, running.number, running.code, running.title, "case"]
    arguments = {
        "slug": slug,
        "case_id": running.case_id,
        "document_id": here.documents(ended.case_id)[0].id,
        "announcement_id": announcement,
        "token": token,
        "text": office.context.signer.link(LinkTarget(code, running.case_id, token)),
        "number_id": number,
        "account_id": clerk.id,
        "incident_id": incident,
        "path": path,
        "form_key": "register",
        "key": "2026-09-21",
        "register_key": "list",
        "alias": "complaint",
        "counter": "hall",
        "name": "units",
        "filename": "zuozhen.css",
        "secret": "nothing",
        "definition_id": f"{slug}:1:case",
    }
    secrets = (
        f"{name}企业",
        f"{name}内情",
        f"{name}交办意见",
        f"{name}备注",
        name + DRAFT_WORDS,
        running.number,
        f"{name}故障",
    )
    tokens = {
        "clerk token": accounts.new_api_token(office.context, clerk, "测试"),
        "admin token": accounts.new_api_token(office.context, admin, "测试"),
    }
    return Town(here, slug, running, ended, arguments, secrets, *people, guest, tokens)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def towns(
    request: pytest.FixtureRequest, paper: Renderer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Town, Town]]:
    environ = {}
    if request.param == "postgresql":
        environ["database"] = request.getfixturevalue("postgresql_server").new_database()
    office = Office.create(tmp_path_factory.mktemp("towns"), paper, web=True, **environ)
    office.paper = True
    for code, name in NAMES.items():
        deploy(office.context, town(code, name))
    yield make_town(office, FIRST), make_town(office, SECOND)
    office.close()


def addresses(place: Town) -> Iterator[tuple[str, str, str, set[str]]]:
    """Yield (endpoint, method, address, arguments) of every route, with what ``place`` owns in it."""
    app = place.office.app
    assert app is not None
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        values = {name: place.arguments.get(name, _any(name)) for name in rule.arguments}
        for act in ("stop", "run", "save", "rename", "cancel"):  # those that a rule names, whichever it takes
            try:
                address = adapter.build(
                    rule.endpoint, {**values, **({"act": act} if "act" in values else {})}
                )
                break
            except (BuildError, ValueError):  # this act is not one of the rule's
                continue
        else:
            raise AssertionError(f"no address for {rule.rule}")
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, address, set(rule.arguments)


def _any(name: str) -> Any:
    return new_id() if name.endswith("_id") else 1 if name in ("number", "rev", "index") else "x"


def rows_of(place: Town) -> dict[str, list[str]]:
    """Return every row of every table that belongs to a jurisdiction, as text."""
    found = {}
    with place.office.context.database.read() as session:
        for name, table in Base.metadata.tables.items():
            if "tenant" in table.c:
                rows = session.execute(table.select().where(table.c.tenant == place.office.tenant))
                found[name] = sorted(repr(tuple(row)) for row in rows)
    return found


def asker(place: Town, who: str) -> tuple[Visitor, dict[str, Any]]:
    """Return somebody of a jurisdiction and what goes with each request of theirs."""
    if who in place.tokens:
        return visitor(place.office), {"headers": {"Authorization": f"Bearer {place.tokens[who]}"}}
    return {"clerk": place.clerk, "admin": place.admin, "guest": place.guest}[who], {}


def ask(person: Visitor, method: str, address: str, **options: Any) -> Any:
    if method == "GET":
        return person.get(address, **options)
    headers = {**options.get("headers", {}), "X-CSRFToken": person.csrf()}
    if address.startswith(("/api/", "/engine-rest/")):
        return person.client.open(address, method=method, json={"answers": {"score": "差"}}, headers=headers)
    typed = {
        "reason": "越权的操作",
        "to": str(new_id()),
        "score": "差",
        "approver": "某人",
        "basis": "某文件",
    }
    return person.client.open(address, method=method, data=typed, headers=headers, buffered=True)


@pytest.mark.parametrize("who", ["clerk", "admin", "guest", "clerk token", "admin token"])
def test_nothing_of_the_other_jurisdiction_can_be_seen_or_changed(who: str, towns: tuple[Town, Town]) -> None:
    ours, theirs = towns
    before = rows_of(theirs)
    assert len(before) > 20 and sum(map(len, before.values())) > 25
    person, options = asker(ours, who)
    tried = set()
    for endpoint, method, address, arguments in addresses(theirs):
        public = "slug" in arguments
        if endpoint in PUBLIC or endpoint.endswith((".logout", ".static")) or (public and method != "GET"):
            continue  # what the public may do there, anybody may
        answer = ask(person, method, address, **options)
        place = (method, address, answer.status_code)
        assert answer.status_code < 500, place
        # The link of a letter opens its one task for whoever holds it: that is what it is for.
        holder = endpoint == "zuozhen_portal.link"
        if not holder:
            assert theirs.sees(answer) == [], place
        if public:
            assert ours.sees(answer) == [], place
        else:
            assert NAMES[SECOND] not in text_of(answer), place
        if arguments & OWNED and not public:
            assert answer.status_code in (302, 400, 401, 403, 404, 405, 410, 422), place
            assert answer.status_code != 302 or "/login" in answer.headers["Location"], place
            tried.add(endpoint)
        if endpoint in ("zuozhen_portal.progress", "zuozhen_portal.receipt", "zuozhen_portal.act"):
            assert answer.status_code in (403, 404, 410), place
    assert len(tried) > 25
    assert rows_of(theirs) == before


@pytest.mark.parametrize("who", ["clerk", "admin", "guest", "clerk token", "admin token"])
def test_the_same_sweep_finds_what_is_ones_own(who: str, towns: tuple[Town, Town]) -> None:
    """The check of the check: with one's own things the pages do show one's words."""
    ours, _ = towns
    person, options = asker(ours, who)
    seen: dict[str, set[str]] = {}
    for endpoint, method, address, _arguments in addresses(ours):
        if method == "GET":
            for word in ours.sees(ask(person, method, address, **options)):
                seen.setdefault(word, set()).add(endpoint)
    expected = {"clerk": 4, "admin": 2, "guest": 2, "clerk token": 3, "admin token": 1}[who]
    assert len(seen) >= expected, seen


def test_a_letters_link_opens_nothing_under_another_jurisdiction(towns: tuple[Town, Town]) -> None:
    ours, theirs = towns
    stranger = visitor(ours.office)
    link = ours.arguments["text"]
    assert stranger.get(f"/p/{ours.slug}/link/{link}").status_code == 200
    wrong = stranger.get(f"/p/{theirs.slug}/link/{link}")
    assert wrong.status_code == 404 and ours.sees(wrong) == []


def test_the_code_of_a_case_is_good_in_its_own_jurisdiction_only(towns: tuple[Town, Town]) -> None:
    ours, theirs = towns
    typed = {"number": ours.running.number, "code": ours.running.code}
    assert visitor(ours.office).post(f"/p/{theirs.slug}/query", typed).status_code == 403
    person = visitor(ours.office)
    assert person.post(f"/p/{ours.slug}/query", typed).status_code == 302
    assert ours.running.title in person.get(f"/p/{ours.slug}/progress").text
    assert person.get(f"/p/{theirs.slug}/progress").status_code == 403


def test_two_people_may_have_the_same_login_name(towns: tuple[Town, Town]) -> None:
    ours, theirs = towns
    assert ours.clerk.get("/account").status_code == theirs.clerk.get("/account").status_code == 200
    assert ours.running.title in ours.clerk.get("/cases").text
    assert theirs.running.title in theirs.clerk.get("/cases").text
