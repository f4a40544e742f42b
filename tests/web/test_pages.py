"""Every page for everybody: found, refused or sent to the login, never broken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select
from tests.builders import DIAGRAM, SLUG, Office
from tests.web.visitors import Visitor, open_case, staff, visitor

from zuozhen.documents import Renderer
from zuozhen.model.ids import new_id
from zuozhen.store.tables import Announcement, Case, Notice

ROLES = {
    "anonymous": None,
    "enterprise": None,
    "lead_office": {"groups": ("lead_office",)},
    "leader": {"groups": ("leader",)},
    "supervision": {"groups": ("supervision",)},
    "window": {"groups": ("window",)},
    "own_unit": {"unit": "ziran"},
    "other_unit": {"unit": "gongxin"},
    "system": {"admin": "system"},
    "security": {"admin": "security"},
    "audit": {"admin": "audit"},
}
SEES_ALL = {"lead_office", "leader", "supervision"}


@pytest.fixture(scope="module")
def busy(paper: Renderer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, UUID, UUID]]:
    """An installation with one ended and one running case, a session and announcements."""
    office = Office.create(tmp_path_factory.mktemp("busy"), paper, web=True)
    office.paper = True
    done = office.register()
    office.to_end(done)
    secret = office.register(confidential=True, title="关于配方事项的情况反映")
    office.submit(secret.case_id, "Catch_withdraw", {"withdraw_reason": "已解决"})
    running = office.register()
    office.drain()
    yield office, done.case_id, running.case_id
    office.close()


@pytest.fixture(scope="module")
def people(busy: tuple[Office, UUID, UUID]) -> dict[str, Visitor]:
    office, done, _ = busy
    found: dict[str, Visitor] = {}
    for role, options in ROLES.items():
        found[role] = (
            staff(office, f"user-{role}".replace("_", "-"), **options) if options else visitor(office)
        )
    open_case(found["enterprise"], done)
    return found


def addresses(busy: tuple[Office, UUID, UUID]) -> Iterator[tuple[str, str]]:
    """Yield (rule, address) for every GET route with arguments that exist and with arguments that do not."""
    office, done, running = busy
    assert office.app is not None
    document = office.documents(done)[0]
    with office.context.database.read() as session:
        announcement = session.scalar(select(Announcement.id))
        notice = session.scalar(select(Notice.id))
    assert announcement is not None and notice is not None
    good = {
        "slug": [SLUG],
        "case_id": [done, running],
        "document_id": [document.id],
        "announcement_id": [announcement],
        "notice_id": [notice],
        "token": [office.token(running, "Task_accept").token, office.token(running, "Catch_withdraw").token],
        "text": ["broken.link.text"],
        "key": ["2026-09-20", "accept"],
        "register_key": ["service_list"],
        "counter": ["zhengwu"],
        "alias": ["clinic", "case"],
        "form_key": ["register"],
        "secret": ["nothing"],
        "filename": ["zuozhen.css"],
        "incident_id": [new_id()],
        "account_id": [new_id()],
        "path": [DIAGRAM, f"forms/{SLUG}/accept.json", f"templates/message/{SLUG}/accepted.txt"],
        "name": ["units"],
        "migration_id": [new_id()],
        "run_id": [new_id()],
        "number": [1],
        "rev": [1],
        "index": [0],
    }
    bad = {name: ["does-not-exist", "-"] for name in good} | {
        name: [new_id()]
        for name in (
            "case_id",
            "document_id",
            "announcement_id",
            "notice_id",
            "incident_id",
            "account_id",
            "migration_id",
            "run_id",
        )
    }
    bad |= {name: [99] for name in ("number", "rev", "index")}
    adapter = office.app.url_map.bind("localhost")
    for rule in office.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()):
            continue
        for values in (good, bad):
            longest = max((len(values[name]) for name in rule.arguments), default=1)
            for index in range(longest):
                chosen = {name: values[name][index % len(values[name])] for name in rule.arguments}
                yield rule.rule, adapter.build(rule.endpoint, chosen)


@pytest.mark.parametrize("role", ROLES)
def test_no_page_breaks_for_anybody(
    role: str, busy: tuple[Office, UUID, UUID], people: dict[str, Visitor]
) -> None:
    seen: dict[str, int] = {}
    for rule, address in addresses(busy):
        if rule.endswith(".pdf") and role not in ("anonymous", "lead_office", "own_unit"):
            continue  # the same pages; drawing them costs a second each
        answer = people[role].get(address)
        assert answer.status_code in (200, 302, 401, 403, 404, 410), (
            address,
            answer.status_code,
            answer.text[:300],
        )
        assert not (rule.startswith(("/tasks", "/cases", "/sessions", "/start", "/numbers", "/announcements", "/notices", "/archive", "/admin", "/counters", "/account"))
            and role in ("anonymous", "enterprise") and answer.status_code == 200), address  # fmt: skip
        assert not (rule.startswith("/studio") and role != "system" and answer.status_code == 200), address
        seen[rule] = max(seen.get(rule, 0), answer.status_code == 200)
    opened = {rule for rule, ok in seen.items() if ok}
    assert len(seen) > 25
    if role in SEES_ALL:
        assert {"/tasks", "/cases", "/cases/<uuid:case_id>", "/sessions", "/archive"} <= opened
    assert ("/admin" in opened) == (role == "system")
    assert ("/p/<slug>/progress" in opened) == (role == "enterprise")


def test_only_whose_case_it_is_opens_it(busy: tuple[Office, UUID, UUID], people: dict[str, Visitor]) -> None:
    _, done, running = busy
    for role, person in people.items():
        statuses = [person.get(f"/cases/{case_id}").status_code for case_id in (done, running)]
        if role in ("anonymous", "enterprise"):
            assert statuses == [302, 302]
        elif role in SEES_ALL:
            assert statuses == [200, 200]
        else:
            assert statuses == [200 if role == "own_unit" else 404, 404]


def test_every_page_has_the_security_headers(
    busy: tuple[Office, UUID, UUID], people: dict[str, Visitor]
) -> None:
    for role, address in (
        ("anonymous", f"/p/{SLUG}/"),
        ("anonymous", "/login"),
        ("lead_office", "/tasks"),
        ("lead_office", "/nothing"),
    ):
        headers = people[role].get(address).headers
        policy = headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy and "unsafe-eval" not in policy
        assert "object-src 'none'" in policy and "frame-ancestors 'self'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"
    pages = [
        person.get(address).text
        for person, address in (
            (people["lead_office"], "/tasks"),
            (people["anonymous"], f"/p/{SLUG}/register"),
        )
    ]
    for page in pages:
        assert "<script>" not in page and " onclick=" not in page and "javascript:" not in page


def test_the_cookie_of_the_session_is_out_of_reach_of_scripts(busy: tuple[Office, UUID, UUID]) -> None:
    cookie = visitor(busy[0]).get("/login").headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


def test_confidential_and_running_cases_are_not_published(busy: tuple[Office, UUID, UUID]) -> None:
    office, done, running = busy
    page = visitor(office).get(f"/p/{SLUG}/results").text
    assert office.case(done).title in page
    assert office.case(done).enterprise not in page  # masked
    assert "关于配方事项的情况反映" not in page  # ended as well, but marked 涉及商业秘密
    assert page.count('data-label="诉求"') == 1
    assert office.case(running).status == "open"


def test_uploads_and_papers_are_never_sniffed(
    busy: tuple[Office, UUID, UUID], people: dict[str, Visitor]
) -> None:
    office, done, _ = busy
    for row in office.documents(done):
        answer = people["lead_office"].get(f"/cases/{done}/documents/{row.id}?download=1")
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert len(answer.data) == row.size


def test_the_static_files_are_there(people: dict[str, Visitor]) -> None:
    built = Path(__file__).parents[2] / "plugin/zuozhen/web/static/dist"
    for name in ("zuozhen.css", "zuozhen.js"):
        assert people["anonymous"].get(f"/static/{name}").data == (built / name).read_bytes()
    assert people["anonymous"].get("/static/../../wiring.py").status_code == 404


def test_a_page_asks_about_its_rules_as_often_as_it_likes(busy: tuple[Office, UUID, UUID]) -> None:
    """Asking registers nothing, and does not use up the registrations of an address."""
    office, _, _ = busy
    asker = visitor(office)
    with office.context.database.read() as session:
        before = session.scalar(select(func.count()).select_from(Case))
    for _ in range(25):
        answer = asker.post(f"/p/{SLUG}/register", {"enterprise_kind": "investing", "_refresh": "1"})
        assert answer.status_code == 200
    assert "data-zz-kinds" in answer.text
    assert "data-zz-error-summary" not in answer.text
    with office.context.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == before
