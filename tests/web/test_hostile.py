"""Whatever is sent, the answer is a page that says what was wrong: never a 500, and never text lost."""

from __future__ import annotations

import gc
import io
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.builders import ACCEPT, REGISTER, SLUG, Office
from tests.postgresql import PostgresqlServer
from tests.web.visitors import Visitor, open_case, portal, staff, visitor
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from zuozhen.documents import Renderer
from zuozhen.model.ids import new_id
from zuozhen.services import accounts
from zuozhen.services.uploads import MAX_BYTES

QUIET = settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
NASTY = (
    "\0",
    "甲\0乙",
    "\ud800",
    "x" * 20_000,
    "' OR 1=1 --",
    "%",
    "_",
    "\\",
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    "../../etc/passwd",
    "\u202e\u0000\ufffe\uffff",
    "９９９",
    "1e309",
    "-1",
    "9" * 400,
    "2026-02-30",
    "9999-12-31",
    "0000-00-00",
    "\r\nSet-Cookie: a=b",
    "𠀀" * 100,
)
TEXT = st.one_of(st.sampled_from(NASTY), st.text(max_size=60))
PERCENT = ("%00", "%ff%fe", "%ed%a0%80", "%c0%af", "%", "%zz", "%u4e00", "%F0%9F%92%A9", "%0d%0a")
FINE = frozenset({200, 201, 204, 302, 308, 400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 429})


@pytest.fixture(scope="module", params=[pytest.param("postgresql", marks=pytest.mark.postgresql)])
def place(
    request: pytest.FixtureRequest, paper: Renderer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """One installation for all examples: what they write must not matter."""
    folder = tmp_path_factory.mktemp("hostile")
    environ: dict[str, Any] = {}
    if request.param == "postgresql":
        server: PostgresqlServer = request.getfixturevalue("postgresql_server")
        environ["database"] = server.new_database()
    office = Office.create(folder, paper, web=True, **environ)
    office.register()
    yield office
    office.close()


@pytest.fixture(scope="module")
def people(place: Office) -> dict[str, Any]:
    return {
        "clerk": place.account("clerk", unit="ziran", groups=("lead_office",)),
        "admin": place.account("admin", admin="system"),
    }


def someone(place: Office, people: dict[str, Any], who: str) -> Visitor:
    person = visitor(place)
    if who in people:
        person.sign_in(people[who])
    elif who == "enterprise":
        open_case(person, fresh_case(place))
    return person


def fresh_case(place: Office) -> UUID:
    """Return a case that waits for its first task; examples may have completed or withdrawn the last one."""
    case_id = place.case_of("case", "open")
    return case_id if case_id and "Task_accept" in place.open_tasks(case_id) else place.register().case_id


def fine(answer: TestResponse) -> TestResponse:
    assert answer.status_code in FINE, (answer.request.path, answer.status_code, answer.text[:500])
    return answer


def post_raw(
    person: Visitor, path: str, body: bytes, kind: str = "application/x-www-form-urlencoded"
) -> TestResponse:
    token = f"&csrf_token={quote(person.csrf())}".encode() if "urlencoded" in kind else b""
    headers = {"X-CSRFToken": person.csrf()}
    return person.client.post(path, data=body + token, content_type=kind, headers=headers, buffered=True)


# ---------------------------------------------------------------- query parameters


@pytest.mark.parametrize(
    "path", ["/tasks", "/cases", "/archive", portal("register"), "/login", portal("query"), "/sessions"]
)
@QUIET
@given(
    values=st.lists(TEXT, min_size=4, max_size=4),
    name=st.sampled_from(["q", "query", "after", "scope", "status", "stage", "late", "via", "next"]),
)
def test_query_parameters(
    path: str, values: list[str], name: str, place: Office, people: dict[str, Any]
) -> None:
    person = someone(place, people, "clerk")
    pairs = [(name, values[0]), ("after", values[1]), ("query", values[2]), ("q", values[3])]
    encoded = "&".join(f"{key}={quote(text, errors='surrogatepass')}" for key, text in pairs)
    fine(person.get(f"{path}?{encoded}"))


@pytest.mark.parametrize("escape", PERCENT)
def test_broken_percent_escapes(escape: str, place: Office, people: dict[str, Any]) -> None:
    person = someone(place, people, "clerk")
    for path in (f"/tasks?q={escape}", f"/cases?query={escape}&after={escape}", f"/tasks/{escape}", f"/p/{escape}/",
                 f"/p/{SLUG}/link/{escape}", f"/p/{SLUG}/do/{escape}", f"/sessions/{escape}/service_list",
                 f"/sessions/2026-09-20/{escape}", f"/first-login/{escape}", f"/cases/{escape}", f"/p/{SLUG}/posters/{escape}.pdf",
                 f"/p/{SLUG}/blank/{escape}.pdf", f"/archive?query={escape}"):  # fmt: skip
        fine(person.get(path))
        fine(post_raw(person, path, f"number={escape}&code={escape}&_save={escape}".encode()))


# ---------------------------------------------------------------- every form


def posts(place: Office) -> list[tuple[str, str, dict[str, str]]]:
    """Return (who, address, fields that the page has) for everything that takes a POST."""
    case_id = fresh_case(place)
    accept = place.token(case_id, "Task_accept").token
    withdraw = place.token(case_id, "Catch_withdraw").token
    register = {key: str(value) for key, value in REGISTER.items()}
    decide = {key: str(value) for key, value in ACCEPT.items()} | {"explanation": "", "refusal_ground": ""}
    return [
        ("anonymous", portal("register"), register | {"_save": ""}),
        ("anonymous", portal("query"), {"number": "", "code": ""}),
        ("anonymous", "/login", {"username": "", "password": ""}),
        ("anonymous", "/first-login/x", {"password": "", "again": ""}),
        ("enterprise", portal(f"do/{withdraw}"), {"withdraw_reason": ""}),
        ("clerk", "/cases/new", register | {"_channel": ""}),
        ("clerk", f"/tasks/{accept}", decide | {"_save": ""}),
        ("clerk", f"/tasks/{accept}/hand-over", {"to": "", "reason": ""}),
        ("clerk", "/start/clinic", {"clinic_date": "", "clinic_place": "", "sessions": "", "units": ""}),
        ("clerk", "/account", {"do": "", "label": "", "old": "", "password": "", "again": ""}),
        ("clerk", f"/archive/{new_id()}/verify", {}),
        (
            "admin",
            "/studio/tables/people",
            {"username": "", "name": "", "unit": "", "groups": "", "admin": ""},
        ),
        ("admin", f"/studio/tables/people/{new_id()}", {"name": "", "unit": "", "groups": "", "admin": ""}),
        ("admin", f"/studio/tables/people/{new_id()}/activate", {}),
        ("admin", f"/studio/tables/people/{new_id()}/link", {}),
        ("admin", "/studio/tables/people/import", {"text": "登录名,姓名", "_act": "create"}),
        ("admin", "/studio/tables/substitutions", {"absent": "", "substitute": "", "first": "", "last": ""}),
        ("admin", f"/studio/tables/substitutions/{new_id()}/end", {}),
        ("admin", "/studio/tables", {"list": "", "id": "", "name": "", "_rev": "0"}),
        ("admin", "/studio/tables/units", {"id": "", "name": "", "_row": "", "_act": "save", "_rev": "0"}),
        (
            "admin",
            "/studio/tables/recurrences",
            {"name": "", "kind": "", "day": "", "_act": "save", "_row": ""},
        ),
        ("admin", "/studio/tables/recurrences/dates", {"name": "", "kind": "monthly_day", "day": ""}),
        ("admin", "/studio/tables/calendar/edit", {"text": "", "year": "", "source": "", "_act": "read"}),
        ("admin", "/studio/tables/calendar/edit", {"name": "", "first": "", "work": "", "year": "2027"}),
        ("admin", f"/admin/incidents/{new_id()}/retry", {}),
    ]


@QUIET
@given(data=st.data())
def test_every_form_takes_anything(data: st.DataObject, place: Office, people: dict[str, Any]) -> None:
    for who, path, fields in posts(place):
        form: MultiDict[str, str] = MultiDict()
        for key, good in fields.items():
            if data.draw(st.booleans(), label=key):
                form.add(key, data.draw(TEXT, label=f"{key} of {path}").encode("utf-8", "replace").decode())
            elif good:
                form.add(key, good)
        if data.draw(st.booleans(), label="more"):
            form.add(data.draw(TEXT, label="name").encode("utf-8", "replace").decode(), "x")
        fine(someone(place, people, who).post(path, form))


@pytest.mark.parametrize(
    "kind",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "text/plain",
        "application/json",
        "",
    ],
)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe\x00",
        b"title=%00%ff%ed%a0%80&content=%C0%80",
        b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\n\xff\x00\r\n--x--',
        b"&" * 5000,
        b"a=1&" * 5000,
    ],
)
def test_bodies_that_no_browser_sends(kind: str, body: bytes, place: Office, people: dict[str, Any]) -> None:
    visitors = {who: someone(place, people, who) for who in ("anonymous", "enterprise", "clerk", "admin")}
    for who, path, _ in posts(place):
        fine(post_raw(visitors[who], path, body, kind))


def test_typed_text_is_shown_again_with_its_mistakes(place: Office, people: dict[str, Any]) -> None:
    text = "一段很长的话，<b>不是标签</b>，“引号”和&符号。"
    shown = "一段很长的话，&lt;b&gt;不是标签&lt;/b&gt;，“引号”和&amp;符号。"
    for who, path, fields in posts(place):
        field = next((key for key in ("content", "explanation", "number", "username") if key in fields), None)
        if field is None or path.startswith("/studio/tables"):
            continue
        answer = someone(place, people, who).post(
            path, {field: text, "phone": "不是电话", "decision": "refuse"}
        )
        assert answer.status_code in (403, 422), (path, answer.status_code)
        assert shown in answer.text, path


def test_a_stale_task_page_says_so_and_shows_the_text(place: Office) -> None:
    case_id = place.register().case_id
    token = place.token(case_id, "Task_accept").token
    person = staff(place, f"late{token[:6]}", groups=("lead_office",))
    assert person.get(f"/tasks/{token}").status_code == 200
    place.submit(case_id, "Task_accept", ACCEPT)
    answer = person.post(f"/tasks/{token}", {**ACCEPT, "explanation": "我写了二十分钟的答复"})
    assert answer.status_code == 409
    assert "没有提交" in answer.text and "我写了二十分钟的答复" in answer.text
    assert person.get(f"/tasks/{token}").status_code == 409
    for act in ("claim", "unclaim"):
        assert person.post(f"/tasks/{token}/{act}").status_code == 409


# ---------------------------------------------------------------- forgery and size


def test_without_a_valid_csrf_token_nothing_happens_and_the_text_is_shown(
    place: Office, people: dict[str, Any]
) -> None:
    foreign = someone(place, people, "clerk").csrf()
    for who, path, fields in posts(place):
        for token in (None, "", "x", foreign):
            form = {**fields, "content": "不想丢掉的文字"} | (
                {"csrf_token": token} if token is not None else {}
            )
            answer = someone(place, people, who).client.post(path, data=form, buffered=True)
            assert answer.status_code == 400, (path, answer.status_code)
            assert "没有提交" in answer.text and "不想丢掉的文字" in answer.text
            assert fields.get("password") in (None, "") or fields["password"] not in answer.text


def multipart(person: Visitor, path: str, name: str, upload: bytes, **fields: str) -> TestResponse:
    form: dict[str, Any] = {**fields, "csrf_token": person.csrf(), "attachments": (io.BytesIO(upload), name)}
    return person.client.post(path, data=form, content_type="multipart/form-data", buffered=True)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # werkzeug's half-read files
def test_an_upload_that_is_too_large_is_a_page_that_says_so(place: Office, people: dict[str, Any]) -> None:
    fields = {key: ("y" if value is True else str(value)) for key, value in REGISTER.items()}
    for who, path in (("anonymous", portal("register")), ("clerk", "/cases/new")):
        more = {"_channel": "window"} if who == "clerk" else {}
        answer = multipart(
            someone(place, people, who),
            path,
            "大.png",
            b"\x89PNG\r\n\x1a\n" + bytes(MAX_BYTES),
            **fields,
            **more,
        )
        assert answer.status_code in (413, 422)
        assert "20 MB" in answer.text and REGISTER["content"] in answer.text
    huge = bytes(MAX_BYTES * 6)  # larger than the whole request may be
    answer = multipart(someone(place, people, "anonymous"), portal("register"), "更大.png", huge, **fields)
    assert answer.status_code == 413 and "太大" in answer.text
    del answer
    gc.collect()


def test_too_much_text_is_a_page_too(place: Office, people: dict[str, Any]) -> None:
    for who, path, _ in posts(place):
        answer = someone(place, people, who).post(path, {"content": "长" * 500_000})
        assert answer.status_code == 413 and "太大" in answer.text, path
    assert fine(someone(place, people, "clerk").get("/tasks")).status_code == 200


def test_files_with_false_names_are_refused_and_the_text_is_shown(
    place: Office, people: dict[str, Any]
) -> None:
    fields = {key: ("y" if value is True else str(value)) for key, value in REGISTER.items()}
    for name, content in (
        ("a.png", b"MZ\x90"),
        ("a.exe", b"MZ"),
        ("a\0.png", b"x"),
        ("../../a.svg", b"<svg/>"),
        ("图" * 500 + ".png", b"x"),
    ):
        answer = multipart(someone(place, people, "anonymous"), portal("register"), name, content, **fields)
        assert answer.status_code == 422, (name, answer.status_code)
        assert REGISTER["content"] in answer.text


# ---------------------------------------------------------------- the interface for programs


@QUIET
@given(answers=st.dictionaries(st.sampled_from([*REGISTER, "attachments", "\0"]), st.recursive(st.one_of(TEXT, st.none(), st.booleans(), st.integers(), st.floats()), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=6)), channel=TEXT)  # fmt: skip
def test_the_interface_takes_any_json(
    answers: dict[str, Any], channel: str, place: Office, people: dict[str, Any]
) -> None:
    secret = people.setdefault("_token", accounts.new_api_token(place.context, people["clerk"], "测试"))
    case_id = place.case_of("case", "open")
    assert case_id is not None
    token = (
        place.token(case_id, "Task_accept").token if "Task_accept" in place.open_tasks(case_id) else "0" * 32
    )
    client = visitor(place).client
    for path, body in (("/cases", {"answers": {**REGISTER, **answers}, "channel": "window"}), ("/cases", {"answers": answers, "channel": channel, "counter": channel}),
                       (f"/tasks/{token}/complete", {"answers": answers}), ("/deployments", {"note": channel})):  # fmt: skip
        fine(client.post(f"/api/v1{path}", data=json.dumps(body), content_type="application/json",
                         headers={"Authorization": f"Bearer {secret}"}, buffered=True))  # fmt: skip
